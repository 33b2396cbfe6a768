"""Comparisons that a plain index cannot serve, and which index would.

In: query sites whose conditions are of other kinds than `conditions` lists: the framework's own names of lookups. Out:
`Need`s of the kinds in `needs`, unless an index of that kind, or one on the expression, stands there, or another
condition of the statement leaves few rows.
Source: postgresql.org/docs, "pg_trgm", "GIN Indexes", "GiST Operator Classes of inet"; use-the-index-luke.com,
"Functions" (where-clause/functions).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import conditions
from .effects import Effect
from .needs import FOLDED, FUNCTION, GIN, NETWORK, TRIGRAM, Need, Site
from .schema import Column, Model
from .selectivity import grows, is_few

if TYPE_CHECKING:
    from .indexes import Indexes

_FOLDS = ("iexact", "lower", "upper")
_PARTS = (
    "icontains", "contains", "endswith", "iendswith", "istartswith", "like", "ilike", "regex", "iregex", "search_any",
)  # fmt: skip
_DATES = (
    "date", "month", "day", "week_day", "iso_week_day", "week", "quarter", "hour", "minute", "second", "time",
    "date_trunc", "extract", "iso_year",
)  # fmt: skip
_HOLDS = (
    "contains", "contained_by", "has_key", "has_keys", "has_any_keys", "overlap", "any_", "has_any", "has_all",
    "contains_any",
)  # fmt: skip
_NETWORKS = ("net_contains", "net_contains_or_equals", "net_contained", "net_contained_or_equal", "net_overlaps")
_ADDRESSES = ("inet", "cidr", "network", "ipaddress", "ipfield")
_MANY = ("json", "array", "hstore")
_METHODS = {
    TRIGRAM: ("gin", "gist"), GIN: ("gin",), NETWORK: ("gist", "spgist"), FOLDED: (), FUNCTION: (),
}  # fmt: skip


def missing(indexes: Indexes, function: str, effect: Effect) -> Iterator[tuple[Need, Site]]:
    """The comparisons of one statement that nothing serves."""
    if any(text in conditions.WITHOUT_COLUMN for text in effect.conditions):
        return
    by_model = indexes.by_model(effect)
    if not by_model or any(indexes.tables.served(*each) for each in by_model.values()):
        return
    hot = any(entry.kind == "request" for entry in indexes.entries(function))
    for model, compared in by_model.values():
        for column, condition in compared:
            kind = kind_of(column, condition.kind)
            if not kind or not model.managed or _held(indexes, model, column, kind):
                continue
            need = Need(model, (column,), column, kind=kind, lookup=condition.kind)
            weak = effect.chosen or (kind not in (FOLDED, NETWORK) and not (hot and grows(model)))
            yield need, Site(function, effect, False, kind == FOLDED or not weak, weak)


def kind_of(column: Column, lookup: str) -> str:
    """What is in the way of an index on the column itself; "" for nothing."""
    name = column.type.lower()
    if lookup in _NETWORKS:
        return NETWORK if any(word in name for word in _ADDRESSES) else ""
    if any(word in name for word in _MANY):
        return GIN if lookup in _HOLDS else ""
    if lookup in _FOLDS:
        folds = is_few(column) or column.primary or name.startswith(("ci", "integer", "uuid"))
        return "" if folds else FOLDED
    if lookup in _DATES and ("date" in name or "time" in name):
        return FUNCTION if lookup != "date" or "time" in name else ""
    if lookup in _PARTS and not is_few(column) and ("char" in name or "text" in name or "str" in name or "url" in name):
        return TRIGRAM
    return ""


def _held(indexes: Indexes, model: Model, column: Column, kind: str) -> bool:
    """Whether an index on an expression of the column, or of the right kind, is declared."""
    methods = _METHODS[kind]
    for index in indexes.tables.declared(model):
        named = any(indexes.tables.name(model, c) == column.name for c in index.columns)
        if named and (index.method.replace("-", "") in methods or (index.expression and kind in (FOLDED, FUNCTION))):
            return True
        if named and index.expression and index.method in methods:
            return True
    return False
