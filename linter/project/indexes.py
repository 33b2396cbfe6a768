"""Which statements of a project no index serves.

In: the query sites of all functions and the models. Out: `Need`s: columns of one model that one index would serve,
with the sites that ask for it. Says nothing about wording, and nothing about how a framework spells its queries.

What an index serves is `sql.access`'s to say, how many rows a condition leaves `selectivity`'s. Among AND-ed conditions
one selective index is enough; columns with few distinct values select too much to be worth one of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from ..sql.access import Access, proposed
from . import conditions, sortings, unsargable
from .cold import by_hand
from .effects import DECLARED, Effect
from .entries import Entry
from .index_texts import Texts
from .needs import Need, Site, joined
from .schema import Column, Model, model_of, models
from .selectivity import grows, is_few, is_name, is_small, kind_of, no_btree, rare
from .tables import Compared, Tables

if TYPE_CHECKING:
    from .project import Project

ByModel: TypeAlias = dict[str, tuple[Model, Compared]]
_COLD_FOLDERS = {"commands", "scripts", "fixtures", "seeds", "seeders", "benchmarks", "examples"}


class Indexes:
    """The indexes of every model, and what they do not serve."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.tables = Tables(project)
        self.texts = Texts(project)

    @cached_property
    def _sites(self) -> list[tuple[str, Effect]]:
        """What is sent on paths that somebody waits for."""
        return [(f, effect) for f, effect in self.project.observations.sites() if not self._cold(f)]

    @cached_property
    def needs(self) -> list[Need]:
        """Columns that are looked up, joined or cascaded on."""
        return self._collected((n, s) for f, e in self._sites for n, s in self._missing(f, e))

    @cached_property
    def queues(self) -> list[Need]:
        """Flags and states by which a query finds what is left to be done, among many rows that are done. What works a
        queue off is run again and again, a command as well."""
        found = [(f, e) for f, e in self.project.observations.sites() if not by_hand(f.partition("::")[0])]
        return self._collected((n, s) for f, e in found for n, s in self._queue(f, e))

    @cached_property
    def unsorted(self) -> list[Need]:
        """Columns that the first rows, or a page of them, are sorted by."""
        return self._collected((n, s) for f, e in self._sites for n, s in sortings.missing(self, f, e))

    @cached_property
    def unsargable(self) -> list[Need]:
        """Columns that are compared in a way that a plain index does not serve."""
        return self._collected((n, s) for f, e in self._sites for n, s in unsargable.missing(self, f, e))

    @cached_property
    def pruned(self) -> set[tuple[str, str]]:
        """(model, key of a parent) where the code deletes the older rows of one parent: it never keeps many."""
        out = set()
        for _, effect in self.project.observations.sites():
            if effect.query is None or effect.query.verb != "DELETE":
                continue
            for model, compared in self.by_model(effect).values():
                if any(kind_of(column, c) == conditions.RANGE for column, c in compared):
                    out |= {(model.ref, column.name) for column, c in compared if c.kind == conditions.EQUAL}
        return out

    def _collected(self, found: Iterable[tuple[Need, Site]]) -> list[Need]:
        out: dict[object, Need] = {}
        for need, site in found:
            key = need.model.ref, need.subject, need.sorted, need.kind, need.descending
            out.setdefault(key, need).sites.append(site)
        return joined(out.values(), self.project)

    def by_model(self, effect: Effect) -> ByModel:
        """The conditions of a query by the model whose column they compare; nothing when one is of no model we know."""
        out: ByModel = {}
        main = model_of(self.project, effect.detail if effect.kind == "load" else effect.model)
        for text in effect.conditions:
            condition = conditions.read(text)
            model = self.tables.by_name.get(condition.table) if condition.table else main
            column = model.column(condition.column) if model is not None else None
            if model is None or column is None:
                return {}
            out.setdefault(model.ref, (model, []))[1].append((column, condition))
        return out

    def _cold(self, function: str) -> bool:
        entries = self.entries(function)
        if entries:
            return not any(entry.hot for entry in entries)
        return _by_hand(function)

    def entries(self, function: str) -> tuple[Entry, ...]:
        """Where the outside world enters and reaches a function."""
        return self.project.observations.entries_of(function)

    def _missing(self, function: str, effect: Effect) -> Iterator[tuple[Need, Site]]:
        """What one query needs."""
        if effect.query is not None and effect.query.verb == "DELETE":
            yield from self._cascades(function, effect)
        if any(text in conditions.WITHOUT_COLUMN for text in effect.conditions):
            return
        by_model = self.by_model(effect)
        if any(self.tables.served(model, compared) for model, compared in by_model.values()):
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
                weak = effect.chosen and not (effect.how == DECLARED and grows(model) and is_name(need.columns[0]))
                yield need, Site(function, effect, alone and not effect.chosen, equal, weak)
                return

    def _either(self, model: Model, compared: Compared) -> list[Need]:
        """`a = ? OR b = ?`: each side needs an index of its own."""
        sides = [column for column, c in compared if c.kind == conditions.EITHER]
        if not model.managed or any(is_few(column) or no_btree(column) for column in sides):
            return []
        distinct = dict.fromkeys(sides)
        return [Need(model, (column,), column) for column in distinct if not self.tables.leading(model, column)]

    def _joins(self, function: str, effect: Effect, by_model: ByModel) -> Iterator[tuple[Need, Site]]:
        """Keys that a join goes over, of tables that nothing else narrows."""
        for model, compared in by_model.values():
            if all(c.kind == conditions.JOIN for _, c in compared) and model.managed:
                for column, _ in compared:
                    if column.foreign_key and not self.tables.leading(model, column):
                        yield Need(model, (column,), column), Site(function, effect, False, False)

    def _cascades(self, function: str, effect: Effect) -> Iterator[tuple[Need, Site]]:
        """Keys by which the database finds what goes with a deleted row."""
        for model, column in self._cascading.get(effect.model, ()):
            if not self.tables.leading(model, column):
                yield Need(model, (column,), column), Site(function, effect, False, False)

    @cached_property
    def _cascading(self) -> dict[str, list[tuple[Model, Column]]]:
        out: dict[str, list[tuple[Model, Column]]] = {}
        for model in models(self.project):
            for column in model.columns:
                if column.cascades and model.managed:
                    out.setdefault(column.foreign_key, []).append((model, column))
        return out

    def _need(self, model: Model, compared: Compared) -> Need | None:
        """The index that conditions of one table ask for."""
        if not model.managed:
            return None
        mine = [(c, told) for c, told in compared if kind_of(c, told) in (conditions.EQUAL, conditions.RANGE)]
        mine = [(c, told) for c, told in mine if not no_btree(c)]
        table = self.tables.table(model, frozenset(column.name for column, _ in compared))
        found = proposed(table, Access(model.ref, self.tables.predicates(model, mine))) if mine else None
        if found is None:
            return None
        columns = _named(model, found.keys)
        names = {c.name for c in columns}
        pairs = [r.pair for r in model.relations if r.pair is not None and r.pair[1] in names]
        typed = [c for c in dict.fromkeys(c for c, _ in compared) if any(c.name == pair[0] for pair in pairs)]
        return Need(model, (*typed, *(c for c in columns if c not in typed)), columns[0])

    def _queue(self, function: str, effect: Effect) -> Iterator[tuple[Need, Site]]:
        """`WHERE NOT processed ORDER BY id`: of a table that keeps what is done, a partial index holds the rest."""
        if effect.query is None or effect.query.verb != "SELECT" or effect.chosen:
            return
        if any(text in conditions.WITHOUT_COLUMN for text in effect.conditions):
            return
        by_model = self.by_model(effect)
        if any(self.tables.served(model, compared) for model, compared in by_model.values()):
            return
        for model, compared in by_model.values():
            if not model.managed or is_small(model) or any(_selects(column, c) for column, c in compared):
                continue
            left = next(((column, c) for column, c in compared if rare(column, c)), None)
            if left is None or self._held(model, *left):
                continue
            key = model.column(model.primary_key) or left[0]
            need = Need(model, (key,), left[0], where=_where(left[0], left[1]))
            yield need, Site(function, effect, False, False, _by_hand(function) or not self.entries(function))

    def _held(self, model: Model, column: Column, condition: conditions.Condition) -> bool:
        """Whether an index begins with the flag, or holds only rows that its condition chooses by it."""
        usable = condition.kind != conditions.NOT  # `IS NOT TRUE` reads no index of the flag itself
        if usable and self.tables.leading(model, column):
            return True
        declared = [index for index in self.tables.declared(model) if index.partial]
        return any(
            not i.condition or column.name in {self.tables.name(model, c) for c in i.condition} for i in declared
        )


def _by_hand(function: str) -> bool:
    return bool(_COLD_FOLDERS & set(function.partition("::")[0].split("/")))


def _selects(column: Column, condition: conditions.Condition) -> bool:
    return kind_of(column, condition) in (conditions.EQUAL, conditions.RANGE)


def _where(column: Column, condition: conditions.Condition) -> str:
    """A condition on a flag as SQL."""
    name, value = column.column, condition.constant
    if condition.kind == conditions.NULL:
        return f"{name} IS NULL"
    if condition.kind == conditions.NOT:
        return f"{name} IS NOT {value}"
    return {"TRUE": name, "FALSE": f"NOT {name}"}.get(value, f"{name} = {value}")


def _named(model: Model, keys: Iterable[str]) -> tuple[Column, ...]:
    by_key = {column.name.lower(): column for column in reversed(model.columns)}
    return tuple(by_key[key.lower()] for key in keys)


def is_key(need: Need) -> bool:
    """Whether a need is about a foreign key, or the pair of a generic one."""
    names = tuple(column.name for column in need.columns[:2])
    return bool(need.place.foreign_key) or any(r.pair == names for r in need.model.relations)
