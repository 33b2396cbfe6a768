"""Routes that stand in tables, or are named by decorators that belong to no router.

In: Starlette's `Route` lists, aiohttp's `web.get(...)`, Tornado's tuples of pattern and handler, Litestar's decorators
and controllers, Falcon's resources; tasks that run behind a response (`add_task`); what runs when an application starts
or stops. Out: entries. Files that import none of these packages are not read.
Source: starlette.io, "Routing", "Background Tasks"; docs.aiohttp.org, "Web Server Quickstart"; tornadoweb.org,
"Structure of a Tornado web application"; docs.litestar.dev, "Routing"; falcon.readthedocs.io.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.entries import Entry
from ..project.frozen import replace
from ..project.memo import Question
from ..project.shapes import keyword, string
from .base import Framework
from .routes import VERBS, joined, methods
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project

_PACKAGES = ("starlette.", "fastapi.", "aiohttp.", "tornado.", "litestar.", "starlite.", "falcon.")
_LITESTAR = ("litestar.", "starlite.")
_ROUTES = {"Route", "WebSocketRoute", "APIRoute"}
_LISTENERS = {"route", "websocket", "websocket_listener", "asgi"}
_SPECS = {"url", "URLSpec", "Rule"}
_STARTS = {"lifespan", "on_startup", "on_shutdown", "on_cleanup", "cleanup_ctx"}
_CALL_PARTS = 8  # of a call's facts


class RouteTables(Framework):
    name = "routes"

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return (TABLES,)

    def entries(self, project: Project) -> Iterator[Entry]:
        for path in project.modules.paths:
            found: tuple[Entry, ...] = project.memo.ask(TABLES, path)
            yield from found


def _tables(project: Project, path: str) -> tuple[Entry, ...]:
    bound = project.scope(path).names.values()
    if not any(b.kind in ("external", "module", "from") and f"{b.ref}.".startswith(_PACKAGES) for b in bound):
        return ()
    file = project.file(path)
    out = list(_decorated(project, path))
    values = [value for found in file.values.values() for value, _ in found]
    pending: list[tuple[Any, str]] = [((*values, *file.loose), "")]
    pending += [(function.core[ir.C_BODY], "") for function in file.functions.values()]
    while pending:
        part, prefix = pending.pop()
        if not isinstance(part, tuple):
            continue
        if len(part) == _CALL_PARTS and part[0] == ir.CALL:
            out += _called(project, path, part, prefix)
            prefix = joined(prefix, string(keyword(part, "path", 0))) if last_name(part) == "Mount" else prefix
        elif len(part) == 5 and part[:2] == (ir.SEQUENCE, "tuple"):
            out += _listed(project, path, part[2])
        pending.extend((inner, prefix) for inner in part if isinstance(inner, tuple))
    return tuple(dict.fromkeys(out))


def _called(project: Project, path: str, call: Any, prefix: str) -> Iterator[Entry]:
    """A call that names a handler: the entry, when the handler is one of the project."""
    last = last_name(call)
    for given in _at_start(call, last):
        yield from (replace(entry, hot=False) for entry in _entry(project, path, given, "", "startup"))
    if last in ("add_task", "BackgroundTask"):
        yield from _entry(project, path, keyword(call, "func", 0), "", "task")
    elif last in _ROUTES:
        verbs = methods("", call) or ("",)
        for verb in verbs:
            route = f"{verb} {joined(prefix, string(keyword(call, 'path', 0)))}".strip()
            yield from _entry(project, path, keyword(call, "endpoint", 1), route)
    elif last in _SPECS:
        yield from _listed(project, path, call[2])
    elif last == "add_route" and len(call[2]) > 1 and isinstance(call[2][1], tuple) and call[2][1][0] == ir.CALL:
        yield from _entry(project, path, call[2][1][1], string(call[2][0]))  # Falcon: an object of the class
    elif (last in VERBS or last in ("view", "route")) and _external(project, path, call[1]).startswith("aiohttp.web."):
        at = 1 if last == "route" else 0
        verb = string(keyword(call, "method", 0)) if at else last.upper() if last in VERBS else ""
        route = f"{verb} {string(keyword(call, 'path', at))}".strip()
        yield from _entry(project, path, keyword(call, "handler", at + 1), route)


def _at_start(call: Any, last: str) -> Iterator[Any]:
    """What runs while the application starts or stops: `FastAPI(lifespan=f)`, `Starlette(on_startup=[f])`,
    `app.add_event_handler("startup", f)`, aiohttp's `app.on_startup.append(f)`."""
    for name, value in call[3]:
        if name in _STARTS:
            listed = isinstance(value, tuple) and value[0] == ir.SEQUENCE
            yield from value[2] if listed else (value,)
    if last == "add_event_handler" and string(keyword(call, "event_type", 0)) in ("startup", "shutdown"):
        yield keyword(call, "func", 1)
    of = call[1][1] if last == "append" and isinstance(call[1], tuple) and call[1][0] == ir.ATTR else None
    if isinstance(of, tuple) and of[0] == ir.ATTR and of[2] in _STARTS:
        yield from call[2]


def _listed(project: Project, path: str, items: Sequence[Any]) -> Iterator[Entry]:
    """Tornado: `(r"/orders/(.*)", OrderHandler)`."""
    if len(items) < 2 or not string(items[0]).startswith(("/", "^", r"\/")):
        return
    bound = project.dotted(path, items[1])
    info = project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
    if info is not None and any(a.startswith("ext:tornado.") for a in info.lineage):
        yield Entry("request", info.ref, string(items[0]))


def _entry(project: Project, path: str, handler: Any, route: str, kind: str = "request") -> Iterator[Entry]:
    bound = project.dotted(path, handler) if handler is not None else None
    if bound is not None and bound.kind in ("function", "class"):
        yield Entry(kind, bound.ref, route)


def _external(project: Project, path: str, expr: Any) -> str:
    bound = project.dotted(path, expr)
    return bound.ref if bound is not None and bound.kind == "external" else ""


def _decorated(project: Project, path: str) -> Iterator[Entry]:
    """Litestar: `@get("/orders")`, in a controller below its `path`."""
    file = project.file(path)
    for name, function in file.functions.items():
        for decorator in function.core[ir.C_DECORATORS]:
            called = isinstance(decorator, tuple) and decorator[0] == ir.CALL
            made = _external(project, path, decorator[1] if called else decorator)
            last = made.rpartition(".")[2]
            if not made.startswith(_LITESTAR) or last not in VERBS | _LISTENERS:
                continue
            found = file.classes.get(function.cls) if function.cls else None
            info = project.class_info(f"{path}::{function.cls}") if found is not None else None
            above = info.members.get("path") if info is not None else None
            given = string(decorator[2][0]) if called and decorator[2] else ""
            given = given or (string(keyword(decorator, "path")) if called else "")
            route = joined(string(above.value) if above is not None else "", given) or "/"
            yield Entry("request", f"{path}::{name}", f"{last.upper() if last in VERBS else ''} {route}".strip())


TABLES: Question[tuple[Entry, ...]] = Question("route_tables", _tables, tuple)
