"""The fields of pydantic classes, as an object is read when a class is filled from its attributes.

In: a class of the project, and which classes are read in the same way. Out: `Field`s: where each is declared, which
attributes it may be read from, and which classes its annotation nests. Asks for no values.
Source: docs.pydantic.dev, "Fields", "Alias", "Computed fields", "Generic models". Does not follow alias generators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ..facts import ir
from ..project.annotations import _parsed, spelled
from ..project.shapes import keyword, string

if TYPE_CHECKING:
    from ..project.names import Binding
    from ..project.project import Member, Project

Shows: TypeAlias = "Callable[[Project, str], bool]"
"""Whether a class, or a module-level name that holds one, is filled from attributes."""
_MAX_DEPTH = 8  # annotations inside annotations
_MAX_PARTS = 200  # parts of one annotation, with the names it mentions
_MAX_NESTED = 6  # classes that one field nests
_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"}
_VARIABLES = ("typing.TypeVar", "typing_extensions.TypeVar")
ARGUMENT = "~"
"""In `nested`: a type variable, which stands for what the class is given in brackets."""
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
    """The classes that are filled from what an annotation is about, alone or in a list; not those inside a dict. With
    the first thing that a class is given in brackets: `Page[shop/schemas.py::OrderOut]`, see `given_to`."""
    found = dict.fromkeys(_Nested(project, shows).of(path, annotation, within))
    return tuple(found)[:_MAX_NESTED]


class _Nested:
    """Goes through one annotation."""

    def __init__(self, project: Project, shows: Shows) -> None:
        self.project, self.shows = project, shows
        self.left = _MAX_PARTS

    def of(self, path: str, expr: Any, within: str, depth: int = 0) -> Iterator[str]:
        self.left -= 1
        if depth > _MAX_DEPTH or self.left < 0 or expr is None:
            return
        if _is(expr, ir.CONST):
            yield from self.of(path, _parsed(expr[1]), within, depth + 1) if isinstance(expr[1], str) else ()
            return
        if _is(expr, ir.OPERATION):
            for part in expr[2] if expr[1] == "BitOr" else ():
                yield from self.of(path, part, within, depth + 1)
            return
        bound = self.project.dotted(path, expr, within)
        if bound is not None and bound.kind == "class" and self.shows(self.project, bound.ref):
            inner = _arguments(expr)[:1] if _is(expr, ir.INDEX) else ()
            given = next((ref for argument in inner for ref in self.of(path, argument, within, depth + 1)), "")
            yield f"{bound.ref}[{given}]" if given else bound.ref
        elif _is(expr, ir.INDEX):
            base = spelled(expr[1]).rpartition(".")[2]
            arguments = _arguments(expr)
            for argument in () if base in (*_MAPPINGS, "Literal") else arguments[: 1 if base == "Annotated" else None]:
                yield from self.of(path, argument, within, depth + 1)
        elif bound is not None and bound.kind == "value":
            yield from self._named(bound, depth)

    def _named(self, bound: Binding, depth: int) -> Iterator[str]:
        """What a module-level name holds: a class that a call made, a type variable, an annotation."""
        if self.shows(self.project, f"{bound.ref}::{bound.name}"):
            yield f"{bound.ref}::{bound.name}"
            return
        for value, _ in self.project.module_values(bound.ref, bound.name)[:1]:
            if _is(value, ir.CALL):
                made = self.project.dotted(bound.ref, value[1])
                yield from (ARGUMENT,) if made is not None and made.ref in _VARIABLES else ()
            yield from self.of(bound.ref, value, "", depth + 1)


def given_to(ref: str) -> tuple[str, str]:
    """A class, and what it was given in brackets."""
    cls, _, given = ref.removesuffix("]").partition("[")
    return cls, given
