"""What an object holds from the moment it is made: the classes and queries that its `__init__` was given and keeps, the
rows in the fields of a dataclass.

In: a call of a class. Out: the fields of the `Instance`. A query that other methods replace is not kept: whoever calls
them may have added a loader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from .annotations import spelled
from .contexts import abstract, concrete, rowlike
from .summaries import summary
from .values import UNKNOWN, Class, Function, Instance, Rows, Value

if TYPE_CHECKING:
    from .project import ClassInfo, Project

_MAX_FIELDS = 4  # that one object is told apart by
_DATACLASSES = {"dataclass", "define", "frozen", "attrs", "s"}
_TUPLES = ("typing.NamedTuple", "typing_extensions.NamedTuple")

Fields = tuple[tuple[str, Value], ...]


def holds(value: Value) -> bool:
    return isinstance(value, Class | Rows)


def given_to_init(project: Project, init: Function, made: Instance, bindings: dict[str, Value], now: int) -> Fields:
    """What `__init__` keeps of its arguments."""
    defined = project.function(init.ref)
    if defined is None:
        return ()
    context = tuple(abstract(bindings.get(p[0], UNKNOWN), p[0]) for p in defined.core[ir.C_PARAMETERS])
    kept: list[tuple[str, Value]] = []
    for name, value in summary(project, init.ref, context).writes_self:
        if isinstance(value, Class):
            kept.append((name, value))
        elif isinstance(value, Rows) and not _written_elsewhere(project, made.cls, name):
            kept.append((name, concrete(value, bindings, now)))
    return _few(kept)


def _written_elsewhere(project: Project, cls: str, name: str) -> bool:
    """Whether another method than `__init__` assigns an attribute."""
    for own in _lineage(project, cls):
        for member in own.members.values():
            defined = project.function(f"{own.ref}.{member.name}") if member.kind == "function" else None
            if defined is not None and member.name != "__init__" and name in defined.core[ir.C_SELF_WRITES]:
                return True
    return False


def given_to_dataclass(project: Project, cls: str, args: Sequence[Value], keywords: Mapping[str, Value]) -> Fields:
    """The rows that an object of a dataclass or a named tuple is made with, by the names of its fields."""
    held = [(name, value) for name, value in keywords.items() if rowlike(value) is not None]
    placed = [i for i, value in enumerate(args) if rowlike(value) is not None]
    if not (held or placed) or not _is_dataclass(project, cls):
        return ()
    names = list(_annotated(project, cls)) if placed else []
    return _few([*held, *((names[i], args[i]) for i in placed if i < len(names))])


def _is_dataclass(project: Project, cls: str) -> bool:
    info = project.class_info(cls)
    if info is not None and info.inherits(*_TUPLES):
        return True
    for own in _lineage(project, cls):
        defined = project.class_def(own.ref)
        if defined is not None and any(_name(d) in _DATACLASSES for d in defined.core[ir.K_DECORATORS]):
            return True
    return False


def _name(decorator: Any) -> str:
    called = isinstance(decorator, tuple) and decorator[0] == ir.CALL
    return spelled(decorator[1] if called else decorator).rpartition(".")[2]


def _annotated(project: Project, cls: str) -> Iterator[str]:
    """The names of a dataclass's fields, in the order of its parameters."""
    out: dict[str, None] = {}
    for own in reversed(_lineage(project, cls)):
        for member in own.members.values():
            if member.kind == "value" and member.annotation is not None:
                out[member.name] = None
    yield from out


def _lineage(project: Project, cls: str) -> list[ClassInfo]:
    """The classes of the project that a class is made of, itself first."""
    info = project.class_info(cls)
    found = (project.class_info(a) for a in (info.lineage if info is not None else ()) if not a.startswith("ext:"))
    return [own for own in found if own is not None]


def _few(fields: list[tuple[str, Value]]) -> Fields:
    return tuple(sorted(fields, key=lambda field: field[0])[:_MAX_FIELDS])
