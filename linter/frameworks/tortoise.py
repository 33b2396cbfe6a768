"""Tortoise ORM, as the interpreter asks it: models, querysets that run when they are awaited, relations of rows.

A queryset is `Rows` of dialect "tortoise"; with the remark `ONE` it is for one row (`get()`, `first()`, a foreign key
that is not in memory). Lookups and loaders are spelled as Django's are, so its modules read them.
Source: tortoise.github.io, "Query API" and "Models", The `await`-ing of relations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..project.conditions import NARROW, NOT, marked, together
from ..project.effects import LOAD, WRITE, Effect
from ..project.frozen import replace
from ..project.schema import Model, Relation, model_of, relation_of
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    MADE,
    UNKNOWN,
    Awaitable,
    Bound,
    Class,
    Const,
    Container,
    External,
    ExternalInstance,
    Origin,
    Row,
    Rows,
    Spot,
    Value,
    below,
    parts,
)
from . import django_loading, django_lookups, django_rows, tortoise_models
from .base import Arguments, Framework, Keywords

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

DIALECT = "tortoise"
ONE = "*one"
_SAME = {
    "all", "order_by", "offset", "distinct", "annotate", "group_by", "using_db", "select_for_update", "only",
    "force_index", "use_index", "raw", "resolve_ordering",
}  # fmt: skip
_FILTERS = {"filter", "exclude"}
_PLAIN = {"values", "values_list"}
_ONE = {"get", "get_or_none", "first", "last", "latest", "earliest"}
_CREATES = {"create", "get_or_create", "update_or_create"}
_BULK = {"bulk_create", "bulk_update"}
_ASKS = {"count", "exists", "in_bulk", "explain"}
_CHANGES = {"update", "delete"}
_LOADS = {"prefetch_related", "select_related"}
_LINKS = {"add": "INSERT", "remove": "DELETE", "clear": "DELETE"}
_ON_CLASS = _SAME | _FILTERS | _ONE | _CREATES | _BULK | _ASKS | {"exclude", "fetch_for_list"}
_ON_ROW = {"save", "delete", "refresh_from_db", "fetch_related"}
_TRANSACTION = "tortoise.transactions.in_transaction"


def _is(project: Project, ref: str) -> bool:
    model = model_of(project, ref) if ref else None
    return model is not None and model.dialect == DIALECT


class Tortoise(Framework):
    name = "tortoise"
    attributes_of = (Rows, Class, Row, External)
    calls_of = (Class, External, Bound)

    def is_model(self, project: Project, info: ClassInfo) -> bool:
        return tortoise_models.is_model(project, info)

    def model(self, project: Project, info: ClassInfo) -> Model | None:
        return tortoise_models.model(project, info)

    # Attributes -------------------------------------------------------------------------------------------

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if isinstance(value, Rows) and value.dialect == DIALECT:
            return Bound(value, name)
        if isinstance(value, Class) and name in _ON_CLASS and _is(run.project, value.ref):
            return Bound(value, name) if run.project.lookup(value.ref, name) is None else None
        if isinstance(value, Row) and _is(run.project, value.model):
            held = next((v for k, v in value.aliases if k == name), None)
            if held is not None:
                return django_loading.held_value(value, name, held)
            relation = relation_of(run.project, value.model, name)
            if relation is not None:
                return _relation(value, relation, spot)
            model = model_of(run.project, value.model)
            if model is not None and (model.column(name) is not None or name == "pk"):
                return UNKNOWN
            return Bound(value, name) if name in _ON_ROW else None
        if isinstance(value, External) and value.name == "builtins.super" and name in _ON_CLASS | _ON_ROW:
            of = value.of
            ref = of.ref if isinstance(of, Class) else of.model if isinstance(of, Row) else ""
            if _is(run.project, ref) and run.project.lookup(ref, name, after=run.cls) is None:
                return Bound(of, name) if isinstance(of, Class) else UNKNOWN
        return None

    # Calls ------------------------------------------------------------------------------------------------

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Class) and _is(run.project, callee.ref):
            return Row(callee.ref, frozenset({ANYTHING, ASSIGNED}), Origin(spot, MADE), fresh=run.now)
        if isinstance(callee, External) and callee.name.startswith("tortoise."):
            last = callee.name.rpartition(".")[2]
            if last == "Q":
                joined = keywords.get("join_type")
                given = {k: v for k, v in keywords.items() if k != "join_type"}
                return django_lookups.q_object(args, {**given, "_connector": joined} if joined else given)
            if last == "Prefetch" and args:
                alias = keywords.get("to_attr", args[2] if len(args) > 2 else None)
                inner = keywords.get("queryset", args[1] if len(args) > 1 else UNKNOWN)
                return Container("prefetch", inner, args[0], items=(alias,) if alias is not None else ())
            return ExternalInstance(_TRANSACTION) if last == "in_transaction" else None
        if not isinstance(callee, Bound):
            return None
        of, name = callee.of, callee.name
        if isinstance(of, Class) and name in _ON_CLASS and _is(run.project, of.ref):
            begun = Rows(of.ref, "query", origin=Origin(spot, ""), fresh=run.now, dialect=DIALECT)
            return _method(run, begun, name, args, keywords, spot)
        if isinstance(of, Rows) and of.dialect == DIALECT:
            return _method(run, of, name, args, keywords, spot)
        if isinstance(of, Row) and name in _ON_ROW and _is(run.project, of.model):
            return _on_row(run, of, name, args, spot)
        return None

    # Evaluation -------------------------------------------------------------------------------------------

    def awaited(self, run: Run, value: Value, spot: Spot) -> Value | None:
        if not isinstance(value, Rows) or value.dialect != DIALECT:
            return None
        if django_loading.remark(value, ONE) is not None:
            relation = relation_of(run.project, value.parent.model, value.relation) if value.parent else None
            if relation is not None and value.parent is not None:
                run.load(value.parent, relation, spot, blocks=False)
            return _row_of(value, value.fresh)
        _evaluate(run, value, spot)
        return replace(value, kind="list", fresh=run.now)

    def iterate(self, run: Run, value: Value, spot: Spot) -> Value | None:
        if not isinstance(value, Rows) or value.dialect != DIALECT:
            return None
        if run.awaiting and value.kind != "list":
            _evaluate(run, value, spot)
        return _row_of(value, value.fresh)

    def item(self, run: Run, value: Rows, spot: Spot) -> Value | None:
        return _row_of(value, run.now) if value.dialect == DIALECT else None

    def enter(self, run: Run, context: object, value: Value) -> Spot | None:
        opens = isinstance(value, ExternalInstance) and value.cls == _TRANSACTION
        return run.context_spot(context) if opens else None

    # Remedies ---------------------------------------------------------------------------------------------

    def remedy(self, project: Project, effect: Effect, where: str) -> str:
        if not _is(project, effect.model):
            return ""
        name = effect.model.rpartition("::")[2].rpartition(".")[2]
        if effect.kind == LOAD:
            path = effect.path.replace(".", "__") or effect.subject
            return f'add `.prefetch_related("{path}")`{where}'
        if effect.kind == WRITE:
            if effect.query is not None and effect.query.verb == "INSERT":
                return f"collect the `{name}` objects and write them with one `{name}.bulk_create(…)`"
            if effect.query is not None and effect.query.verb == "DELETE":
                return f"delete the rows of all rounds with one `{name}.filter(….__in=…).delete()`".replace(
                    "….__", "…__"
                )
            return f"change the `{name}` objects in memory and write them with one `{name}.bulk_update(…, fields=[…])`"
        if effect.how in ("count", "exists"):
            return f"count once for all rounds: annotate the query with `Count(…)` of `{name}`"
        return f"fetch the `{name}` rows of all rounds with one `__in` filter (`in_bulk()`) before the loop, by key"


def _relation(row: Row, relation: Relation, spot: Spot) -> Value:
    """Read a relation of a row: it sends nothing until it is awaited or gone through."""
    name = relation.name
    unknown = ANYTHING in row.loaded
    present = name in row.loaded or unknown
    path = f"{row.path}.{name}" if row.path else name
    inner = below(row.loaded, name)
    aliases = django_loading.nested(row.aliases, name)
    if relation.kind != "many" and present:
        return Row(relation.target, inner, row.origin, path, None, aliases, row.fresh) if relation.target else UNKNOWN
    made = Rows(
        relation.target,
        "related",
        inner if present else frozenset(),
        row.origin if present else Origin(spot, ""),
        path if present else "",
        aliases=aliases,
        fresh=row.fresh,
        cached=present,
        filters=relation.filters or (NARROW,),
        relation=name,
        parent=None if unknown else row,
        dialect=DIALECT,
    )
    one = django_loading.remarked(replace(made, origin=row.origin, path=path), ONE, Const(True))
    return made if relation.kind == "many" else one


def _row_of(rows: Rows, fresh: int) -> Value:
    if rows.plain or not rows.model:
        return UNKNOWN
    kept = tuple((k, v) for k, v in rows.aliases if k != ONE)
    return django_rows.row_of(replace(rows, aliases=kept), fresh)


def _evaluate(run: Run, rows: Rows, spot: Spot) -> None:
    """A queryset is sent, each time anew."""
    if rows.kind == "list" or (rows.kind == "related" and rows.cached and rows.asked is None):
        return
    if rows.kind == "related" and django_rows.missing(run, rows, spot, blocks=False):
        return
    run.query(rows, "SELECT", spot, "iteration", blocks=False)


def _method(run: Run, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value:
    """A method of a queryset, of a relation of a row, or of a model class."""
    new = replace(rows, kind="query", cached=False, fresh=run.now)
    if rows.kind == "related" and rows.cached and name not in _LINKS:
        new = replace(new, loaded=frozenset(), origin=Origin(spot, ""), path="")
        new = replace(new, asked=spot if rows.parent is not None else None)
    elif rows.kind == "related" and name == "all":
        new = rows
    if name in _FILTERS:
        found = django_lookups.conditions(run.project, rows.model, args, keywords)
        return replace(new, filters=together(new.filters, marked(found, NOT) if name == "exclude" else found))
    if name == "limit":
        few = next((a.value for a in args if isinstance(a, Const) and isinstance(a.value, int)), 0)
        return replace(new, limit=few)
    if name in _PLAIN:
        return replace(new, plain=True)
    if name in _LOADS:
        loading = replace(rows, fresh=run.now)
        loaded = (
            django_loading.joined(run.project, loading, args)
            if name == "select_related"
            else django_loading.prefetched(loading, args)
        )
        return loaded
    if name in _SAME:
        return django_loading.annotated(run.project, new, name, args, keywords) if name == "annotate" else new
    if name in _ONE:
        found = django_lookups.conditions(run.project, rows.model, args, keywords) if name.startswith("get") else []
        run.query(replace(new, filters=together(new.filters, found)), "SELECT", spot, name, blocks=False)
        return django_loading.remarked(replace(new, parent=None, asked=None), ONE, Const(True))
    return Awaitable(_sent(run, new, name, keywords, spot))


def _sent(run: Run, rows: Rows, name: str, keywords: Mapping[str, Value], spot: Spot) -> Value:
    """A coroutine of a queryset."""
    new = Row(rows.model, frozenset({ANYTHING, ASSIGNED}), Origin(spot, ""), fresh=run.now)
    if name in _LINKS and rows.relation:
        run.query(rows, _LINKS[name], spot, name, blocks=False)
    elif name in _CREATES:
        both = "or_create" in name
        found = django_lookups.conditions(run.project, rows.model, (), keywords) if both else ()
        run.query(rows, "SELECT" if both else "INSERT", spot, name, filters=found, blocks=False)
        return Container("tuple", new, items=(new, UNKNOWN)) if both else new
    elif name in _BULK:
        run.query(rows, "INSERT" if name == "bulk_create" else "UPDATE", spot, name, blocks=False, bulk=True)
    elif name in _ASKS:
        run.query(rows, "SELECT", spot, name, blocks=False)
        return Container("dict", UNKNOWN, _row_of(rows, run.now)) if name == "in_bulk" else UNKNOWN
    elif name in _CHANGES:
        run.query(rows, name.upper(), spot, name, blocks=False)
    return UNKNOWN


def _on_row(run: Run, row: Row, name: str, args: Sequence[Value], spot: Spot) -> Value:
    """`save()`, `delete()`, `refresh_from_db()`, `fetch_related("author", "tags")` of a row."""
    rows = Rows(row.model, "query", frozenset(), row.origin, row.path, dialect=DIALECT)
    if name == "fetch_related":
        for path in {p.value for a in args for p in parts(a) if isinstance(p, Const) and isinstance(p.value, str)}:
            relation = relation_of(run.project, row.model, path.partition("__")[0])
            if relation is not None and relation.name not in row.loaded and ANYTHING not in row.loaded:
                run.load(row, relation, spot, blocks=False)
        _keep(run, row, args)
        return Awaitable(UNKNOWN)
    verb = "SELECT" if name == "refresh_from_db" else "DELETE" if name == "delete" else "UPDATE"
    if name == "save" and row.origin is not None and row.origin.text == MADE:
        verb = "INSERT"
    run.query(rows, verb, spot, name, blocks=False)
    return Awaitable(UNKNOWN)


def _keep(run: Run, row: Row, args: Sequence[Value]) -> None:
    """What `fetch_related` loads stands on the row that a name holds from then on."""
    func = run.expression[1] if isinstance(run.expression, tuple) else None
    base = func[1] if isinstance(func, tuple) and len(func) > 1 else None
    if isinstance(base, str) and run.env.get(base) == row:
        made = django_loading.prefetched(Rows(row.model, loaded=row.loaded, aliases=row.aliases), args)
        run.env[base] = replace(row, loaded=made.loaded, aliases=made.aliases)
