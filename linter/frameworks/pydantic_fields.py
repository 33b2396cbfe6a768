"""The fields of pydantic classes, as an object is read when a class is filled from its attributes.

In: a class of the project, and which classes are read in the same way. Out: `Field`s: where each is declared, which
attributes it may be read from, and which classes its annotation nests. Asks for no values.
Source: docs.pydantic.dev, "Fields", "Alias", "Computed fields". Does not follow alias generators, nor type variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ..facts import ir
from ..project.annotations import _parsed, spelled
from ..project.shapes import keyword, string

if TYPE_CHECKING:
    from ..project.project import Member, Project

Shows: TypeAlias = "Callable[[Project, str], bool]"
"""Whether a class, or a module-level name that holds one, is filled from attributes."""
_MAX_DEPTH = 8  # annotations inside annotations
_MAX_NESTED = 6  # classes that one field nests
_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"}
_NO_FIELD = ("ClassVar", "PrivateAttr", "InitVar")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `kind`: read (the first of `sources` that the object has, dotted; what it gives fills each class of
    `nested`), column, deep (objects with all their fields, `depth` levels down), computed (a property of `owner`).

    `owner`, `line`, `column`: the class or name that declares it, and where.
    """

    name: str
    kind: str
    owner: str
    line: int
    column: int
    sources: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    depth: int = 0


def declared(project: Project, ref: str, shows: Shows) -> Iterator[Field]:
    """The fields that the body of one class declares, none of its ancestors'."""
    info = project.class_info(ref)
    for member in info.members.values() if info is not None else ():
        if member.kind == "value" and member.annotation is not None and not member.name.startswith(("_", "model_")):
            field = _field(project, member, shows)
            if field is not None:
                yield field
        elif member.kind == "function" and _is_computed(project, f"{ref}.{member.name}"):
            line = project.base_line(*_split(f"{ref}.{member.name}")) - project.base_line(*_split(ref))
            yield Field(member.name, "computed", ref, max(line, 0), 0)


def _split(ref: str) -> tuple[str, str]:
    path, _, name = ref.partition("::")
    return path, name


def _is_computed(project: Project, ref: str) -> bool:
    defined = project.function(ref)
    for decorator in defined.core[ir.C_DECORATORS] if defined is not None else ():
        named = decorator[1] if isinstance(decorator, tuple) and decorator[0] == ir.CALL else decorator
        if spelled(named).rpartition(".")[2] == "computed_field":
            return True
    return False


def _field(project: Project, member: Member, shows: Shows) -> Field | None:
    path, within = _split(member.owner)
    if _base(member.annotation) in _NO_FIELD:
        return None
    sources: list[str] = []
    for call in (member.value, *_metadata(member.annotation)):
        if isinstance(call, tuple) and call[0] == ir.CALL and spelled(call[1]).rpartition(".")[2] == "Field":
            sources = sources or _aliases(call)
    nested = nested_in(project, path, member.annotation, within, shows)
    names = tuple(dict.fromkeys([*sources, member.name]))
    return Field(member.name, "read", member.owner, member.line, member.column, names, nested)


def _base(annotation: Any) -> str:
    return spelled(annotation[1]).rpartition(".")[2] if _is(annotation, ir.INDEX) else spelled(annotation)


def _is(expr: Any, op: int) -> bool:
    return isinstance(expr, tuple) and bool(expr) and expr[0] == op


def _metadata(annotation: Any) -> tuple[Any, ...]:
    """What stands in `Annotated[T, …]` beside the type."""
    return _arguments(annotation)[1:] if _base(annotation) == "Annotated" and _is(annotation, ir.INDEX) else ()


def _arguments(annotation: Any) -> tuple[Any, ...]:
    inside = annotation[2]
    return tuple(inside[2]) if _is(inside, ir.SEQUENCE) else (inside,)


def _aliases(call: Any) -> list[str]:
    """What `Field(alias=…)` or `Field(validation_alias=…)` says a field is read from, in the order it is tried."""
    given = keyword(call, "validation_alias")
    return [a for a in _spelled(keyword(call, "alias") if given is None else given) if a]


def _spelled(alias: Any, depth: int = 0) -> list[str]:
    if not _is(alias, ir.CALL) or depth > 1:
        return [string(alias)]
    last = spelled(alias[1]).rpartition(".")[2]
    if last == "AliasPath":
        steps = [string(a) for a in alias[2]]
        return [".".join(steps)] if all(steps) else steps[:1]
    return [s for a in alias[2] for s in _spelled(a, depth + 1)] if last == "AliasChoices" else []


# Annotations ----------------------------------------------------------------------------------------------


def nested_in(project: Project, path: str, annotation: Any, within: str, shows: Shows) -> tuple[str, ...]:
    """The classes that are filled from what an annotation is about, alone or in a list; not those inside a dict."""
    found = dict.fromkeys(_nested(project, path, annotation, within, shows, 0))
    return tuple(found)[:_MAX_NESTED]


def _nested(project: Project, path: str, expr: Any, within: str, shows: Shows, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH or expr is None:
        return
    if _is(expr, ir.CONST):
        text = expr[1]
        yield from _nested(project, path, _parsed(text), within, shows, depth + 1) if isinstance(text, str) else ()
        return
    if _is(expr, ir.OPERATION):
        for part in expr[2] if expr[1] == "BitOr" else ():
            yield from _nested(project, path, part, within, shows, depth + 1)
        return
    bound = project.dotted(path, expr, within)
    if bound is not None and bound.kind == "class" and shows(project, bound.ref):
        yield bound.ref
    elif _is(expr, ir.INDEX):
        base = spelled(expr[1]).rpartition(".")[2]
        arguments = _arguments(expr)
        for argument in () if base in (*_MAPPINGS, "Literal") else arguments[: 1 if base == "Annotated" else None]:
            yield from _nested(project, path, argument, within, shows, depth + 1)
    elif bound is not None and bound.kind == "value":
        ref = f"{bound.ref}::{bound.name}"
        if shows(project, ref):
            yield ref
            return
        for value, _ in project.module_values(bound.ref, bound.name)[:1]:  # an alias: `Orders = list[OrderOut]`
            yield from _nested(project, bound.ref, value, "", shows, depth + 1)
