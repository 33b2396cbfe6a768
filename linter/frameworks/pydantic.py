"""pydantic and SQLModel, wherever they are used: classes that code fills from objects.

In: `X.model_validate(row)`, `X.from_orm(row)`, `TypeAdapter(list[X]).validate_python(rows)`, `parse_obj_as(X, row)`,
and `X(items=rows)` whose fields are such classes. Out: what is read of each object, by `schema_rendering`. And
`Field(...)`, which stands for what the field's annotation says.
Source: docs.pydantic.dev, "Arbitrary class instances", "Type Adapter", "Fields". That a class without
`from_attributes` would refuse an object is taken for granted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.contexts import rowlike
from ..project.memo import Question
from ..project.values import UNKNOWN, Bound, Class, Container, External, Instance, Spot, Value, parts
from . import ninja_schemas, pydantic_fields, schema_rendering, schemas
from .base import Arguments, Framework, Keywords
from .ninja_schemas import shows

if TYPE_CHECKING:
    from ..project.run import Run

_FILLS = {"from_orm", "model_validate", "validate", "parse_obj"}
_DECLARES = {"Field", "PrivateAttr"}
_MAX_HELD = 4  # rows that one object was given
_ADAPTER = "adapter"  # the kind of container that `TypeAdapter(list[X])` is: it holds the classes


class Pydantic(Framework):
    name = "pydantic"
    attributes_of = (External, Class)
    calls_of = (Bound, Class, External)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return ninja_schemas.SCHEMA, ninja_schemas.FIELDS, pydantic_fields.PLAIN, schemas.FIELDS

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        return schema_rendering.procedure(run, name, receiver, given) if name in schema_rendering.PROCEDURES else None

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if name not in _FILLS:
            return None
        if isinstance(value, External) and value.name == "builtins.super" and isinstance(value.of, Class):
            known = run.project.lookup(value.of.ref, name, after=run.cls) is None and shows(run.project, value.of.ref)
            return Bound(value.of, name) if known else None
        if not isinstance(value, Class) or not shows(run.project, value.ref):
            return None
        return Bound(value, name) if run.project.lookup(value.ref, name) is None else None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Bound):
            return _method(run, callee, args, keywords, spot)
        if isinstance(callee, Class):
            return _made(run, callee, keywords, spot)
        if not isinstance(callee, External) or not callee.name.startswith("pydantic."):
            return None
        last = callee.name.rpartition(".")[2]
        if last in _DECLARES:
            return UNKNOWN
        if last not in ("TypeAdapter", "parse_obj_as"):
            return None
        call = run.expression
        about = call[2][0] if isinstance(call, tuple) and call[0] == ir.CALL and call[2] else None
        known = pydantic_fields.nested_in(run.project, run.path, about, run.cls.partition("::")[2], shows)
        if last == "parse_obj_as":
            _fill(run, args[1] if len(args) > 1 else keywords.get("obj", UNKNOWN), known, spot)
            return UNKNOWN
        return Container(_ADAPTER, UNKNOWN, items=tuple(Class(ref) for ref in known))


def _method(run: Run, callee: Bound, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
    of = callee.of
    if isinstance(of, Container) and of.kind == _ADAPTER:
        if callee.name == "validate_python" and args:
            _fill(run, args[0], tuple(i.ref for i in of.items if isinstance(i, Class)), spot)
        return UNKNOWN
    if not isinstance(of, Class) or callee.name not in _FILLS or not shows(run.project, of.ref):
        return None
    _fill(run, args[0] if args else keywords.get("obj", UNKNOWN), (of.ref,), spot)
    return Instance(of.ref)


def _made(run: Run, callee: Class, keywords: Keywords, spot: Spot) -> Value | None:
    """`Page(items=rows)`: a field that is a class is filled from what it is given."""
    if not any(rowlike(value) is not None for value in keywords.values()) or not shows(run.project, callee.ref):
        return None
    if run.project.lookup(callee.ref, "__init__") is not None:
        return None
    func = run.expression[1] if isinstance(run.expression, tuple) and run.expression[0] == ir.CALL else None
    written = pydantic_fields.nested_in(run.project, run.path, func, run.cls.partition("::")[2], shows)
    own = tuple(ref for ref in written if ref.partition("[")[0] == callee.ref) or (callee.ref,)
    given = tuple(keywords.items())
    _fill(run, Container("dict", UNKNOWN, UNKNOWN, fields=given), own, spot)
    held = sorted(((n, v) for n, v in given if rowlike(v) is not None), key=lambda field: field[0])
    return Instance(callee.ref, tuple(held[:_MAX_HELD]))  # which the answer of a route may be read into once more


def _fill(run: Run, given: Value, classes: tuple[str, ...], spot: Spot) -> None:
    for part in parts(given):
        schema_rendering.filled(run, part, classes, spot.line - run.base_line, spot.column)
