"""Strawberry with Django: what resolving a list of rows reads of each.

In: classes decorated as a type of a model. Out: one list of its rows, of each row the relations among its annotated
fields and its field methods. Which fields a client asks for is not known, so rules must not be certain. A field that
says what it needs (`select_related=`, `prefetch_related=`, `only=`, `annotate=`, `load=`) is left alone. Where a schema
of the project has the optimiser, it loads the relations that are fields, except those that are no fields of Django.
Source: strawberry-django docs, "Optimizer", "Defining types"; `strawberry_django.optimizer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.memo import Question
from ..project.schema import relation_of
from ..project.values import ANYTHING, UNKNOWN, Class, Function, Row, Rows, Value, parts
from .base import Framework
from .class_options import method, method_spot, model_named
from .django_choices import default_rows, fetched
from .django_models import kind_of

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project
    from ..project.run import Run

TYPE = "resolver.rows"
FIELD = "resolver.field "  # and the field's name
_TYPES = ("strawberry_django.type", "strawberry.django.type", "strawberry_django.interface", "gql.django.type")
_HINTS = {"select_related", "prefetch_related", "only", "annotate", "load", "disable_optimization", "resolver"}
_OPTIMISER = "DjangoOptimizerExtension"
_SKIPPED = ("TaggableManager",)  # no field of Django: the optimiser does not know it


class Strawberry(Framework):
    name = "strawberry"

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return tuple(QUESTIONS.values())

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        return (TYPE,) if _model(project, info.ref) else ()

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name == TYPE:
            return _rows(run)
        if name.startswith(FIELD):
            return _field(run, name.removeprefix(FIELD), given)
        return None


def _model(project: Project, cls: str) -> str:
    """The model that a class is decorated as a type of; "" for none."""
    defined = project.class_def(cls)
    path = cls.partition("::")[0]
    for decorator in defined.core[ir.K_DECORATORS] if defined is not None else ():
        if isinstance(decorator, tuple) and decorator[0] == ir.CALL and decorator[2]:
            bound = project.dotted(path, decorator[1])
            name = bound.ref if bound is not None and bound.kind == "external" else spelled(decorator[1])
            if name.endswith(_TYPES):
                return model_named(project, path, decorator[2][0])
    return ""


def _rows(run: Run) -> Value:
    """Some list of rows of the type: field by field."""
    project, cls = run.project, run.owner
    here = run.spot(0, 0)
    rows = default_rows(run, _model(project, cls), here)
    own = method(project, cls, "get_queryset")
    if own is not None and isinstance(rows, Rows):
        made = run.call_function(Function(own.ref, Class(cls)), (rows, UNKNOWN), {}, here)
        rows = made if isinstance(made, Rows) else rows
    if not isinstance(rows, Rows):
        return UNKNOWN
    loop = run.open_loop(True, False, "row", rows, cls.rpartition("::")[2], 0, 0, "for")
    row = run.refreshed(run.iterated(rows, here)[0])
    info = project.class_info(cls)
    seen: set[str] = set()
    for ancestor in info.lineage if info is not None else ():
        own_info = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        for name in own_info.members if own_info is not None else ():
            if name not in seen and isinstance(row, Row):
                seen.add(name)
                run.perform(f"{ancestor}#{FIELD}{name}", Class(cls), row, here)
    run.close(loop)
    return UNKNOWN


def _field(run: Run, name: str, row: Value) -> Value:
    """One field of one row: a relation by its name, or a method that gets the row as `self`."""
    project = run.project
    info = project.class_info(run.owner)
    member = info.members.get(name) if info is not None else None
    if member is None or not isinstance(row, Row):
        return UNKNOWN
    if member.kind == "function":
        defined = project.function(f"{run.owner}.{name}")
        spot = method_spot(run, name)
        calls = [d for d in defined.core[ir.C_DECORATORS] if _is_field(d)] if defined is not None else []
        if calls and not any(_hinted(d) for d in calls):
            made = run.call_function(Function(f"{run.owner}.{name}", _kept(project, row)), (), {}, spot)
            for part in parts(made):
                if isinstance(part, Rows) and part.model:
                    run.iterated(part, spot)
    elif member.kind == "value" and member.annotation is not None and not _hinted(member.value):
        _relation(run, member, row)
    return UNKNOWN


def _relation(run: Run, member: Member, row: Row) -> None:
    spot = run.spot(member.line, member.column, member.line, member.column + len(member.name))
    if relation_of(run.project, row.model, member.name) is None:
        return
    optimised = run.project.memo.ask(QUESTIONS["strawberry_optimises"])
    if optimised and kind_of(run.project, row.model, member.name) not in _SKIPPED:
        return
    fetched(run, run.attribute(row, member.name, spot.line, spot.column), spot)


def _kept(project: Project, row: Row) -> Row:
    """The row as methods see it: the optimiser may have loaded what is a field beside them."""
    if project.memo.ask(QUESTIONS["strawberry_optimises"]):
        return replace(row, loaded=row.loaded | {ANYTHING})
    return row


def _is_field(decorator: Any) -> bool:
    named = decorator[1] if isinstance(decorator, tuple) and decorator[0] == ir.CALL else decorator
    return spelled(named).rpartition(".")[2] in ("field", "connection", "offset_paginated")


def _hinted(call: Any) -> bool:
    """Whether a field says itself what it needs, or how it is resolved."""
    return isinstance(call, tuple) and call[0] == ir.CALL and any(name in _HINTS for name, _ in call[3])


def _optimises(project: Project) -> bool:
    """Whether any file of the project imports the optimiser."""
    project.memo.read_input(("tree",))
    return any(_OPTIMISER in project.scope(path).names for path in project.modules.paths)


QUESTIONS: dict[str, Question[Any]] = {"strawberry_optimises": Question("strawberry_optimises", _optimises, bool)}
