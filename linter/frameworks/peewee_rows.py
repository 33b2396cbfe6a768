"""What Peewee's queries and rows do: which calls build, which run, what they give.

A query is `Rows` of dialect "peewee" (`kind`: query, insert, update, delete; related: what a back reference gives, a
new query every time; list: rows in memory).
Source: docs.peewee-orm.com, "Querying" and "API Documentation"; `aio_*` is peewee-async's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..project.conditions import NARROW, OTHER, together
from ..project.frozen import replace
from ..project.schema import Relation, model_of
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    MADE,
    UNKNOWN,
    Awaitable,
    Class,
    Const,
    Container,
    Origin,
    Row,
    Rows,
    Spot,
    Value,
    below,
    parts,
)
from . import django_rows, peewee_loading
from . import sqlalchemy_terms as terms

if TYPE_CHECKING:
    from ..project.run import Run

DIALECT = "peewee"
SAME = {
    "order_by", "order_by_extend", "group_by", "having", "offset", "distinct", "with_cte", "union", "union_all",
    "intersect", "except_", "alias", "clone", "for_update", "window", "returning", "on_conflict", "on_conflict_ignore",
    "on_conflict_replace", "as_rowcount", "bind", "objects", "ensure_join", "with_lock", "naive",
    "aggregate_rows", "annotate", "lateral", "orwhere", "values", "cte", "select_from", "iterator", "all",
}  # fmt: skip
PLAIN = {"dicts", "tuples", "namedtuples", "scalars"}
JOINS = {"join", "left_outer_join", "join_from"}
ONE = {"get", "first", "get_or_none", "peek", "get_by_id", "get_or_404", "last"}
ASKS = {"count", "exists", "scalar", "wrapped_count", "aggregate"}
ON_CLASS = {
    "select", "filter", "get", "get_or_none", "get_by_id", "get_or_create", "create", "insert", "insert_many",
    "insert_from", "replace", "replace_many", "update", "delete", "delete_by_id", "set_by_id", "bulk_create",
    "bulk_update", "raw", "alias", "noop", "select_query",
}  # fmt: skip
BUILDS = {"select", "insert", "insert_many", "update", "delete", "raw"}
"""Methods of a class that send nothing, whoever overrides them."""
SAVES = {"save", "delete_instance"}
_RELATED_CHANGES = {"add": "INSERT", "remove": "DELETE", "clear": "DELETE"}
_VERBS = {"insert": "INSERT", "update": "UPDATE", "delete": "DELETE"}
_BEGIN = {
    "insert": "insert", "insert_many": "insert", "insert_from": "insert", "replace": "insert",
    "replace_many": "insert", "update": "update", "delete": "delete",
}  # fmt: skip
_MANY = {"insert_many", "replace_many", "insert_from", "bulk_create", "bulk_update"}
_AIO = "aio_"
_PAGE = 20  # rows of a page whose size is not written


def method_name(name: str) -> str:
    """The method that an `aio_` one does the same as."""
    return name.removeprefix(_AIO)


# Beginning -------------------------------------------------------------------------------------------------


def on_class(
    run: Run, ref: str, spelled: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> Value:
    """A method of a model class."""
    name = method_name(spelled)
    waits = spelled == name
    base = Rows(ref, "query", origin=Origin(spot, ""), fresh=run.now, dialect=DIALECT)
    new = Row(ref, frozenset({ANYTHING, ASSIGNED}), Origin(spot, ""), fresh=run.now)
    made: Value = UNKNOWN
    if name == "select":
        return peewee_loading.selected(run.project, base, args)
    if name in ("filter", "noop", "raw"):
        return replace(base, filters=(OTHER,), loaded=frozenset({ANYTHING}) if name == "raw" else frozenset())
    if name == "alias":
        return Class(ref)
    if name in _BEGIN:
        query = replace(base, kind=_BEGIN[name])
        return replace(query, limit=-1) if name in _MANY else query
    if name in ("get", "get_or_none", "get_by_id"):
        return method(run, peewee_loading.selected(run.project, base, ()), spelled, args, keywords, spot) or UNKNOWN
    if name == "get_or_create":
        run.query(replace(base, filters=(OTHER,)), "SELECT", spot, name, blocks=waits)
        made = Container("tuple", new, items=(new, UNKNOWN))
    elif name == "create":
        run.query(base, "INSERT", spot, name, blocks=waits)
        made = new
    elif name in ("delete_by_id", "set_by_id"):
        model = model_of(run.project, ref)
        key = (model.primary_key,) if model is not None else ()
        run.query(replace(base, filters=key), "DELETE" if name[0] == "d" else "UPDATE", spot, name, blocks=waits)
    elif name in ("bulk_create", "bulk_update"):
        run.query(base, "INSERT" if name == "bulk_create" else "UPDATE", spot, name, blocks=waits, bulk=True)
    return made if waits else Awaitable(made)


# Queries ---------------------------------------------------------------------------------------------------


def method(
    run: Run, rows: Rows, spelled: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> Value | None:
    """A method of a query; None when it is none that is known."""
    name = method_name(spelled)
    waits = spelled == name
    project = run.project
    new = replace(rows, kind="query", fresh=run.now) if rows.kind == "related" else rows
    if name in ("where", "filter"):
        found = [OTHER] if name == "filter" else terms.columns(project, rows.model, args, "")
        return replace(_narrowed(new, rows), filters=together(rows.filters, found))
    if name in JOINS:
        source = next((p.ref for p in parts(args[0]) if isinstance(p, Class)), "") if name == "join_from" else ""
        rest = args[1:] if name == "join_from" else args
        return replace(peewee_loading.joined(project, new, rest, keywords, source), cached=False)
    if name == "switch":
        return peewee_loading.switched(new, args)
    if name in ("select", "select_extend", "columns"):
        return peewee_loading.selected(project, new, args) if rows.kind in ("query", "related") else rows
    if name in PLAIN:
        return replace(new, plain=True)
    if name == "limit":
        few = next((a.value for a in args if isinstance(a, Const) and isinstance(a.value, int)), 0)
        return replace(new, limit=few) if rows.limit >= 0 else rows
    if name == "paginate":
        size = next((a.value for a in args[1:2] if isinstance(a, Const) and isinstance(a.value, int)), _PAGE)
        return replace(new, limit=size)
    if name in SAME:
        return new
    if name in _RELATED_CHANGES and rows.kind == "related":
        run.query(rows, _RELATED_CHANGES[name], spot, name)
        return UNKNOWN
    ran = _run(run, rows, name, args, spot, waits=waits)
    return ran if ran is None or waits else Awaitable(ran)


def _narrowed(new: Rows, rows: Rows) -> Rows:
    """Rows that a prefetch gave are a list: there is no asking them again, so whatever this is asks nothing of them."""
    return replace(new, cached=False) if not rows.cached else new


def _run(run: Run, rows: Rows, name: str, args: Sequence[Value], spot: Spot, *, waits: bool) -> Value | None:
    """A method that sends a query."""
    if rows.kind in _VERBS and name == "execute":
        run.query(rows, _VERBS[rows.kind], spot, rows.kind, blocks=waits, bulk=rows.limit < 0)
        return UNKNOWN
    if name == "prefetch":
        return prefetch(run, rows, args, spot, waits=waits)
    if name == "execute":
        run.query(rows, "SELECT", spot, name, blocks=waits)
        return replace(rows, kind="list", fresh=run.now)
    if name in ASKS:
        if rows.kind == "list" or rows.cached:
            return UNKNOWN
        if name == "count":
            run.counted_rows(rows, spot)
        if rows.kind == "related" and django_rows.missing(run, rows, spot, name, blocks=waits):
            return UNKNOWN
        run.query(rows, "SELECT", spot, name, blocks=waits)
        return UNKNOWN
    if name in ONE:
        if rows.kind == "list":
            return row_of(rows, run.now)
        model = model_of(run.project, rows.model)
        found = [] if name in ("first", "peek", "last") else list(terms.columns(run.project, rows.model, args, ""))
        if name == "get_by_id" and model is not None:
            found = [model.primary_key]
        run.query(replace(rows, filters=together(rows.filters, found)), "SELECT", spot, name, blocks=waits)
        if rows.plain:
            return UNKNOWN
        base = rows if rows.origin is not None and rows.origin.spot else replace(rows, origin=Origin(spot, ""))
        return row_of(replace(base, path=""), run.now)
    return None


def prefetch(run: Run, rows: Rows, args: Sequence[Value], spot: Spot, *, waits: bool = True) -> Rows:
    """`prefetch(query, …)`: as many queries as there are arguments, now; what it gives is in memory."""
    run.query(rows, "SELECT", spot, "prefetch", blocks=waits)
    return replace(peewee_loading.prefetched(run.project, rows, args), kind="list", fresh=run.now)


def row_of(rows: Rows, fresh: int) -> Value:
    return UNKNOWN if rows.plain or not rows.model else django_rows.row_of(rows, fresh)


# Rows ------------------------------------------------------------------------------------------------------


def relation_value(run: Run, row: Row, relation: Relation, spot: Spot) -> Value:
    """Read a relation of a row: what it is, and the query it costs when it is not in memory."""
    name = relation.name
    unknown = ANYTHING in row.loaded
    present = name in row.loaded
    path = f"{row.path}.{name}" if row.path else name
    if relation.kind == "many":
        known = below(row.loaded, name) if present or unknown else frozenset()
        return Rows(
            relation.target,
            "related",
            known,
            row.origin if present or unknown else Origin(spot, ""),
            path if present else "",
            fresh=row.fresh,
            cached=present or unknown,
            filters=relation.filters or (NARROW,),
            relation=name,
            parent=None if unknown else row,
            dialect=DIALECT,
        )
    if relation.eager == "never":
        return UNKNOWN  # `lazy_load=False`: the attribute is the key
    keyless = row.only is not None and relation.column not in row.only
    if not present and not unknown and not keyless:
        run.load(row, relation, spot)
    if not relation.target:
        return UNKNOWN
    return Row(relation.target, below(row.loaded, name), row.origin, path, None, (), row.fresh)


def on_row(run: Run, row: Row, spelled: str, spot: Spot) -> Value:
    """`save()` and `delete_instance()`."""
    name = method_name(spelled)
    new = row.origin is not None and row.origin.text == MADE
    verb = "DELETE" if name == "delete_instance" else "INSERT" if new else "UPDATE"
    rows = Rows(row.model, "query", frozenset(), row.origin, row.path, dialect=DIALECT)
    run.query(rows, verb, spot, name, blocks=spelled == name)
    return UNKNOWN if spelled == name else Awaitable(UNKNOWN)
