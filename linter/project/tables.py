"""The models of a project as the tables that `sql.access` reasons about.

In: models. Out: `Table`s whose columns and keys are named as the models' attributes are. A partial index is taken for
a whole one by queries that compare every column of its condition, and for none by the others: what the condition says
of them is not looked at, for silence is better than a false alarm.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from ..sql.access import Access, Path, Predicate, paths
from ..sql.tables import BTREE, Part, Table, TableColumn, TableIndex
from . import conditions, scripts
from .conditions import Condition
from .schema import Column, Index, Model, model_of, models
from .selectivity import fraction, is_few, kind_of, no_btree

if TYPE_CHECKING:
    from .project import Project

Compared = list[tuple[Column, Condition]]

_OTHER_METHODS = ("gin", "gist", "brin", "hash", "spgist", "bloom", "spatial", "fulltext")
_KINDS = {
    conditions.EQUAL: "=", conditions.CONSTANT: "=", conditions.RANGE: "range", conditions.NULL: "null",
    conditions.NOT_NULL: "not null",
}  # fmt: skip


class Tables:
    """Tables by model, and what their indexes serve."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._made: dict[tuple[str, frozenset[int]], Table] = {}
        self._indexes: dict[str, list[tuple[TableIndex, frozenset[str]]]] = {}

    @cached_property
    def by_name(self) -> dict[str, Model]:
        """The model of each table."""
        out: dict[str, Model] = {}
        for model in models(self.project):
            out.setdefault(model.table, model)
        return out

    def declared(self, model: Model) -> Iterator[Index]:
        """A model's own indexes, and those of the tables it shares by inheritance."""
        yield from model.indexes
        info = self.project.class_info(model.ref)
        for ancestor in info.lineage[1:] if info is not None else ():
            inherited = None if ancestor.startswith("ext:") else model_of(self.project, ancestor)
            if inherited is not None and not inherited.abstract:
                yield from inherited.indexes

    def name(self, model: Model, name: str) -> str:
        """The attribute of the column that an index names, itself or by its relation; "" for none."""
        column = model.column(name)
        if column is None:
            relation = model.relation(name)
            column = model.column(relation.column) if relation is not None and relation.column else None
        return column.name if column is not None else ""

    def table(self, model: Model, mentioned: frozenset[str]) -> Table:
        """A model's table, as a query sees it that compares these columns."""
        if model.ref not in self._indexes:
            self._indexes[model.ref] = list(self._all(model))
        every = self._indexes[model.ref]
        usable = frozenset(i for i, (_, asked) in enumerate(every) if asked <= mentioned)
        key = model.ref, usable
        if key not in self._made:
            columns = tuple(TableColumn(c.name, c.type, True, is_few(c)) for c in model.columns)
            self._made[key] = Table(
                model.ref, columns, tuple(index for i, (index, _) in enumerate(every) if i in usable)
            )
        return self._made[key]

    def _all(self, model: Model) -> Iterator[tuple[TableIndex, frozenset[str]]]:
        """Every B-tree of a table, with the columns that its condition mentions."""
        primary = [c for c in model.columns if c.primary]
        if model.dialect == "sqlalchemy":  # columns of the class come before those of its mixins
            primary.sort(key=lambda c: c.spot.owner != model.ref)
        if primary:
            parts = tuple(Part(c.name) for c in primary)
            yield TableIndex(parts, unique=True, primary=True), frozenset()
        for column in model.columns:
            if (column.unique or column.indexed) and not (column.primary and len(primary) == 1):
                yield TableIndex((Part(column.name),), unique=column.unique), frozenset()
        for index in self.declared(model):
            named = [self.name(model, column) for column in index.columns]
            if not index.expression and index.method not in _OTHER_METHODS and all(named):
                down = {self.name(model, name) for name in index.descending}
                parts = tuple(Part(name, descending=name in down) for name in named)
                asked = frozenset(self.name(model, c) or "?" for c in index.condition)
                yield TableIndex(parts, index.name, index.unique, method=BTREE), asked if index.partial else frozenset()
        for columns in scripts.plain(self._elsewhere.get(model.table.lower(), ())):
            named = [self.name(model, column) for column in columns]
            if all(named):
                yield TableIndex(tuple(Part(name) for name in named)), frozenset()

    @cached_property
    def _elsewhere(self) -> dict[str, tuple[TableIndex, ...]]:
        """By table: what scripts and migrations make."""
        return scripts.elsewhere(self.project)

    def predicates(self, model: Model, compared: Compared) -> tuple[Predicate, ...]:
        """What a query asks of a table."""
        out = []
        for column, condition in compared:
            kind = kind_of(column, condition)
            word = "other" if no_btree(column) else _KINDS.get(kind, kind or "other")
            left = fraction(model, column, condition)
            constant = condition.constant if condition.kind == conditions.CONSTANT else ""
            out.append(Predicate(column.name.lower(), word, left, constant, kind == conditions.JOIN))
        return tuple(out)

    def ways(self, model: Model, compared: Compared) -> Iterator[Path]:
        """The ways to the rows that a query compares so, through indexes."""
        access = Access(model.ref, self.predicates(model, compared))
        table = self.table(model, frozenset(column.name for column, _ in compared))
        return (path for path in paths(table, access) if path.index is not None)

    def served(self, model: Model, compared: Compared) -> bool:
        """Whether an index leaves few rows for these conditions."""
        wanted = {c.name.lower() for c, told in compared if kind_of(c, told) in (conditions.EQUAL, conditions.RANGE)}
        return bool(wanted) and any(wanted & set(path.used) for path in self.ways(model, compared))

    def leading(self, model: Model, column: Column) -> bool:
        """Whether an index begins with a column."""
        return any(i.parts[0].key == column.name.lower() for i in self.table(model, frozenset()).indexes)
