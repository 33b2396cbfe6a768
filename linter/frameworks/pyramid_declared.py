"""What the files of a Pyramid project declare: views with their renderers, routes, request methods, services.

In: decorators (`view_config`, `view_defaults`) and calls of the configurator (`add_view`, `add_route`,
`add_request_method`, `register_service_factory`). Out: tables by name. Each file is read once, as spelled.
Source: docs.pylonsproject.org: "View Configuration", "URL Dispatch", `Configurator`; pyramid-services.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.memo import Question
from ..project.shapes import constant, keyword, string
from .routes import bodies, calls
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.names import Binding
    from ..project.project import Project

_VIEWS = {"view_config", "notfound_view_config", "forbidden_view_config", "exception_view_config"}
_ASKED = {
    "add_view", "add_route", "add_request_method", "set_request_property", "register_service_factory",
    "register_service",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """How a function or method answers: route name, renderer, the class of its context as spelled in the file `path`,
    the verb."""

    path: str
    route: str = ""
    renderer: str = ""
    context: Any = None
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A route: its pattern, what makes the root of its resources, and how many keys lead from there to the context."""

    path: str
    pattern: str
    factory: Any = None
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Declared:
    """What one file says. Functions are qualified names of the file; other callables are as spelled."""

    views: tuple[tuple[str, View], ...] = ()
    added: tuple[tuple[Any, str, View], ...] = ()
    """(view, attribute of it, how)"""
    routes: tuple[tuple[str, Route], ...] = ()
    methods: tuple[tuple[str, Any, bool], ...] = ()
    """(name on the request, callable, whether reading it calls it)"""
    services: tuple[tuple[Any, str, Any], ...] = ()
    """(interface, name, factory)"""


@dataclass(frozen=True, slots=True)
class Pyramid:
    """All files together; empty where Pyramid is not used."""

    views: dict[str, dict[str, tuple[View, ...]]] = field(default_factory=dict)
    """Path → function → how it answers."""
    routes: dict[str, Route] = field(default_factory=dict)
    methods: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    """Name on the request → (function | class, reference, whether reading it calls it)."""
    services: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(interface, name) → (function | class, reference), where only one is registered."""


def pyramid(project: Project) -> Pyramid:
    found: Pyramid = project.memo.ask(PYRAMID)
    return found


def _pyramid(project: Project) -> Pyramid:
    project.memo.read_input(("tree",))
    out = Pyramid()
    several: set[tuple[str, str]] = set()
    for path in project.modules.paths:
        found: Declared = project.memo.ask(DECLARED, path)
        for name, view in found.views:
            _add(out, f"{path}::{name}", view)
        for expr, attribute, view in found.added:
            bound = resolved(project, path, expr)
            if bound is not None and bound.kind == "class":
                _add(out, f"{bound.ref}.{attribute or '__call__'}", view)
            elif bound is not None and bound.kind == "function":
                _add(out, bound.ref, view)
        for name, route in found.routes:
            out.routes.setdefault(name, route)
        for name, expr, called in found.methods:
            bound = resolved(project, path, expr)
            if bound is not None and bound.kind in ("function", "class"):
                out.methods.setdefault(name, (bound.kind, bound.ref, called))
        for interface, name, expr in found.services:
            key, bound = (named(resolved(project, path, interface)), name), resolved(project, path, expr)
            if key in out.services:
                several.add(key)
            elif bound is not None and bound.kind in ("function", "class"):
                out.services[key] = (bound.kind, bound.ref)
    for key in several:
        del out.services[key]
    return out


def _add(out: Pyramid, ref: str, view: View) -> None:
    known = out.views.setdefault(ref.partition("::")[0], {})
    known[ref] = tuple(dict.fromkeys((*known.get(ref, ()), view)))


def named(bound: Binding | None) -> str:
    return bound.ref if bound is not None else ""


def resolved(project: Project, path: str, expr: Any) -> Binding | None:
    """What a name, `package.module:name`, `package.module.name` or `.module.name` stands for."""
    text = string(expr).replace(":", ".")
    if not text:
        return project.dotted(path, expr) if expr is not None else None
    module, _, name = text.rpartition(".")
    if text.startswith("."):
        file = project.modules.relative(path, 1, module.lstrip("."))
    else:
        file = project.modules.find(module, path)
    return project.member_of_module(file, name) if file else None


# One file -------------------------------------------------------------------------------------------------


def _declared(project: Project, path: str) -> Declared:
    views = list(_decorated(project, path))
    added: list[tuple[Any, str, View]] = []
    routes: list[tuple[str, Route]] = []
    methods: list[tuple[str, Any, bool]] = []
    services: list[tuple[Any, str, Any]] = []
    for _, body in bodies(project, path):
        for call in calls(body):
            func = call[1]
            last = func[2] if isinstance(func, tuple) and func[0] == ir.ATTR else ""
            if last not in _ASKED:
                continue
            if last == "add_view":
                added.append((keyword(call, "view", 0), string(keyword(call, "attr")), _view(path, call, View(path))))
            elif last == "add_route":
                routes += _route(path, call)
            elif last.endswith(("method", "property")):
                methods += _method(body, call, last == "set_request_property")
            else:
                factory, interface = keyword(call, "factory", 0), keyword(call, "iface", 1)
                services.append((interface, string(keyword(call, "name")), _local(body, factory)))
    return Declared(tuple(views), tuple(added), tuple(routes), tuple(methods), tuple(services))


def _decorated(project: Project, path: str) -> Iterator[tuple[str, View]]:
    """Functions and methods under `view_config`; of a class under it, what it calls."""
    file = project.file(path)
    defaults: dict[str, View] = {}
    for name, cls in file.classes.items():
        for decorator in cls.core[ir.K_DECORATORS]:
            if last_name(decorator) == "view_defaults" and isinstance(decorator, tuple):
                defaults[name] = _view(path, decorator, View(path))
        for decorator in cls.core[ir.K_DECORATORS]:
            if last_name(decorator) in _VIEWS and isinstance(decorator, tuple):
                attribute = string(keyword(decorator, "attr")) or "__call__"
                yield f"{name}.{attribute}", _view(path, decorator, defaults.get(name, View(path)))
    for name, function in file.functions.items():
        for decorator in function.core[ir.C_DECORATORS]:
            if last_name(decorator) in _VIEWS:
                outer = defaults.get(name.rpartition(".")[0], View(path))
                called = isinstance(decorator, tuple) and decorator[0] == ir.CALL
                yield name, _view(path, decorator, outer) if called else outer


def _view(path: str, call: Any, outer: View) -> View:
    given = dict(call[3])
    renderer = string(given["renderer"]) if "renderer" in given else outer.renderer
    verbs = string(given.get("request_method"))
    context = given.get("context", given.get("for_", outer.context))
    return View(path, string(given.get("route_name")) or outer.route, renderer, context, verbs or outer.verb)


def _route(path: str, call: Any) -> Iterator[tuple[str, Route]]:
    name, pattern = string(keyword(call, "name", 0)), string(keyword(call, "pattern", 1))
    if name and (pattern or len(call[2]) == 1):
        traverse = string(keyword(call, "traverse")).strip("/")
        yield name, Route(path, pattern, keyword(call, "factory"), len(traverse.split("/")) if traverse else 0)


def _method(body: Any, call: Any, called: bool) -> Iterator[tuple[str, Any, bool]]:
    target = _local(body, keyword(call, "callable", 0))
    name = string(keyword(call, "name", 1)) or last_name(target)
    read = called or any(constant(keyword(call, key)) is True for key in ("reify", "property"))
    if name and target is not None:
        yield name, target, read


def _local(body: Any, expr: Any) -> Any:
    """What a variable of the function holds: a setting's default, `settings.get("key", default)`."""
    for s in body if isinstance(expr, str) else ():
        if s[0] == ir.ASSIGN and expr in s[1] and isinstance(s[2], tuple) and s[2][0] == ir.CALL:
            return s[2][2][1] if last_name(s[2]) == "get" and len(s[2][2]) > 1 else None
    if isinstance(expr, tuple) and expr[0] == ir.CALL and last_name(expr) == "partial" and expr[2]:
        return expr[2][0]
    return expr


DECLARED: Question[Declared] = Question("pyramid_declared", _declared, Declared)
PYRAMID: Question[Pyramid] = Question("pyramid", _pyramid, Pyramid)
