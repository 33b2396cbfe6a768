"""What Django REST framework does when a request reaches a view: which rows it fetches, and which serializer gets them.

In: a view class, by the actions that it answers. Out: what answering one does: procedures `view.NAME`, with the view as
an object that knows its `action` and its request's method, so that `if self.action == "list"` chooses its branch.
Source: rest_framework's generics.py, mixins.py and viewsets.py. Pages of rows count as all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.frozen import replace
from ..project.shapes import constant, keyword, strings
from ..project.values import (
    ANYTHING,
    COMPUTED,
    NONE,
    UNKNOWN,
    Bound,
    Class,
    Const,
    ExternalInstance,
    Function,
    Instance,
    Origin,
    Row,
    Rows,
    Spot,
    Value,
    parts,
    union,
)
from . import django_order, django_rows, drf_paging
from .drf_names import kind_of, outside, resolved
from .drf_rendering import data, queried

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project
    from ..project.run import Run

PREFIX = "view."
REQUEST = "rest_framework.request.Request"  # of a known method: `…Request:GET`
_METHODS = {
    "list": "GET", "retrieve": "GET", "create": "POST", "update": "PUT", "partial_update": "PATCH", "destroy": "DELETE",
    "get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE",
}  # fmt: skip
# What a base class of the framework answers without any code of the project
_ANSWERED = {
    "ModelViewSet": ("list", "retrieve"), "ReadOnlyModelViewSet": ("list", "retrieve"), "ListModelMixin": ("list",),
    "RetrieveModelMixin": ("retrieve",), "UpdateModelMixin": ("update",), "ListAPIView": ("list",),
    "ListCreateAPIView": ("list",), "RetrieveAPIView": ("retrieve",), "RetrieveUpdateAPIView": ("retrieve",),
    "RetrieveDestroyAPIView": ("retrieve",), "RetrieveUpdateDestroyAPIView": ("retrieve",),
    "UpdateAPIView": ("update",),
}  # fmt: skip
_ACTIONS = ("action", "detail_route", "list_route", "link")
METHODS = {
    "get_queryset", "filter_queryset", "get_object", "get_serializer", "get_serializer_class", "paginate_queryset",
    "get_paginated_response", "list", "retrieve", "update", "partial_update", "create", "destroy", "get", "post", "put",
    "patch", "get_serializer_context", "perform_create", "perform_update", "initial", "dispatch",
}  # fmt: skip
ATTRIBUTES = {"action", "request", "kwargs", "args", "format_kwarg", "paginator", "detail"}
_LOADERS = ("prefetch", "eager", "optimi")  # in the name of somebody else's mixin: it adds loaders of its own


def drives(project: Project, info: ClassInfo) -> Sequence[str]:
    if kind_of(project, info.ref) != "view":
        return ()
    names: dict[str, None] = {}
    for base in outside(project, info.ref):
        names.update(dict.fromkeys(_ANSWERED.get(base, ())))
    for ancestor in info.lineage:
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        for name, member in own.members.items() if own is not None else ():
            if member.kind == "function" and (name in _METHODS or _decorator(project, member) is not None):
                names[name] = None
    return [PREFIX + name for name in names]


def _decorator(project: Project, member: Member) -> Any:
    """The `@action(…)` of a method."""
    defined = project.function(f"{member.owner}.{member.name}")
    for decorator in defined.core[ir.C_DECORATORS] if defined is not None else ():
        called_so = isinstance(decorator, tuple) and decorator[0] == ir.CALL
        if called_so and spelled(decorator[1]).rpartition(".")[2] in _ACTIONS:
            return decorator
    return None


def answered(run: Run, name: str, receiver: Value) -> Value:
    """Answer one request."""
    action = name.removeprefix(PREFIX)
    member = run.project.lookup(run.owner, action)
    decorator = _decorator(run.project, member) if member is not None and member.kind == "function" else None
    method = _METHODS.get(action, "GET")
    fields: dict[str, Value] = {}
    if any(base.endswith("ViewSet") for base in outside(run.project, run.owner)):
        fields["action"] = Const(action)
    if decorator is not None and member is not None:
        method = next(iter(strings(keyword(decorator, "methods"))), "get").upper()
        cls = resolved(run.project, member.owner.rpartition("::")[0] + "::", keyword(decorator, "serializer_class"))
        if cls:
            fields["serializer_class"] = Class(cls)
        if keyword(decorator, "queryset") is not None and member.owner.startswith(run.path + "::"):
            fields["queryset"] = run.value(keyword(decorator, "queryset"))
    request = ExternalInstance(f"{REQUEST}:{method}")
    view = Instance(run.owner, (*fields.items(), ("request", request)))
    if member is not None and member.kind == "function":
        return run.call_function(Function(f"{member.owner}.{action}", view), (request,), {}, run.spot(0, 0))
    return called(run, view, action, (request,), {}, run.spot(0, 0))


def called(
    run: Run, view: Instance, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> Value:
    """The framework's own method of a view."""
    if name == "get_queryset":
        return _queryset(run, view, spot)
    if name in ("filter_queryset", "paginate_queryset"):
        rows = args[0] if args else keywords.get("queryset", UNKNOWN)
        return django_order.paged(rows) if name == "paginate_queryset" and _paginates(run, view) else rows
    if name == "get_serializer_class":
        return _attribute(run, view, "serializer_class", spot)
    if name == "get_serializer":
        classes = _call(run, view, "get_serializer_class", (), {}, spot)
        return union([run.call_value(c, args, keywords, spot) for c in parts(classes) if isinstance(c, Class)])
    if name == "get_object":
        rows = _call(run, view, "filter_queryset", (_call(run, view, "get_queryset", (), {}, spot),), {}, spot)
        return union([_one(run, part, spot) for part in parts(rows)])
    if name == "list":
        rows = _call(run, view, "filter_queryset", (_call(run, view, "get_queryset", (), {}, spot),), {}, spot)
        page = _call(run, view, "paginate_queryset", (rows,), {}, spot)
        held = rows if page in (UNKNOWN, NONE) else page
        _respond(run, _call(run, view, "get_serializer", (held,), {"many": Const(True)}, spot), spot)
    elif name in ("retrieve", "update", "partial_update"):
        row = _call(run, view, "get_object", (), {}, spot)
        _respond(run, _call(run, view, "get_serializer", (row,), {}, spot), spot)
    elif name == "get":
        for base in outside(run.project, view.cls):
            for action in _ANSWERED.get(base, ()):
                return _call(run, view, action, args, keywords, spot)
    return UNKNOWN


def _call(
    run: Run, view: Instance, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> Value:
    """A method of the view, its own or the framework's."""
    outer, run.expression = run.expression, None
    member = run.project.lookup(view.cls, name)
    if member is not None and member.kind == "function":
        found = run.call_function(Function(f"{member.owner}.{name}", view), args, keywords, spot)
    else:
        found = called(run, view, name, args, keywords, spot)
    run.expression = outer
    return found


def _attribute(run: Run, view: Instance, name: str, spot: Spot) -> Value:
    return run.attribute(view, name, spot.line - run.base_line, spot.column)


def _queryset(run: Run, view: Instance, spot: Spot) -> Value:
    """The rows of the class attribute `queryset`."""
    member = run.project.lookup(view.cls, "queryset")
    if member is not None and member.owner == run.owner:
        spot = run.spot(member.line, member.column, member.line, member.column + len(member.name))
    mixed_in = any(word in base.lower() for base in outside(run.project, view.cls) for word in _LOADERS)
    out = []
    for part in parts(_attribute(run, view, "queryset", spot)):
        rows = queried(run, part, spot)
        if isinstance(rows, Rows) and mixed_in:
            rows = replace(rows, loaded=rows.loaded | {ANYTHING, COMPUTED})
        out.append(rows)
    return union(out)


def _paginates(run: Run, view: Instance) -> bool:
    """Whether a view answers with pages: its class, or the settings, name how."""
    member = run.project.lookup(view.cls, "pagination_class")
    if member is not None and member.kind == "value":
        return member.value is not None and constant(member.value) is None and member.value != (ir.CONST, None)
    return drf_paging.by_default(run.project)


def _one(run: Run, rows: Value, spot: Spot) -> Value:
    """One of the rows that a view may show."""
    if not isinstance(rows, Rows) or rows.plain or not rows.model:
        return rows if isinstance(rows, Row) else UNKNOWN
    if rows.origin is None or (rows.origin.spot is None and not rows.origin.parameter):
        rows = replace(rows, origin=Origin(spot, ""))
    return django_rows.row_of(replace(rows, path=""), run.now)


def _respond(run: Run, serializers: Value, spot: Spot) -> None:
    for part in parts(serializers):
        if isinstance(part, Instance):
            attribute = run.project.lookup(part.cls, "data")
            if attribute is not None:
                _attribute(run, part, "data", spot)
            else:
                data(run, part, spot)


def bound(run: Run, view: Instance, name: str) -> Value | None:
    """`view.name` of something that the framework itself gives."""
    if name in METHODS:
        return Bound(view, name)
    held = view.field(name)
    if held is not None:
        return held
    if name == "request":
        return ExternalInstance(REQUEST)
    return ExternalInstance("rest_framework.pagination.BasePagination") if name == "paginator" else UNKNOWN
