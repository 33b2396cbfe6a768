"""FastAPI, Starlette, Flask and the other frameworks whose routes are decorators: entries, and what `Depends` gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..facts import ir
from ..project.entries import Entry
from ..project.summaries import summary
from ..project.values import UNKNOWN, Awaitable, Class, Container, External, Function, Instance, Spot, Value
from . import routes
from .base import Arguments, Framework, Keywords
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.interpret import Run
    from ..project.project import Project

_DEPENDS = ("Depends", "Security", "Inject", "Provide")
_HOOKS = {
    "before_request": "middleware", "after_request": "middleware", "teardown_request": "middleware", "middleware": "middleware",
    "before_app_request": "middleware", "after_app_request": "middleware", "context_processor": "middleware",
    "app_context_processor": "middleware", "user_loader": "middleware", "request_loader": "middleware",
    "errorhandler": "middleware", "exception_handler": "middleware", "app_errorhandler": "middleware",
    "template_filter": "middleware", "app_template_filter": "middleware", "template_global": "middleware",
    "on_event": "startup", "before_first_request": "startup", "before_serving": "startup", "after_serving": "startup",
    "listener": "startup", "before_server_start": "startup",
}  # fmt: skip
# Classes whose methods the framework calls per request
_HANDLERS = (
    "Resource", "MethodView", "RequestHandler", "HTTPEndpoint", "WebSocketEndpoint", "MethodResource", "HTTPMethodView",
    "APIHandler", "WebSocketHandler",
)  # fmt: skip
_MIDDLEWARE = ("BaseHTTPMiddleware",)


class FastAPI(Framework):
    name = "fastapi"

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, External) and callee.name.rpartition(".")[2] in _DEPENDS and callee.name.startswith(("fastapi", "fast_depends", "litestar", "dishka")):
            return self._provided(run, args[0] if args else keywords.get("dependency", UNKNOWN))
        return None

    def _provided(self, run: Run, dependency: Value) -> Value:
        """What a dependency gives: a function's result, what a generator yields, an object of a class.

        The framework calls it before the handler; a plain function in a thread.
        """
        if isinstance(dependency, Class):
            return Instance(dependency.ref)
        if not isinstance(dependency, Function):
            return UNKNOWN
        run.called[dependency.ref, None] = None  # type: ignore[index]  # as annotated, in no context
        given = summary(run.project, dependency.ref, None).returns
        if isinstance(given, Awaitable):
            given = given.of
        defined = run.project.function(dependency.ref)
        if defined is not None and defined.core[ir.C_GENERATOR] and isinstance(given, Container):
            given = given.of
        return given

    def entries(self, project: Project) -> Iterator[Entry]:
        known = routes.routers(project)
        for path in project.modules.paths:
            for name, function in project.file(path).functions.items():
                decorators = function.core[ir.C_DECORATORS]
                if decorators:
                    yield from self._decorated(project, path, f"{path}::{name}", decorators, known)
            for name, cls in project.file(path).classes.items():
                for route in routes.decorated(project, path, cls.core[ir.K_DECORATORS], known):
                    yield Entry("request", f"{path}::{name}", route)
        for ref, route in routes.registered(project, known):
            yield Entry("request", ref, route)
        for ref in project.classes():
            info = project.class_info(ref)
            outside = [a[4:] for a in info.lineage if a.startswith("ext:")] if info is not None else []
            lasts = {a.rpartition(".")[2] for a in outside}
            if lasts.intersection(_HANDLERS) or any(a in ("aiohttp.web.View", "aiohttp.web_urldispatcher.View", "flask.views.View") for a in outside):
                yield Entry("request", ref)
            elif lasts.intersection(_MIDDLEWARE):
                yield Entry("middleware", ref)

    def _decorated(self, project: Project, path: str, ref: str, decorators: object, known: routes.Routers) -> Iterator[Entry]:
        found = False
        for route in routes.decorated(project, path, decorators, known):
            found = True
            yield Entry("request", ref, route)
        for decorator in decorators if isinstance(decorators, tuple) else ():
            name = last_name(decorator)
            if name in _HOOKS and not isinstance(decorator, str):
                yield Entry(_HOOKS[name], ref, hot=_HOOKS[name] != "startup")
            elif name in ("view_config", "view_defaults", "subscriber") and not found:
                route = next((v[1] for k, v in decorator[3] if k == "route_name" and isinstance(v, tuple)), "") if decorator[0] == ir.CALL else ""
                yield Entry("request", ref, str(route or ""))
