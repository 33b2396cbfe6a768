"""What SQLAlchemy's sessions, connections, engines and session factories do.

In: a call on one of them, or on something unknown whose arguments prove what it is. Out: effects and what it gives.
Source: docs.sqlalchemy.org, "Session API", "Asynchronous I/O", "Working with Engines and Connections".
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..model import Query
from ..project import drained, sqlsites, sqltext, standard
from ..project.effects import FETCH, QUERY, WRITE, Effect, Observation
from ..project.frozen import replace
from ..project.memo import Question
from ..project.schema import model_of
from ..project.values import (
    ANYTHING,
    UNKNOWN,
    Awaitable,
    Class,
    Const,
    Container,
    ExternalInstance,
    Function,
    Instance,
    Origin,
    Row,
    Rows,
    Spot,
    Term,
    Value,
    parts,
)
from . import sqlalchemy_objects
from . import sqlalchemy_rows as rows_of
from . import sqlalchemy_terms as terms

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

LIBRARIES = (
    "sqlalchemy",
    "sqlmodel",
    "flask_sqlalchemy",
    "fastapi_sqlalchemy",
    "pyramid_",
    "zope.sqlalchemy",
    "advanced_alchemy",
    "quart_sqlalchemy",
)
SESSION = "sqlalchemy.orm.Session"
ASYNC_SESSION = "sqlalchemy.ext.asyncio.AsyncSession"
MAKER = "sqlalchemy.orm.sessionmaker"
ASYNC_MAKER = "sqlalchemy.ext.asyncio.async_sessionmaker"
ENGINE = "sqlalchemy.Engine"
ASYNC_ENGINE = "sqlalchemy.ext.asyncio.AsyncEngine"
CONNECTION = "sqlalchemy.Connection"
ASYNC_CONNECTION = "sqlalchemy.ext.asyncio.AsyncConnection"
DATABASE = "flask_sqlalchemy.SQLAlchemy"

KEEPING, EXPIRING = ".keeping", ".expiring"  # end the kind of what was made with, and without, `expire_on_commit=False`

_KINDS = {
    "Session": SESSION, "scoped_session": SESSION, "SignallingSession": SESSION, "object_session": SESSION,
    "AsyncSession": ASYNC_SESSION, "async_scoped_session": ASYNC_SESSION,
    "sessionmaker": MAKER, "async_sessionmaker": ASYNC_MAKER,
    "Engine": ENGINE, "create_engine": ENGINE, "engine_from_config": ENGINE,
    "AsyncEngine": ASYNC_ENGINE, "create_async_engine": ASYNC_ENGINE, "async_engine_from_config": ASYNC_ENGINE,
    "Connection": CONNECTION, "AsyncConnection": ASYNC_CONNECTION, "SQLAlchemy": DATABASE,
}  # fmt: skip
_SESSIONS = (SESSION, ASYNC_SESSION, CONNECTION, ASYNC_CONNECTION)
_MAKES = {MAKER: SESSION, ASYNC_MAKER: ASYNC_SESSION, DATABASE: SESSION}
_ASYNC_ONLY = {"stream", "stream_scalars"}  # whatever the receiver is, it is asynchronous
_EXECUTES = {"execute", "scalars", "scalar", "exec", "stream", "stream_scalars", "exec_driver_sql"}
_BULK = {"bulk_save_objects": "INSERT", "bulk_insert_mappings": "INSERT", "bulk_update_mappings": "UPDATE"}
_MARKS = {"add", "add_all", "delete"}
_TABLE = re.compile(r"\b(?:from|into|update)\s+[\"`\[]?(?:\w+[\"`\]]?\.[\"`\[]?)?(\w+)", re.IGNORECASE)


def kind_of(name: str) -> str:
    """The canonical class that a name of one of the libraries stands for; "" for none of them."""
    if not name.startswith(LIBRARIES):
        return ""
    if name.endswith((KEEPING, EXPIRING)):
        return name
    return _KINDS.get(name.rpartition(".")[2], "")


def plain(kind: str) -> str:
    """A kind without what is known of its rows after a commit."""
    return kind.removesuffix(KEEPING).removesuffix(EXPIRING)


def made(kind: str, keywords: Mapping[str, Value], before: str = "") -> Value:
    """What a constructor gives; `before`: the kind of the factory, whose settings count where the call gives none."""
    given = keywords.get("expire_on_commit")
    options = keywords.get("session_options")
    if given is None and isinstance(options, Container):
        given = options.field("expire_on_commit")
    if plain(kind) not in (SESSION, ASYNC_SESSION, *_MAKES):
        return ExternalInstance(kind)
    if given is None:
        return ExternalInstance(kind + (before.removeprefix(plain(before)) if before else EXPIRING))
    return ExternalInstance(kind + (EXPIRING if given == Const(True) else KEEPING))


def handle(project: Project, value: Value) -> str:
    """Which kind of session, connection, engine or factory a value is; "" for none."""
    if isinstance(value, ExternalInstance):
        return kind_of(value.cls)
    if isinstance(value, Instance):
        info = project.class_info(value.cls)
        for ancestor in info.lineage if info is not None else ():
            found = kind_of(ancestor[4:]) if ancestor.startswith("ext:") else ""
            if found:
                return found
    return ""


def is_session(kind: str) -> bool:
    return plain(kind) in _SESSIONS


def is_maker(kind: str) -> bool:
    return plain(kind) in (MAKER, ASYNC_MAKER)


def made_by(kind: str, keywords: Mapping[str, Value]) -> Value:
    """What calling a factory gives, or the session of a Flask-SQLAlchemy object."""
    return made(_MAKES[plain(kind)], keywords, kind)


def method(
    run: Run, kind: str, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> Value | None:
    """A method of a session, connection, engine or factory; None: none that is known."""
    waiting = "asyncio" in kind
    if is_maker(kind):
        return made_by(kind, keywords) if name in ("begin", "__call__") else UNKNOWN
    if kind in (ENGINE, ASYNC_ENGINE):
        if name in ("begin", "connect"):
            return ExternalInstance(ASYNC_CONNECTION if waiting else CONNECTION)
        return UNKNOWN
    if name == "begin":
        return ExternalInstance(kind)
    if name in ("query",):
        return rows_of.statement(run, args, spot, "sqlalchemy-query")
    if name == "run_sync" and args:
        inside = ExternalInstance(kind.replace(ASYNC_SESSION, SESSION))
        return Awaitable(standard.elsewhere(run, args[0], (inside, *args[1:]), keywords, spot))
    found = _method(run, name, args, keywords, spot, waits=not waiting)
    if found is None:
        return None
    if name == "commit" and (kind.endswith(EXPIRING) or (kind == plain(kind) and not run.project.memo.ask(KEEPS))):
        sqlalchemy_objects.expire(run)
    return Awaitable(found) if waiting and name not in _MARKS else found


def _method(
    run: Run, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot, *, waits: bool
) -> Value | None:
    first = args[0] if args else next(iter(keywords.values()), UNKNOWN)
    if name in _EXECUTES:
        return execute(run, name, first, spot, waits=waits and name not in _ASYNC_ONLY)
    if name in rows_of.GETS:
        ref = next((p.ref for p in parts(first) if isinstance(p, Class)), "")
        model = model_of(run.project, ref) if ref else None
        if model is None:
            return UNKNOWN
        by_key = replace(rows_of.statement(run, (first,), spot, "sqlalchemy"), filters=(model.primary_key,))
        by_key = _with_options(run, by_key, keywords)
        if ref in run.held:
            return rows_of.row_of(replace(by_key, kind="list"), run.now)
        return rows_of.row_of(rows_of.asked(run, by_key, spot, "get", waits=waits), run.now)
    if name in ("refresh", "merge"):
        row = next((p for p in parts(first) if isinstance(p, Row)), None)
        if row is not None:
            model = model_of(run.project, row.model)
            key = (model.primary_key,) if model is not None else ()
            run.query(Rows(row.model, filters=key, dialect="sqlalchemy"), "SELECT", spot, name, blocks=waits)
            sqlalchemy_objects.refreshed(run)
        return first if name == "merge" else UNKNOWN
    if name in _MARKS:
        for part in parts(first):
            inner = part.of if isinstance(part, Container) else part
            for each in parts(inner):
                run.handed.append((spot, each.model if isinstance(each, Row) else ""))
                if name == "delete" and isinstance(each, Row):
                    sqlalchemy_objects.deleted(run, each, spot, waits=waits)
        if not parts(first):
            run.handed.append((spot, ""))
        return Awaitable(UNKNOWN) if name == "delete" and not waits else UNKNOWN
    if name == "flush":
        wrote = next((model for _, model in reversed(run.handed) if model), "")
        shape = model_of(run.project, wrote) if wrote else None
        query = Query("INSERT", (shape.table,), ()) if shape is not None else None
        run.emit(Effect(WRITE, "flush", spot, model=wrote, query=query, blocks=waits, how="flush"))
        return UNKNOWN
    if name == "commit":
        run.commit(spot, "commit", blocks=waits)
        return UNKNOWN
    if name in ("rollback", "close"):
        run.autobegun = None
        return UNKNOWN
    if name in _BULK:
        ref = next((p.ref for p in parts(first) if isinstance(p, Class)), "")
        run.query(Rows(ref, dialect="sqlalchemy"), _BULK[name], spot, name, blocks=waits)
        return UNKNOWN
    return None


def _with_options(run: Run, rows: Rows, keywords: Mapping[str, Value]) -> Rows:
    return terms.applied(run, rows, (keywords["options"],)) if "options" in keywords else rows


def execute(run: Run, name: str, statement: Value, spot: Spot, *, waits: bool) -> Value:
    """A statement is sent: a `Select`, an insert, update or delete, or text."""
    found = next((p for p in parts(statement) if isinstance(p, Rows)), None)
    if found is None:
        _raw(run, statement, spot, name, waits=waits)
        return UNKNOWN
    result = rows_of.asked(run, found, spot, name, waits=waits)
    several = terms.entities(result)
    if name in ("execute", "stream") or (name == "exec" and len(several) > 1):
        return rows_of.marked(result, rows_of.TUPLES, len(several) <= 1)
    scalars = rows_of.of_result(run, result, "scalars", ())
    if name == "scalar" and isinstance(scalars, Rows):
        return rows_of.row_of(scalars, run.now)
    return scalars if scalars is not None else UNKNOWN


def _raw(run: Run, statement: Value, spot: Spot, name: str, *, waits: bool) -> None:
    """SQL text, or a statement that could not be followed. Of the text only its verb and first table are looked at."""
    from .sqlalchemy_models import by_table

    texts = [p.value if isinstance(p, Const) else p.name for p in parts(statement) if isinstance(p, Const | Term)]
    text = next((t for t in texts if isinstance(t, str)), "")
    table = _TABLE.search(text)
    verb = text.strip()[:6].upper()
    verb = verb if verb in ("INSERT", "UPDATE", "DELETE") else "SELECT"
    ref = by_table(run.project, table.group(1)) if table is not None else ""
    query = Query(verb, (table.group(1),), ()) if table is not None else None
    if query is not None and verb == "SELECT":
        drained.sent(run, text, query)
    if query is not None and sqltext.draws(text):
        drawn = Effect(FETCH, "few", spot, model=ref, query=query, how="sql", assumed=True)
        run.observed.setdefault(("random", spot), Observation("random", drawn, run.owner))
    effect = Effect(QUERY if verb == "SELECT" else WRITE, name, spot, model=ref, query=query, blocks=waits, how=name)
    run.site(effect)
    sqlsites.sites(run, effect, text)
    run.emit(effect)


def unknown(
    run: Run, receiver: str, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> Value | None:
    """A method of something unknown that can only be a session: `x.query(Model)`, `x.execute(select(...))`."""
    waits = not run.is_async
    first = args[0] if args else UNKNOWN
    classes = [p for p in parts(first) if isinstance(p, Class) and _mapped(run.project, p.ref)]
    mapped = bool(classes) or any(isinstance(p, Term) and p.kind == "column" for p in parts(first))
    found: Value | None = None
    if name == "query" and mapped:
        return rows_of.statement(run, args, spot, "sqlalchemy-query")
    if name in rows_of.FILTERS or name in rows_of.JOINS:
        model = next((m for a in args for p in parts(a) for m in _about(run.project, p)), "")
        if model:  # whatever it is, it is filtered by columns of a mapped class
            rows = Rows(
                model, "query", frozenset({ANYTHING}), Origin(spot, ""), fresh=run.now, dialect="sqlalchemy-query"
            )
            return rows_of.build(run, rows, name, args, keywords, spot)
    if name in _EXECUTES and any(isinstance(p, Rows) and p.dialect == "sqlalchemy" for p in parts(first)):
        found = execute(run, name, first, spot, waits=waits and name not in _ASYNC_ONLY)
    elif (name in rows_of.GETS and classes and len(args) > 1) or (
        receiver.lower().endswith("session") and name in ("commit", "flush", *_MARKS, *_BULK, "refresh")
    ):
        found = _method(run, name, args, keywords, spot, waits=waits)
    if found is None:
        return None
    return found if waits or name in _MARKS else Awaitable(found)


def _about(project: Project, value: Value) -> list[str]:
    """The mapped class that a condition is about."""
    if isinstance(value, Term):
        named = (value.model, *(entry[0] for entry in value.entries)) if value.kind != "option" else ()
        return [m for m in named if m and _mapped(project, m)]
    if isinstance(value, Function) and value.bound is None:
        owner = value.ref.rpartition(".")[0]
        return [owner] if "::" in owner and _mapped(project, owner) else []
    return []


def _mapped(project: Project, ref: str) -> bool:
    model = model_of(project, ref)
    return model is not None and model.dialect == "sqlalchemy"


def _keeps(project: Project) -> bool:
    """Whether some session of the project is made with `expire_on_commit=False`: of one that is handed in nobody
    knows then whether its rows expire."""
    project.memo.read_input(("tree",))
    return any(project.memo.ask(KEEPS_IN, path) for path in project.modules.paths)


def _keeps_in(project: Project, path: str) -> bool:
    found = project.file(path)
    parts = (found.loose, *(f.core for f in found.functions.values()))
    return any(b"expire_on_commit" in marshal.dumps(part) and _mentions(part) for part in parts)


def _mentions(facts: Any) -> bool:
    """Whether facts hold `expire_on_commit=False`, as a keyword or in a dict."""
    pending = [facts]
    while pending:
        part = pending.pop()
        if len(part) == 2 and part[0] == "expire_on_commit" and part[1] == _FALSE:
            return True
        if len(part) == 3 and part[0] == ir.DICT and (ir.CONST, "expire_on_commit") in part[1]:
            return True
        pending.extend([inner for inner in part if type(inner) is tuple])
    return False


_FALSE = (ir.CONST, False)
KEEPS: Question[bool] = Question("keeps_rows", _keeps, bool)
KEEPS_IN: Question[bool] = Question("keeps_rows_in", _keeps_in, bool)
