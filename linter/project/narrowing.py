"""What `isinstance` says of a value, on either way through the code.

In: what a name holds so far, and the class it was tested for. Out: what it holds when the test is true, and when it is
false: of several kinds of objects those that remain, of an object known by its base class one of the subclass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dispatch import has_subclasses
from .summaries import self_of
from .values import UNKNOWN, Class, Container, External, ExternalInstance, Instance, Unknown, Value, parts, union

if TYPE_CHECKING:
    from .project import Project


def tested(project: Project, have: Value, cls: Value) -> Value:
    """A value that is an instance of `cls`, which may be a tuple of classes."""
    if isinstance(cls, Container):
        known = [part for part in cls.items if isinstance(part, Class | External)]
        return (
            union([tested(project, have, part) for part in known]) if known and len(known) == len(cls.items) else have
        )
    if isinstance(cls, External):
        return _outside(project, have, cls)
    if not isinstance(cls, Class):
        return have
    left = [found for part in parts(have) if (found := _as(project, part, cls.ref)) is not None]
    return union(left) if left else have


def refuted(project: Project, have: Value, cls: Value) -> Value:
    """A value that is no instance of `cls`: of several kinds, the others."""
    left = [part for part in parts(have) if not (isinstance(cls, Class) and _is(project, part, cls.ref))]
    return union(left) if left else have


def _as(project: Project, value: Value, cls: str) -> Value | None:
    """A value as an instance of a class; None when it cannot be one."""
    if isinstance(value, Unknown):
        made = self_of(project, cls)
        return Instance(cls, declared=has_subclasses(project, cls)) if isinstance(made, Instance) else made
    if isinstance(value, Instance):
        if _is(project, value, cls):
            return value
        info = project.class_info(cls)
        below = value.declared and info is not None and value.cls in info.lineage
        return Instance(cls, declared=has_subclasses(project, cls)) if below else None
    return None if isinstance(value, ExternalInstance) else value


def _is(project: Project, value: Value, cls: str) -> bool:
    info = project.class_info(value.cls) if isinstance(value, Instance) else None
    return info is not None and cls in info.lineage


def _outside(project: Project, have: Value, cls: External) -> Value:
    """The same for a class outside the project: of Python's own, nothing is known that would matter."""
    if cls.of is not None:
        return have
    same = [part for part in parts(have) if isinstance(part, ExternalInstance) and part.cls == cls.name]
    if same:
        return same[0]
    if have != UNKNOWN or cls.name.startswith("builtins."):
        return have
    known = (framework.instance(project, cls.name) for framework in project.frameworks)
    return next((found for found in known if found is not None), ExternalInstance(cls.name))
