"""What is read of an object that a schema is filled from, or that it dumps.

In: a schema and a row, rows, or a dict that holds some. Out: the reads, recorded where the field is declared; what is
answered is no concern. Managers and querysets are listed, whatever the annotation says of them.
Source: django-ninja's schema.py (DjangoGetter, Resolver); pydantic's "Arbitrary class instances"; marshmallow's
schema.py (`_serialize`); Flask-RESTX's marshalling.py. Each schema has procedures of its own:

    serializer.schema        one object: all fields
    serializer.schema part   those of them that this class declares, for a class that inherits it; gives the object
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import ir
from ..project.frozen import replace
from ..project.schema import model_of, relation_of
from ..project.values import (
    COMPUTED,
    UNKNOWN,
    Class,
    Const,
    Container,
    Function,
    Instance,
    Row,
    Rows,
    Value,
    parts,
)
from .drf_rendering import followed, opened, queried
from .schema_fields import ARGUMENT, Field, given_to
from .schemas import fields_of, is_schema

if TYPE_CHECKING:
    from ..project.project import Member
    from ..project.run import Run

SCHEMA, PART = "serializer.schema", "serializer.schema part"
PROCEDURES = (SCHEMA, PART)
_HOOKS = ("before", "after")
ONLY, EXCLUDE = "only", "exclude"  # fields of a schema object: names of fields, in one text
_GIVEN = "[]"  # the field of a schema object that holds what the schema was given in brackets
_MAX_NAME = 500  # of a schema, with what it was given in brackets
_LISTS = ("list", "tuple", "set", "iterator", "generator")


def procedure(run: Run, name: str, receiver: Value, given: Value) -> Value:
    if not isinstance(receiver, Instance):
        return UNKNOWN
    fields = _shown(receiver, fields_of(run.project, receiver.cls))
    row = _as_declared(run, fields, given)
    for owner in dict.fromkeys(f.owner for f in fields):
        if owner == run.owner:
            for field in fields:
                if field.owner == owner:
                    row = _read(run, receiver, row, field)
        elif name == SCHEMA:
            known = run.perform(f"{owner}#{PART}", receiver, row, run.spot(0, 0))
            before = any(f.kind == "before" for f in fields if f.owner == owner)
            row = known if before or (isinstance(known, Row) and isinstance(row, Row)) else row
    return row if name == PART else Instance(receiver.cls)


def _as_declared(run: Run, fields: tuple[Field, ...], given: Value) -> Value:
    """An object whose relations code chose to load: it did so from what the schema declares."""
    if not isinstance(given, Row) or COMPUTED not in given.loaded:
        return given
    names = {source.partition(".")[0] for field in fields for source in field.sources}
    return replace(
        given, loaded=given.loaded.union(n for n in names if relation_of(run.project, given.model, n) is not None)
    )


def filled(
    run: Run,
    value: Value,
    schemas: tuple[str, ...],
    line: int,
    column: int,
    narrow: tuple[tuple[str, Value], ...] = (),
) -> None:
    """Fill each of these schemas from a value, or from each of its items."""
    for one in parts(value):
        part = queried(run, one, run.spot(line, column))
        if isinstance(part, Rows) or (isinstance(part, Container) and part.kind in _LISTS):
            each = opened(run, part, run.spot(line, column))
            if each is not None:
                filled(run, each, schemas, line, column, narrow)
                run.close(run.loops[-1])
        elif isinstance(part, Row | Instance | Container):
            for schema in schemas:
                filled_one(run, schema, part, line, column, narrow)


def filled_one(
    run: Run,
    schema: str,
    value: Value,
    line: int,
    column: int,
    narrow: tuple[tuple[str, Value], ...] = (),
) -> None:
    """Fill a schema from one object; `narrow`: which of its fields (see `narrowed`)."""
    cls, given = given_to(schema)
    if isinstance(value, Instance) and is_schema(run.project, value.cls) and not (given and value.cls == cls):
        return  # has been filled before; what type variables stand for may only be said now
    receiver = Instance(cls, (((_GIVEN, Const(given)),) if given else ()) + narrow)
    outer, run.expression = run.expression, None
    run.perform(f"{cls}#{SCHEMA}", receiver, value, run.spot(line, column))
    run.expression = outer


def narrowed(only: tuple[str, ...] | None, exclude: tuple[str, ...]) -> tuple[tuple[str, Value], ...]:
    """The fields of a schema object that shows only these of its fields, dotted, and none of those."""
    shown = () if only is None else ((ONLY, Const(" ".join(only))),)
    return (*shown, (EXCLUDE, Const(" ".join(exclude)))) if exclude else shown


def names(receiver: Instance, field: str) -> tuple[str, ...] | None:
    held = receiver.field(field)
    return tuple(str(held.value).split()) if isinstance(held, Const) else None


def _shown(receiver: Instance, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields that a schema object shows; of a field with a dot in what narrows it, what is left below it."""
    only, exclude = names(receiver, ONLY), names(receiver, EXCLUDE)
    if only is None and exclude is None:
        return fields
    out = []
    for field in fields:
        own = [] if only is None else [n for n in only if n.partition(".")[0] == field.name]
        if field.kind not in _HOOKS and ((only is not None and not own) or field.name in (exclude or ())):
            continue
        inner = tuple(n.partition(".")[2] for n in own if "." in n)
        below = tuple(n.partition(".")[2] for n in exclude or () if n.startswith(f"{field.name}."))
        wanted = field.only if not inner or len(inner) < len(own) else inner
        out.append(replace(field, only=wanted, exclude=(*field.exclude, *below)))
    return tuple(out)


def _read(run: Run, receiver: Instance, row: Value, field: Field) -> Value:
    """Read one field; the object, with what that has loaded."""
    line, column = field.line, field.column
    spot = run.spot(line, column)
    if field.kind == "computed":
        member = run.project.lookup(receiver.cls, field.name)
        if member is not None and member.kind == "function":
            run.call_function(Function(f"{member.owner}.{field.name}", receiver), (), {}, spot)
        return row
    nested = _without_variables(receiver, field)
    narrow = narrowed(field.only, field.exclude)
    if field.kind in ("method", *_HOOKS):
        member = run.project.lookup(receiver.cls, field.by)
        if member is None or member.kind != "function":
            return row
        bound = None if "staticmethod" in member.marks else Class(receiver.cls) if _of_class(member) else receiver
        args = (UNKNOWN, row) if field.kind == "after" else (row,)
        found = run.call_function(Function(f"{member.owner}.{field.by}", bound), args, {}, spot)
        if field.kind == "before":
            return found
        filled(run, found, nested, line, column, narrow)
        return row
    if field.kind == "function":
        filled(run, _applied(run, field, row), nested, line, column, narrow)
        return row
    source = next((s for s in field.sources if _has(run, receiver, row, s)), field.sources[0])
    resolver = _resolver(run, receiver, source)
    if resolver is not None:
        function = Function(
            f"{resolver.owner}.{resolver.name}", None if "staticmethod" in resolver.marks else Instance(receiver.cls)
        )
        filled(run, run.call_function(function, (row,), {"context": UNKNOWN}, spot), nested, line, column)
        return row
    if field.kind == "column":
        if isinstance(row, Row) and row.only is not None:
            run.attribute(row, source, line, column)
        return row
    value, row = followed(run, row, source.split("."), line, column)
    if field.by:
        value = _made_of(run, receiver, field, (value, UNKNOWN, row))
    elif field.code is not None:
        value = _applied(run, field, value)
    if field.kind == "deep":
        _deep(run, value, field.depth - 1, line, column)
    else:
        filled(run, value, nested, line, column, narrow)
    return row


def _made_of(run: Run, receiver: Instance, field: Field, args: tuple[Value, ...]) -> Value:
    """What a validator of the schema, or a field class of the project's own, makes of what was read."""
    cls = field.by.rpartition(".")[0]
    info = run.project.class_info(receiver.cls)
    own = info is not None and cls in info.lineage
    bound: Value = Class(receiver.cls) if own else Instance(cls)
    return run.call_function(Function(field.by, bound), args, {}, run.spot(field.line, field.column))


def _of_class(member: Member) -> bool:
    return "classmethod" in member.marks


def _applied(run: Run, field: Field, value: Value) -> Value:
    """What a field's own expression, a lambda or the name of a function, gives for a value."""
    function = run.value(field.code)
    wanted = len(field.code[1][ir.C_PARAMETERS]) if isinstance(field.code, tuple) and field.code[0] == ir.LAMBDA else 1
    args = (value, *(UNKNOWN for _ in range(wanted - 1)))
    return run.call_value(function, args, {}, run.spot(field.line, field.column))


def _without_variables(receiver: Instance, field: Field) -> tuple[str, ...]:
    """The classes that a field nests, with what the schema was given in place of its type variable."""
    if not any(ARGUMENT in ref for ref in field.nested):
        return field.nested
    held = receiver.field(_GIVEN)
    given = str(held.value) if isinstance(held, Const) else ""
    bare = (ref.replace(ARGUMENT, given) if given else ref.replace(f"[{ARGUMENT}]", "") for ref in field.nested)
    return tuple(ref for ref in bare if ref and ref != ARGUMENT and len(ref) < _MAX_NAME)


def _resolver(run: Run, receiver: Instance, source: str) -> Member | None:
    """The `resolve_x` of a field that is read from x."""
    member = run.project.lookup(receiver.cls, f"resolve_{source}")
    return member if member is not None and member.kind == "function" else None


def _has(run: Run, receiver: Instance, value: Value, source: str) -> bool:
    """Whether a field can be read from there."""
    if _resolver(run, receiver, source) is not None:
        return True
    name = source.partition(".")[0]
    if isinstance(value, Container):
        return value.field(name) is not None
    if isinstance(value, Instance):
        return value.field(name) is not None or run.project.lookup(value.cls, name) is not None
    if not isinstance(value, Row):
        return False
    model = model_of(run.project, value.model)
    own = model is not None and (model.column(name) is not None or any(r.column == name for r in model.relations))
    return own or relation_of(run.project, value.model, name) is not None or bool(run.project.lookup(value.model, name))


def _deep(run: Run, value: Value, depth: int, line: int, column: int) -> None:
    """Objects with all their own fields: relations to many are listed, the others are read down to the last level."""
    spot = run.spot(line, column)
    for one in parts(value):
        part = queried(run, one, spot)
        each = opened(run, part, spot) if isinstance(part, Rows) else part
        model = model_of(run.project, each.model) if isinstance(each, Row) else None
        for relation in model.relations if model is not None else ():
            many = relation.kind in ("many", "generic-many")
            if each is not None and (many or (relation.kind == "one" and depth > 0)):
                inner, each = followed(run, each, [relation.name], line, column)
                if depth > 0:
                    _deep(run, inner, depth - 1, line, column)
                else:
                    filled(run, inner, (), line, column)
        if isinstance(part, Rows) and each is not None:
            run.close(run.loops[-1])


def called(run: Run) -> Value:
    """What the function that owns the run gives, called as a framework calls it: with arguments nobody knows."""
    defined = run.project.function(run.owner)
    if defined is None:
        return UNKNOWN
    of = Instance(f"{run.path}::{defined.cls}") if defined.cls else None
    asked = {parameter[0]: UNKNOWN for parameter in defined.core[ir.C_PARAMETERS][1 if defined.cls else 0 :]}
    return run.awaited(run.call_function(Function(run.owner, of), (), asked, run.spot(0, 0)))
