"""Pyramid: what a request to a view does, and what the request knows.

In: views with a template as their renderer, configured as `pyramid_declared` reads them. Out: the procedure
`pyramid.view` of each: the resource tree is walked, the view called, its dict rendered. Methods and properties that the
project gives the request (`add_request_method`) and its services (`find_service`) are the project's functions.
Source: docs.pylonsproject.org, "Views", "Renderers", "Traversal"; pyramid-services.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..files import names_template
from ..project.entries import Entry
from ..project.memo import Question
from ..project.schema import model_of
from ..project.summaries import attribute_of
from ..project.values import (
    ANYTHING,
    NONE,
    UNKNOWN,
    Bound,
    Class,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Instance,
    Row,
    Spot,
    Value,
    parts,
)
from . import jinja_renders
from .base import Arguments, Framework, Keywords
from .pyramid_declared import DECLARED, PYRAMID, Route, View, pyramid, resolved

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

ANSWER = "pyramid.view"
REQUEST = "pyramid.request.Request"
_REQUESTS = ("pyramid.request.Request", "pyramid.interfaces.IRequest")


class PyramidViews(Framework):
    name = "pyramid"
    attributes_of = (Instance, ExternalInstance)
    calls_of = (Bound,)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return DECLARED, PYRAMID

    def instance(self, project: Project, name: str) -> Value | None:
        return ExternalInstance(REQUEST) if name in _REQUESTS else None

    def drives_functions(self, project: Project, path: str) -> Sequence[tuple[str, str]]:
        found = pyramid(project).views.get(path, {})
        return [(ref, ANSWER) for ref, views in found.items() if any(names_template(v.renderer) for v in views)]

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name != ANSWER:
            return None
        views = pyramid(run.project).views.get(run.path, {}).get(run.owner, ())
        shown = {(v.renderer, v.route, v.context): v for v in views if names_template(v.renderer)}
        for view in shown.values():
            _answer(run, view)
        return UNKNOWN

    def entries(self, project: Project) -> Iterator[Entry]:
        known = pyramid(project)
        for found in known.views.values():
            for ref, views in found.items():
                for view in views:
                    route = known.routes.get(view.route)
                    pattern = route.pattern if route is not None and route.pattern else view.route
                    pattern = pattern if not pattern or pattern[0] == "/" or route is None else f"/{pattern}"
                    yield Entry("request", ref, f"{view.verb} {pattern}".strip())

    # What the request knows -------------------------------------------------------------------------------

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if isinstance(value, Instance) and name == "request":
            kept = run.project.lookup(value.cls, name) is not None or value.field(name) is not None
            if not kept and attribute_of(run.project, value.cls, name) == UNKNOWN and pyramid(run.project).views:
                return ExternalInstance(REQUEST)  # whoever keeps a `request` keeps the one there is
        if not isinstance(value, ExternalInstance) or value.cls != REQUEST:
            return None
        if name == "find_service":
            return Bound(value, name)
        kind, ref, called = pyramid(run.project).methods.get(name, ("", "", False))
        if not kind:
            return None
        if not called:
            return Function(ref, value) if kind == "function" else Class(ref)
        if kind == "class":
            return run.call_value(Class(ref), (value,), {}, spot)
        return run.call_function(Function(ref), (value,), {}, spot, memoised=True)

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if not isinstance(callee, Bound) or callee.name != "find_service":
            return None
        interface = args[0] if args else keywords.get("iface", UNKNOWN)
        name = keywords.get("name", args[2] if len(args) > 2 else UNKNOWN)
        key = (
            interface.ref
            if isinstance(interface, Class)
            else interface.name
            if isinstance(interface, External)
            else "",
            name.value if isinstance(name, Const) and isinstance(name.value, str) else "",
        )
        kind, ref = pyramid(run.project).services.get(key, ("", ""))
        if kind == "class":
            return Instance(ref)
        return run.call_function(Function(ref), (UNKNOWN, callee.of), {}, spot, memoised=True) if kind else UNKNOWN


# What a request does --------------------------------------------------------------------------------------


def _answer(run: Run, view: View) -> None:
    """Call the view that owns the run and render what it gives."""
    project, spot = run.project, run.spot(0, 0)
    defined = project.function(run.owner)
    if defined is None:
        return
    request = ExternalInstance(REQUEST)
    context = _context(run, view, spot)
    both: tuple[Value, ...] = (context, request)
    known: dict[str, Value] = {"request": request, "req": request, "context": context}
    if defined.cls:
        cls = f"{run.path}::{defined.cls}"
        init = project.lookup(cls, "__init__")
        made = project.function(f"{init.owner}.__init__") if init is not None else None
        many = _positional(made.core) if made is not None else 1
        view_object = run.call_value(Class(cls), both[-(many - 1) :] if many > 1 else (), {}, spot)
        given = run.call_function(Function(run.owner, view_object), (), {}, spot)
        known["view"] = view_object
    else:
        given = run.call_function(Function(run.owner), both[-_positional(defined.core) :], {}, spot)
    shown = Container("dict", UNKNOWN, UNKNOWN, True).with_fields(known)
    for part in parts(given):
        if isinstance(part, Container) and part.kind == "dict":
            jinja_renders.show(run, Const(view.renderer), shown.with_fields(dict(part.fields)), spot)


def _positional(core: Any) -> int:
    return len([p for p in core[ir.C_PARAMETERS] if p[1] == ir.P_POSITIONAL]) or 1


def _context(run: Run, view: View, spot: Spot) -> Value:
    """The resource that the view is about: what the route's factory leads to, else an object of the class asked for."""
    route = pyramid(run.project).routes.get(view.route)
    found = _walked(run, route, spot) if route is not None and route.factory is not None else UNKNOWN
    if found not in (UNKNOWN, NONE) or view.context is None:
        return found
    bound = resolved(run.project, view.path, view.context)
    if bound is None or bound.kind != "class":
        return UNKNOWN
    mapped = model_of(run.project, bound.ref) is not None
    return Row(bound.ref, frozenset({ANYTHING})) if mapped else Instance(bound.ref)


def _walked(run: Run, route: Route, spot: Spot) -> Value:
    """The factory's object, and what its `__getitem__` gives for each step of the path."""
    bound = resolved(run.project, route.path, route.factory)
    if bound is None or bound.kind not in ("function", "class"):
        return UNKNOWN
    maker: Value = Class(bound.ref) if bound.kind == "class" else Function(bound.ref)
    found = run.call_value(maker, (ExternalInstance(REQUEST),), {}, spot)
    for _ in range(route.steps):
        cls = found.cls if isinstance(found, Instance) else found.model if isinstance(found, Row) else ""
        member = run.project.lookup(cls, "__getitem__") if cls else None
        if member is None or member.kind != "function":
            return UNKNOWN
        found = run.call_function(Function(f"{member.owner}.__getitem__", found), (UNKNOWN,), {}, spot)
    return found
