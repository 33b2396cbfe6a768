"""Indexes that another index of the same table makes superfluous.

In: the models. Out: pairs of declarations. An index is superfluous when another one begins with all its columns in the
same directions: what it serves, the other serves, and every write keeps both. Says nothing of indexes that hold other
rows or are ordered otherwise: partial ones, expressions, other methods or operator classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .schema import Column, Index, Model, models
from .values import Spot

if TYPE_CHECKING:
    from .project import Project

_TEXT = ("CharField", "TextField", "SlugField", "EmailField", "URLField", "FilePathField")


@dataclass(frozen=True, slots=True)
class Declared:
    """One index of a model, by the names of its attributes. `column`: it is declared at this one."""

    columns: tuple[str, ...]
    descending: tuple[bool, ...]
    unique: bool
    spot: Spot
    column: Column | None = None
    index: Index | None = None

    @property
    def free(self) -> bool:
        """It may be dropped: no constraint rests on it."""
        return not self.unique


@dataclass(frozen=True, slots=True)
class Redundant:
    """`index` is served by `other`; `same`: both have the same columns."""

    model: Model
    index: Declared
    other: Declared
    same: bool
    sure: bool
    """Nothing else than what the other one serves can have been meant."""


def redundant(project: Project) -> Iterator[Redundant]:
    """Every superfluous index, each once, with the first that makes it so."""
    told: set[Spot] = set()
    for model in models(project):
        declared = list(_declared(model)) if model.managed else []
        for place, index in enumerate(declared):
            other = next((d for at, d in enumerate(declared) if _serves(d, index, later=at < place)), None)
            if other is None or index.spot in told or not _together(model, index, other):
                continue
            told.add(index.spot)
            same = len(other.columns) == len(index.columns)
            yield Redundant(model, index, other, same, _sure(model, index))


def _declared(model: Model) -> Iterator[Declared]:
    """The plain B-trees of a model, constraints first, then in the order of the source."""
    free: list[Declared] = []
    for column in model.columns:
        if column.unique or column.primary:
            yield Declared((column.name,), (False,), True, column.spot, column)
        elif column.own_index:
            free.append(Declared((column.name,), (False,), False, column.spot, column))
    for index in model.indexes:
        names = tuple(_attribute(model, name) for name in index.columns)
        plain = not (index.partial or index.expression or index.method or index.include or index.opclasses)
        if not plain or index.spot is None or not all(names):
            continue
        directions = tuple(name in index.descending for name in index.columns)
        made = Declared(names, directions, index.unique, index.spot, index=index)
        if index.unique:
            yield made
        else:
            free.append(made)
    yield from free


def _attribute(model: Model, name: str) -> str:
    """The attribute of a column that an index spells by its relation, its attribute or its database name."""
    column = model.column(name)
    if column is None:
        relation = model.relation(name)
        column = model.column(relation.column) if relation is not None and relation.column else None
    return column.name if column is not None else ""


def _serves(other: Declared, index: Declared, *, later: bool) -> bool:
    """Whether `other` begins with the columns of `index`. Of two alike the later one is told."""
    if other is index or other.columns[: len(index.columns)] != index.columns:
        return False
    alike = len(other.columns) == len(index.columns)
    if not index.free and not (alike and other.unique and later):
        return False
    if alike and other.free and index.free and not later:
        return False
    turned = {a == b for a, b in zip(other.descending, index.descending, strict=False)}
    return len(turned) == 1


def _together(model: Model, index: Declared, other: Declared) -> bool:
    """Whether both stand in one class: what a base class declares, its other children may need."""
    home, inherited = index.spot.owner.removesuffix(".Meta"), other.spot.owner.removesuffix(".Meta")
    return home in (inherited, model.ref) or home.endswith("::")


def _sure(model: Model, index: Declared) -> bool:
    """Django gives a text column that is indexed by itself a second index for prefixes, which the other one lacks; and
    a foreign key an index that nobody asked for."""
    column = index.column
    if column is None:
        return True
    return column.own_index != "given" and not (model.dialect == "django" and column.type.endswith(_TEXT))
