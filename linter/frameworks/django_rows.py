"""What Django's querysets, managers and instances do: which calls build, which run, which relations they load.

Source: docs.djangoproject.com, "QuerySet API reference" and "Database access optimization".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..project.conditions import NARROW, NOT, marked, together
from ..project.loaders import ever_loaded
from ..project.schema import Column, Relation, model_of, relation_of
from ..project.summaries import summary
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    COMPUTED,
    NAMED,
    UNKNOWN,
    Awaitable,
    Const,
    Container,
    ExternalInstance,
    Function,
    Origin,
    Row,
    Rows,
    Spot,
    Value,
    below,
)
from .django_lookups import conditions

if TYPE_CHECKING:
    from ..project.run import Run

FILTERS = {"filter", "exclude", "complex_filter"}
SAME = {
    "all", "order_by", "distinct", "annotate", "alias", "extra", "reverse", "using", "select_for_update", "none",
    "union", "intersection", "difference", "iterator", "aiterator", "as_manager", "db_manager", "get_queryset",
    "dates", "datetimes",
}  # fmt: skip
ONE = {"get", "first", "last", "latest", "earliest", "aget", "afirst", "alast", "alatest", "aearliest"}
ASKS = {"count", "exists", "aggregate", "in_bulk", "contains", "explain", "acount", "aexists", "aaggregate", "ain_bulk"}
CREATES = {"create", "get_or_create", "update_or_create", "acreate", "aget_or_create", "aupdate_or_create"}
BULK = {"bulk_create", "bulk_update", "abulk_create", "abulk_update"}
CHANGES = {"update", "delete", "aupdate", "adelete", "_raw_delete"}
RELATED_CHANGES = {"add", "remove", "clear", "set", "aadd", "aremove", "aclear", "aset"}
SAVES = {"save", "delete", "asave", "adelete"}
PLAIN = {"values", "values_list"}
CACHED = {"all", "count", "exists", "acount", "aexists"}  # answered from a prefetch
_NARROWS = {"select_related", "prefetch_related", "only", "defer"}
_OF_ITS_ROWS = {"first", "last", "contains", "iterator", "afirst", "alast"}
_BACK_HOPS = 2  # paths of relations that a row is told of its parent
ANEW = (FILTERS | SAME | ASKS | CHANGES | BULK | CREATES | PLAIN | ONE | _NARROWS) - _OF_ITS_ROWS
"""Methods that neither fetch nor use the rows of the queryset itself."""
FRESH_ROWS = {"refresh_from_db", "arefresh_from_db"}
KNOWN = FILTERS | SAME | ONE | ASKS | CREATES | BULK | CHANGES | PLAIN | _NARROWS | {"raw"}


def prefixes(path: str) -> set[str]:
    """`a__b__c` → {"a", "a.b", "a.b.c"}."""
    parts = path.split("__")
    return {".".join(parts[: i + 1]) for i in range(len(parts))}


def row_of(rows: Rows, fresh: int) -> Row:
    return Row(rows.model, rows.loaded, rows.origin, rows.path, rows.only, rows.aliases, fresh, rows.implied)


def manager(model: str, spot: Spot, owner: str = "", *, fresh: int = 0) -> Rows:
    return Rows(model, "manager", origin=Origin(spot, ""), owner=owner, fresh=fresh)


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
        return Rows(
            relation.target,
            "related",
            (below(row.loaded, name) if cached else frozenset()) | known,
            row.origin if cached else Origin(spot, ""),
            path if origin is not None else "",
            fresh=row.fresh,
            cached=cached,
            filters=relation.filters or (NARROW,),
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
    return Row(relation.target, below(row.loaded, name) | known, row.origin, path, None, (), row.fresh)


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
        rows = started(run, rows, spot)
    if name in RELATED_CHANGES and rows.kind == "related":
        run.query(rows, "INSERT" if name in ("add", "set", "aadd", "aset") else "DELETE", spot, name)
        return UNKNOWN
    again = rows.kind == "related" and rows.cached
    if again and rows.parent is not None and name in (ONE | ASKS) - CACHED:
        rows = replace(rows, asked=spot)
    if name in FILTERS or name in PLAIN or name == "order_by":
        return filtered(run, rows, name, args, keywords, spot)
    if name in ("select_related", "prefetch_related"):
        base = filtered(run, rows, "filter", (), {}, spot) if again else rows
        return loading(base, name, args, keywords)
    if name == "none":
        return replace(rows, kind="query", cached=False, limit=1, fresh=run.now)
    if name in ("only", "defer"):
        return narrowed(run, rows, name, args, spot)
    if name in SAME:
        if again and name != "all":
            return replace(rows, kind="query", cached=False, asked=spot if rows.parent is not None else None)
        if again:
            return rows
        if rows.kind == "related" and name == "all":
            return rows
        return replace(rows, kind="query" if rows.kind == "manager" else rows.kind, fresh=run.now)
    if name in ONE:
        asked = replace(rows, filters=together(rows.filters, _compared(run, rows, name, args, keywords)))
        run.query(asked, "SELECT", spot, name, blocks=not name.startswith("a"))
        base = rows if rows.origin is not None and rows.origin.spot else replace(rows, origin=Origin(spot, ""))
        row = row_of(replace(base, origin=base.origin if not again else Origin(spot, ""), path=""), run.now)
        return Awaitable(row) if name.startswith("a") and name != "all" else row
    if name in ASKS:
        if name in CACHED and (again or rows.kind == "list"):
            return UNKNOWN
        if name in ("count", "acount"):
            run.counted_rows(rows, spot)
        if name in ("count", "exists", "acount", "aexists") and rows.kind == "related" and missing(run, rows, spot):
            return UNKNOWN
        run.query(rows, "SELECT", spot, name, blocks=not name.startswith("a"))
        if name in ("in_bulk", "ain_bulk"):
            made = Container("dict", UNKNOWN, row_of(rows, run.now))
            return Awaitable(made) if name[0] == "a" else made
        return UNKNOWN
    return changed(run, rows, name, args, keywords, spot)


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


def started(run: Run, rows: Rows, spot: Spot) -> Rows:
    """A query begun on a manager: what the manager's own `get_queryset` loads and filters."""
    base = replace(rows, kind="query", origin=Origin(spot, ""), fresh=run.now)
    if not rows.owner or rows.owner == run.cls:
        return base
    member = run.project.lookup(rows.owner, "get_queryset")
    if member is None:
        return base
    result = summary(run.project, f"{member.owner}.get_queryset", (replace(rows, origin=None, fresh=0),)).returns
    if isinstance(result, Rows) and result.model == rows.model:
        return replace(base, loaded=result.loaded, only=result.only, filters=result.filters, aliases=result.aliases)
    return base


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
        found = conditions(run.project, rows.model, args, keywords)
        return replace(new, filters=together(new.filters, marked(found, NOT) if name == "exclude" else found))
    if name in PLAIN:
        return replace(new, plain=True)
    order = tuple(a.value for a in args if isinstance(a, Const) and isinstance(a.value, str))
    return replace(new, order=order)


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


def loading(rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value]) -> Rows:
    """select_related and prefetch_related add paths; without arguments or with None they do as documented."""
    if name == "select_related" and not args:
        return replace(rows, loaded=rows.loaded | {ANYTHING})  # every non-null forward relation
    if any(isinstance(a, Const) and a.value is None for a in args):
        return replace(rows, loaded=frozenset())
    loaded, aliases = set(rows.loaded), list(rows.aliases)
    for argument in args:
        if isinstance(argument, Const) and isinstance(argument.value, str):
            loaded |= prefixes(argument.value)
        elif isinstance(argument, ExternalInstance) and argument.cls.startswith("prefetch:"):
            pass
        elif isinstance(argument, Container) and argument.kind == "prefetch":
            path = argument.value.value if isinstance(argument.value, Const) else ""
            inner = argument.of
            alias = argument.items[0].value if argument.items and isinstance(argument.items[0], Const) else ""
            if alias:
                target = replace(inner, kind="list") if isinstance(inner, Rows) else UNKNOWN
                head = str(path).rpartition("__")[0]
                if head:
                    loaded |= prefixes(head) | {f"{head.replace('__', '.')}.{alias}"}
                aliases.append((str(alias), target))
                continue
            loaded |= prefixes(str(path))
            if isinstance(inner, Rows):
                loaded |= {f"{str(path).replace('__', '.')}.{p}" for p in inner.loaded}
        else:
            loaded |= {ANYTHING, COMPUTED}
    return replace(rows, loaded=frozenset(loaded), aliases=tuple(aliases))


def narrowed(run: Run, rows: Rows, name: str, args: Sequence[Value], spot: Spot) -> Rows:
    """only and defer: which columns stay in memory.

    Django reads the foreign key of every row of a reverse manager, to set its parent: without it, once more per row.
    """
    if rows.kind == "related":
        rows = filtered(run, rows, "filter", (), {}, spot)
    model = model_of(run.project, rows.model)
    names = {a.value for a in args if isinstance(a, Const) and isinstance(a.value, str)}
    if model is None or len(names) != len(args):
        return rows
    every = {c.name for c in model.columns}
    plain = {n for n in names if "__" not in n}
    with_ids = plain | {f"{n}_id" for n in plain}
    if name == "only":
        kept = frozenset(with_ids | {model.primary_key})
    else:
        kept = frozenset((every if rows.only is None else rows.only) - with_ids)
    key = model.column(rows.filters[0].partition(":")[0]) if rows.relation and rows.filters else None
    implied = (key.name,) if key is not None and key.foreign_key and key.name not in kept else ()
    return replace(rows, only=kept, implied=implied)


def evaluate(run: Run, rows: Rows, spot: Spot, how: str = "iteration") -> None:
    """A queryset's rows are fetched: once per queryset, not at all when a prefetch has them."""
    if rows.kind == "list" or (rows.kind == "related" and rows.cached):
        return
    if rows.kind == "related" and missing(run, rows, spot):
        return
    run.query(rows, "SELECT", spot, how, per_evaluation=rows.kind != "related")


def missing(run: Run, rows: Rows, spot: Spot) -> bool:
    """Record that a related manager's rows were not prefetched; False when its parent row is not known."""
    relation = relation_of(run.project, rows.parent.model, rows.relation) if rows.parent is not None else None
    if rows.parent is None or relation is None or rows.origin is None:
        return False
    here = rows.origin.spot
    if rows.parent.fresh < run.now:  # not another row in each round: the same rows are asked for again
        return False
    run.load(rows.parent, relation, here if here is not None and here.owner == run.owner else spot)
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
            if isinstance(returned, Rows) and not returned.owner:
                return replace(returned, owner=rows.owner)
            return returned
    return None
