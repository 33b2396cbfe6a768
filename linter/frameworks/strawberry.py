"""Strawberry with Django: what resolving a list of rows reads of each.

In: classes decorated as a type of a model. Out: one list of its rows, of each row the relations among its annotated
fields and its field methods. Which fields a client asks for is not known, so rules must not be certain. What a field
says it needs (`select_related=`, `prefetch_related=`) is loaded. Where a schema of the project has the optimiser, it
loads the relations that are fields of a model's type, except those that are no fields of Django.
Source: strawberry-django docs, "Optimizer", "Defining types"; `strawberry_django.optimizer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import annotated, spelled
from ..project.frozen import replace
from ..project.memo import Question
from ..project.schema import relation_of
from ..project.shapes import strings
from ..project.values import UNKNOWN, Class, Container, Function, Instance, Row, Rows, Value, parts
from .base import Framework
from .class_options import method, method_spot, model_named
from .django_choices import fetched
from .django_loading import prefixes
from .django_managers import all_rows
from .django_models import kind_of

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project
    from ..project.run import Run

TYPE = "resolver.rows"
LISTS = "resolver.lists of"
FIELD = "resolver.field "  # and the field's name
_PLAIN = ("strawberry.type",)
_TYPES = ("strawberry_django.type", "strawberry.django.type", "strawberry_django.interface", "gql.django.type")
_ELSEWHERE = {"resolver", "load", "disable_optimization", "annotate"}
_OPTIMISER = "DjangoOptimizerExtension"
_SKIPPED = ("TaggableManager",)  # no field of Django: the optimiser does not know it


class Strawberry(Framework):
    name = "strawberry"

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return tuple(QUESTIONS.values())

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        if _model(project, info.ref):
            return (TYPE,)
        return (LISTS,) if _decorated(project, info.ref, _PLAIN) is not None else ()

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name == TYPE:
            return _rows(run, given)
        if name == LISTS:
            return _lists(run, receiver)
        if name.startswith(FIELD):
            cls = receiver.ref if isinstance(receiver, Class) else run.owner
            return _field(run, name.removeprefix(FIELD), cls, given)
        return None


def _decorated(project: Project, cls: str, names: tuple[str, ...]) -> Any:
    """The decorator with one of these names that a class has; None for none."""
    defined = project.class_def(cls)
    path = cls.partition("::")[0]
    for decorator in defined.core[ir.K_DECORATORS] if defined is not None else ():
        func = decorator[1] if isinstance(decorator, tuple) and decorator[0] == ir.CALL else decorator
        bound = project.dotted(path, func)
        name = bound.ref if bound is not None and bound.kind == "external" else spelled(func)
        if name.endswith(names):
            return decorator
    return None


def _model(project: Project, cls: str) -> str:
    """The model that a class is decorated as a type of; "" for none."""
    decorator = _decorated(project, cls, _TYPES)
    if not isinstance(decorator, tuple) or decorator[0] != ir.CALL or not decorator[2]:
        return ""
    return model_named(project, cls.partition("::")[0], decorator[2][0])


def _lists(run: Run, receiver: Value) -> Value:
    """Methods of a type that give lists of another one."""
    project = run.project
    info = project.class_info(run.owner)
    for member in info.members.values() if info is not None else ():
        defined = project.function(f"{run.owner}.{member.name}") if member.kind == "function" else None
        if defined is None or not any(_is_field(d) for d in defined.core[ir.C_DECORATORS]):
            continue
        promised = annotated(project, run.path, defined.core[ir.C_RETURNS])
        of = promised.of if isinstance(promised, Container) else None
        if isinstance(of, Instance) and _decorated(project, of.cls, _PLAIN) is not None:
            spot = method_spot(run, member.name)
            asked = dict.fromkeys((p[0] for p in defined.core[ir.C_PARAMETERS][1:]), UNKNOWN)
            made = run.call_function(Function(f"{run.owner}.{member.name}", receiver), (), asked, spot)
            for part in parts(run.awaited(made)):
                if isinstance(part, Rows | Container):
                    run.perform(f"{of.cls}#{TYPE}", Class(of.cls), part, spot)
    return UNKNOWN


def _rows(run: Run, given: Value) -> Value:
    """A list of rows of the type, field by field: those that a resolver gave, or some."""
    project, cls = run.project, run.owner
    here = run.spot(0, 0)
    model = _model(project, cls)
    rows = given if isinstance(given, Rows | Container) else all_rows(run, model, here) if model else UNKNOWN
    own = method(project, cls, "get_queryset") if model else None
    if own is not None and isinstance(rows, Rows):
        made = run.call_function(Function(own.ref, Class(cls)), (rows, UNKNOWN), {}, here)
        rows = made if isinstance(made, Rows) else rows
    if not isinstance(rows, Rows | Container):
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


def _field(run: Run, name: str, cls: str, row: Value) -> Value:
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
        asked = [_loaded(d) for d in calls]
        if calls and None not in asked:
            known = replace(
                row, loaded=row.loaded | _beside(project, cls) | {p for paths in asked for p in paths or ()}
            )
            made = run.call_function(Function(f"{run.owner}.{name}", known), (), {}, spot)
            for part in parts(made):
                if isinstance(part, Rows) and part.model:
                    run.iterated(part, spot)
    elif member.kind == "value" and member.annotation is not None and not _loaded(member.value):
        _relation(run, member, cls, row)
    return UNKNOWN


def _relation(run: Run, member: Member, cls: str, row: Row) -> None:
    spot = run.spot(member.line, member.column, member.line, member.column + len(member.name))
    if relation_of(run.project, row.model, member.name) is None:
        return
    if _optimised(run.project, cls) and kind_of(run.project, row.model, member.name) not in _SKIPPED:
        return
    fetched(run, run.attribute(row, member.name, spot.line, spot.column), spot)


def _optimised(project: Project, cls: str) -> bool:
    """Whether the optimiser sees to a type: one of a model, not one that a resolver fills with rows."""
    return bool(_model(project, cls)) and project.memo.ask(QUESTIONS["strawberry_optimises"])


def _beside(project: Project, cls: str) -> set[str]:
    """What the optimiser may have loaded for a row: the relations that are fields beside a method."""
    info = project.class_info(cls) if _optimised(project, cls) else None
    out: set[str] = set()
    for ancestor in info.lineage if info is not None else ():
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        out.update(m.name for m in own.members.values() if m.annotation is not None) if own is not None else None
    return out


def _is_field(decorator: Any) -> bool:
    named = decorator[1] if isinstance(decorator, tuple) and decorator[0] == ir.CALL else decorator
    return spelled(named).rpartition(".")[2] in ("field", "connection", "offset_paginated")


def _loaded(call: Any) -> set[str] | None:
    """What a field says it needs, as relation paths; None when that is worked out at run time, or the field is resolved
    by something else."""
    out: set[str] = set()
    for name, value in call[3] if isinstance(call, tuple) and call[0] == ir.CALL else ():
        if name in ("select_related", "prefetch_related"):
            paths = strings(value)
            whole = value[2] if isinstance(value, tuple) and value[0] == ir.SEQUENCE else (value,)
            if len(paths) < len(whole):
                return None
            out |= {p for path in paths for p in prefixes(path)}
        elif name in _ELSEWHERE:
            return None
    return out


def _optimises(project: Project) -> bool:
    """Whether any file of the project imports the optimiser."""
    project.memo.read_input(("tree",))
    return any(_OPTIMISER in project.scope(path).names for path in project.modules.paths)


QUESTIONS: dict[str, Question[Any]] = {"strawberry_optimises": Question("strawberry_optimises", _optimises, bool)}
