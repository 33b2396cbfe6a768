"""Django REST framework, as the interpreter asks it: serializer objects, views and requests.

In: attributes and calls of objects whose classes inherit the framework's. Out: what those do: see `drf_views` for
requests, `drf_rendering` for serializers, `drf_fields` for what a serializer class says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..project.memo import Question
from ..project.values import (
    ANYTHING,
    UNKNOWN,
    Bound,
    Class,
    Const,
    External,
    ExternalInstance,
    Instance,
    Row,
    Spot,
    Value,
)
from . import django_models, django_order, drf_fields, drf_names, drf_paging, drf_rendering, drf_views
from .base import Arguments, Framework, Keywords
from .drf_names import kind_of

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

_SERIALIZER_METHODS = {"to_representation", "save", "create", "update", "is_valid"}
_SERIALIZER_ATTRIBUTES = {
    "context", "validated_data", "initial_data", "errors", "fields", "parent", "root", "instance", "child",
}  # fmt: skip
_VIEW_NAMES = drf_views.METHODS | drf_views.ATTRIBUTES
_NAMES = _SERIALIZER_METHODS | _SERIALIZER_ATTRIBUTES | _VIEW_NAMES | {"data"}


class RestFramework(Framework):
    name = "rest_framework"
    attributes_of = (Instance, External, ExternalInstance)
    calls_of = (Class, Bound, External)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return drf_names.KIND, drf_fields.FIELDS, drf_paging.PAGES, drf_paging.PAGES_IN

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        return drf_views.drives(project, info)

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name in drf_rendering.PROCEDURES:
            return drf_rendering.procedure(run, name, receiver, given)
        if name.startswith(drf_views.PREFIX):
            return drf_views.answered(run, name, receiver)
        return None

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if isinstance(value, Instance):
            if name not in _NAMES or run.project.lookup(value.cls, name) is not None:
                return None
            return self._given(run, value, name, spot)
        if isinstance(value, External):
            of = value.of
            if value.name != "builtins.super" or not isinstance(of, Instance) or name not in _NAMES:
                return None
            if run.project.lookup(of.cls, name, after=run.cls) is not None:
                return None
            return self._given(run, of, name, spot)
        if isinstance(value, ExternalInstance) and value.cls.startswith(drf_views.REQUEST):
            return self._of_request(run, value, name)
        return None

    def _given(self, run: Run, value: Instance, name: str, spot: Spot) -> Value | None:
        """What an object has from the framework's own class."""
        kind = kind_of(run.project, value.cls)
        if kind == "view" and name in _VIEW_NAMES:
            return drf_views.bound(run, value, name)
        if kind in ("serializer", "list"):
            if name == "data":
                return drf_rendering.data(run, value, spot)
            if name in _SERIALIZER_METHODS:
                return Bound(value, name)
            if name in _SERIALIZER_ATTRIBUTES:
                return value.field(name) or UNKNOWN
        if kind == "field" and name in ("to_representation", "get_attribute"):
            return UNKNOWN
        return None

    def _of_request(self, run: Run, request: ExternalInstance, name: str) -> Value | None:
        if name == "user":
            model = django_models.user_model(run.project)
            return Row(model, frozenset({ANYTHING})) if model else UNKNOWN
        method = request.cls.partition(":")[2]
        if name == "method":
            return Const(method) if method else UNKNOWN
        return UNKNOWN

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Class):
            if kind_of(run.project, callee.ref) in ("serializer", "list"):
                return drf_rendering.made(run, callee.ref, tuple(args), dict(keywords))
            return None
        if isinstance(callee, Bound) and isinstance(callee.of, Instance):
            return self._method(run, callee.of, callee.name, args, keywords, spot)
        if isinstance(callee, External) and callee.name.endswith(".paginate_queryset") and args:
            return django_order.paged(args[0])
        return None

    def _method(
        self, run: Run, of: Instance, name: str, args: Arguments, keywords: Keywords, spot: Spot
    ) -> Value | None:
        kind = kind_of(run.project, of.cls)
        if kind == "view":
            return drf_views.called(run, of, name, args, keywords, spot)
        if kind not in ("serializer", "list"):
            return None
        if name == "to_representation" and args:
            return drf_rendering.represented(run, of, args[0], spot)
        if name == "save":
            return drf_rendering.saved(run, of, dict(keywords), spot)
        if name == "update" and args:
            return args[0]
        return UNKNOWN
