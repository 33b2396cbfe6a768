"""What Django's querysets, managers and instances do: which calls build, which run, which relations they load.

Source: docs.djangoproject.com, "QuerySet API reference" and "Database access optimization".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..facts import ir
from ..project.conditions import NARROW, NOT, marked, together
from ..project.frozen import replace
from ..project.loaders import ever_loaded
from ..project.schema import Column, Relation, model_of, relation_of
from ..project.shapes import keeps
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    COMPUTED,
    EMPTY,
    NAMED,
    UNKNOWN,
    Awaitable,
    Const,
    Container,
    Function,
    Origin,
    Row,
    Rows,
    Spot,
    Value,
    below,
    empty,
)
from . import django_costs, django_joins, django_loading, django_managers, django_order
from .django_lookups import conditions

if TYPE_CHECKING:
    from ..project.run import Run

FILTERS = {"filter", "exclude", "complex_filter"}
SAME = {
    "all", "order_by", "distinct", "annotate", "alias", "extra", "reverse", "using", "select_for_update", "none",
    "union", "intersection", "difference", "iterator", "aiterator", "as_manager", "db_manager", "get_queryset",
    "dates", "datetimes", "raw",
}  # fmt: skip
ONE = {"get", "first", "last", "latest", "earliest", "aget", "afirst", "alast", "alatest", "aearliest"}
ASKS = {"count", "exists", "aggregate", "in_bulk", "contains", "explain", "acount", "aexists", "aaggregate", "ain_bulk"}
CREATES = {"create", "get_or_create", "update_or_create", "acreate", "aget_or_create", "aupdate_or_create"}
BULK = {"bulk_create", "bulk_update", "abulk_create", "abulk_update"}
CHANGES = {"update", "delete", "aupdate", "adelete", "_raw_delete"}
RELATED_CHANGES = {"add", "remove", "clear", "set", "aadd", "aremove", "aclear", "aset"}
SAVES = {"save", "delete", "asave", "adelete"}
PLAIN = {"values", "values_list"}
CACHED = {"all", "count", "exists", "contains", "acount", "aexists", "acontains"}  # answered from a prefetch
_FIRST = {"first", "afirst"}  # as well, when the rows have an order
_NARROWS = {"select_related", "prefetch_related", "only", "defer"}
BUILDS = FILTERS | SAME | PLAIN | _NARROWS
_OF_ITS_ROWS = {"first", "last", "contains", "iterator", "afirst", "alast"}
_BACK_HOPS = 2  # paths of relations that a row is told of its parent
ANEW = (FILTERS | SAME | ASKS | CHANGES | BULK | CREATES | PLAIN | ONE | _NARROWS) - _OF_ITS_ROWS
"""Methods that neither fetch nor use the rows of the queryset itself."""
FRESH_ROWS = {"refresh_from_db", "arefresh_from_db"}
KNOWN = FILTERS | SAME | ONE | ASKS | CREATES | BULK | CHANGES | PLAIN | _NARROWS


def row_of(rows: Rows, fresh: int) -> Row:
    aliases = django_loading.of_rows(rows.aliases)
    return Row(rows.model, rows.loaded, rows.origin, rows.path, rows.only, aliases, fresh, rows.implied)


def relation_value(run: Run, row: Row, relation: Relation, spot: Spot, how: str = "relation") -> Value:
    """Read a relation of a row: what it is, and the query it costs when it is not in memory."""
    name = relation.name
    told = ANYTHING in row.loaded and ever_loaded(run.project, name)
    if COMPUTED in row.loaded and relation.kind == "generic":
        told = False  # no class declares what code reads through it
    unknown = told or (ANYTHING in row.loaded and ASSIGNED in row.loaded)
    present = name in row.loaded or relation.eager == "always"
    if relation.kind in ("many", "generic-many"):
        cached = present or unknown
        # Rows of a reverse foreign key know their parent: Django sets it on each
        back = relation.back and relation.kind == "many" and relation.filters
        known = _back_to(row, relation) if back else frozenset()
        origin = row.origin if present else None
        path = f"{row.path}.{name}" if row.path else name
        filled = next((held for key, held in row.aliases if key == f"={name}"), None)  # by a Prefetch of its own
        base = filled or django_managers.default_rows(run.project, relation.target)
        further = below(below(row.loaded, name), relation.back)  # what the prefetch of a child's parent loaded is here
        parent = (
            {relation.back: replace(row, loaded=row.loaded | further, only=None, aliases=_given(row))} if known else {}
        )
        return Rows(
            relation.target,
            "related",
            (below(row.loaded, name) if cached else frozenset()) | known | (base.loaded if base else frozenset()),
            row.origin if cached else Origin(spot, ""),
            path if origin is not None else "",
            only=base.only if base else None,
            aliases=(base.aliases if base else ()) + django_loading.nested(row.aliases, name) + tuple(parent.items()),
            fresh=row.fresh,
            cached=cached,
            filters=relation.filters or (NARROW,),
            order=base.order if base else (),
            implied=django_loading.missing_key(run, relation.target, relation.filters, base.only if base else None),
            relation=name,
            parent=None if unknown else row,
        )
    if not present and not unknown:
        run.load(row, relation, spot, how)
        row = replace(row, loaded=row.loaded | {name})
    if not relation.target:
        return UNKNOWN
    path = f"{row.path}.{name}" if row.path else name
    one_to_one = relation.back and "reverse-one" in (relation.kind, relation.back_kind)
    known = _back_to(row, relation) if one_to_one else frozenset()
    aliases = django_loading.nested(row.aliases, name)
    return Row(relation.target, below(row.loaded, name) | known, row.origin, path, None, aliases, row.fresh)


def _given(row: Row) -> tuple[tuple[str, Value], ...]:
    """The annotations of a row."""
    return tuple((name, held) for name, held in row.aliases if held == UNKNOWN and name[:1] not in ("*", "="))


def _back_to(row: Row, relation: Relation) -> frozenset[str]:
    """What a row knows that was reached from its only counterpart: that one, and what is loaded there."""
    loaded = (p for p in row.loaded if p.count(".") < _BACK_HOPS and p not in (ANYTHING, ASSIGNED, COMPUTED, NAMED))
    return frozenset({relation.back, *(f"{relation.back}.{p}" for p in loaded)})


def column_value(run: Run, row: Row, column: Column, spot: Spot) -> Value:
    """Read a column: a query when `only()` or `defer()` left it out."""
    if row.only is not None and column.name not in row.only and not column.primary and ANYTHING not in row.loaded:
        run.load(row, Relation(column.name, "column", row.model, column.spot), spot, "column")
    return UNKNOWN


def method(
    run: Run, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> Value | None:
    """A method of a manager or queryset."""
    if name not in KNOWN and name not in RELATED_CHANGES:
        return None
    if rows.kind == "manager":
        rows = django_managers.started(run, rows, spot)
    if name in RELATED_CHANGES and rows.kind == "related":
        run.query(rows, "INSERT" if name in ("add", "set", "aadd", "aset") else "DELETE", spot, name)
        return UNKNOWN
    again = rows.kind == "related" and rows.cached
    if again and name in _FIRST and _ordered(run, rows):
        return row_of(rows, run.now)
    if again and rows.parent is not None and name in (ONE | ASKS) - CACHED:
        rows = replace(rows, asked=spot)
    if name in FILTERS or name in PLAIN or name == "order_by":
        return filtered(run, rows, name, args, keywords, spot)
    if name in ("select_related", "prefetch_related"):
        rows = filtered(run, rows, "filter", (), {}, spot) if again else rows
    if name == "select_related":
        return django_loading.joined(run.project, rows, args)
    if name == "prefetch_related":
        return django_loading.prefetched(rows, args)
    if name == "none":
        rows = django_loading.remarked(rows, EMPTY, Const(True))
        return replace(rows, kind="query", cached=False, limit=1, fresh=run.now)
    if name in ONE | ASKS and empty(rows):
        return UNKNOWN
    if name in ("only", "defer"):
        if rows.kind == "related":
            rows = filtered(run, rows, "filter", (), {}, spot)
        return django_loading.narrowed(run, rows, name, args)
    if name in SAME:
        rows = _marked(run, rows, name, args, keywords, spot)
        if again and name != "all":
            return replace(rows, kind="query", cached=False, asked=spot if rows.parent is not None else None)
        if again:
            return rows
        if rows.kind == "related" and name == "all":
            return rows
        return replace(rows, kind="query" if rows.kind == "manager" else rows.kind, fresh=run.now)
    if name in ONE:
        asked = replace(rows, filters=together(rows.filters, _compared(run, rows, name, args, keywords)))
        run.taken(rows)
        locked = django_loading.remark(rows, django_loading.LOCKED) is not None
        fields = django_order.named(run, args) if name.removeprefix("a") in ("latest", "earliest") else ()
        order, limit = django_order.asked(run.project, rows, name, fields)
        blocks = not name.startswith("a") or name == "all"
        run.query(asked, "SELECT", spot, name, order=order, limit=limit, blocks=blocks, meant=locked)
        if rows.plain:
            return Awaitable(UNKNOWN) if name.startswith("a") else UNKNOWN
        base = rows if rows.origin is not None and rows.origin.spot else replace(rows, origin=Origin(spot, ""))
        row = row_of(replace(base, origin=base.origin if not again else Origin(spot, ""), path=""), run.now)
        return Awaitable(row) if name.startswith("a") and name != "all" else row
    if name in ASKS:
        if name in CACHED and (again or rows.kind == "list"):
            return UNKNOWN
        if name in ("count", "acount"):
            run.counted_rows(rows, spot)
        if (
            name in ("count", "exists", "acount", "aexists")
            and rows.kind == "related"
            and missing(run, rows, spot, name.lstrip("a"), blocks=name[0] != "a")
        ):
            return UNKNOWN
        end = django_order.extreme(run) if name in ("aggregate", "aaggregate") and not rows.order else ()
        order, limit = django_order.asked(run.project, replace(rows, order=end), "first" if end else name)
        run.query(rows, "SELECT", spot, name, order=order, limit=limit, blocks=not name.startswith("a"))
        if name in ("in_bulk", "ain_bulk"):
            made = Container("dict", UNKNOWN, row_of(rows, run.now))
            return Awaitable(made) if name[0] == "a" else made
        return UNKNOWN
    return changed(run, rows, name, args, keywords, spot)


def _ordered(run: Run, rows: Rows) -> bool:
    """Whether rows in memory have an order: only then does `first()` take the first of them."""
    model = model_of(run.project, rows.model)
    return rows.order != (django_order.NONE,) and bool(rows.order or (model is not None and model.ordering))


def _marked(run: Run, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Rows:
    """What a step that keeps the rows says of the query."""
    if name in ("dates", "datetimes"):
        return replace(rows, plain=True)
    if name == "reverse":
        model = model_of(run.project, rows.model)
        return replace(rows, order=django_order.reversed_order(rows.order or (model.ordering if model else ())))
    if name == "select_for_update":
        return django_loading.remarked(rows, django_loading.LOCKED, Const(True))
    if name in ("annotate", "alias", "extra", "distinct"):
        before = rows
        if name == "distinct":
            rows = django_loading.remarked(rows, django_loading.DISTINCT, Const(True))
        else:
            rows = django_loading.annotated(run.project, rows, name, args, keywords)
        django_joins.observe(run, before, rows, spot)
    return rows


def changed(run: Run, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value:
    """create, update, delete and their bulk forms."""
    blocks = not name.startswith("a")
    new = Row(rows.model, frozenset({ANYTHING, ASSIGNED}), Origin(spot, ""), fresh=run.now)
    if name in CREATES:
        found = conditions(run.project, rows.model, (), keywords) if "or" in name.split("_") else ()
        run.query(rows, "SELECT" if "get_or" in name else "INSERT", spot, name, filters=found, blocks=blocks)
        made: Value = Container("tuple", new, items=(new, UNKNOWN)) if "or" in name.split("_") else new
        return made if blocks else Awaitable(made)
    if name in BULK:
        run.query(rows, "INSERT" if "create" in name else "UPDATE", spot, name, blocks=blocks, bulk=True)
        return Container("list", new)
    run.query(rows, "UPDATE" if "update" in name else "DELETE", spot, name, blocks=blocks)
    return UNKNOWN


def filtered(run: Run, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Rows:
    """filter, exclude, values, order_by: a new query; asks again when the relation was prefetched."""
    new = replace(rows, kind="query", cached=False)
    if rows.kind == "related" and rows.cached:
        kept = new.loaded & {r for r in new.loaded if "." not in r and r != ANYTHING and _back(run, rows) == r}
        new = replace(new, loaded=kept, origin=Origin(spot, ""), path="", fresh=run.now)
        if rows.parent is not None:
            new = replace(new, asked=spot)
    elif rows.kind in ("related", "manager", "query"):
        new = replace(new, fresh=run.now)
    if name in FILTERS:
        django_costs.compared(run, rows.model, keywords)
        found = conditions(run.project, rows.model, args, keywords)
        new = replace(new, filters=together(new.filters, marked(found, NOT) if name == "exclude" else found))
        if args and name == "filter":
            django_costs.filtered(run, rows, new, args, spot)
        return new
    if name in PLAIN:
        return replace(new, plain=True)
    order = django_order.named(run, args)
    if order == (django_order.RANDOM,):
        run.wasteful("random", new, spot)
    return replace(new, order=order or (django_order.NONE,))


def _compared(run: Run, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value]) -> list[str]:
    """What get() compares; the arguments of the others are columns to sort by."""
    return conditions(run.project, rows.model, args, keywords) if name in ("get", "aget") else []


def _back(run: Run, rows: Rows) -> str:
    """The name by which rows of a related manager know their parent."""
    if rows.parent is None:
        model = model_of(run.project, rows.model) if rows.relation else None
        own = model.relations if model is not None else ()
        return next((r.name for r in own if r.back == rows.relation and r.name in rows.loaded), "")
    relation = relation_of(run.project, rows.parent.model, rows.relation)
    return relation.back if relation is not None else ""


def evaluate(run: Run, rows: Rows, spot: Spot, how: str = "iteration") -> None:
    """A queryset's rows are fetched: once per queryset, not at all when a prefetch has them."""
    if rows.kind == "list" or (rows.kind == "related" and rows.cached) or empty(rows):
        return
    if rows.kind == "related" and missing(run, rows, spot, blocks=not run.awaiting):
        return
    order, limit = django_order.asked(run.project, rows, how)
    run.query(rows, "SELECT", spot, how, order=order, limit=limit, per_evaluation=rows.kind != "related")


def missing(run: Run, rows: Rows, spot: Spot, how: str = "relation", *, blocks: bool = True) -> bool:
    """Record that a related manager's rows were not prefetched; False when its parent row is not known. `how`: which
    method asked; `blocks`: in a way that holds up an event loop."""
    relation = relation_of(run.project, rows.parent.model, rows.relation) if rows.parent is not None else None
    if rows.parent is None or relation is None or rows.origin is None:
        return False
    here = rows.origin.spot
    if rows.parent.fresh < run.now:  # not another row in each round: the same rows are asked for again
        return False
    spot = here if here is not None and here.owner == run.owner else spot
    order, limit = django_order.asked(run.project, rows, how if how != "truth" else "relation")
    run.load(rows.parent, relation, spot, how, order=order, limit=limit, blocks=blocks)
    return True


def custom(
    run: Run, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> Value | None:
    """A method that the project's own manager or queryset class adds."""
    for owner in filter(None, rows.owner.split("|")):
        member = run.project.lookup(owner, name)
        if member is not None and member.kind == "function":
            ref = Function(f"{member.owner}.{name}", rows)
            returned = run.call_function(ref, args, keywords, spot)
            if isinstance(returned, Rows) and not returned.model:  # made of the queryset class: `QS(self.model)`
                returned = replace(returned, model=rows.model, fresh=run.now, origin=Origin(spot, ""))
            inside = isinstance(returned, Row | Rows) and returned.model == rows.model and not _is_here(run, returned)
            defined = run.project.function(ref.ref) if inside else None
            if defined is not None and keeps(defined.core[ir.C_BODY]):
                inside = False  # the rows may come from a cache
            if inside and isinstance(returned, Row | Rows):  # whoever calls the method asks, not the method
                begun = rows.kind != "manager" and rows.origin is not None and rows.origin.spot is not None
                returned = replace(returned, origin=rows.origin if begun else Origin(spot, ""))
            if isinstance(returned, Rows) and not returned.owner:
                return replace(returned, owner=rows.owner)
            return returned
    return None


def _is_here(run: Run, value: Row | Rows) -> bool:
    """Whether rows were asked for in the function being interpreted, or are those that it was given."""
    spot = value.origin.spot if value.origin is not None else None
    return spot is None or spot.owner == run.owner
