"""Which fraction of a table's rows a condition leaves, by the database's own statistics.

In: facts of tables. Out: the `Fraction` that `linter.sql.read.accesses` asks. A value that is not known is taken as the
mean of all values, as planners do (https://www.postgresql.org/docs/current/row-estimation-examples.html); where there
are no statistics, a rule of thumb. Frequent values are compared here and go nowhere else.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final

from ...linter.sql.access import EQUAL, IN, NOT_NULL, NULL, RANGE
from ...linter.sql.fractions import thumb
from ...linter.sql.tables import Table
from .model import TableFacts, key

_RANGE: Final = 0.33
"""PostgreSQL's DEFAULT_INEQ_SEL."""
_LISTED: Final = 10  # values of a list whose length is not known
_EQUAL: Final = 0.005
"""PostgreSQL's DEFAULT_EQ_SEL."""
_WORDS: Final = re.compile(r"'(?:[^']|'')*'|\S+")
_BOOLEANS: Final = {"true": ("t", "1", "True"), "false": ("f", "0", "False")}
"""How PostgreSQL, and SQLite and MySQL, keep them."""
_ROUNDED: Final = 1e-5  # frequencies are kept with the precision of a float of 32 bits


class Selectivity:
    """A `Fraction`: (table, key, kind, constant) -> fraction of rows."""

    def __init__(self, facts: Mapping[str, TableFacts]) -> None:
        self._facts = facts

    def __call__(self, table: Table, name: str, kind: str, constant: str = "") -> float:
        facts = self._facts.get(key(table))
        known = facts.column(name) if facts is not None else None
        if known is None:
            return thumb(table, name, kind, constant)
        nulls = known.null_fraction or 0.0
        if kind == NULL:
            return nulls
        if kind == NOT_NULL:
            return 1.0 - nulls
        filled = 1.0 - nulls
        each = filled / known.distinct if known.distinct else min(_EQUAL, filled)
        if kind == IN:
            listed = constant.count(",") + 1 if constant else _LISTED
            return min(listed * each, filled)
        if kind == RANGE:
            return _between(known.bounds, constant) * filled
        if kind != EQUAL:
            return thumb(table, name, kind, constant) * filled
        if not constant:
            return min(each, 1.0)
        value = _plain(constant)
        for spelled in (value, *_BOOLEANS.get(value.lower(), ())):
            if spelled in known.common:
                return known.common[spelled]
        rest = filled - sum(known.common.values())
        others = (known.distinct or 0.0) - len(known.common)
        if rest < _ROUNDED:
            return 0.0
        return min(rest / others, 1.0) if others >= 1 else each


def _between(bounds: Sequence[float] | Sequence[str], constant: str) -> float:
    """The part of the values that `> 5` or `between 'a' and 'b'` leaves."""
    words = _WORDS.findall(constant)
    ends = [_plain(word) for word in words[1::2]]
    if not bounds or not ends:
        return _RANGE
    try:
        below = [_below(bounds, end) for end in ends]
    except ValueError:  # not a number
        return _RANGE
    share = below[-1] - below[0] if len(below) == 2 else below[0] if words[0].startswith("<") else 1.0 - below[0]
    return max(share, 0.5 / len(bounds))


def _below(bounds: Sequence[float] | Sequence[str], end: str) -> float:
    value = end if isinstance(bounds[0], str) else float(end)
    return bisect_left(bounds, value) / len(bounds)


def _plain(constant: str) -> str:
    """The value of a literal."""
    text = constant.strip()
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text
