"""How many rows a condition leaves, when nobody has counted: rules of thumb.

In: a table, the key that is compared, how, and with which constant. Out: a fraction between 0 and 1. They say what a
table of a million rows usually does, and err to the side of silence: what might be few values is taken for few.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from .access import EQUAL, IN, NOT_NULL, NULL, PREFIX, RANGE
from .tables import Table

Fraction: TypeAlias = Callable[[Table, str, str, str], float]
"""(table, key, kind, constant) → fraction of its rows. `constant`: the SQL of a literal, with its operator for a range
(`>= 5`, `between 1 and 2`); "" when it varies."""

_FEW_WORDS: Final = {
    "status", "state", "type", "kind", "level", "role", "mode", "enabled", "disabled", "active", "visible",
    "deleted", "archived", "language", "lang", "locale", "currency", "gender", "priority", "severity", "category",
    "provider", "scope", "format", "discriminator", "deactivated", "hidden", "forgotten", "verified", "approved",
    "published", "locked", "membership", "draft", "seen", "unread", "highlight",
}  # fmt: skip
_FEW_STARTS: Final = {"is", "has", "can", "should", "allow", "was"}
_FEW_TYPES: Final = ("bool", "enum", "bit(1)", "tinyint", "smallint", "int2", "char(1)")
_BY_KIND: Final = {RANGE: 0.03, PREFIX: 0.005, NULL: 0.1, NOT_NULL: 0.9, "not": 0.9, "or": 0.2}
_EQUAL: Final = 0.0004  # so many rows are few enough to be read through an index: no further column is asked for
_LISTED: Final = 1.1  # a list of values leaves little more than one, for it may have one
_SPREAD: Final = 0.15  # an amount that is larger than another: no index is promised to help
_TIMES: Final = ("time", "date", "interval")
_TIMED: Final = {
    "id", "at", "on", "ts", "time", "date", "day", "stream", "order", "ordering", "seq", "sequence", "version", "until",
    "since", "created", "updated", "modified", "expires", "expiry", "seen",
}  # fmt: skip
_FEW: Final = 0.3
_OTHER: Final = 0.1


def thumb(table: Table, key: str, kind: str, constant: str = "") -> float:
    """The fraction of a table's rows that a comparison usually leaves."""
    if kind in (EQUAL, IN):
        if few(table, key):
            return _FEW
        alone = any(index.unique and not index.where and index.keys == (key,) for index in table.indexes)
        return (1e-6 if alone else _EQUAL) * (_LISTED if kind == IN else 1.0)
    if kind == RANGE and not _passes(table, key):
        return _SPREAD
    return _BY_KIND.get(kind, _OTHER)


def _passes(table: Table, key: str) -> bool:
    """Whether a column's values pass as time does, so that a range of them is most often the newest ones: by its type
    or, where that says nothing, by its name."""
    column = table.column(key)
    kind = column.type.lower() if column is not None else ""
    if not kind or any(word in kind for word in _TIMES):
        return True
    return not _TIMED.isdisjoint(key.lower().split("_"))


def few(table: Table, key: str) -> bool:
    """Whether a column has few distinct values, by its type or, failing that, by its name."""
    column = table.column(key)
    if any(index.unique and index.keys == (key,) for index in table.indexes):
        return False
    if column is not None and (column.few or column.type.lower().startswith(_FEW_TYPES)):
        return True
    pointing = any(key in (c.lower() for c in foreign.columns) for foreign in table.foreign_keys)
    return not pointing and few_by_name(key)


def few_by_name(name: str) -> bool:
    """Whether a column's name says that it holds one of few values."""
    words = name.removesuffix("_id").lower().split("_")
    return words[-1] in _FEW_WORDS or words[0] in _FEW_STARTS
