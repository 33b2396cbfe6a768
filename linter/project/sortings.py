"""Which sorts no index serves: the first rows, or a page of them, of a table that grows.

In: query sites with their order and limit. Out: `Need`s, with the columns that are compared by equality first, then
those that rows are sorted by. Says nothing of statements that fetch all rows anyway, of a filter that leaves few rows
to be sorted, of an order by an expression or by another table's column, and of tables that hold few rows by nature.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..sql.access import EQUAL, Access, Sort, proposed
from . import conditions
from .effects import Effect
from .frozen import replace
from .needs import Need, Site
from .schema import Column, Model, model_of
from .selectivity import grows, is_few, is_log, is_small, is_time, no_btree

if TYPE_CHECKING:
    from .indexes import Indexes

_PAGE = 50.0
_SELECTIVE = 0.05


def missing(indexes: Indexes, function: str, effect: Effect) -> Iterator[tuple[Need, Site]]:
    """The index that would give one statement's rows in order."""
    model = model_of(indexes.project, effect.detail if effect.kind == "load" else effect.model)
    query = effect.query
    if model is None or query is None or query.verb != "SELECT" or not effect.limit or not query.order:
        return
    if not model.managed or is_small(model) or any(text in conditions.WITHOUT_COLUMN for text in effect.conditions):
        return
    by_model = indexes.by_model(effect)
    if (effect.conditions and not by_model) or set(by_model) - {model.ref}:
        return  # a condition on another table may leave few rows of this one
    compared = by_model[model.ref][1] if by_model else []
    wanted = _order(model, query.order)
    if not wanted:
        return
    tables = indexes.tables
    predicates = tables.predicates(model, compared)
    sort = tuple(Sort(column.name.lower(), down) for column, down in wanted)
    access = Access(model.ref, predicates, sort, _PAGE if effect.limit < 0 else float(effect.limit))
    table = tables.table(model, frozenset(column.name for column, _ in compared))
    found = proposed(table, access)
    if found is None or not found.tail or found.where:
        return  # the few rows that a flag leaves are told of by `Indexes.queues`
    by_key = {column.name.lower(): column for column in model.columns}
    first = tuple(p.key for p in predicates if p.kind == EQUAL and p.fraction <= _SELECTIVE)
    if first and not found.equal:  # that those rows come early in the order of all others is not to be relied upon
        found = replace(found, equal=tuple(dict.fromkeys(first)))
    columns = tuple(by_key[key] for key in found.keys)
    if any((model.ref, column.name) in indexes.pruned for column in columns[: len(found.equal)] if column.foreign_key):
        return
    last = by_key[found.tail[0].key]
    down = frozenset(s.key for s in found.tail if s.descending) if len({s.descending for s in found.tail}) > 1 else ()
    need = Need(model, columns, last, descending=frozenset(down), sorted=len(found.tail))
    need.near = near = _near(indexes, model, last)
    weak = not is_time(last) or not (grows(model) or is_log(model))
    if effect.chosen:
        weak = not near
    yield need, Site(function, effect, not compared, False, weak)


def _order(model: Model, order: tuple[str, ...]) -> list[tuple[Column, bool]]:
    """The columns that decide the order: those after one with many distinct values seldom do. Nothing when the first
    ones are not columns of this table that a B-tree holds."""
    out: list[tuple[Column, bool]] = []
    for text in order:
        column = model.column(text.removeprefix("-"))
        if column is None or no_btree(column):
            return []
        out.append((column, text.startswith("-")))
        if not is_few(column) and not column.foreign_key:
            return out
    return []


def _near(indexes: Indexes, model: Model, column: Column) -> str:
    """What stands there already and does not help: somebody has thought of this column before."""
    for index in indexes.tables.declared(model):
        first = indexes.tables.name(model, index.columns[0]) if index.columns else ""
        if index.partial and first == column.name:
            return f"the index `{index.name}`" if index.name else "its index"
    return ""
