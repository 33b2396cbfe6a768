"""The fields of pydantic classes, as an object is read when a class is filled from its attributes.

In: a class of the project, and which classes are read in the same way. Out: `Field`s: where each is declared, which
attributes it may be read from, and which classes its annotation nests. Asks for no values.
What is left out of the answer (`exclude=`, `response_model_exclude=`) is read all the same, for it is validated first.
Source: docs.pydantic.dev, "Fields", "Alias", "Computed fields", "Generic models", "Validators"; sqlmodel.tiangolo.com.
Does not follow alias generators.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import _parsed, spelled
from ..project.frozen import replace
from ..project.memo import Question
from ..project.schema import model_of
from ..project.shapes import constant, keyword, string, strings
from .schema_fields import ARGUMENT, Field, Shows

if TYPE_CHECKING:
    from ..project.names import Binding
    from ..project.project import Member, Project

_MAX_DEPTH = 8  # annotations inside annotations
_MAX_PARTS = 200  # parts of one annotation, with the names it mentions
_MAX_NESTED = 6  # classes that one field nests
_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"}
_VARIABLES = ("typing.TypeVar", "typing_extensions.TypeVar")
_NO_FIELD = ("ClassVar", "PrivateAttr", "InitVar")
_PACKAGES = ("pydantic", "sqlmodel", "fastapi", "fastapi_users", "fastapi_camelcase")
_BASES = {"BaseModel", "GenericModel", "RootModel", "SQLModel", "BaseUser", "CamelModel"}


def is_plain(project: Project, ref: str) -> bool:
    """Whether a class is one of pydantic's own, or a class of SQLModel without a table; through the memo."""
    found: bool = project.memo.ask(PLAIN, ref)
    return found


def _is_plain(project: Project, ref: str) -> bool:
    info = project.class_info(ref)
    outside = [a[4:] for a in (info.lineage if info is not None else ()) if a.startswith("ext:")]
    known = any(a.partition(".")[0] in _PACKAGES and a.rpartition(".")[2] in _BASES for a in outside)
    return known and model_of(project, ref) is None


def fields(project: Project, ref: str, shows: Shows) -> tuple[Field, ...]:
    """The fields of a plain class with those it inherits, and what its validators make of them first."""
    info = project.class_info(ref)
    first: dict[str, Field] = {}
    out: dict[str, Field] = {}
    by: dict[str, str] = {}
    for ancestor in reversed(info.lineage if info is not None else ()):
        if ancestor.startswith("ext:"):
            continue
        out.update((f.name, f) for f in declared(project, ancestor, shows))
        for name, method in _validators(project, ancestor):
            if name:
                by[name] = f"{ancestor}.{method}"
            else:
                first[method] = Field(method, "before", ancestor, 0, 0, by=method)
    applied = (replace(f, by=by.get(f.name, by.get("*", ""))) if f.kind == "read" else f for f in out.values())
    return (*first.values(), *applied)


def _validators(project: Project, ref: str) -> Iterator[tuple[str, str]]:
    """(field, method) of the validators of one class that are given what was read; "" for the whole object."""
    info = project.class_info(ref)
    for member in info.members.values() if info is not None else ():
        defined = project.function(f"{ref}.{member.name}") if member.kind == "function" else None
        for decorator in defined.core[ir.C_DECORATORS] if defined is not None else ():
            if not _is(decorator, ir.CALL):
                continue
            last = spelled(decorator[1]).rpartition(".")[2]
            before = string(keyword(decorator, "mode")) == "before" or constant(keyword(decorator, "pre")) is True
            if last in ("field_validator", "validator") and before:
                yield from ((name, member.name) for argument in decorator[2] for name in strings(argument))
            elif last == "model_validator" and before:
                yield "", member.name


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
    code = None
    for call in (member.value, *_metadata(member.annotation)):
        last = spelled(call[1]).rpartition(".")[2] if _is(call, ir.CALL) else ""
        if last == "Relationship":  # of SQLModel: it belongs to the table
            return None
        if last == "Field":
            sources = sources or _aliases(call)
        elif last == "BeforeValidator" and call[2]:
            code = call[2][0]
    nested = nested_in(project, path, member.annotation, within, shows)
    names = tuple(dict.fromkeys([*sources, member.name]))
    return Field(member.name, "read", member.owner, member.line, member.column, names, nested, code=code)


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


PLAIN: Question[bool] = Question("pydantic_class", _is_plain, bool)
