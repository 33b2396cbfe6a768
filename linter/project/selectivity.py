"""How many rows a condition leaves, and whether a table grows, by what its model says.

In: columns, conditions and models. Out: fractions of a table's rows for `sql.access`, and what the rules about indexes
ask: few distinct values, a constant that is rare because a queue works it off, a table that holds few rows by nature.
The figures are those of `sql.fractions`, the words those of `sql.words`; here is only what a table does not say.
"""

from __future__ import annotations

from ..sql import words
from ..sql.access import EQUAL, NOT_NULL, NULL, RANGE
from ..sql.fractions import usual
from . import conditions
from .conditions import Condition
from .schema import COMPUTED, Column, Model

NO_BTREE = (
    "json", "array", "hstore", "binary", "geometry", "point", "polygon", "vector", "rangefield", "tsvector",
    "largebinary", "blob", "pickle", COMPUTED,
)  # fmt: skip
_KINDS = {conditions.EQUAL: EQUAL, conditions.RANGE: RANGE, conditions.NULL: NULL, conditions.NOT_NULL: NOT_NULL}
_RARE = 0.01
_CHOSEN = 0.1  # a constant of the code: it was not chosen at random
_FLAG = 0.5  # with the constant that the code asks for, which tends to be the usual one
_OF_A_LOG = 0.01  # rows of one parent


def is_few(column: Column) -> bool:
    """Whether a column has few distinct values, by its type or, failing that, by its name."""
    if column.unique or column.primary:
        return False
    return column.few or (not column.foreign_key and words.few(column.name))


def no_btree(column: Column) -> bool:
    kind = column.type.lower()
    return any(word in kind for word in NO_BTREE)


def is_time(column: Column) -> bool:
    """Whether a column holds a point in time."""
    return words.is_time(column.type)


def is_name(column: Column) -> bool:
    """Whether a column holds what somebody looks one row up by: a name, a number, an address, a digest."""
    return words.names_one(column.name) and not is_few(column)


def kind_of(column: Column, condition: Condition) -> str:
    """The kind of a condition, knowing the column: an equality with one of few values selects like a constant."""
    if condition.kind in (conditions.EQUAL, conditions.RANGE) and is_few(column):
        return conditions.CONSTANT
    if condition.kind == conditions.CONSTANT and (column.unique or column.primary):
        return conditions.EQUAL
    return condition.kind


def rare(column: Column, condition: Condition) -> bool:
    """Whether a condition names what is left to be worked off, so that few rows fulfil it for long."""
    if condition.kind == conditions.NULL:
        return words.left_null(column.name)
    if condition.kind == conditions.CONSTANT:
        return words.left(column.name, condition.constant)
    return condition.kind == conditions.NOT and words.left_unless(column.name, condition.constant.strip("'"))


def fraction(model: Model, column: Column, condition: Condition) -> float:
    """The part of a table's rows that a condition leaves."""
    kind = kind_of(column, condition)
    if kind in (conditions.CONSTANT, conditions.NULL) and rare(column, condition):
        return _RARE
    if kind == conditions.EQUAL and column.foreign_key and is_log(model):
        return _OF_A_LOG
    unique = column.unique or column.primary
    if kind == conditions.CONSTANT:
        key = column.name.endswith("_id") and not column.few  # of some row that is at hand
        return usual(EQUAL, unique=unique) if key else _FLAG if is_few(column) else _CHOSEN
    return usual(_KINDS.get(kind, kind), unique=unique)


def is_log(model: Model) -> bool:
    """Whether a table is one that rows are added to for ever, many for each parent, by its name."""
    return words.is_log(_words(model)) and any(is_time(column) for column in model.columns)


def is_small(model: Model) -> bool:
    """Whether a table holds few rows by nature, as far as its name says."""
    return words.is_small(_words(model)) and not is_log(model)


def grows(model: Model) -> bool:
    """Whether a table grows with use: its rows carry a point in time, and its name does not say otherwise."""
    return not is_small(model) and any(is_time(column) for column in model.columns)


def _words(model: Model) -> list[str]:
    return words.of_name(model.name.rpartition(".")[2])
