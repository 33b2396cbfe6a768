"""Routes that decorators and registrations declare: FastAPI, Starlette, Flask, Quart, Sanic, aiohttp and their kin.

In: the facts of a project. Out: handlers with their route templates, prefixes of routers and blueprints included.
It reads spellings and names, and asks for no types. Routers that a function builds and returns are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..facts import ir
from .sqlalchemy_facts import keyword, last_name, string

if TYPE_CHECKING:
    from ..project.project import Project

VERBS = {"get", "post", "put", "delete", "patch", "options", "head", "trace"}
ROUTES = VERBS | {"route", "api_route", "websocket", "websocket_route", "view"}
_PREFIXES = ("prefix", "url_prefix", "path")
_INCLUDES = {"include_router": 0, "register_blueprint": 0, "mount": 1, "add_namespace": 0, "blueprint": 0}
_MAX_PREFIXES = 4  # places that include one router
_MAX_DEPTH = 8

Router = tuple[str, str]  # (path of the file, name) at module level


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
                out.append(outer + prefix + own)
        return list(dict.fromkeys(out))[:_MAX_PREFIXES]


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


def bodies(project: Project, path: str) -> Iterator[tuple[str, Any]]:
    """(function, its statements) of a file, and ("", the module's own)."""
    found = project.file(path)
    yield "", found.loose
    for name, function in found.functions.items():
        yield name, function.core[ir.C_BODY]


def routers(project: Project) -> Routers:
    out = Routers()
    for path in project.modules.paths:
        for name, values in project.file(path).values.items():
            for value, _ in values:
                if isinstance(value, tuple) and value[0] == ir.CALL and is_router(last_name(value)):
                    out.own[path, name] = next((string(v) for k, v in value[3] if k in _PREFIXES and string(v)), "")
        for _, body in bodies(project, path):
            for call in calls(body):
                func = call[1]
                if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] in _INCLUDES and len(call[2]) > _INCLUDES[func[2]]:
                    target = router_of(project, path, call[2][_INCLUDES[func[2]]])
                    if target is not None:
                        prefix = next((string(v) for k, v in call[3] if k in _PREFIXES), "")
                        if func[2] == "mount":
                            prefix = string(call[2][0])
                        into = router_of(project, path, func[1])
                        out.included.setdefault(target, []).append((into, prefix))
    return out


def is_router(name: str) -> bool:
    return name in ("FastAPI", "Flask", "Blueprint", "Starlette", "Quart", "Sanic", "Namespace", "APIBlueprint", "APIFlask") or name.endswith(
        ("Router", "RouteTableDef", "Blueprint")
    )


def router_of(project: Project, path: str, expr: Any) -> Router | None:
    """The module-level router that an expression names, through imports and modules."""
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


def decorated(project: Project, path: str, decorators: Any, known: Routers) -> Iterator[str]:
    """Routes that a function's decorators give it, each as `METHOD /template` (or the template alone)."""
    for decorator in decorators:
        if not isinstance(decorator, tuple) or decorator[0] != ir.CALL or not isinstance(decorator[1], tuple):
            continue
        func = decorator[1]
        if func[0] != ir.ATTR or func[2] not in ROUTES:
            continue
        first = decorator[2][0] if decorator[2] else keyword(decorator, "path") or keyword(decorator, "rule")
        template = string(first)
        router = router_of(project, path, func[1])
        if router is None and not template.startswith("/"):
            continue
        if router is not None and router not in known.own and not template.startswith("/"):
            continue
        yield from templates(known, router, template, methods(func[2], decorator))


def methods(verb: str, call: Any) -> list[str]:
    if verb in VERBS:
        return [verb.upper()]
    listed = keyword(call, "methods")
    if isinstance(listed, tuple) and listed[0] == ir.SEQUENCE:
        return [string(m).upper() for m in listed[2] if string(m)]
    return []


def templates(known: Routers, router: Router | None, template: str, verbs: list[str]) -> Iterator[str]:
    for prefix in known.prefixes(router) if router is not None else [""]:
        route = prefix + template
        for verb in verbs or [""]:
            yield f"{verb} {route}".strip() if route else ""


def registered(project: Project, known: Routers) -> Iterator[tuple[str, str]]:
    """(function or class, route) of `add_api_route`, `add_url_rule`, `add_resource`, `add_route`, `router.add_get`."""
    for path in project.modules.paths:
        for _, body in bodies(project, path):
            for call in calls(body):
                func = call[1]
                if not isinstance(func, tuple) or func[0] != ir.ATTR or not func[2].startswith("add_"):
                    continue
                yield from _added(project, path, call, func, known)


def _added(project: Project, path: str, call: Any, func: Any, known: Routers) -> Iterator[tuple[str, str]]:
    name, args = func[2], call[2]
    if name.endswith("resource"):
        handler, routes = (args[0] if args else None), [string(a) for a in args[1:] if string(a)]
    elif name in ("add_api_route", "add_route", "add_url_rule", "add_view", "add_api_websocket_route", "add_websocket_route") or name[4:] in VERBS:
        handler = keyword(call, "view_func") or keyword(call, "endpoint") or keyword(call, "handler")
        rest = [a for a in args if not string(a)]
        handler = handler if handler is not None and not string(handler) else rest[0] if rest else None
        routes = [next((string(a) for a in args if string(a).startswith("/")), "")]
    else:
        return
    while isinstance(handler, tuple) and handler[0] == ir.CALL:
        inner = handler[1]
        if last_name(inner) == "as_view" and isinstance(inner, tuple):
            handler = inner[1]
            break
        handler = handler[2][0] if handler[2] else None
    bound = project.dotted(path, handler) if handler is not None else None
    if bound is None or bound.kind not in ("function", "class"):
        return
    router = router_of(project, path, func[1])
    verbs = [name[4:].upper()] if name[4:] in VERBS else methods("", call)
    for route in routes:
        for full in templates(known, router, route, verbs):
            yield bound.ref, full


