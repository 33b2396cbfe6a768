"""SQLAlchemy (1.3 to 2.0), Flask-SQLAlchemy and SQLModel, as the interpreter asks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project import lists
from ..project.annotations import spelled
from ..project.conditions import OTHER, together
from ..project.effects import Effect
from ..project.frozen import replace
from ..project.memo import Question
from ..project.schema import Model, model_of, relation_of
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    UNKNOWN,
    Awaitable,
    Bound,
    Class,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Instance,
    Origin,
    Row,
    Rows,
    Spot,
    Term,
    Unknown,
    Value,
    parts,
)
from . import (
    sqlalchemy_costs,
    sqlalchemy_imperative,
    sqlalchemy_models,
    sqlalchemy_objects,
    sqlalchemy_remedies,
    sqlalchemy_rows,
    sqlalchemy_sessions,
    sqlalchemy_terms,
)
from .base import Arguments, Framework, Keywords

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

_DIALECTS = ("sqlalchemy", "sqlalchemy-query", "sqlalchemy-result")
_AWAITABLE = "awaitable_attrs"
_CONDITIONS = {"and_", "any_", "all_", "tuple_"}
_STATEMENTS = {"insert": "insert", "update": "update", "delete": "delete"}


class SQLAlchemy(Framework):
    name = "sqlalchemy"
    attributes_of = (Row, Bound, Rows, Class, Term, Container, ExternalInstance, Instance)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return (
            sqlalchemy_models.TABLES,
            sqlalchemy_imperative.MAPPED,
            sqlalchemy_imperative.MAPPED_IN,
            sqlalchemy_objects.SUBCLASS_COLUMNS,
            sqlalchemy_sessions.KEEPS,
            sqlalchemy_sessions.KEEPS_IN,
        )

    def is_model(self, project: Project, info: ClassInfo) -> bool:
        return sqlalchemy_models.is_model(project, info)

    def model(self, project: Project, info: ClassInfo) -> Model | None:
        return sqlalchemy_models.model(project, info)

    def bases(self, project: Project, path: str, written: Any) -> Sequence[tuple[str, Any]] | None:
        return sqlalchemy_models.bases(project, path, written)

    def remedy(self, project: Project, effect: Effect, where: str) -> str:
        mine = sqlalchemy_remedies.is_mine(project, effect)
        return sqlalchemy_remedies.remedy(project, effect, where) if mine else ""

    def instance(self, project: Project, name: str) -> Value | None:
        kind = sqlalchemy_sessions.kind_of(name)
        return ExternalInstance(kind) if kind else None

    # Attributes -------------------------------------------------------------------------------------------

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if isinstance(value, Row):
            return self._of_row(run, value, name, spot)
        if isinstance(value, Bound):
            if value.name == _AWAITABLE and isinstance(value.of, Row):
                relation = relation_of(run.project, value.of.model, name)
                if relation is not None:
                    made = sqlalchemy_objects.relation_value(run, value.of, relation, spot, awaited=True)
                    of = run.expression[1] if isinstance(run.expression, tuple) else None
                    run.keep_loaded(of[1] if isinstance(of, tuple) and of[0] == ir.ATTR else None, value.of)
                    return Awaitable(made)
            return None
        if isinstance(value, Rows):
            return self._of_rows(value, name)
        if isinstance(value, Class):
            return self._of_class(run, value.ref, name, spot)
        if isinstance(value, Term):
            if value.kind == "table":
                return (
                    value
                    if name in ("c", "columns")
                    else sqlalchemy_terms.attribute(run.project, value.model, name) or Bound(value, name)
                )
            return Bound(value, name)
        if isinstance(value, Container) and value.kind == "row":
            for item in value.items:
                if isinstance(item, Row) and item.model.rpartition("::")[2].rpartition(".")[2] == name:
                    return item
            return Bound(value, name)
        if isinstance(value, ExternalInstance | Instance):
            return self._of_handle(run, value, name)
        return None

    def _of_row(self, run: Run, row: Row, name: str, spot: Spot) -> Value | None:
        model = model_of(run.project, row.model)
        if model is None or model.dialect != "sqlalchemy":
            return None
        relation = relation_of(run.project, row.model, name)
        if relation is not None:
            return sqlalchemy_objects.relation_value(run, row, relation, spot)
        column = model.column(name)
        if column is not None:
            return sqlalchemy_objects.column_value(run, row, column, spot)
        if name == _AWAITABLE:
            return Bound(row, name)
        if name == "query":
            return self._of_class(run, row.model, name, spot)
        if run.project.lookup(row.model, name) is None:
            return sqlalchemy_objects.of_subclass(run, row, name, spot)
        return sqlalchemy_objects.proxied(run, row, name, spot)

    def _of_rows(self, rows: Rows, name: str) -> Value | None:
        if rows.dialect not in _DIALECTS:
            return None
        if name in ("c", "columns", "statement", "selectable"):
            return UNKNOWN
        if name == "items" and sqlalchemy_rows.has(rows, "*page"):
            return sqlalchemy_rows.listed(rows, rows.fresh)
        return Bound(rows, name)

    def _of_class(self, run: Run, ref: str, name: str, spot: Spot) -> Value | None:
        model = model_of(run.project, ref)
        if model is None or model.dialect != "sqlalchemy":
            return None
        if name == "query":
            member = run.project.lookup(ref, name)
            if member is None or member.kind == "value":
                return sqlalchemy_rows.statement(run, (Class(ref),), spot, "sqlalchemy-query")
            return None
        if name in ("__table__", "__mapper__"):
            return Term("table", ref)
        return sqlalchemy_terms.attribute(run.project, ref, name)

    def _of_handle(self, run: Run, value: ExternalInstance | Instance, name: str) -> Value | None:
        kind = sqlalchemy_sessions.handle(run.project, value)
        if not kind:
            return None
        if isinstance(value, Instance) and run.project.lookup(value.cls, name) is not None:
            return None
        if sqlalchemy_sessions.plain(kind) == sqlalchemy_sessions.DATABASE:
            if name == "session":
                return sqlalchemy_sessions.made_by(kind, {})
            return ExternalInstance(sqlalchemy_sessions.ENGINE) if name == "engine" else None
        return Bound(ExternalInstance(kind), name)

    # Calls ------------------------------------------------------------------------------------------------

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Bound):
            return self._bound(run, callee, args, keywords, spot)
        if isinstance(callee, ExternalInstance | Instance):
            kind = sqlalchemy_sessions.handle(run.project, callee)
            if sqlalchemy_sessions.is_maker(kind):
                return sqlalchemy_sessions.made_by(kind, keywords)
            return ExternalInstance(kind) if sqlalchemy_sessions.is_session(kind) else None
        if isinstance(callee, Class):
            return self._construct(run, callee, args, keywords, spot)
        if isinstance(callee, External) and callee.name.startswith(sqlalchemy_sessions.LIBRARIES):
            return self._external(run, callee, args, keywords, spot)
        return self._unknown(run, callee, args, keywords, spot)

    def _bound(self, run: Run, callee: Bound, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        of, name = callee.of, callee.name
        if isinstance(of, Term):
            if of.kind == "table":
                return self._statement(run, name, (Class(of.model),), spot)
            if name == "in_" and args and isinstance(run.expression, tuple) and run.expression[2]:
                lists.note(run, of.model, args[0], run.expression[2][0])
            return sqlalchemy_terms.method(run, of, name, args, keywords)
        if isinstance(of, ExternalInstance):
            kind = sqlalchemy_sessions.handle(run.project, of)
            return sqlalchemy_sessions.method(run, kind, name, args, keywords, spot) if kind else None
        if isinstance(of, Rows) and of.dialect in _DIALECTS:
            return self._on_rows(run, of, name, args, keywords, spot)
        return None

    def _on_rows(self, run: Run, rows: Rows, name: str, args: Arguments, keywords: Keywords, spot: Spot) -> Value:
        if rows.dialect == "sqlalchemy-result":
            sqlalchemy_costs.executed(run, rows, name)
            found = sqlalchemy_rows.of_result(run, rows, name, args)
            waits = sqlalchemy_rows.has(rows, sqlalchemy_rows.ASYNC)
            return found if found is not None else Awaitable(UNKNOWN) if waits and name == "close" else UNKNOWN
        if rows.dialect == "sqlalchemy-query":
            waits = not sqlalchemy_rows.has(rows, sqlalchemy_rows.ASYNC)
            ran = sqlalchemy_rows.of_query(run, rows, name, args, keywords, spot, waits=waits)
            if ran is not None:
                sqlalchemy_costs.executed(run, rows, name)
                return ran
        built = sqlalchemy_rows.build(run, rows, name, args, keywords, spot)
        if built is not None:
            return sqlalchemy_costs.built(run, rows, built, name, args, spot)
        # A method of a query class of the project's own: still a query, of which nothing more is known
        return replace(rows, loaded=rows.loaded | {ANYTHING}, filters=together(rows.filters, (OTHER,)))

    def _construct(self, run: Run, callee: Class, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        model = model_of(run.project, callee.ref)
        if model is None or model.dialect != "sqlalchemy":
            return None
        made = Row(callee.ref, frozenset({ANYTHING, ASSIGNED}), Origin(spot, ""), fresh=run.now)
        member = run.project.lookup(callee.ref, "__init__")
        if member is not None and member.kind == "function":
            run.call_function(Function(f"{member.owner}.__init__", made), args, keywords, spot)
        return made

    def _external(self, run: Run, callee: External, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        last = callee.name.rpartition(".")[2]
        if ".func." in callee.name:
            return sqlalchemy_terms.function(last, args)
        if last == "select" or last in _STATEMENTS:
            return self._statement(run, last, args, spot)
        if last in sqlalchemy_terms.OPTIONS:
            return sqlalchemy_terms.option(run.project, last, args)
        if callee.of is not None and isinstance(callee.of, Term):
            return sqlalchemy_terms.method(run, callee.of, last, args, keywords)
        if last == "or_":
            return sqlalchemy_terms.alternatives(run.project, [p for a in args for p in parts(a)])
        if last in _CONDITIONS:
            return sqlalchemy_terms.compared(run.project, [p for a in args for p in parts(a)])
        if last == "not_":
            return Term("condition")
        if last == "with_polymorphic":
            return Container("polymorphic", args[0]) if args else UNKNOWN
        if last == "desc" and args:
            return sqlalchemy_terms.descending(args[0])
        if last in ("aliased", "alias", "asc", "distinct", "nulls_last", "cast", "type_coerce", "with_parent"):
            return args[0] if args else UNKNOWN
        if last == "text":
            text = args[0].value if args and isinstance(args[0], Const) and isinstance(args[0].value, str) else ""
            return Term("text", name=text[:2000])
        if last in ("exists", "case", "literal", "label", "literal_column", "with_loader_criteria"):
            return Term("option") if last == "with_loader_criteria" else UNKNOWN
        if last == "sessionmaker" and any(isinstance(v, External) and "Async" in v.name for v in keywords.values()):
            return sqlalchemy_sessions.made(sqlalchemy_sessions.ASYNC_MAKER, keywords)
        if callee.of is not None and last in ("get_or_404", "first_or_404", "one_or_404", "paginate"):
            return self._of_extension(run, last, args, keywords, spot)
        if last == "scoped_session" and args and isinstance(args[0], ExternalInstance):
            maker = sqlalchemy_sessions.kind_of(args[0].cls)
            return sqlalchemy_sessions.made_by(maker, {}) if sqlalchemy_sessions.is_maker(maker) else UNKNOWN
        kind = sqlalchemy_sessions.kind_of(callee.name)
        return sqlalchemy_sessions.made(kind, keywords) if kind else None

    def _statement(self, run: Run, name: str, args: Arguments, spot: Spot) -> Value:
        rows = sqlalchemy_rows.statement(run, args, spot, "sqlalchemy")
        return replace(rows, kind=_STATEMENTS[name]) if name in _STATEMENTS else rows

    def _of_extension(self, run: Run, name: str, args: Arguments, keywords: Keywords, spot: Spot) -> Value:
        """Flask-SQLAlchemy: `db.get_or_404(User, 1)`, `db.first_or_404(select(...))`, `db.paginate(select(...))`."""
        if name == "get_or_404":
            return sqlalchemy_sessions.method(run, sqlalchemy_sessions.SESSION, "get", args, keywords, spot) or UNKNOWN
        rows = next((p for a in args[:1] for p in parts(a) if isinstance(p, Rows)), None)
        if rows is None:
            return UNKNOWN
        result = sqlalchemy_rows.asked(run, rows, spot, name)
        return (
            sqlalchemy_rows.marked(result, "*page", True)
            if name == "paginate"
            else sqlalchemy_rows.row_of(result, run.now)
        )

    def _unknown(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        """A method of something nobody knows; its arguments may prove that it is a session."""
        if not isinstance(callee, Unknown | External):
            return None
        func = run.expression[1] if isinstance(run.expression, tuple) and run.expression[0] == ir.CALL else None
        if not isinstance(func, tuple) or func[0] != ir.ATTR:
            return None
        if func[2] in ("commit", "rollback", "close"):
            run.autobegun = None
        return sqlalchemy_sessions.unknown(run, spelled(func[1]).rpartition(".")[2], func[2], args, keywords, spot)

    # Evaluation -------------------------------------------------------------------------------------------

    def asks_anew(self, rows: Rows, name: str) -> bool:
        return rows.dialect == "sqlalchemy-query"  # a Query keeps no rows

    def operation(self, run: Run, operator: str, values: Arguments) -> Value | None:
        return sqlalchemy_terms.operation(run.project, operator, values)

    def assigned(self, run: Run, row: Value, names: tuple[str, ...], spot: Spot) -> None:
        """The flush sends an UPDATE for each of these rows; one statement with a condition would do."""
        if not isinstance(row, Row) or ANYTHING in row.loaded or sqlalchemy_rows.has(row, sqlalchemy_rows.LOCKED):
            return
        model = model_of(run.project, row.model)
        if model is None or model.dialect != "sqlalchemy":
            return
        if all(
            model.column(name) is not None or relation_of(run.project, row.model, name) is not None for name in names
        ):
            rows = Rows(row.model, filters=(model.primary_key,), dialect="sqlalchemy")
            run.doubts += 1  # the flush may send them together, and the rows may be needed
            run.query(rows, "UPDATE", spot, "assignment", blocks=False)
            run.doubts -= 1

    def iterate(self, run: Run, value: Value, spot: Spot) -> Value | None:
        if isinstance(value, Term):
            return UNKNOWN
        if not isinstance(value, Rows) or value.dialect not in _DIALECTS:
            return None
        if value.dialect == "sqlalchemy":
            return UNKNOWN
        if value.dialect == "sqlalchemy-query":
            value = sqlalchemy_rows.asked(
                run, value, spot, "iteration", waits=not sqlalchemy_rows.has(value, sqlalchemy_rows.ASYNC)
            )
        return sqlalchemy_rows.row_of(value, value.fresh)

    def item(self, run: Run, value: Rows, spot: Spot) -> Value | None:
        if value.dialect not in _DIALECTS:
            return None
        if value.dialect == "sqlalchemy-query":
            value = sqlalchemy_rows.asked(run, value, spot, "index")
        return sqlalchemy_rows.row_of(value, value.fresh)

    def enter(self, run: Run, context: object, value: Value) -> Spot | None:
        """`with session.begin():`, `with Session.begin() as session:`, `with engine.begin() as connection:`."""
        if not isinstance(context, tuple) or context[0] != ir.CALL:
            return None
        func = context[1]
        if not isinstance(func, tuple) or func[0] != ir.ATTR or func[2] != "begin":
            return None
        if any(sqlalchemy_sessions.is_session(sqlalchemy_sessions.handle(run.project, p)) for p in parts(value)):
            return run.context_spot(context)
        return None
