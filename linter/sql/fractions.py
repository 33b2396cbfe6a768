"""How many rows a condition leaves, when nobody has counted: the rule of thumb.

In: a table, the key that is compared, how, and with which constant. Out: a fraction between 0 and 1. They say what a
table of a million rows usually does, and err to the side of silence: what might be few values is taken for few.
`usual` has the figures, for whoever knows columns by other means than a `Table`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from . import words
from .access import EQUAL, IN, NOT_NULL, NULL, PREFIX, RANGE
from .tables import Table

Fraction: TypeAlias = Callable[[Table, str, str, str], float]
"""(table, key, kind, constant) → fraction of its rows. `constant`: the SQL of a literal, with its operator for a range
(`>= 5`, `between 1 and 2`); "" when it varies."""

_FEW_TYPES: Final = ("bool", "enum", "bit(1)", "tinyint", "smallint", "int2", "char(1)")
_BY_KIND: Final = {RANGE: 0.03, PREFIX: 0.005, NULL: 0.1, NOT_NULL: 0.9, "not": 0.9, "or": 0.2}
_UNIQUE: Final = 1e-6
_EQUAL: Final = 0.0004  # so many rows are few enough to be read through an index: no further column is asked for
_LISTED: Final = 1.1  # a list of values leaves little more than one, for it may have one
_SPREAD: Final = 0.15  # an amount that is larger than another: no index is promised to help
_FEW: Final = 0.3
_OTHER: Final = 0.1


def usual(kind: str, *, unique: bool = False, few: bool = False, passing: bool = True) -> float:
    """The fraction that a comparison leaves, by what is known of the column. `passing`: its values pass as time does,
    so that a range of them is most often the newest ones."""
    if kind in (EQUAL, IN):
        return _FEW if few else (_UNIQUE if unique else _EQUAL) * (_LISTED if kind == IN else 1.0)
    return _SPREAD if kind == RANGE and not passing else _BY_KIND.get(kind, _OTHER)


def thumb(table: Table, key: str, kind: str, constant: str = "") -> float:
    """The fraction of a table's rows that a comparison usually leaves."""
    alone = any(index.unique and not index.where and index.keys == (key,) for index in table.indexes)
    return usual(kind, unique=alone, few=few(table, key), passing=_passes(table, key))


def _passes(table: Table, key: str) -> bool:
    """By a column's type or, where that says nothing, by its name."""
    column = table.column(key)
    kind = column.type if column is not None else ""
    return not kind or words.is_time(kind) or words.passes(key)


def few(table: Table, key: str) -> bool:
    """Whether a column has few distinct values, by its type or, failing that, by its name."""
    column = table.column(key)
    if any(index.unique and index.keys == (key,) for index in table.indexes):
        return False
    if column is not None and (column.few or few_by_type(column.type)):
        return True
    pointing = any(key in (c.lower() for c in foreign.columns) for foreign in table.foreign_keys)
    return not pointing and words.few(key)


def few_by_type(kind: str) -> bool:
    """Whether a type has few values."""
    return kind.lower().startswith(_FEW_TYPES)
