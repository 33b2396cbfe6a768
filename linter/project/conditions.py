"""Conditions of a query as text, so that rows can carry them cheaply: `[table.]column[:kind]`.

In: what a framework's lookups say. Out: `Condition`s for rules about indexes, and plain column names for the shape of
the statement. Knows neither models nor frameworks.

A text without a kind is an equality with something that varies (`= ?`, `IN (…)`). The others:

- `constant`: an equality with a value that is written in the source, so with one of a few;
- `range`: `<`, `>`, `BETWEEN`, and a prefix of a text: an index can be read from one end to the other;
- `join`: an equality with a column of another table of the query;
- `null`: `IS NULL`; `not`: the opposite of some comparison; `either`: one side of an OR;
- `scan`: compared with another column, or by an expression; any other kind is the name of such a lookup (`icontains`).

Three texts are no column: `OTHER` (there may be more conditions, which we do not know), `GIVEN` (whatever the caller of
the function had filtered) and `NARROW` (the rows of one parent, found through an index).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OTHER = "?"
GIVEN = "^"
NARROW = "!"
_MAX = 24
WITHOUT_COLUMN = (OTHER, GIVEN, NARROW)
EQUAL = ""
CONSTANT = "constant"
RANGE = "range"
NULL = "null"
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


def spell(table: str, column: str, kind: str = EQUAL) -> str:
    """The text of a condition."""
    name = f"{table}.{column}" if table else column
    return f"{name}:{kind}" if kind else name


def read(text: str) -> Condition:
    """The condition of a text."""
    name, _, kind = text.partition(":")
    table, _, column = name.rpartition(".")
    return Condition(table, column, kind)


def together(a: Iterable[str], b: Iterable[str]) -> tuple[str, ...]:
    """Both, each condition once; a query of more than a screenful keeps the first and says that there are others."""
    every = tuple(dict.fromkeys([*a, *b]))
    return every if len(every) <= _MAX else (*every[:_MAX], OTHER)


def marked(texts: Iterable[str], kind: str) -> list[str]:
    """The same conditions under a NOT or an OR, where their own kind no longer counts."""
    return [t if t in WITHOUT_COLUMN else f"{t.partition(':')[0]}:{kind}" for t in texts]


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
