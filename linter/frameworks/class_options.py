"""What the body of a class tells a framework: lists of names, flags, classes. Shared by all that are told that way.

In: a class and the name of an attribute. Out: what is written there, as far as it can be read without running it:
strings, functions, classes; an item that cannot be read is left out. Sums, spreads and names of other lists are
followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from ..facts import ir
from ..project.annotations import spelled
from ..project.schema import find_model, model_of
from ..project.shapes import constant
from ..project.summaries import module_value
from ..project.values import Class, Function, Spot
from .django_models import user_model

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project
    from ..project.run import Run

Item: TypeAlias = str | Function | Class

_DEPTH = 6  # lists that name lists
_MAX_ITEMS = 60


def option(project: Project, cls: str, name: str) -> Member | None:
    """The attribute `name = …` of a class or its ancestors."""
    member = project.lookup(cls, name)
    return member if member is not None and member.kind == "value" else None


def method(project: Project, cls: str, name: str) -> Function | None:
    """The method of a class or its ancestors, not bound to an object."""
    member = project.lookup(cls, name)
    return Function(f"{member.owner}.{name}") if member is not None and member.kind == "function" else None


def flag(project: Project, cls: str, name: str) -> Any:
    """The constant that an attribute is; None when it is none."""
    member = option(project, cls, name)
    return constant(member.value) if member is not None else None


def listed(project: Project, cls: str, name: str) -> tuple[Item, ...]:
    """The items of the list that an attribute is."""
    member = option(project, cls, name)
    if member is None:
        return ()
    return tuple(dict.fromkeys(items(project, member.owner, member.value)))[:_MAX_ITEMS]


def names(project: Project, cls: str, name: str) -> tuple[str, ...]:
    return tuple(i for i in listed(project, cls, name) if isinstance(i, str))


def items(project: Project, within: str, expr: Any, depth: int = 0) -> Iterator[Item]:
    """The items of a list expression that stands in the body of the class, or in the file, `within`."""
    if depth > _DEPTH or expr is None:
        return
    path, _, cls = within.partition("::")
    if isinstance(expr, tuple):
        op = expr[0]
        if op == ir.CONST:
            if isinstance(expr[1], str):
                yield expr[1]
            return
        if op == ir.SEQUENCE:
            for item in expr[2]:
                if isinstance(item, tuple) and item[0] == ir.STAR:
                    yield from items(project, within, item[1], depth + 1)
                else:
                    yield from _item(project, within, item)
            return
        if op == ir.DICT:
            for key in expr[1]:
                yield from _item(project, within, key)
            return
        if op == ir.OPERATION and expr[1] in ("Add", "BitOr"):
            for part in expr[2]:
                yield from items(project, within, part, depth + 1)
            return
        if op == ir.CALL and spelled(expr[1]).rpartition(".")[2] in ("list", "tuple", "set", "frozenset", "sorted"):
            yield from items(project, within, expr[2][0] if expr[2] else None, depth + 1)
            return
    yield from _named(project, path, cls, expr, depth)


def _named(project: Project, path: str, cls: str, expr: Any, depth: int) -> Iterator[Item]:
    """A list that is the value of another name: of this class, of another class, of a module."""
    if isinstance(expr, str) and cls:
        own = project.class_info(f"{path}::{cls}")
        if own is not None and expr in own.members and own.members[expr].kind == "value":
            yield from items(project, f"{path}::{cls}", own.members[expr].value, depth + 1)
            return
    if isinstance(expr, tuple) and expr[0] == ir.ATTR:
        base = project.dotted(path, expr[1], cls)
        if base is not None and base.kind == "class":
            member = option(project, base.ref, expr[2])
            if member is not None:
                yield from items(project, member.owner, member.value, depth + 1)
            return
    bound = project.dotted(path, expr)
    if bound is not None and bound.kind == "value":
        for value, _ in project.module_values(bound.ref, bound.name)[:2]:
            yield from items(project, f"{bound.ref}::", value, depth + 1)


def _item(project: Project, within: str, expr: Any) -> Iterator[Item]:
    if isinstance(expr, tuple) and expr[0] == ir.CONST:
        if isinstance(expr[1], str):
            yield expr[1]
        return
    if isinstance(expr, tuple) and expr[0] == ir.SEQUENCE:  # a pair: its first item is the name
        yield from _item(project, within, expr[2][0] if expr[2] else None)
        return
    path, _, cls = within.partition("::")
    if isinstance(expr, str) and cls:
        own = project.class_info(f"{path}::{cls}")
        if own is not None and expr in own.members:
            if own.members[expr].kind == "function":  # the function itself, which is no method there
                yield Function(f"{path}::{cls}.{expr}")
            return
    bound = project.dotted(path, expr, cls)
    if bound is not None and bound.kind == "function":
        yield Function(bound.ref)
    elif bound is not None and bound.kind == "class":
        yield Class(bound.ref)
    elif bound is not None and bound.kind == "value":
        for value, _ in project.module_values(bound.ref, bound.name)[:1]:
            if isinstance(constant(value), str):
                yield constant(value)


def method_spot(run: Run, name: str) -> Spot:
    """Where the class of a run defines a method; the class itself when it does not."""
    path, _, cls = run.owner.partition("::")
    line = run.project.base_line(path, f"{cls}.{name}") - run.project.base_line(path, cls)
    return run.spot(line, 0) if line > 0 else run.spot(0, 0)


def model_named(project: Project, path: str, expr: Any) -> str:
    """The model that an expression in a file names: a class, `get_user_model()`, "app.Model"; "" for none."""
    if isinstance(expr, tuple) and expr[0] == ir.CALL:
        return user_model(project) if spelled(expr[1]).endswith("get_user_model") else ""
    if isinstance(expr, tuple) and expr[0] == ir.CONST:
        return find_model(project, expr[1], path) if isinstance(expr[1], str) else ""
    bound = project.dotted(path, expr)
    if bound is None:
        return ""
    if bound.kind == "class":
        return bound.ref if model_of(project, bound.ref) is not None else ""
    held = module_value(project, bound.ref, bound.name) if bound.kind == "value" else None
    return held.ref if isinstance(held, Class) and model_of(project, held.ref) is not None else ""


def model_option(project: Project, cls: str, name: str = "model") -> str:
    """The model that an attribute of a class names."""
    member = option(project, cls, name)
    return model_named(project, member.owner.partition("::")[0], member.value) if member is not None else ""


def outside(info: ClassInfo, *endings: str) -> bool:
    """Whether an ancestor outside the project has a name with one of these endings."""
    return any(a.startswith("ext:") and a.endswith(endings) for a in info.lineage)


def mentions(facts: Any, word: str) -> bool:
    """Whether facts hold this very string as a constant or name."""
    if isinstance(facts, tuple):
        return any(mentions(part, word) for part in facts)
    return isinstance(facts, str) and facts == word
