"""Routes that decorators and registrations declare: FastAPI, Starlette, Flask, Quart, Sanic, aiohttp and their kin.

In: the facts of a project. Out: handlers with their route templates, prefixes of routers and blueprints included.
Each file is read once, as spelled, and remembered (`Declared`); names are resolved when all files are put together.
It asks for no types. Routers that a function builds and returns are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.memo import Question
from .sqlalchemy_facts import keyword, last_name, string

if TYPE_CHECKING:
    from ..project.project import Project

VERBS = {"get", "post", "put", "delete", "patch", "options", "head", "trace"}
ROUTES = VERBS | {"route", "api_route", "websocket", "websocket_route", "view"}
_ADDS = {"add_api_route", "add_route", "add_url_rule", "add_view", "add_api_websocket_route", "add_websocket_route"}
_PREFIXES = ("prefix", "url_prefix", "path")
_INCLUDES = {
    "include_router": 0, "register_blueprint": 0, "mount": 1, "add_namespace": 0, "blueprint": 0, "add_router": 1,
}  # fmt: skip
_MAX_PREFIXES = 4  # places that include one router
_MAX_DEPTH = 8

Router = tuple[str, str]  # (path of the file, name) at module level


@dataclass(frozen=True, slots=True)
class Declared:
    """What one file says about routes, as spelled: routers and handlers are expressions of the facts."""

    routers: tuple[tuple[str, str], ...] = ()
    """(name, prefix)"""
    included: tuple[tuple[Any, Any, str], ...] = ()
    """(router, into which, prefix)"""
    routes: tuple[tuple[str, Any, str, tuple[str, ...]], ...] = ()
    """(decorated function or class, router, template, methods)"""
    added: tuple[tuple[Any, Any, tuple[str, ...], tuple[str, ...]], ...] = ()
    """(handler, router, templates, methods)"""


@dataclass(slots=True)
class Routers:
    """Which router is included where, under which prefix; and its own prefix."""

    own: dict[Router, str] = field(default_factory=dict)
    included: dict[Router, list[tuple[Router | None, str]]] = field(default_factory=dict)

    def prefixes(self, router: Router, depth: int = 0) -> list[str]:
        """Every prefix under which a router's routes are reached."""
        own = self.own.get(router, "")
        places = self.included.get(router, [])
        if not places or depth > _MAX_DEPTH:
            return [own]
        out = []
        for into, prefix in places[:_MAX_PREFIXES]:
            for outer in self.prefixes(into, depth + 1) if into is not None and into != router else [""]:
                out.append(joined(joined(outer, prefix), own))
        return list(dict.fromkeys(out))[:_MAX_PREFIXES]


def joined(prefix: str, template: str) -> str:
    """One part of a route after another: some frameworks put a slash between them, none puts two."""
    apart = prefix and template and not prefix.endswith("/") and template[0] not in "/:{<"
    return f"{prefix}/{template}" if apart else f"{prefix}{template}".replace("//", "/")


def calls(statements: Any, depth: int = 0) -> Iterator[Any]:
    """Calls that stand as statements or assigned values, also inside `if`, `with`, `for` and functions."""
    for s in statements:
        op = s[0]
        if op == ir.EXPRESSION and isinstance(s[1], tuple):
            inner = s[1][1] if s[1][0] == ir.AWAIT else s[1]
            if isinstance(inner, tuple) and inner[0] == ir.CALL:
                yield inner
        elif op == ir.ASSIGN and isinstance(s[2], tuple) and s[2][0] == ir.CALL:
            yield s[2]
        elif depth < 4:
            if op in (ir.IF, ir.TRY):
                yield from calls((*s[1 if op == ir.TRY else 2], *s[3]), depth + 1)
            elif op in (ir.WITH, ir.WHILE):
                yield from calls(s[2], depth + 1)
            elif op == ir.FOR:
                yield from calls(s[3], depth + 1)


def called(project: Project, path: str) -> Sequence[tuple[str, Any]]:
    """(function, call) of the calls of a file that `calls` gives; the function is "" for the module's own."""
    found = project.file(path)
    if found.called is None:
        found.called = tuple((name, call) for name, body in bodies(project, path) for call in calls(body))
    return found.called


def bodies(project: Project, path: str) -> Iterator[tuple[str, Any]]:
    """(function, its statements) of a file, and ("", the module's own)."""
    found = project.file(path)
    yield "", found.loose
    for name, function in found.functions.items():
        yield name, function.core[ir.C_BODY]


def declared(project: Project, path: str) -> Declared:
    """What a file says about routes, through the memo."""
    found: Declared = project.memo.ask(DECLARED, path)
    return found


def _declared(project: Project, path: str) -> Declared:
    own: list[tuple[str, str]] = []
    included: list[tuple[Any, Any, str]] = []
    added: list[tuple[Any, Any, tuple[str, ...], tuple[str, ...]]] = []
    for _, call in called(project, path):
        func = call[1]
        if not isinstance(func, tuple) or func[0] != ir.ATTR:
            continue
        position = _INCLUDES.get(func[2], len(call[2]))
        if position < len(call[2]):
            prefix = next((string(v) for k, v in call[3] if k in _PREFIXES), "")
            included.append((call[2][position], func[1], string(call[2][0]) if position else prefix))
        elif func[2].startswith("add_"):
            added += _added(call, func)
    found = project.file(path)
    included += _in_urlconf(found.values.get("urlpatterns", []))
    for name, values in found.values.items():
        for value, _ in values:
            if isinstance(value, tuple) and value[0] == ir.CALL and is_router(last_name(value)):
                own.append((name, next((string(v) for k, v in value[3] if k in _PREFIXES and string(v)), "")))
    routes = [r for n, f in found.functions.items() for r in _decorated(f"{path}::{n}", f.core[ir.C_DECORATORS])]
    routes += [r for n, c in found.classes.items() for r in _decorated(f"{path}::{n}", c.core[ir.K_DECORATORS])]
    return Declared(tuple(own), tuple(included), tuple(routes), tuple(added))


def _in_urlconf(values: Any) -> Iterator[tuple[Any, Any, str]]:
    """`path("api/", api.urls)`: what a URLconf of Django says of an API of django-ninja."""
    for value, _ in values:
        for item in value[2] if isinstance(value, tuple) and value[0] == ir.SEQUENCE else ():
            view = item[2][1] if isinstance(item, tuple) and item[0] == ir.CALL and len(item[2]) > 1 else None
            if isinstance(view, tuple) and view[0] == ir.ATTR and view[2] == "urls":
                yield view[1], None, "/" + string(item[2][0]).rstrip("/")


def _decorated(ref: str, decorators: Any) -> Iterator[tuple[str, Any, str, tuple[str, ...]]]:
    for decorator in decorators:
        if not isinstance(decorator, tuple) or decorator[0] != ir.CALL or not isinstance(decorator[1], tuple):
            continue
        func = decorator[1]
        if func[0] == ir.ATTR and func[2] in ROUTES:
            first = decorator[2][0] if decorator[2] else keyword(decorator, "path") or keyword(decorator, "rule")
            yield ref, func[1], string(first), methods(func[2], decorator)


def _added(call: Any, func: Any) -> Iterator[tuple[Any, Any, tuple[str, ...], tuple[str, ...]]]:
    """`add_api_route`, `add_url_rule`, `add_resource`, `router.add_get`: handler, router, templates, methods."""
    name, args = func[2], call[2]
    if name.endswith("resource"):
        handler: Any = args[0] if args else None
        found = tuple(string(a) for a in args[1:] if string(a))
    elif name in _ADDS or name[4:] in VERBS:
        handler = keyword(call, "view_func") or keyword(call, "endpoint") or keyword(call, "handler")
        rest = [a for a in args if not string(a)]
        handler = handler if handler is not None and not string(handler) else rest[0] if rest else None
        found = (next((string(a) for a in args if string(a).startswith("/")), ""),)
        if name == "add_view" and not found[0]:
            return  # Pyramid's, whose routes have names, or a page of an admin
    else:
        return
    while isinstance(handler, tuple) and handler[0] == ir.CALL:
        inner = handler[1]
        if last_name(inner) == "as_view" and isinstance(inner, tuple):
            handler = inner[1]
            break
        handler = handler[2][0] if handler[2] else None
    if handler is not None:
        yield handler, func[1], found, (name[4:].upper(),) if name[4:] in VERBS else methods("", call)


def routers(project: Project) -> Routers:
    """All routers of a project and where they are included."""
    out = Routers()
    for path in project.modules.paths:
        found = declared(project, path)
        out.own.update({(path, name): prefix for name, prefix in found.routers})
        for expr, into, prefix in found.included:
            target = router_of(project, path, expr)
            if target is not None:
                out.included.setdefault(target, []).append((router_of(project, path, into), prefix))
    return out


def is_router(name: str) -> bool:
    return name in (
        "FastAPI",
        "Flask",
        "Blueprint",
        "Starlette",
        "Quart",
        "Sanic",
        "Namespace",
        "APIBlueprint",
        "APIFlask",
        "NinjaAPI",
        "NinjaExtraAPI",
    ) or name.endswith(("Router", "RouteTableDef", "Blueprint"))


def router_of(project: Project, path: str, expr: Any) -> Router | None:
    """The module-level router that an expression names, through imports and modules, or in a string."""
    if "." in string(expr):
        module, _, name = string(expr).rpartition(".")
        file = project.modules.find(module, path)
        return (file, name) if file else None
    if isinstance(expr, str):
        binding = project.name(path, expr)
        return (binding.ref, binding.name) if binding is not None and binding.kind == "value" else None
    if isinstance(expr, tuple) and expr[0] == ir.ATTR:
        base = project.dotted(path, expr[1])
        if base is not None and base.kind == "module":
            found = project.member_of_module(base.ref, expr[2])
            if found is not None and found.kind == "value":
                return found.ref, found.name
    return None


def handlers(project: Project) -> Iterator[tuple[str, str]]:
    """(function or class, route as `METHOD /template`) of every declared route."""
    known = routers(project)
    for path in project.modules.paths:
        found = declared(project, path)
        for ref, expr, template, verbs in found.routes:
            router = router_of(project, path, expr)
            if router is None and _of_controller(project, path, expr):
                continue
            if template.startswith("/") or router in known.own:
                for route in templates(known, router, template, verbs):
                    yield ref, route
        for handler, expr, listed, verbs in found.added:
            bound = project.dotted(path, handler)
            if bound is not None and bound.kind in ("function", "class"):
                router = router_of(project, path, expr)
                for template in listed:
                    for route in templates(known, router, template, verbs):
                        yield bound.ref, route


def _of_controller(project: Project, path: str, expr: Any) -> bool:
    """`@route.get` of django-ninja-extra, whose class has the prefix."""
    bound = project.name(path, expr) if isinstance(expr, str) else None
    return bound is not None and bound.kind == "external" and bound.ref.startswith("ninja_extra.")


def methods(verb: str, call: Any) -> tuple[str, ...]:
    if verb in VERBS:
        return (verb.upper(),)
    listed = keyword(call, "methods")
    if isinstance(listed, tuple) and listed[0] == ir.SEQUENCE:
        return tuple(string(m).upper() for m in listed[2] if string(m))
    return ()


def templates(known: Routers, router: Router | None, template: str, verbs: tuple[str, ...]) -> Iterator[str]:
    for prefix in known.prefixes(router) if router is not None else [""]:
        route = joined(prefix, template)
        for verb in verbs or ("",):
            yield f"{verb} {route}".strip() if route else ""


DECLARED: Question[Declared] = Question("declared_routes", _declared, Declared)
