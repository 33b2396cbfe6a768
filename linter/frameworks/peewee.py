"""Peewee and peewee-async, as the interpreter asks them: models, queries, rows, transactions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..project.effects import LOAD, WRITE, Effect
from ..project.frozen import replace
from ..project.schema import Model, model_of, relation_of
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    MADE,
    UNKNOWN,
    Bound,
    Class,
    Const,
    External,
    ExternalInstance,
    Function,
    Origin,
    Row,
    Rows,
    Spot,
    Term,
    Value,
    parts,
)
from . import django_rows, peewee_loading, peewee_models, peewee_rows
from . import sqlalchemy_terms as terms
from .base import Arguments, Framework, Keywords

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

_TRANSACTION = "peewee._atomic"
_TRANSACTIONS = ("atomic", "transaction", "savepoint", "atomic_async", "aio_atomic")
_ANEW = (peewee_rows.SAME | peewee_rows.PLAIN | peewee_rows.JOINS | peewee_rows.ASKS | {"where", "limit", "get"}) - {
    "iterator"
}
_DEPTH = 2  # foreign keys behind foreign keys that `model_to_dict` is followed through
_MANAGER = {  # peewee-async: `objects.get(Model, …)`, `objects.execute(query)`, `objects.update(row)`
    "get", "get_or_none", "create", "get_or_create", "execute", "count", "scalar", "prefetch", "update", "delete",
    "create_or_get",
}  # fmt: skip


def _is(project: Project, ref: str) -> bool:
    model = model_of(project, ref) if ref else None
    return model is not None and model.dialect == peewee_rows.DIALECT


class Peewee(Framework):
    name = "peewee"
    attributes_of = (Row, Rows, Class, External, ExternalInstance)
    calls_of = (Bound, Class, External)

    def is_model(self, project: Project, info: ClassInfo) -> bool:
        return peewee_models.is_model(project, info)

    def model(self, project: Project, info: ClassInfo) -> Model | None:
        return peewee_models.model(project, info)

    # Attributes -------------------------------------------------------------------------------------------

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if isinstance(value, Row):
            return self._of_row(run, value, name, spot) if _is(run.project, value.model) else None
        if isinstance(value, Rows):
            return Bound(value, name) if value.dialect == peewee_rows.DIALECT else None
        if isinstance(value, Class):
            return self._of_class(run, value, name) if _is(run.project, value.ref) else None
        if isinstance(value, ExternalInstance) and value.cls == peewee_loading.FUNCTION:
            return Bound(value, name)
        if isinstance(value, External) and value.name == "builtins.super":
            return self._of_super(run, value.of, name)
        return None

    def _of_row(self, run: Run, row: Row, name: str, spot: Spot) -> Value | None:
        for alias, held in row.aliases:
            if alias == name:
                return held if not isinstance(held, tuple) else UNKNOWN
        relation = relation_of(run.project, row.model, name)
        if relation is not None:
            return peewee_rows.relation_value(run, row, relation, spot)
        model = model_of(run.project, row.model)
        if model is not None and (model.column(name) is not None or name in ("_pk", "__data__", "dirty_fields")):
            return UNKNOWN
        return Bound(row, name) if peewee_rows.method_name(name) in peewee_rows.SAVES else None

    def _of_class(self, run: Run, value: Class, name: str) -> Value | None:
        member = run.project.lookup(value.ref, name)
        if name in peewee_rows.BUILDS:
            return Bound(value, name)
        if member is not None and member.kind != "value":
            return None
        if peewee_rows.method_name(name) in peewee_rows.ON_CLASS and member is None:
            return Bound(value, name)
        return UNKNOWN if name in ("DoesNotExist", "_meta") else terms.attribute(run.project, value.ref, name)

    def _of_super(self, run: Run, of: Value | None, name: str) -> Value | None:
        """`super().get(…)` in a class method of a model, where no class of the project defines it."""
        ref = of.ref if isinstance(of, Class) else of.model if isinstance(of, Row) else ""
        if not _is(run.project, ref) or run.project.lookup(ref, name, after=run.above or run.cls) is not None:
            return None
        if isinstance(of, Class) and peewee_rows.method_name(name) in peewee_rows.ON_CLASS:
            return Bound(of, name)
        return UNKNOWN  # the write is told where the method is called: that loop is the one to change

    # Calls ------------------------------------------------------------------------------------------------

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Bound):
            return self._bound(run, callee, args, keywords, spot)
        if isinstance(callee, Class) and _is(run.project, callee.ref):
            made = Row(callee.ref, frozenset({ANYTHING, ASSIGNED}), Origin(spot, MADE), fresh=run.now)
            member = run.project.lookup(callee.ref, "__init__")
            if member is not None and member.kind == "function":
                run.call_function(Function(f"{member.owner}.__init__", made), args, keywords, spot)
            return made
        if isinstance(callee, External) and callee.name.startswith(("peewee", "playhouse.")):
            return self._external(run, callee, args, keywords, spot)
        return None

    def _bound(self, run: Run, callee: Bound, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        of, name = callee.of, callee.name
        if isinstance(of, Class) and _is(run.project, of.ref):
            member = run.project.lookup(of.ref, name)
            if member is not None and member.kind == "function" and not run.owner.startswith(f"{member.owner}."):
                found = run.call_function(Function(f"{member.owner}.{name}", of), args, keywords, spot)
                if isinstance(found, Rows) and found.model == of.ref:
                    return replace(
                        found, origin=Origin(spot, ""), fresh=run.now
                    )  # else: a `select()` of the project's own still gives a query
            return peewee_rows.on_class(run, of.ref, name, args, keywords, spot)
        if isinstance(of, Rows) and of.dialect == peewee_rows.DIALECT:
            return peewee_rows.method(run, of, name, args, keywords, spot) or UNKNOWN
        if isinstance(of, Row) and _is(run.project, of.model) and peewee_rows.method_name(name) in peewee_rows.SAVES:
            member = run.project.lookup(of.model, name)
            if member is not None and member.kind == "function" and run.owner != f"{member.owner}.{name}":
                run.call_function(Function(f"{member.owner}.{name}", of), args, keywords, spot)
            return peewee_rows.on_row(run, of, name, spot)
        if isinstance(of, ExternalInstance) and of.cls == peewee_loading.FUNCTION:
            return of
        return None

    def _external(self, run: Run, callee: External, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        last = callee.name.rpartition(".")[2]
        if ".fn." in callee.name or last in ("SQL", "Case", "Value", "Function", "Cast", "NodeList"):
            return ExternalInstance(peewee_loading.FUNCTION)
        if last == "prefetch" and args:
            rows = self._query(run, args[0], spot)
            return peewee_rows.prefetch(run, rows, args[1:], spot) if rows is not None else UNKNOWN
        if last == "model_to_dict" and args:
            self._as_dict(run, args[0], keywords, spot, _DEPTH)
            return UNKNOWN
        if last in _TRANSACTIONS:
            return ExternalInstance(_TRANSACTION)
        if callee.of is not None and callee.name.startswith("peewee_async") and last in _MANAGER and args:
            return self._managed(run, last, args, keywords, spot)
        return None

    def _managed(self, run: Run, name: str, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        """A method of peewee-async's manager: the same as the row's, query's or class's own, when it is awaited."""
        first = args[0]
        rows = self._query(run, first, spot)
        if isinstance(first, Row) and name in ("update", "delete"):
            return peewee_rows.on_row(run, first, "aio_save" if name == "update" else "aio_delete_instance", spot)
        if isinstance(first, Class) and name in ("create", "get_or_create", "create_or_get"):
            found = "create" if name == "create" else "get_or_create"
            return peewee_rows.on_class(run, first.ref, f"aio_{found}", args[1:], keywords, spot)
        if rows is None:
            return None
        return peewee_rows.method(run, rows, f"aio_{name}", args[1:], keywords, spot)

    def _query(self, run: Run, value: Value, spot: Spot) -> Rows | None:
        """A query, or the one that a model class stands for."""
        for part in parts(value):
            if isinstance(part, Rows) and part.dialect == peewee_rows.DIALECT:
                return part
            if isinstance(part, Class) and _is(run.project, part.ref):
                found = peewee_rows.on_class(run, part.ref, "select", (), {}, spot)
                return found if isinstance(found, Rows) else None
        return None

    def _as_dict(self, run: Run, value: Value, keywords: Mapping[str, Value], spot: Spot, depth: int) -> None:
        """`playhouse.shortcuts.model_to_dict`: follows every foreign key, and with `backrefs` every back reference."""
        row = next((p for p in parts(value) if isinstance(p, Row)), None)
        model = model_of(run.project, row.model) if row is not None and depth else None
        named = any(key in keywords for key in ("only", "fields_from_query", "exclude"))
        if row is None or model is None or keywords.get("recurse") == Const(False) or named:
            return
        for relation in model.relations:
            if relation.kind == "one":
                below = peewee_rows.relation_value(run, row, relation, spot)
                self._as_dict(run, below, keywords, spot, depth - 1)

    # Evaluation -------------------------------------------------------------------------------------------

    def iterate(self, run: Run, value: Value, spot: Spot) -> Value | None:
        if isinstance(value, Class) and _is(run.project, value.ref):
            value = self._query(run, value, spot) or value
        if not isinstance(value, Rows) or value.dialect != peewee_rows.DIALECT:
            return None
        django_rows.evaluate(run, value, spot)
        return peewee_rows.row_of(value, value.fresh)

    def truth(self, run: Run, value: Value, spot: Spot) -> bool:
        if not isinstance(value, Rows) or value.dialect != peewee_rows.DIALECT:
            return False
        if value.kind in ("query", "related"):
            django_rows.evaluate(run, value, spot, "truth")
        return True

    def asks_anew(self, rows: Rows, name: str) -> bool:
        return rows.dialect == peewee_rows.DIALECT and name in _ANEW

    def operation(self, run: Run, operator: str, values: Arguments) -> Value | None:
        """Peewee's own operators: `<<` is IN, `>>` is IS, `%` is LIKE, `**` is ILIKE; the others are as elsewhere."""
        found = [v for v in values if isinstance(v, Term) and v.kind in ("column", "relation")]
        if not found or not _is(run.project, found[0].model):
            return None
        if operator == "LShift":
            return terms.compared(run.project, found)
        if operator in ("Mod", "Pow"):
            return terms.compared(run.project, found, ":contains" if operator == "Mod" else ":icontains")
        return Term("condition") if operator == "RShift" else None

    def item(self, run: Run, value: Rows, spot: Spot) -> Value | None:
        if value.dialect != peewee_rows.DIALECT:
            return None
        if value.kind in ("query", "related"):
            django_rows.evaluate(run, value, spot, "index")
        return peewee_rows.row_of(value, run.now)

    def enter(self, run: Run, context: object, value: Value) -> Spot | None:
        opens = isinstance(value, ExternalInstance) and value.cls == _TRANSACTION
        return run.context_spot(context) if opens else None

    # Remedies ---------------------------------------------------------------------------------------------

    def remedy(self, project: Project, effect: Effect, where: str) -> str:
        if not _is(project, effect.model):
            return ""
        name = effect.model.rpartition("::")[2].rpartition(".")[2]
        if effect.kind == LOAD:
            return self._loader(project, effect, name, where)
        if effect.kind == WRITE:
            if effect.how in ("delete_instance", "delete_by_id", "delete"):
                return f"delete the rows of all rounds with one `{name}.delete().where(….in_(…)).execute()`"
            if effect.how in ("create", "insert", "add") or (
                effect.query is not None and effect.query.verb == "INSERT"
            ):
                return f"collect the rows and write them with one `{name}.insert_many(…).execute()` or `bulk_create(…)`"
            return (
                f"change the `{name}` rows in memory and write them with one `{name}.bulk_update(…)`, or send one "
                f"`{name}.update(…).where(….in_(…))`"
            )
        if effect.how in ("count", "exists"):
            return f"count once for all rounds: join `{name}`, select `fn.COUNT(…)` and `.group_by(…)`"
        return f"fetch the `{name}` rows of all rounds with one query before the loop (`.where(….in_(…))`), by key"

    def _loader(self, project: Project, effect: Effect, name: str, where: str) -> str:
        relation = relation_of(project, effect.model, effect.subject)
        target = relation.target.rpartition("::")[2].rpartition(".")[2] if relation is not None else ""
        if relation is None or not target:
            return f"select the rows behind `{name}.{effect.subject}` as well, and join them{where}"
        if relation.kind != "one":
            where = where.replace(" to ", " of ", 1)
            if effect.how == "count":
                return (
                    f"count once for all rows{where}: join `{target}`, select `fn.COUNT(…)` and `.group_by({name}.id)`"
                )
            return f"load those of all rows{where} at once: `prefetch(…, {target}.select())`"
        model = model_of(project, effect.model)
        several = sum(r.target == relation.target for r in model.relations) > 1 if model is not None else False
        joined = f"`.join({target}, on={name}.{effect.subject})`" if several else ""
        key = f"; where only the key is needed, read `{effect.subject}_id`" if effect.how == "key" else ""
        return f"select `{target}` as well and add {joined or f'`.join({target})`'}{where}{key}"
