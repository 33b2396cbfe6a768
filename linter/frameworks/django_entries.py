"""Where the outside world enters a Django project: URLconf, class-based views, tasks, commands, signals, middleware."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.entries import Entry

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project

_PATHS = ("path", "re_path", "url")
_VIEW_BASES = (
    "django.views.", "rest_framework.", "django_filters.views.", "django_tables2.", "django.contrib.auth.views.",
)  # fmt: skip
_MAX_INCLUDES = 12


def entries(project: Project) -> Iterator[Entry]:
    seen: set[str] = set()
    for path in project.modules.paths:
        for name in ("urlpatterns",):
            if _is_root(project, path) and project.module_values(path, name):
                yield from _patterns(project, path, "", seen, 0)
    for path in project.modules.paths:  # URLconfs that no other one includes by a name we can follow
        if path not in seen and project.module_values(path, "urlpatterns"):
            yield from _patterns(project, path, "", seen, 0)
    for ref in project.classes():
        info = project.class_info(ref)
        if info is None:
            continue
        if _is_view(info):
            yield Entry("request", ref)
        elif info.name == "Command" and "/management/commands/" in ref:
            yield Entry("command", ref, info.ref.partition("::")[0].rpartition("/")[2].removesuffix(".py"), hot=False)
        elif "/middleware" in ref.partition("::")[0] and "__call__" in info.members:
            yield Entry("middleware", ref)


def _is_view(info: ClassInfo) -> bool:
    return any(
        a.startswith("ext:") and a[4:].startswith(_VIEW_BASES) and not a.endswith(("Serializer", "Field"))
        for a in info.lineage
    )


def _is_root(project: Project, path: str) -> bool:
    folder = path.rpartition("/")[0]
    return path.endswith("urls.py") and any(
        f"{folder}/{n}" in project.modules._files for n in ("settings.py", "wsgi.py", "asgi.py")
    )


def _patterns(project: Project, path: str, prefix: str, seen: set[str], depth: int) -> Iterator[Entry]:
    if depth > _MAX_INCLUDES or path in seen:
        return
    seen |= {path, f"{path}::urlpatterns"}
    routers = dict(_registered(project, path))
    for value, _ in project.module_values(path, "urlpatterns"):
        yield from _list(project, path, value, prefix, seen, depth, routers)
    for s in project.file(path).loose:
        if s[0] == ir.AUGMENT and s[1] == "urlpatterns":
            yield from _list(project, path, s[3], prefix, seen, depth, routers)
    for router in routers.values():
        for route, ref in router:
            yield Entry("request", ref, prefix + route)


def _registered(project: Project, path: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """`router.register("prefix", ViewSet)` of a module, by router."""
    out: dict[str, list[tuple[str, str]]] = {}
    for s in project.file(path).loose:
        call = s[1] if s[0] == ir.EXPRESSION else None
        if not isinstance(call, tuple) or call[0] != ir.CALL or not isinstance(call[1], tuple) or call[1][0] != ir.ATTR:
            continue
        if call[1][2] == "register" and len(call[2]) > 1:
            route = call[2][0][1] if isinstance(call[2][0], tuple) and call[2][0][0] == ir.CONST else ""
            bound = project.dotted(path, call[2][1])
            if bound is not None and bound.kind == "class" and isinstance(route, str):
                out.setdefault(spelled(call[1][1]), []).append((f"{route}/", bound.ref))
    yield from out.items()


def _list(
    project: Project, path: str, expr: Any, prefix: str, seen: set[str], depth: int, routers: dict[str, Any]
) -> Iterator[Entry]:
    if isinstance(expr, tuple) and expr[0] == ir.SEQUENCE:
        for item in expr[2]:
            yield from _pattern(project, path, item, prefix, seen, depth, routers)
    elif isinstance(expr, tuple) and expr[0] in (ir.OPERATION, ir.CALL):
        for part in expr[2]:
            yield from _list(project, path, part, prefix, seen, depth, routers)


def _pattern(
    project: Project, path: str, expr: Any, prefix: str, seen: set[str], depth: int, routers: dict[str, Any]
) -> Iterator[Entry]:
    if (
        not isinstance(expr, tuple)
        or expr[0] != ir.CALL
        or spelled(expr[1]).rpartition(".")[2] not in _PATHS
        or len(expr[2]) < 2
    ):
        return
    first, view = expr[2][0], expr[2][1]
    route = prefix + (
        first[1] if isinstance(first, tuple) and first[0] == ir.CONST and isinstance(first[1], str) else ""
    )
    while isinstance(view, tuple) and view[0] == ir.CALL:
        func = view[1]
        last = spelled(func).rpartition(".")[2]
        if last == "include":
            yield from _included(project, path, view, route, seen, depth)
            return
        if last == "as_view" and isinstance(func, tuple):
            view = func[1]
            break
        view = view[2][0] if view[2] else None  # a decorator around the view: login_required(view)
    bound = project.dotted(path, view) if view is not None else None
    if bound is not None and bound.kind in ("function", "class"):
        yield Entry("request", bound.ref, route)


def _included(project: Project, path: str, call: Any, route: str, seen: set[str], depth: int) -> Iterator[Entry]:
    target = call[2][0] if call[2] else None
    if isinstance(target, tuple) and target[0] == ir.SEQUENCE and target[2]:
        inner = target[2][0]
        if isinstance(inner, tuple) and inner[0] != ir.CONST:
            yield from _list(project, path, target if target[1] == "list" else inner, route, seen, depth, {})
            return
        target = inner
    if isinstance(target, tuple) and target[0] == ir.CONST and isinstance(target[1], str):
        found = project.modules.find(target[1], path)
        if found and not found.endswith("/"):
            yield from _patterns(project, found, route, seen, depth + 1)
    elif isinstance(target, str) and f"{path}::{target}" not in seen:  # a list may include itself, under a prefix
        seen.add(f"{path}::{target}")
        for value, _ in project.module_values(path, target):
            yield from _list(project, path, value, route, seen, depth, {})
