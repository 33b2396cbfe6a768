"""FastAPI, Starlette, Flask and the other frameworks whose routes are decorators: entries, and what `Depends` gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.entries import Entry
from ..project.memo import Question
from ..project.summaries import summary
from ..project.values import UNKNOWN, Awaitable, Class, Container, External, Function, Instance, Spot, Value
from . import routes
from .base import Arguments, Framework, Keywords
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

_DEPENDS = ("Depends", "Security", "Inject", "Provide")
_MIDDLEWARES = {
    "before_request", "after_request", "teardown_request", "middleware", "before_app_request", "after_app_request",
    "context_processor", "app_context_processor", "user_loader", "request_loader", "errorhandler", "app_errorhandler",
    "exception_handler", "template_filter", "app_template_filter", "template_global",
}  # fmt: skip
_STARTS = {
    "on_event", "before_first_request", "before_serving", "after_serving", "listener", "before_server_start",
    "on_startup", "on_shutdown", "after_server_stop",
}  # fmt: skip
_LIFESPAN = "lifespan"  # ends the names of what runs around an application, wherever that is made
_HOOKED = dict.fromkeys(_MIDDLEWARES, "middleware") | dict.fromkeys(_STARTS, "startup")
# Classes whose methods the framework calls per request
_HANDLERS = (
    "Resource", "MethodView", "RequestHandler", "HTTPEndpoint", "WebSocketEndpoint", "MethodResource", "HTTPMethodView",
    "APIHandler", "WebSocketHandler",
)  # fmt: skip
_VIEWS = ("aiohttp.web.View", "aiohttp.web_urldispatcher.View", "flask.views.View")
_MIDDLEWARE = ("BaseHTTPMiddleware",)


ANSWER = "handler.answer"
_INHERITED = ("dispatch_request", "get", "post", "put", "patch", "delete", "head")


class FastAPI(Framework):
    name = "fastapi"
    calls_of = (External,)

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        """What a class answers with a method that it inherits: its own attributes say for what."""
        return (ANSWER,) if _answers(info) and any(_inherited(project, info)) else ()

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        info = run.project.class_info(run.owner) if name == ANSWER else None
        if info is None or not isinstance(receiver, Instance):
            return None
        for ref in _inherited(run.project, info):
            defined = run.project.function(ref)
            asked = {p[0]: UNKNOWN for p in defined.core[ir.C_PARAMETERS]} if defined is not None else {}
            run.awaited(run.call_function(Function(ref, receiver), (), asked, run.spot(0, 0)))
        return UNKNOWN

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return routes.DECLARED, HOOKS

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if (
            isinstance(callee, External)
            and callee.name.rpartition(".")[2] in _DEPENDS
            and callee.name.startswith(("fastapi", "fast_depends", "litestar", "dishka"))
        ):
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
        run.called[dependency.ref, None] = None  # as annotated, in no context
        given = summary(run.project, dependency.ref, None).returns
        if isinstance(given, Awaitable):
            given = given.of
        defined = run.project.function(dependency.ref)
        if defined is not None and defined.core[ir.C_GENERATOR] and isinstance(given, Container):
            given = given.of
        return given

    def nested(self, run: Run, core: Any, returned: Value) -> None:
        if core[ir.C_NAME].endswith(_LIFESPAN):  # nobody waits for the loop yet
            run.observed = {key: o for key, o in run.observed.items() if o.kind != "blocking"}

    def entries(self, project: Project) -> Iterator[Entry]:
        for ref, route in routes.handlers(project):
            yield Entry("request", ref, route)
            cls = ref.rpartition(".")[0] if "." in ref.partition("::")[2] else ""
            for provider in (*_class_dependencies(project, cls), *_dependencies(project, ref)):
                yield Entry("request", provider, route)
        for path in project.modules.paths:
            hooks: tuple[Entry, ...] = project.memo.ask(HOOKS, path)
            yield from hooks
        for ref in project.classes():
            info = project.class_info(ref)
            if info is not None and _answers(info):
                yield Entry("request", ref)
            elif info is not None and any(a.startswith("ext:") and a.endswith(_MIDDLEWARE) for a in info.lineage):
                yield Entry("middleware", ref)


def _answers(info: ClassInfo) -> bool:
    """Whether a framework makes an object of a class for each request and calls its methods."""
    outside = [a[4:] for a in info.lineage if a.startswith("ext:")]
    return any(a.rpartition(".")[2] in _HANDLERS or a in _VIEWS for a in outside)


def _inherited(project: Project, info: ClassInfo) -> Iterator[str]:
    """The handling methods that a class has from another one of the project."""
    for name in _INHERITED:
        member = project.lookup(info.ref, name) if name not in info.members else None
        if member is not None and member.kind == "function":
            yield f"{member.owner}.{name}"


def _class_dependencies(project: Project, cls: str) -> Iterator[str]:
    """Functions that the framework calls before every handler of a class: `session: Session = Depends(get_session)`
    in its body or an ancestor's."""
    info = project.class_info(cls) if cls else None
    for ancestor in info.lineage if info is not None else ():
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        for member in own.members.values() if own is not None else ():
            call = member.value
            if isinstance(call, tuple) and call[0] == ir.CALL and last_name(call) in _DEPENDS and call[2]:
                provider = project.dotted(ancestor.partition("::")[0], call[2][0])
                if provider is not None and provider.kind == "function":
                    yield provider.ref


def _dependencies(project: Project, handler: str) -> Iterator[str]:
    """Functions that the framework calls before a handler, for its parameters and for theirs."""
    pending, seen = [handler], {handler}
    while pending:
        ref = pending.pop()
        defined = project.function(ref)
        path = ref.partition("::")[0]
        for _, _, annotation, default in defined.core[ir.C_PARAMETERS] if defined is not None else ():
            for file, call in ((path, default), _annotated(project, path, annotation)):
                depends = isinstance(call, tuple) and call[0] == ir.CALL and last_name(call) in _DEPENDS and call[2]
                provider = project.dotted(file, call[2][0]) if depends else None
                if provider is not None and provider.kind == "function" and provider.ref not in seen:
                    seen.add(provider.ref)
                    pending.append(provider.ref)
                    yield provider.ref


def _annotated(project: Project, path: str, annotation: Any) -> tuple[str, Any]:
    """The last argument of `Annotated[…]`, also of one that has a name somewhere, and the file it is spelled in."""
    if isinstance(annotation, str):
        bound = project.name(path, annotation)
        found = project.module_values(bound.ref, bound.name) if bound is not None and bound.kind == "value" else []
        path, annotation = (bound.ref, found[0][0]) if bound is not None and len(found) == 1 else (path, None)
    if not isinstance(annotation, tuple) or annotation[0] != ir.INDEX or last_name(annotation[1]) != "Annotated":
        return path, None
    index = annotation[2]
    return path, index[2][-1] if isinstance(index, tuple) and index[0] == ir.SEQUENCE and index[2] else None


def _hooks(project: Project, path: str) -> tuple[Entry, ...]:
    """Functions of a file that decorators make hooks of the application."""
    out: list[Entry] = []
    for name, function in project.file(path).functions.items():
        if name.endswith(_LIFESPAN):
            out.append(Entry("startup", f"{path}::{name}", hot=False))
        for decorator in function.core[ir.C_DECORATORS]:
            last = last_name(decorator)
            if last in _HOOKED and not isinstance(decorator, str):
                out.append(Entry(_HOOKED[last], f"{path}::{name}", hot=_HOOKED[last] != "startup"))
            elif last == "subscriber":
                out.append(Entry("request", f"{path}::{name}"))
    return tuple(out)


HOOKS: Question[tuple[Entry, ...]] = Question("hooks", _hooks, tuple)
