"""What Django REST framework reads of an object that a serializer renders.

In: a serializer object (`Instance` with the fields `instance`, `many`, `child`, `shown`: the names of its fields when
code narrows them) or a serializer class and a row. Out: the reads, recorded where the field is declared; what is
rendered is no concern. Source: rest_framework's fields.py (get_attribute), relations.py and serializers.py
(to_representation). Each class has procedures of its own:

    serializer.render     one object: the project's `to_representation`, or else its fields; all objects for a list
    serializer.fields     the fields of one object, what `super().to_representation(obj)` does
    serializer.declared   those of them that this class declares, for a class that inherits it
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..facts import ir
from ..project.frozen import replace
from ..project.schema import model_of, relation_of
from ..project.values import (
    ASSIGNED,
    COMPUTED,
    UNKNOWN,
    Bound,
    Class,
    Closure,
    Const,
    Container,
    Function,
    Instance,
    Row,
    Rows,
    Spot,
    Value,
    parts,
    union,
)
from .drf_fields import Field, fields_of, list_class, model_ref, narrowed
from .drf_names import kind_of

if TYPE_CHECKING:
    from ..project.run import Run

RENDER, FIELDS, DECLARED = "serializer.render", "serializer.fields", "serializer.declared"
PROCEDURES = (RENDER, FIELDS, DECLARED)
_RENDERED = Container("dict", UNKNOWN, UNKNOWN)
_LISTS = ("list", "tuple", "set", "iterator", "generator", "sequence", "values")


def procedure(run: Run, name: str, receiver: Value, given: Value) -> Value:
    if not isinstance(receiver, Instance):
        return _RENDERED
    given = _as_declared(run, receiver, given)
    if name == RENDER:
        member = run.project.lookup(receiver.cls, "to_representation")
        if member is not None and member.kind == "function":
            function = Function(f"{member.owner}.to_representation", receiver)
            return run.call_function(function, (given,), {}, run.spot(0, 0))
        if kind_of(run.project, receiver.cls) == "list":
            return represented(run, receiver, given, run.spot(0, 0))
    shown = receiver.field("shown")
    left = str(shown.value).split() if isinstance(shown, Const) else None
    fields = [f for f in fields_of(run.project, receiver.cls) if left is None or f.name in left]
    owners = dict.fromkeys(f.owner for f in fields)
    for owner in owners if name != DECLARED else ():
        if owner != run.owner:
            run.perform(f"{owner}#{DECLARED}", receiver, given, run.spot(0, 0))
    row = given
    for field in fields:
        if field.owner == run.owner:
            row = _shown(run, receiver, row, field)
    return _RENDERED


def _as_declared(run: Run, serializer: Instance, given: Value) -> Value:
    """An object whose relations code chose to load: it did so from what the serializer declares."""
    if not isinstance(given, Row) or COMPUTED not in given.loaded:
        return given
    names = (field.source.partition(".")[0] for field in fields_of(run.project, serializer.cls))
    declared = [n for n in names if (r := relation_of(run.project, given.model, n)) is not None and r.kind != "generic"]
    return replace(given, loaded=given.loaded.union(declared))


# Serializer objects ---------------------------------------------------------------------------------------


def made(run: Run, cls: str, args: tuple[Value, ...], keywords: dict[str, Value]) -> Instance:
    """`OrderSerializer(order, many=…, data=…)`."""
    instance = args[0] if args else keywords.get("instance")
    fields: dict[str, Value] = {}
    if instance is not None and instance != Const(None):
        fields["instance"] = instance
    if keywords.get("many") == Const(True):
        fields["many"] = Const(True)
    if isinstance(child := keywords.get("child"), Instance):
        fields["child"] = child
    call = run.expression
    named = {k for k, _ in call[3]} if isinstance(call, tuple) and call[0] == ir.CALL else set()
    # What `**kwargs` hands on may have been put there on some way only
    sure = {k: v for k, v in keywords.items() if "**" not in keywords or k in named}
    written = {k: (f"{run.path}::", _written(v)) for k, v in sure.items()}
    shown = narrowed(run.project, cls, written)
    if shown is not None:
        fields["shown"] = Const(shown)
    return Instance(cls, tuple(fields.items()))


def _written(value: Value) -> tuple[object, ...] | None:
    """A list of texts, as it would be written."""
    if not isinstance(value, Container) or not value.items or not all(isinstance(i, Const) for i in value.items):
        return None
    return (ir.SEQUENCE, "list", tuple((ir.CONST, i.value) for i in value.items if isinstance(i, Const)), 0, 0)


def data(run: Run, serializer: Instance, spot: Spot) -> Value:
    """`serializer.data`: what it holds is rendered."""
    held = serializer.field("instance")
    if held is None:
        return UNKNOWN
    many = serializer.field("many") == Const(True)
    bare = Instance(serializer.cls, tuple((k, v) for k, v in serializer.fields if k in ("child", "shown")))
    out: list[Value] = []
    for part in parts(held):
        several = isinstance(part, Rows) or (isinstance(part, Container) and part.kind in _LISTS)
        if several or (many and isinstance(part, Instance)):
            out.append(all_of(run, bare, part, spot))
        elif isinstance(part, Row | Instance | Container) and not many:
            out.append(one_of(run, bare, part, spot))
    return union(out) if out else UNKNOWN


def represented(run: Run, serializer: Instance, given: Value, spot: Spot) -> Value:
    """What the framework's own `to_representation(given)` does."""
    if kind_of(run.project, serializer.cls) != "list":
        return run.perform(f"{serializer.cls}#{FIELDS}", serializer, given, spot)
    child = serializer.field("child") or run.attribute(serializer, "child", spot.line, spot.column)
    for part in parts(child):
        if isinstance(part, Instance):
            _each(run, part, given, spot)
    return Container("list", _RENDERED)


def one_of(run: Run, serializer: Instance, given: Value, spot: Spot) -> Value:
    outer, run.expression = run.expression, None
    found = run.perform(f"{serializer.cls}#{RENDER}", serializer, given, spot)
    run.expression = outer
    return found


def all_of(run: Run, serializer: Instance, given: Value, spot: Spot) -> Value:
    """Render many objects: by the list serializer of the project's own, or one by one."""
    chosen = list_class(run.project, serializer.cls)
    own = run.class_value(chosen, serializer.cls) if chosen is not None else UNKNOWN
    if isinstance(own, Class) and run.project.lookup(own.ref, "to_representation") is not None:
        return one_of(run, Instance(own.ref, (("child", serializer),)), given, spot)
    if kind_of(run.project, serializer.cls) == "list":
        return one_of(run, serializer, given, spot)
    _each(run, serializer, given, spot)
    return Container("list", _RENDERED)


def _each(run: Run, serializer: Instance, given: Value, spot: Spot) -> None:
    for part in parts(queried(run, given, spot)):
        each = opened(run, part, spot)
        if each is not None:
            one_of(run, serializer, each, spot)
            run.close(run.loops[-1])


def queried(run: Run, value: Value, spot: Spot) -> Value:
    """A manager as the query of all its rows."""
    managers = isinstance(value, Rows) and value.kind == "manager" and value.model
    return run.call_value(Bound(value, "all"), (), {}, spot) if managers else value


def opened(run: Run, value: Value, spot: Spot) -> Value | None:
    """Begin a loop over what is rendered; each round's own object, or None and no loop when nothing is known of it."""
    if not isinstance(value, Rows | Container | Instance):
        return None
    outer, run.expression = run.expression, None
    each, many, known = run.iterated(value, spot)
    run.expression = outer
    if each == UNKNOWN:
        return None
    run.open_loop(many, known, _called_one(each), value, None, spot.line - run.base_line, spot.column, "for")
    return run.refreshed(each)


def _called_one(value: Value) -> str:
    name = value.model if isinstance(value, Row) else value.cls if isinstance(value, Instance) else ""
    name = name.rpartition("::")[2].rpartition(".")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() or "item"


# Fields ---------------------------------------------------------------------------------------------------


def _shown(run: Run, receiver: Instance, row: Value, field: Field) -> Value:
    """Render one field; the object, with what that has loaded."""
    spot = run.spot(field.line, field.column, field.line, field.column + len(field.name))
    if field.kind == "column":
        if isinstance(row, Row) and row.only is not None:
            run.attribute(row, field.source, field.line, field.column)
        return row
    if field.kind == "method":
        member = run.project.lookup(receiver.cls, field.by)
        if member is not None and member.kind == "function":
            bound = None if "staticmethod" in member.marks else receiver
            run.call_function(Function(f"{member.owner}.{field.by}", bound), (row,), {}, spot)
        return row
    value, row = _source(run, row, field)
    if field.kind == "nested":
        narrow = () if field.shown is None else (("shown", Const(field.shown)),)
        _nested(run, Instance(field.cls, narrow), value, spot, many=field.many)
    elif field.kind == "deep":
        _deep(run, value, spot, field.depth)
    elif field.kind == "related" and field.many:
        for part in parts(queried(run, value, spot)):
            each = opened(run, part, spot)
            if each is not None:
                _of_related(run, each, field, spot)
                run.close(run.loops[-1])
    elif value != UNKNOWN:
        _of_related(run, value, field, spot)
    return row


def _source(run: Run, row: Value, field: Field) -> tuple[Value, Value]:
    """(what the field's source leads to, the object with what that has loaded)."""
    if field.cls and field.kind != "nested":
        member = run.project.lookup(field.cls, "get_attribute")
        if member is not None and member.kind == "function" and not field.many:
            function = Function(f"{member.owner}.get_attribute", Instance(field.cls))
            return run.call_function(function, (row,), {}, run.spot(field.line, field.column)), row
    names = [] if field.source == "*" else field.source.split(".")
    if not (field.keyed and names and not field.many):
        return followed(run, row, names, field.line, field.column)
    value, row = followed(run, row, names[:-1], field.line, field.column)
    keyed = []
    for part in parts(value):  # the key of a foreign key is on the row; anything else is read after all
        relation = relation_of(run.project, part.model, names[-1]) if isinstance(part, Row) else None
        if relation is None or relation.kind != "one":
            keyed.append(followed(run, part, names[-1:], field.line, field.column)[0])
    return union(keyed) if keyed else UNKNOWN, row


def followed(run: Run, row: Value, names: list[str], line: int, column: int) -> tuple[Value, Value]:
    """`row.a.b`, where what can be called is called; and the row, with the first of these loaded."""
    value = row
    for i, name in enumerate(names):
        run.now_loaded = ""
        value = union([_member(run, part, name, line, column) for part in parts(value)])
        if i == 0 and run.now_loaded and isinstance(row, Row):
            row = replace(row, loaded=row.loaded | {run.now_loaded})
        run.now_loaded = ""
    return value, row


def _member(run: Run, value: Value, name: str, line: int, column: int) -> Value:
    if isinstance(value, Container):
        held = value.field(name) if value.kind == "dict" else None
        return held if held is not None else value.value or UNKNOWN if value.kind == "dict" else UNKNOWN
    shown = isinstance(value, Row) and COMPUTED in value.loaded
    if isinstance(value, Row) and shown and relation_of(run.project, value.model, name) is not None:
        known = run.attribute(replace(value, loaded=value.loaded | {ASSIGNED}), name, line, column)
        kept = known.loaded - {ASSIGNED} if isinstance(known, Row | Rows) else frozenset()
        return replace(known, loaded=kept) if isinstance(known, Row | Rows) else known
    found = run.attribute(value, name, line, column)
    loaded, out = run.now_loaded, []
    for part in parts(found):
        callable_ = isinstance(part, Function | Bound | Closure)
        out.append(run.call_value(part, (), {}, run.spot(line, column)) if callable_ else part)
    run.now_loaded = loaded
    return union(out)


def _of_related(run: Run, value: Value, field: Field, spot: Spot) -> None:
    """What a field shows of the one object that it got."""
    if field.cls:
        member = run.project.lookup(field.cls, "to_representation")
        if member is not None and member.kind == "function":
            run.call_function(Function(f"{member.owner}.to_representation", Instance(field.cls)), (value,), {}, spot)
    elif field.by == "__str__":
        for part in parts(value):
            if isinstance(part, Row | Instance):
                run.call_special(part, "__str__")
    elif field.by:
        followed(run, value, field.by.split("."), field.line, field.column)


def _nested(run: Run, serializer: Instance, value: Value, spot: Spot, *, many: bool) -> None:
    if many or kind_of(run.project, serializer.cls) == "list":
        all_of(run, serializer, value, spot)
        return
    for part in parts(value):
        if isinstance(part, Row | Instance | Container):
            one_of(run, serializer, part, spot)


def _deep(run: Run, value: Value, spot: Spot, depth: int) -> None:
    """Objects with all their own fields, as `Meta.depth` asks for."""
    for part in parts(queried(run, value, spot)):
        each = opened(run, part, spot) if isinstance(part, Rows) else part
        model = model_of(run.project, each.model) if isinstance(each, Row) else None
        for relation in model.relations if model is not None else ():
            if relation.kind == "many" or (relation.kind == "one" and depth > 1):
                inner, each = followed(run, each or UNKNOWN, [relation.name], spot.line - run.base_line, spot.column)
                _deep(run, inner, spot, depth - 1)
        if isinstance(part, Rows) and each is not None:
            run.close(run.loops[-1])


# Saving ---------------------------------------------------------------------------------------------------


def saved(run: Run, serializer: Instance, keywords: dict[str, Value], spot: Spot) -> Value:
    """`serializer.save()`: calls `update()` or `create()`, and gives the object."""
    held = serializer.field("instance")
    name, args = ("create", (UNKNOWN,)) if held is None else ("update", (held, UNKNOWN))
    member = run.project.lookup(serializer.cls, name)
    given: Value = UNKNOWN
    if member is not None and member.kind == "function":
        given = run.call_function(Function(f"{member.owner}.{name}", serializer), args, {}, spot)
    if held is not None and not isinstance(held, Rows):
        return held
    if given == UNKNOWN:
        model = model_ref(run.project, serializer.cls)
        return run.call_value(Class(model), (), {}, spot) if model_of(run.project, model) is not None else UNKNOWN
    return given
