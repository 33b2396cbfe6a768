"""Which lookups of a project no index serves.

In: the query sites of all functions and the models. Out: `Need`s: columns of one model that one index would serve,
with the sites that ask for it. Says nothing about wording, and nothing about how a framework spells its queries.

The rules of thumb are those of every B-tree (https://use-the-index-luke.com/sql/where-clause): an index serves
equalities on its first columns and one range after them; among AND-ed conditions one selective index is enough; columns
with few distinct values select too much to be worth one of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from . import conditions
from .conditions import Condition
from .effects import Effect
from .entries import Entry
from .schema import COMPUTED, Column, Index, Model, model_of, models

if TYPE_CHECKING:
    from .project import Project

_NO_BTREE = (
    "json",
    "array",
    "hstore",
    "binary",
    "geometry",
    "point",
    "polygon",
    "vector",
    "rangefield",
    "tsvector",
    "largebinary",
    "blob",
    "pickle",
    COMPUTED,
)
_FEW_WORDS = {
    "status", "state", "type", "kind", "level", "role", "mode", "enabled", "disabled", "active", "visible",
    "deleted", "archived", "language", "lang", "locale", "currency", "gender", "priority", "severity", "category",
    "provider", "scope", "format", "discriminator",
}  # fmt: skip
_FEW_STARTS = {"is", "has", "can", "should", "allow", "was"}


Compared: TypeAlias = list[tuple[Column, Condition]]
ByModel: TypeAlias = dict[str, tuple[Model, Compared]]


@dataclass(frozen=True, slots=True)
class Site:
    """One query that an index would make faster."""

    function: str
    effect: Effect
    alone: bool
    """Nothing else is compared."""
    equal: bool
    """By equality, not by range."""


@dataclass(slots=True)
class Need:
    """An index that is missing: its columns in order, and who asks for it, in a stable order."""

    model: Model
    columns: tuple[Column, ...]
    place: Column
    """The column that the finding is about: the first that is in no index yet."""
    sites: list[Site] = field(default_factory=list)


class Indexes:
    """The indexes of every model, and what they serve."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def _tables(self) -> dict[str, Model]:
        out: dict[str, Model] = {}
        for model in models(self.project):
            out.setdefault(model.table, model)
        return out

    def of(self, model: Model) -> list[tuple[tuple[str, ...], Index | None]]:
        """Every plain B-tree index of a model's table as (attribute names of its columns, its declaration)."""
        out: list[tuple[tuple[str, ...], Index | None]] = []
        primary = [c for c in model.columns if c.primary]
        if model.dialect == "sqlalchemy":  # columns of the class come before those of its mixins
            primary.sort(key=lambda c: c.spot.owner != model.ref)
        key = tuple(c.name for c in primary)
        if len(key) > 1:
            out.append((key, None))
        out += [((c.name,), None) for c in model.columns if c.unique or c.indexed or (c.primary and len(key) == 1)]
        for index in self._declared(model):
            if not index.expression and index.method not in _OTHER_METHODS:
                named = tuple(self._name(model, column) for column in index.columns)
                if all(named):
                    out.append((named, index))
        return out

    def _declared(self, model: Model) -> Iterator[Index]:
        """Its own indexes, and those of the tables it shares by inheritance."""
        yield from model.indexes
        info = self.project.class_info(model.ref)
        for ancestor in info.lineage[1:] if info is not None else ():
            inherited = None if ancestor.startswith("ext:") else model_of(self.project, ancestor)
            if inherited is not None and not inherited.abstract:
                yield from inherited.indexes

    def _name(self, model: Model, name: str) -> str:
        column = model.column(name)
        if column is None:
            relation = model.relation(name)
            column = model.column(relation.column) if relation is not None and relation.column else None
        return column.name if column is not None else ""

    @cached_property
    def needs(self) -> list[Need]:
        """Every missing index, joined where one serves several sites, in the order of the columns' places."""
        found: dict[tuple[str, tuple[str, ...]], Need] = {}
        for function, effect in self.project.observations.sites():
            if self._cold(function):
                continue
            for need, site in self._missing(function, effect):
                key = (need.model.ref, tuple(c.name for c in need.columns))
                found.setdefault(key, need).sites.append(site)
        return _joined(list(found.values()), self.project)

    @cached_property
    def folded(self) -> list[Need]:
        """Columns compared without regard to case, `UPPER(column) = …`: only an index on that expression serves it."""
        found: dict[tuple[str, str], Need] = {}
        for function, effect in self.project.observations.sites():
            if self._cold(function) or any(text in conditions.WITHOUT_COLUMN for text in effect.conditions):
                continue
            by_model = self._by_model(effect)
            if not by_model or any(self._served(*each) for each in by_model.values()):
                continue
            for model, compared in by_model.values():
                for column, condition in compared:
                    if condition.kind in _FOLDS and model.managed and not self._folds(model, column):
                        need = found.setdefault((model.ref, column.name), Need(model, (column,), column))
                        need.sites.append(Site(function, effect, False, True))
        return _joined(list(found.values()), self.project)

    def _folds(self, model: Model, column: Column) -> bool:
        """Whether a column has an index on an expression, or compares without regard to case by its type."""
        if is_few(column) or column.primary or column.type.lower().startswith(("ci", "integer", "uuid")):
            return True
        declared = (i for i in self._declared(model) if i.expression)
        return any(self._name(model, c) == column.name for i in declared for c in i.columns)

    def _by_model(self, effect: Effect) -> ByModel:
        """The conditions of a query by the model whose column they compare; nothing when one is of no model we know."""
        out: ByModel = {}
        main = model_of(self.project, effect.detail if effect.kind == "load" else effect.model)
        for text in effect.conditions:
            condition = conditions.read(text)
            model = self._tables.get(condition.table) if condition.table else main
            column = model.column(condition.column) if model is not None else None
            if model is None or column is None:
                return {}
            out.setdefault(model.ref, (model, []))[1].append((column, condition))
        return out

    def _cold(self, function: str) -> bool:
        entries = self.entries(function)
        if entries:
            return not any(entry.hot for entry in entries)
        return any(part in _COLD_FOLDERS for part in function.partition("::")[0].split("/"))

    def entries(self, function: str) -> tuple[Entry, ...]:
        """Where the outside world enters and reaches a function."""
        return self.project.observations.entries_of(function)

    def _missing(self, function: str, effect: Effect) -> Iterator[tuple[Need, Site]]:
        """What one query needs."""
        if effect.query is not None and effect.query.verb == "DELETE":
            yield from self._cascades(function, effect)
        if any(text in conditions.WITHOUT_COLUMN for text in effect.conditions):
            return
        by_model = self._by_model(effect)
        if any(self._served(model, compared) for model, compared in by_model.values()):
            yield from self._joins(function, effect, by_model)
            return
        for model, compared in by_model.values():
            need = self._need(model, compared)
            if need is None:
                either = self._either(model, compared)
                yield from ((each, Site(function, effect, False, True)) for each in either)
            else:
                yield from self._joins(function, effect, {ref: of for ref, of in by_model.items() if ref != model.ref})
                alone = len(effect.conditions) == 1
                equal = any(kind_of(column, c) == conditions.EQUAL for column, c in compared)
                yield need, Site(function, effect, alone, equal)
                return

    def _either(self, model: Model, compared: Compared) -> list[Need]:
        """`a = ? OR b = ?`: each side needs an index of its own."""
        sides = [column for column, c in compared if c.kind == conditions.EITHER]
        if not model.managed or any(is_few(column) or _no_btree(column) for column in sides):
            return []
        return [Need(model, (column,), column) for column in _distinct(sides) if not self._leading(model, column)]

    def _joins(self, function: str, effect: Effect, by_model: ByModel) -> Iterator[tuple[Need, Site]]:
        """Keys that a join goes over, of tables that nothing else narrows."""
        for model, compared in by_model.values():
            if all(c.kind == conditions.JOIN for _, c in compared) and model.managed:
                for column, _ in compared:
                    if column.foreign_key and not self._leading(model, column):
                        yield Need(model, (column,), column), Site(function, effect, False, False)

    def _cascades(self, function: str, effect: Effect) -> Iterator[tuple[Need, Site]]:
        """Keys by which the database finds what goes with a deleted row."""
        for model, column in self._cascading.get(effect.model, ()):
            if not self._leading(model, column):
                yield Need(model, (column,), column), Site(function, effect, False, False)

    @cached_property
    def _cascading(self) -> dict[str, list[tuple[Model, Column]]]:
        out: dict[str, list[tuple[Model, Column]]] = {}
        for model in models(self.project):
            for column in model.columns:
                if column.cascades and model.managed:
                    out.setdefault(column.foreign_key, []).append((model, column))
        return out

    def _leading(self, model: Model, column: Column) -> bool:
        """Whether an index begins with a column."""
        return any(columns[0] == column.name for columns, index in self.of(model) if index is None or not index.partial)

    def _served(self, model: Model, compared: Compared) -> bool:
        """Whether an index of the table leaves few rows for these conditions."""
        usable = {column.name: kind_of(column, c) for column, c in compared if kind_of(column, c) in _USABLE}
        mentioned = {column.name for column, _ in compared}
        for columns, index in self.of(model):
            if index is not None and index.partial and not {self._name(model, c) for c in index.condition} <= mentioned:
                continue
            for name in columns:
                kind = usable.get(name)
                if kind is None:
                    break
                if kind in (conditions.EQUAL, conditions.RANGE):
                    return True
        return False

    def _need(self, model: Model, compared: Compared) -> Need | None:
        if not model.managed:
            return None
        equal = _of_kind(compared, conditions.EQUAL)
        pair = [c for c in _distinct([c for c, _ in compared]) if _is_type_of_pair(model, c, equal)]
        if equal:
            return Need(model, (*pair, *equal), equal[0])
        ranged = _of_kind(compared, conditions.RANGE)
        return Need(model, (ranged[0],), ranged[0]) if ranged else None


_OTHER_METHODS = ("gin", "gist", "brin", "hash", "spgist", "bloom", "spatial", "fulltext")
_FOLDS = ("iexact", "lower", "upper")
_USABLE = (conditions.EQUAL, conditions.RANGE, conditions.CONSTANT)
_COLD_FOLDERS = ("commands", "scripts", "fixtures", "seeds", "seeders", "benchmarks", "examples")


def kind_of(column: Column, condition: Condition) -> str:
    """The kind of a condition, knowing the column: an equality with one of few values selects like a constant."""
    if condition.kind in (conditions.EQUAL, conditions.RANGE) and is_few(column):
        return conditions.CONSTANT
    if condition.kind == conditions.CONSTANT and (column.unique or column.primary):
        return conditions.EQUAL
    return condition.kind


def is_few(column: Column) -> bool:
    """Whether a column has few distinct values, by its type or, failing that, by its name."""
    if column.unique or column.primary:
        return False
    words = column.name.removesuffix("_id").lower().split("_")
    return column.few or (not column.foreign_key and (words[-1] in _FEW_WORDS or words[0] in _FEW_STARTS))


def _no_btree(column: Column) -> bool:
    kind = column.type.lower()
    return any(word in kind for word in _NO_BTREE)


def _of_kind(compared: Compared, kind: str) -> list[Column]:
    return _distinct([column for column, c in compared if kind_of(column, c) == kind and not _no_btree(column)])


def _is_type_of_pair(model: Model, column: Column, equal: list[Column]) -> bool:
    """Whether a column is the type of a generic key whose id is looked up."""
    names = {c.name for c in equal}
    return any(r.pair is not None and r.pair[0] == column.name and r.pair[1] in names for r in model.relations)


def is_key(need: Need) -> bool:
    """Whether a need is about a foreign key, or the pair of a generic one."""
    names = tuple(column.name for column in need.columns[:2])
    return bool(need.place.foreign_key) or any(r.pair == names for r in need.model.relations)


def _distinct(columns: list[Column]) -> list[Column]:
    return list(dict.fromkeys(columns))


def _joined(needs: list[Need], project: Project) -> list[Need]:
    """One need per index: the fewest columns first, then whoever is served by what is already asked for."""
    kept: list[Need] = []
    for need in sorted(needs, key=lambda n: (len(n.columns), project.place(n.place.spot), n.model.ref)):
        for have in kept:
            same = have.model.ref == need.model.ref or len(have.columns) == len(need.columns)
            if same and have.place.spot in {c.spot for c in need.columns}:
                have.sites += need.sites
                break
        else:
            kept.append(need)
    return sorted(kept, key=lambda n: (project.place(n.place.spot), n.model.ref))
