"""Conditions of a query as text, so that rows can carry them cheaply: `[table.]column[:kind]`.

In: what a framework's lookups say. Out: `Condition`s for rules about indexes, and plain column names for the shape of
the statement. Knows neither models nor frameworks.

A text without a kind is an equality with something that varies (`= ?`, `IN (…)`). The others:

- `constant`: an equality with a value that is written in the source, so with one of a few; `constant=TRUE`: with
  this one, as SQL spells it;
- `range`: `<`, `>`, `BETWEEN`, and a prefix of a text: an index can be read from one end to the other;
- `join`: an equality with a column of another table of the query;
- `null`, `notnull`: `IS NULL`, `IS NOT NULL`; `not`: the opposite of some comparison, `not=TRUE`: of one with this
  value; `either`: one side of an OR;
- `scan`: compared with another column, or by an expression; any other kind is the name of such a lookup (`icontains`).

Three texts are no column: `OTHER` (there may be more conditions, which we do not know), `GIVEN` (whatever the caller of
the function had filtered) and `NARROW` (the rows of one parent, found through an index).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

GIVEN_ORDER = "~"  # in the order of rows: what is no column of a table, or is not known
OTHER = "?"
GIVEN = "^"
NARROW = "!"
_MAX = 24
_SHORT = 40  # characters of a text that is told
WITHOUT_COLUMN = (OTHER, GIVEN, NARROW)
EQUAL = ""
CONSTANT = "constant"
RANGE = "range"
NULL = "null"
NOT_NULL = "notnull"
NOT = "not"
EITHER = "either"
JOIN = "join"
SCAN = "scan"


@dataclass(frozen=True, slots=True)
class Condition:
    """`column` is the database name; `table` is "" for the main table of the query; `kind`: see above."""

    table: str
    column: str
    kind: str = EQUAL
    constant: str = ""
    """What it is compared with, as SQL spells it, where that is always the same."""


def spell(table: str, column: str, kind: str = EQUAL) -> str:
    """The text of a condition."""
    name = f"{table}.{column}" if table else column
    return f"{name}:{kind}" if kind else name


def read(text: str) -> Condition:
    """The condition of a text."""
    name, _, kind = text.partition(":")
    table, _, column = name.rpartition(".")
    kind, _, constant = kind.partition("=")
    return Condition(table, column, kind, constant)


def literal(value: object) -> str:
    """The kind of an equality with a value that is written in the source: of short ones, with the value."""
    if isinstance(value, bool):
        return f"{CONSTANT}={str(value).upper()}"
    if isinstance(value, int):
        return f"{CONSTANT}={value}"
    if isinstance(value, str) and len(value) <= _SHORT and "'" not in value:
        return f"{CONSTANT}='{value}'"
    return CONSTANT


def together(a: Iterable[str], b: Iterable[str]) -> tuple[str, ...]:
    """Both, each condition once; a query of more than a screenful keeps the first and says that there are others."""
    every = tuple(dict.fromkeys([*a, *b]))
    return every if len(every) <= _MAX else (*every[:_MAX], OTHER)


def marked(texts: Iterable[str], kind: str) -> list[str]:
    """The same conditions under a NOT or an OR, where their own kind no longer counts. The opposite of a single
    comparison with true, false or null is one as well."""
    texts = list(texts)
    if kind == NOT and len(texts) == 1 and texts[0] not in WITHOUT_COLUMN:
        name, _, own = texts[0].partition(":")
        return [f"{name}:{_OPPOSITES.get(own, kind)}"]
    return [t if t in WITHOUT_COLUMN else f"{t.partition(':')[0]}:{kind}" for t in texts]


_OPPOSITES = {
    f"{CONSTANT}=TRUE": f"{CONSTANT}=FALSE", f"{CONSTANT}=FALSE": f"{CONSTANT}=TRUE", NULL: NOT_NULL, NOT_NULL: NULL,
}  # fmt: skip


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """The columns that conditions mention, each once, for the shape of the statement."""
    return tuple(dict.fromkeys(t.partition(":")[0] for t in texts if t not in WITHOUT_COLUMN))


def common(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    """The conditions of a query that has some on one way through the code and others on another: those of the way that
    adds nothing; when both add something, what they have in common and OTHER."""
    if set(a) <= set(b):
        return a
    if set(b) <= set(a):
        return b
    return (*(c for c in a if c in b and c != OTHER), OTHER)
