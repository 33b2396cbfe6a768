"""Django's admin, as the interpreter asks it: which classes show which models, and what `self` has in them.

What the pages do stands in `django_admin_pages` and `django_admin_inlines`.
Source: docs.djangoproject.com, "The Django admin site".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.effects import LOAD, Effect
from ..project.frozen import replace
from ..project.memo import Question
from ..project.values import (
    UNKNOWN,
    Class,
    External,
    Instance,
    Origin,
    Rows,
    Spot,
    Value,
)
from . import django_admin_inlines, django_admin_pages, django_remedies
from .base import Arguments, Framework, Keywords
from .class_options import model_named, model_option, outside
from .django_managers import all_rows

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project
    from ..project.run import Run

_GET_QUERYSET = "django.contrib.admin.options.BaseModelAdmin.get_queryset"


class DjangoAdmin(Framework):
    name = "django"
    attributes_of = (Instance, External)
    calls_of = (External,)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return tuple(QUESTIONS.values())

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        if not is_admin(info) or not models_of(project, info.ref):
            return ()
        return (django_admin_pages.CHANGELIST, django_admin_pages.ACTIONS, django_admin_inlines.CHANGE)

    def remedy(self, project: Project, effect: Effect, where: str) -> str:
        """The list of a page is joined by its class, where the class has a list of its own; an inline has none."""
        spot = effect.origin.spot if effect.origin is not None else None
        info = project.class_info(spot.owner) if spot is not None and not spot.line else None
        if effect.kind != LOAD or info is None or not is_admin(info) or not django_remedies.is_joined(project, effect):
            return ""
        if project.lookup(info.ref, "list_display") is None:
            return ""
        return (
            f'name "{django_remedies.way(effect)}" in `list_select_related` of `{info.name}`, with every other key '
            "that the list shows: Django's own joins end where any are named"
        )

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name == django_admin_inlines.INLINE:
            return django_admin_inlines.inline(run, receiver, given)
        pages = {
            django_admin_pages.CHANGELIST: django_admin_pages.changelist,
            django_admin_pages.ACTIONS: django_admin_pages.actions,
            django_admin_inlines.CHANGE: django_admin_inlines.change,
        }
        if name not in pages:
            return None
        for model in models_of(run.project, run.owner):
            pages[name](run, receiver, model)
        return UNKNOWN

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if name == "model" and isinstance(value, Instance):
            models = models_of(run.project, value.cls) if _knows_model(run.project, value.cls) else ()
            return Class(models[0]) if len(models) == 1 else None
        if name == "get_queryset" and isinstance(value, External) and value.name == "builtins.super":
            of = value.of
            if isinstance(of, Instance) and run.project.lookup(of.cls, name, after=run.cls) is None:
                return External(_GET_QUERYSET, of) if _knows_model(run.project, of.cls) else None
        return None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, External) and callee.name == _GET_QUERYSET and isinstance(callee.of, Instance):
            models = models_of(run.project, callee.of.cls)
            return rows_of(run, models[0], spot) if models else UNKNOWN
        return None


def rows_of(run: Run, model: str, spot: Spot) -> Value:
    """What an admin class's own `get_queryset` gives."""
    rows = all_rows(run, model, spot)
    return replace(rows, origin=Origin(spot, "")) if isinstance(rows, Rows) else UNKNOWN


def is_admin(info: ClassInfo) -> bool:
    return outside(info, "Admin")


def is_inline(info: ClassInfo) -> bool:
    return outside(info, "Inline")


def _knows_model(project: Project, cls: str) -> bool:
    info = project.class_info(cls)
    return info is not None and (is_admin(info) or is_inline(info))


def models_of(project: Project, cls: str) -> tuple[str, ...]:
    """The models that an admin class is registered for, or the one that an inline shows."""
    info = project.class_info(cls)
    if info is not None and is_inline(info):
        model = model_option(project, cls)
        return (model,) if model else ()
    found: dict[str, tuple[str, ...]] = project.memo.ask(QUESTIONS["admin_models"])
    return found.get(cls, ())


def _registered(project: Project, path: str) -> tuple[tuple[str, str], ...]:
    """(admin class, model) of what a file registers."""
    return tuple(dict.fromkeys([*_decorated(project, path), *_called(project, path)]))


def _decorated(project: Project, path: str) -> Iterator[tuple[str, str]]:
    """`@admin.register(Order, Customer)`"""
    for name, defined in project.file(path).classes.items():
        for decorator in defined.core[ir.K_DECORATORS]:
            if isinstance(decorator, tuple) and decorator[0] == ir.CALL and _is_register(decorator[1]):
                for argument in decorator[2]:
                    model = model_named(project, path, argument)
                    if model:
                        yield f"{path}::{name}", model


def _called(project: Project, path: str) -> Iterator[tuple[str, str]]:
    """`admin.site.register(Order, OrderAdmin)`, also with a list of models and with a site of one's own."""
    for s in project.file(path).loose:
        call = s[1] if s[0] == ir.EXPRESSION else None
        if not isinstance(call, tuple) or call[0] != ir.CALL or not _is_register(call[1]) or not call[2]:
            continue
        admin = call[2][1] if len(call[2]) > 1 else dict(call[3]).get("admin_class")
        bound = project.dotted(path, admin) if admin is not None else None
        if bound is None or bound.kind != "class":
            continue
        first = call[2][0]
        several = isinstance(first, tuple) and first[0] == ir.SEQUENCE
        for expr in first[2] if several else (first,):
            model = model_named(project, path, expr)
            if model:
                yield bound.ref, model


def _is_register(func: Any) -> bool:
    return spelled(func).rpartition(".")[2] == "register"


def _models(project: Project) -> dict[str, tuple[str, ...]]:
    project.memo.read_input(("tree",))
    out: dict[str, dict[str, None]] = {}
    for path in project.modules.paths:
        for admin, model in project.memo.ask(QUESTIONS["admin_models_of_file"], path):
            out.setdefault(admin, {})[model] = None
    return {admin: tuple(models) for admin, models in out.items()}


QUESTIONS: dict[str, Question[Any]] = {
    "admin_models_of_file": Question("admin_models_of_file", _registered, tuple),
    "admin_models": Question("admin_models", _models, dict),
}
