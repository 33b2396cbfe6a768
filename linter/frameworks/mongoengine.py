"""MongoEngine, as the interpreter asks it: documents, querysets, references that are followed when they are read.

A queryset is `Rows` of dialect "mongoengine" and keeps what it fetched, as Django's does. `select_related()` follows
the references of all its documents at once, `no_dereference()` none.
Source: docs.mongoengine.org, "Querying the database", "Dereferencing".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..project.conditions import OTHER
from ..project.effects import LOAD, WRITE, Effect
from ..project.frozen import replace
from ..project.schema import Model, Relation, model_of, relation_of
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    MADE,
    UNKNOWN,
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
from . import django_rows, mongoengine_models
from .base import Arguments, Framework, Keywords

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

DIALECT = "mongoengine"
_SAME = {
    "filter", "all", "order_by", "only", "exclude", "skip", "hint", "batch_size", "timeout", "read_preference", "clone",
    "fields", "all_fields", "allow_disk_use", "collation", "comment", "max_time_ms", "no_sub_classes", "search_text",
    "where", "no_cache", "none", "using", "slave_okay",
}  # fmt: skip
_FREE = {"select_related", "no_dereference"}
_PLAIN = {"as_pymongo", "scalar", "values_list"}
_ONE = {"get", "first", "with_id", "get_or_404", "first_or_404"}
_ASKS = {"count", "distinct", "aggregate", "in_bulk", "item_frequencies", "sum", "average", "exists", "explain"}
_CHANGES = {
    "update": "UPDATE", "update_one": "UPDATE", "upsert_one": "UPDATE", "modify": "UPDATE", "delete": "DELETE",
    "create": "INSERT", "insert": "INSERT",
}  # fmt: skip
_ON_ROW = {"save": "UPDATE", "update": "UPDATE", "modify": "UPDATE", "delete": "DELETE", "reload": "SELECT"}


def _is(project: Project, ref: str) -> bool:
    model = model_of(project, ref) if ref else None
    return model is not None and model.dialect == DIALECT


class MongoEngine(Framework):
    name = "mongoengine"
    attributes_of = (Rows, Class, Row)
    calls_of = (Rows, Class, Bound)

    def is_model(self, project: Project, info: ClassInfo) -> bool:
        return mongoengine_models.is_model(project, info)

    def model(self, project: Project, info: ClassInfo) -> Model | None:
        return mongoengine_models.model(project, info)

    # Attributes and calls ---------------------------------------------------------------------------------

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if isinstance(value, Rows) and value.dialect == DIALECT:
            return Bound(value, name)
        if isinstance(value, Class) and name == "objects" and _is(run.project, value.ref):
            member = run.project.lookup(value.ref, name)
            begun = Rows(value.ref, "query", origin=Origin(spot, ""), fresh=run.now, dialect=DIALECT)
            return begun if member is None else None
        if isinstance(value, Row) and _is(run.project, value.model):
            relation = relation_of(run.project, value.model, name)
            if relation is not None:
                return _relation(run, value, relation, spot)
            model = model_of(run.project, value.model)
            if model is not None and (model.column(name) is not None or name == "pk"):
                return UNKNOWN
            return Bound(value, name) if name in _ON_ROW and not (model is not None and model.abstract) else None
        return None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Rows) and callee.dialect == DIALECT:  # `Document.objects(name="x")`
            return _filtered(run, callee, args, keywords)
        if isinstance(callee, Class) and _is(run.project, callee.ref):
            return Row(callee.ref, frozenset({ANYTHING, ASSIGNED}), Origin(spot, MADE), fresh=run.now)
        if not isinstance(callee, Bound):
            return None
        of, name = callee.of, callee.name
        if isinstance(of, Rows) and of.dialect == DIALECT:
            return _method(run, of, name, args, keywords, spot)
        if isinstance(of, Row) and name in _ON_ROW and _is(run.project, of.model):
            new = name == "save" and of.origin is not None and of.origin.text == MADE
            rows = Rows(of.model, "query", frozenset(), of.origin, of.path, dialect=DIALECT)
            run.query(rows, "INSERT" if new else _ON_ROW[name], spot, name)
            return of if name == "save" else UNKNOWN
        return None

    # Evaluation -------------------------------------------------------------------------------------------

    def iterate(self, run: Run, value: Value, spot: Spot) -> Value | None:
        if not isinstance(value, Rows) or value.dialect != DIALECT:
            return None
        django_rows.evaluate(run, value, spot)
        return _row_of(value, value.fresh)

    def truth(self, run: Run, value: Value, spot: Spot) -> bool:
        if not isinstance(value, Rows) or value.dialect != DIALECT:
            return False
        django_rows.evaluate(run, value, spot, "truth")
        return True

    def asks_anew(self, rows: Rows, name: str) -> bool:
        return rows.dialect == DIALECT

    def item(self, run: Run, value: Rows, spot: Spot) -> Value | None:
        if value.dialect != DIALECT:
            return None
        run.query(value, "SELECT", spot, "index")
        return _row_of(value, run.now)

    # Remedies ---------------------------------------------------------------------------------------------

    def remedy(self, project: Project, effect: Effect, where: str) -> str:
        if not _is(project, effect.model):
            return ""
        name = effect.model.rpartition("::")[2].rpartition(".")[2]
        if effect.kind == LOAD:
            depth = effect.path.count(".") + 1
            loader = f"`.select_related({f'max_depth={depth}' if depth > 1 else ''})`"
            raw = f'; where only the key is needed, read `doc._data["{effect.subject}"]` or use `no_dereference()`'
            return f"add {loader}{where}{raw if effect.how == 'key' else ''}"
        if effect.kind == WRITE:
            if effect.query is not None and effect.query.verb == "INSERT":
                return f"collect the documents and write them with one `{name}.objects.insert([…])`"
            return f"send one `{name}.objects(…__in=…)` with `.update(…)` or `.delete()`, or a `bulk_write`"
        return (
            f"fetch the `{name}` documents of all rounds with one `__in` query (`in_bulk([…])`) before the loop, by key"
        )


def _filtered(run: Run, rows: Rows, args: Sequence[Value], keywords: Mapping[str, Value]) -> Rows:
    """Which fields are compared is not told: the indexes of a collection are not in the source."""
    return replace(rows, fresh=run.now, filters=(OTHER,)) if args or keywords else replace(rows, fresh=run.now)


def _method(run: Run, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value:
    """A method of a queryset."""
    if name in _FREE:
        return replace(rows, loaded=rows.loaded | {ANYTHING}, fresh=run.now)
    if name in _SAME:
        return _filtered(run, rows, args, keywords)
    if name in _PLAIN:
        return replace(rows, plain=True, fresh=run.now)
    if name == "limit":
        few = next((a.value for a in args if isinstance(a, Const) and isinstance(a.value, int)), 0)
        return replace(rows, limit=few, fresh=run.now)
    if name in _ONE:
        run.query(_filtered(run, rows, args, keywords), "SELECT", spot, name)
        return _row_of(rows, run.now)
    if name in _ASKS:
        run.query(rows, "SELECT", spot, name)
        return Container("dict", UNKNOWN, _row_of(rows, run.now)) if name == "in_bulk" else UNKNOWN
    if name in _CHANGES:
        several = name == "insert" and not (args and isinstance(args[0], Row))
        run.query(rows, _CHANGES[name], spot, name, bulk=several)
        return Row(rows.model, frozenset({ANYTHING, ASSIGNED}), Origin(spot, ""), fresh=run.now)
    return UNKNOWN


def _row_of(rows: Rows, fresh: int) -> Value:
    return UNKNOWN if rows.plain or not rows.model else django_rows.row_of(rows, fresh)


def _relation(run: Run, row: Row, relation: Relation, spot: Spot) -> Value:
    """Read a reference, or a list of them: all of the list are fetched together, once per document."""
    name = relation.name
    if relation.eager != "always" and name not in row.loaded and ANYTHING not in row.loaded:
        run.load(row, relation, spot)
    if not relation.target:
        return UNKNOWN
    path = f"{row.path}.{name}" if row.path else name
    made = Row(relation.target, below(row.loaded, name), row.origin, path, None, (), row.fresh)
    return Container("list", made) if relation.kind == "many" else made
