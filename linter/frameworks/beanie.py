"""Beanie, as the interpreter asks it: documents, queries that run when they are awaited, links that are fetched.

A query is `Rows` of dialect "beanie". Reading a link asks nothing: `await document.author.fetch()` does, and so does
`fetch_link()`; `fetch_links=True` brings the linked documents along.
Source: beanie-odm.dev, "Finding documents", "Relations", "Insert the documents".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.conditions import OTHER
from ..project.effects import LOAD, WRITE, Effect
from ..project.frozen import replace
from ..project.schema import Column, Model, Relation, find_model, model_of, relation_of
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
    Origin,
    Row,
    Rows,
    Spot,
    Value,
    below,
)
from . import django_rows
from .base import Arguments, Framework, Keywords

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

DIALECT = "beanie"
_BASES = ("beanie.Document", "beanie.odm.documents.Document", "beanie.DocumentWithSoftDelete")
_LINK = re.compile(r"(?:Link|BackLink)$")
_FINDS = {"find", "find_many", "find_all", "aggregate"}
_ONE = {"get", "find_one", "find_one_or_none"}
_WRITES = {
    "insert": "INSERT", "create": "INSERT", "save": "UPDATE", "save_changes": "UPDATE", "replace": "UPDATE",
    "update": "UPDATE", "set": "UPDATE", "inc": "UPDATE", "upsert": "UPDATE", "delete": "DELETE",
}  # fmt: skip
_BULK = {"insert_many": "INSERT", "replace_many": "UPDATE", "delete_all": "DELETE", "update_all": "UPDATE"}
_ON_CLASS = _FINDS | _ONE | set(_BULK) | {"count", "insert_one", "distinct"}
_SAME = {"sort", "skip", "project", "find", "find_many", "aggregate"}
_SENDS = {"to_list", "first_or_none", "count", "exists", "distinct"}
_FETCHES = {"fetch_link", "fetch_all_links"}


def _is(project: Project, ref: str) -> bool:
    model = model_of(project, ref) if ref else None
    return model is not None and model.dialect == DIALECT


class Beanie(Framework):
    name = "beanie"
    attributes_of = (Rows, Class, Row)
    calls_of = (Class, Bound)

    def is_model(self, project: Project, info: ClassInfo) -> bool:
        return info.inherits(*_BASES)

    def model(self, project: Project, info: ClassInfo) -> Model | None:
        if not self.is_model(project, info):
            return None
        here = Spot(info.ref, 0, 0, 0, 0)
        columns = {"id": Column("id", "_id", "PydanticObjectId", here, True, True, True)}
        relations: dict[str, Relation] = {}
        for member in project.declared(info):
            if member.kind != "value" or member.annotation is None:
                continue
            name = member.name
            spot = member.spot
            target = _linked(member.annotation)
            if target is None:
                columns[name] = Column(name, name, "", spot, indexed=True)
                continue
            expr, many = target
            ref = _target(project, info, member.owner, expr)
            relations[name] = Relation(name, "many" if many else "one", ref, spot, back="+")
        name = info.name.rpartition(".")[2]
        return Model(info.ref, DIALECT, name, tuple(columns.values()), tuple(relations.values()), label=name.lower())

    # Attributes and calls ---------------------------------------------------------------------------------

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if isinstance(value, Rows) and value.dialect == DIALECT:
            return Bound(value, name)
        if isinstance(value, Class) and name in _ON_CLASS and _is(run.project, value.ref):
            return Bound(value, name) if run.project.lookup(value.ref, name) is None else None
        if isinstance(value, Row) and _is(run.project, value.model):
            relation = relation_of(run.project, value.model, name)
            if relation is not None:
                return _link(value, relation)
            model = model_of(run.project, value.model)
            if model is not None and model.column(name) is not None:
                return UNKNOWN
            known = name in _WRITES or name in _FETCHES or name == "sync"
            return Bound(value, name) if known and run.project.lookup(value.model, name) is None else None
        return None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Class) and _is(run.project, callee.ref):
            return Row(callee.ref, frozenset({ANYTHING, ASSIGNED}), Origin(spot, MADE), fresh=run.now)
        if not isinstance(callee, Bound):
            return None
        of, name = callee.of, callee.name
        if isinstance(of, Class) and name in _ON_CLASS and _is(run.project, of.ref):
            begun = Rows(of.ref, "query", origin=Origin(spot, ""), fresh=run.now, dialect=DIALECT)
            return _method(run, _linking(begun, keywords), name, args, spot)
        if isinstance(of, Rows) and of.dialect == DIALECT:
            return _method(run, _linking(of, keywords), name, args, spot)
        if isinstance(of, Row) and _is(run.project, of.model):
            return _on_row(run, of, name, spot)
        return None

    # Evaluation -------------------------------------------------------------------------------------------

    def awaited(self, run: Run, value: Value, spot: Spot) -> Value | None:
        if not isinstance(value, Rows) or value.dialect != DIALECT:
            return None
        return UNKNOWN  # `await query.update(…)`, told where it was called

    def iterate(self, run: Run, value: Value, spot: Spot) -> Value | None:
        if not isinstance(value, Rows) or value.dialect != DIALECT:
            return None
        if run.awaiting and value.kind == "query":
            run.query(value, "SELECT", spot, "iteration", blocks=False)
        return django_rows.row_of(value, value.fresh)

    # Remedies ---------------------------------------------------------------------------------------------

    def remedy(self, project: Project, effect: Effect, where: str) -> str:
        if not _is(project, effect.model):
            return ""
        name = effect.model.rpartition("::")[2].rpartition(".")[2]
        if effect.kind == LOAD:
            return f"give `fetch_links=True`{where}, so that the linked documents come with the rows"
        if effect.kind == WRITE:
            if effect.query is not None and effect.query.verb == "INSERT":
                return f"collect the documents and write them with one `{name}.insert_many([…])`"
            return f"write them at once: `{name}.find(In(…)).update(…)` or `.delete()`, or a `BulkWriter`"
        return f"fetch the `{name}` documents of all rounds with one `{name}.find(In({name}.id, […]))` before the loop"


def _linked(annotation: Any) -> tuple[Any, bool] | None:
    """What a `Link[X]` is to, inside `Optional`, `list` and unions; whether there are many."""
    if not isinstance(annotation, tuple):
        return None
    if annotation[0] == ir.OPERATION:
        return next((found for part in annotation[2] if (found := _linked(part)) is not None), None)
    if annotation[0] != ir.INDEX:
        return None
    base, inside = spelled(annotation[1]).rpartition(".")[2], annotation[2]
    if _LINK.match(base):
        return inside, False
    found = _linked(inside)
    return (found[0], found[1] or base.lower() in ("list", "set", "sequence")) if found is not None else None


def _target(project: Project, info: ClassInfo, owner: str, expr: Any) -> str:
    if isinstance(expr, tuple) and expr[0] == ir.CONST and isinstance(expr[1], str):
        return find_model(project, expr[1], info.ref)
    bound = project.dotted(owner.partition("::")[0], expr)
    return bound.ref if bound is not None and bound.kind == "class" else ""


def _linking(rows: Rows, keywords: Mapping[str, Value]) -> Rows:
    linked = keywords.get("fetch_links")
    known = linked is None or linked == Const(False)
    return rows if known else replace(rows, loaded=rows.loaded | {ANYTHING})


def _method(run: Run, rows: Rows, name: str, args: Sequence[Value], spot: Spot) -> Value:
    """A method of a document class, a query, or a link."""
    relation = relation_of(run.project, rows.parent.model, rows.relation) if rows.parent is not None else None
    if relation is not None and rows.parent is not None:
        if name == "fetch":
            run.load(rows.parent, relation, spot, blocks=False)
            return Awaitable(django_rows.row_of(rows, rows.fresh))
        return UNKNOWN
    compared = replace(rows, fresh=run.now, filters=(OTHER,) if args else rows.filters)
    if name in _FINDS or name in _SAME:
        return compared
    if name == "limit":
        few = next((a.value for a in args if isinstance(a, Const) and isinstance(a.value, int)), 0)
        return replace(rows, limit=few)
    row = django_rows.row_of(replace(rows, fresh=run.now), run.now)
    if name in _ONE or name in _SENDS:
        run.query(compared, "SELECT", spot, name, blocks=False)
        several = name == "to_list"
        one = name in _ONE or name == "first_or_none"
        return Awaitable(Container("list", row) if several else row if one else UNKNOWN)
    if name in _BULK or name in _WRITES or name == "insert_one":
        verb = _BULK.get(name) or _WRITES.get(name, "INSERT")
        run.query(rows, verb, spot, name, blocks=False, bulk=name in ("insert_many", "replace_many"))
        return Awaitable(UNKNOWN)
    return UNKNOWN


def _on_row(run: Run, row: Row, name: str, spot: Spot) -> Value:
    """`save()`, `insert()`, `fetch_all_links()` of a document."""
    rows = Rows(row.model, "query", frozenset(), row.origin, row.path, dialect=DIALECT)
    if name in _FETCHES:
        model = model_of(run.project, row.model)
        relation = next(iter(model.relations), None) if model is not None else None
        if relation is not None and ANYTHING not in row.loaded:
            run.load(row, relation, spot, blocks=False)
    elif name == "sync":
        run.query(rows, "SELECT", spot, name, blocks=False)
    else:
        run.query(rows, _WRITES[name], spot, name, blocks=False)
    return Awaitable(row)


def _link(row: Row, relation: Relation) -> Value:
    """Read a link of a document: the document itself when it was fetched along, something to fetch otherwise."""
    if not relation.target:
        return UNKNOWN
    name = relation.name
    path = f"{row.path}.{name}" if row.path else name
    if ANYTHING in row.loaded or name in row.loaded:
        made: Value = Row(relation.target, below(row.loaded, name), row.origin, path, None, (), row.fresh)
    else:
        made = Rows(
            relation.target, "related", frozenset(), row.origin, path, fresh=row.fresh, relation=name, parent=row,
            dialect=DIALECT,
        )  # fmt: skip
    return Container("list", made) if relation.kind == "many" else made
