"""SQLAdmin, Flask-Admin and Flask-AppBuilder: what the list page of an admin class reads of each row.

In: classes that inherit either library's `ModelView`; SQLAdmin's name their model as a keyword of the class,
Flask-Admin's where they are registered. Out: the procedure `admin.list`: the query of the page, and of each row what
`column_list` and `column_formatters` show; the text of a related row is what its `__str__` gives.
What the libraries load by themselves is loaded: SQLAdmin the relations of `column_list`; Flask-Admin those to one row
and many-to-many among them (`column_auto_select_related`), or `column_select_related_list` in their place; neither a
relation behind a dot. Flask-AppBuilder loads what `list_columns` and `list_select_columns` name, with and without dots;
what its properties and methods read beside that it cannot know. Its lists of an API: the procedure `serializer.list`.
Source: aminalaee.dev/sqladmin, "Model Configuration"; sqladmin/models.py (`list`, `get_prop_value`);
flask-admin.readthedocs.io, "Customizing Built-in Views"; flask_admin/contrib/sqla/view.py (`scaffold_auto_joins`);
flask-appbuilder.readthedocs.io, "REST API"; flask_appbuilder/models/sqla/interface.py (`apply_outer_select_joins`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.frozen import replace
from ..project.memo import Question
from ..project.schema import Relation, model_of, relation_of
from ..project.shapes import string
from ..project.values import (
    UNKNOWN,
    Bound,
    Class,
    Container,
    External,
    Function,
    Instance,
    Row,
    Rows,
    Spot,
    Value,
    parts,
)
from . import sqlalchemy_rows, sqlalchemy_sessions
from .base import Arguments, Framework, Keywords
from .class_options import flag, method, model_named, option
from .class_options import names as class_names
from .django_loading import prefixes
from .drf_rendering import followed
from .routes import called
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

LIST, ANSWER = "admin.list", "serializer.list"
_SQLADMIN = ("sqladmin.ModelView", "sqladmin.models.ModelView")
_FLASK = ("flask_admin.contrib.sqla.ModelView", "flask_admin.contrib.sqla.view.ModelView", "sqla.ModelView")
_APPBUILDER = ("flask_appbuilder.ModelView", "flask_appbuilder.views.ModelView")
_APIS = ("flask_appbuilder.ModelRestApi", "flask_appbuilder.api.ModelRestApi")
_QUERIES = ("list_query", "get_query")
_MAX_COLUMNS = 40


class SQLAlchemyAdmin(Framework):
    name = "sqlalchemy"
    attributes_of = (External, Instance)
    calls_of = (Bound,)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return tuple(QUESTIONS.values())

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        if not library(info) or not models_of(project, info):
            return ()
        return (ANSWER,) if info.inherits(*_APIS) else (LIST,)

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name not in (LIST, ANSWER):
            return None
        info = run.project.class_info(run.owner)
        for model in models_of(run.project, info) if info is not None else ():
            _listed(run, receiver, model, library(info) if info is not None else "")
        return UNKNOWN

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if name not in ("model", "session", *_QUERIES):
            return None
        above = isinstance(value, External) and value.name == "builtins.super"
        of = value.of if isinstance(value, External) and above else value
        info = run.project.class_info(of.cls) if isinstance(of, Instance) else None
        if info is None or not isinstance(of, Instance) or not library(info):
            return None
        if run.project.lookup(of.cls, name, after=run.cls if above else "") is not None:
            return None
        models = models_of(run.project, info)
        if name == "session":
            return Bound(of, name) if not models else sqlalchemy_sessions.made_by(sqlalchemy_sessions.MAKER, {})
        if name == "model":
            return Class(models[0]) if len(models) == 1 else None
        return Bound(of, name)

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if not isinstance(callee, Bound) or callee.name not in _QUERIES or not isinstance(callee.of, Instance):
            return None
        info = run.project.class_info(callee.of.cls)
        models = models_of(run.project, info) if info is not None and library(info) else ()
        return _query(run, models[0], spot) if models else None


def library(info: ClassInfo) -> str:
    """sqladmin | flask_admin | appbuilder | "" """
    if info.inherits(*_SQLADMIN):
        return "sqladmin"
    if info.inherits(*_APPBUILDER, *_APIS):
        return "appbuilder"
    return "flask_admin" if info.inherits(*_FLASK) else ""


def models_of(project: Project, info: ClassInfo) -> tuple[str, ...]:
    """The models that an admin class shows."""
    named = dict(info.keywords).get("model")
    if named is not None:
        found = model_named(project, info.ref.partition("::")[0], named)
        return (found,) if found else ()
    member = option(project, info.ref, "datamodel")
    if member is not None and isinstance(member.value, tuple) and member.value[0] == ir.CALL and member.value[2]:
        found = model_named(project, member.owner.partition("::")[0], member.value[2][0])
        return (found,) if found else ()
    every: dict[str, tuple[str, ...]] = project.memo.ask(QUESTIONS["flask_admin_models"])
    return every.get(info.ref, ())


def _registered(project: Project, path: str) -> tuple[tuple[str, str], ...]:
    """(admin class, model) of each `admin.add_view(OrderAdmin(Order, db.session))` in a file."""
    out: dict[tuple[str, str], None] = {}
    for _, call in called(project, path):
        if last_name(call) not in ("add_view", "add_views"):
            continue
        for view in call[2]:
            if not isinstance(view, tuple) or view[0] != ir.CALL or not view[2]:
                continue
            bound = project.dotted(path, view[1])
            model = model_named(project, path, view[2][0])
            if bound is not None and bound.kind == "class" and model:
                out[bound.ref, model] = None
    return tuple(out)


def _models(project: Project) -> dict[str, tuple[str, ...]]:
    project.memo.read_input(("tree",))
    out: dict[str, tuple[str, ...]] = {}
    for path in project.modules.paths:
        for cls, model in project.memo.ask(QUESTIONS["flask_admin_models_of_file"], path):
            out[cls] = (*out.get(cls, ()), model)
    return out


# The list page --------------------------------------------------------------------------------------------


def _query(run: Run, model: str, spot: Spot) -> Rows:
    return sqlalchemy_rows.statement(run, (Class(model),), spot, "sqlalchemy")


def _listed(run: Run, receiver: Value, model: str, library: str) -> None:
    here = run.spot(0, 0)
    own = next((m for m in (method(run.project, run.owner, name) for name in _QUERIES) if m is not None), None)
    asked: Value = _query(run, model, here)
    if own is not None:
        args = (UNKNOWN,) if library == "sqladmin" else ()
        asked = run.call_function(Function(own.ref, receiver), args, {}, here)
    columns = list(_columns(run.project, run.owner, model, library))[:_MAX_COLUMNS]
    formatters = dict(_formatters(run.project, run.owner))
    for rows in parts(asked):
        if not isinstance(rows, Rows) or rows.plain:
            continue
        loaded = _loaded(run.project, run.owner, model, library, [name for name, _, _ in columns])
        result = sqlalchemy_rows.asked(run, replace(rows, loaded=rows.loaded | loaded), here, "all")
        each, many, known = run.iterated(result, here)
        loop = run.open_loop(many, known, "row", result, run.owner.rpartition("::")[2], 0, 0, "for")
        row = run.refreshed(each)
        for name, line, column in columns:
            row = _shown(run, row, name, formatters.get(name), (line, column), library)
        run.close(loop)


def _shown(run: Run, row: Value, name: str, formatter: Any, place: tuple[int, int], library: str) -> Value:
    """One cell; the row, with what that has loaded."""
    if library == "appbuilder":
        known = isinstance(row, Row) and run.project.lookup(row.model, name) is not None
        return followed(run, row, [name], *place)[1] if known and "." not in name else row
    if formatter is None or library == "sqladmin":
        value, row = followed(run, row, name.split("."), *place)
        if formatter is None:
            _text(run, value)
            return row
    args = (row, UNKNOWN) if library == "sqladmin" else (UNKNOWN, UNKNOWN, row, UNKNOWN)
    run.call_value(run.value(formatter), args, {}, run.spot(*place))
    return row


def _text(run: Run, value: Value) -> None:
    for part in parts(value):
        if isinstance(part, Row):
            member = run.project.lookup(part.model, "__str__") or run.project.lookup(part.model, "__repr__")
            if member is not None:
                run.call_special(part, member.name)
        elif isinstance(part, Container) and part.kind == "list" and isinstance(part.of, Row):
            loop = run.open_loop(True, True, "item", part, None, 0, 0, "for")
            _text(run, run.refreshed(part.of))
            run.close(loop)


def _columns(project: Project, cls: str, model: str, library: str) -> Iterator[tuple[str, int, int]]:
    """(name, line, column) of what the list shows."""
    member = option(project, cls, "list_columns" if library == "appbuilder" else "column_list")
    listed = member.value if member is not None else None
    if member is None or not isinstance(listed, tuple) or listed[0] != ir.SEQUENCE:
        known = model_of(project, model)
        if known is not None and library == "flask_admin" and member is None:  # columns, and relations to one row
            yield from ((c.name, 0, 0) for c in known.columns if not c.foreign_key)
            yield from ((r.name, 0, 0) for r in known.relations if r.kind == "one")
        return
    for written in listed[2]:
        paired = isinstance(written, tuple) and written[0] == ir.SEQUENCE and written[2]
        item = written[2][0] if paired else written  # with its label
        if string(item):
            yield string(item), member.line, member.column
        elif isinstance(item, tuple) and item[0] == ir.ATTR:
            yield item[2], item[3], item[4]


def _formatters(project: Project, cls: str) -> Iterator[tuple[str, Any]]:
    """(name, the facts of the function that formats it)."""
    member = option(project, cls, "column_formatters")
    if member is None or not isinstance(member.value, tuple) or member.value[0] != ir.DICT:
        return
    for key, value in zip(member.value[1], member.value[2], strict=True):
        name = string(key) or (key[2] if isinstance(key, tuple) and key[0] == ir.ATTR else "")
        if name:
            yield name, value


def _loaded(project: Project, cls: str, model: str, library: str, columns: list[str]) -> frozenset[str]:
    """The relations that the library loads with the page."""
    if library == "appbuilder":
        named = (*columns, *class_names(project, cls, "list_select_columns"))
        return frozenset(prefix for name in named for prefix in prefixes(name.replace(".", "__")))
    found = {name: relation_of(project, model, name) for name in columns}
    relations = {name: r for name, r in found.items() if r is not None}
    if library == "sqladmin":
        return frozenset(relations)
    member = option(project, cls, "column_select_related_list")
    if member is not None and isinstance(member.value, tuple) and member.value[0] == ir.SEQUENCE and member.value[2]:
        listed = (string(i) or (i[2] if isinstance(i, tuple) and i[0] == ir.ATTR else "") for i in member.value[2])
        return frozenset(filter(None, listed))
    if flag(project, cls, "column_auto_select_related") is False:
        return frozenset()
    return frozenset(name for name, r in relations.items() if _joined(r, model))


def _joined(relation: Relation, model: str) -> bool:
    """Whether Flask-Admin joins a relation by itself: to one row, or many-to-many, never to the same model."""
    many_to_many = relation.kind == "many" and not relation.filters
    return relation.target != model and ((relation.kind == "one" and bool(relation.column)) or many_to_many)


QUESTIONS: dict[str, Question[Any]] = {
    "flask_admin_models_of_file": Question("flask_admin_models_of_file", _registered, tuple),
    "flask_admin_models": Question("flask_admin_models", _models, dict),
}
