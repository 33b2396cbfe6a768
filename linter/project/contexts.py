"""Values at the border of a function: arguments as contexts, results as callers see them, what may be remembered.

A function is interpreted once per *kind* of arguments: rows count by model and what is loaded, not by where they
came from. So a summary speaks of "the rows of parameter p", and a caller puts its own rows in their place.
"""

from __future__ import annotations

from ..files import names_template
from ..frameworks import catalogue
from .conditions import GIVEN, GIVEN_ORDER, together
from .frozen import replace
from .sqltext import TEXT, is_sql
from .values import (
    ANYTHING,
    UNKNOWN,
    Awaitable,
    Bound,
    Class,
    Closure,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    Origin,
    Row,
    Rows,
    Term,
    Union,
    Unknown,
    Value,
    parts,
    union,
)

_BUILTIN_DOTS = 2  # more are attributes of a name that nobody defines
_MAX_LOADED = 40
_DEPTH = 3  # containers inside containers
_FEW_KINDS = 2  # objects of more classes than this are not told apart in contexts
_NESTING = 5  # values inside values: more is the trace of a recursion


# Kinds of values that these questions have nothing to change in; most values are one of them
_AS_CONTEXT = frozenset({Unknown, Class, Module, Term, Closure})
_AS_RESULT = frozenset({Unknown, Const, Class, Module, External, ExternalInstance, Term, Closure})
_AS_KEPT = frozenset({Unknown, Const, Class, Module, ExternalInstance, Rows, Term})


def abstract(value: Value, name: str, depth: int = 0) -> Value:
    """A value as a context: where it comes from replaced by the parameter it is passed as."""
    if depth > _NESTING:
        return UNKNOWN
    if type(value) in _AS_CONTEXT:
        return value
    if isinstance(value, Row):
        return replace(
            value,
            origin=Origin(parameter=name),
            path="",
            fresh=0,
            loaded=_bounded(value.loaded),
            aliases=_held(value, name, depth),
        )
    if isinstance(value, Rows):
        return replace(
            value,
            origin=Origin(parameter=name),
            path="",
            fresh=0,
            loaded=_bounded(value.loaded),
            aliases=_held(value, name, depth),
            filters=(GIVEN,) if value.filters else (),
            order=(GIVEN_ORDER,) if value.order else (),
            asked=None,
            parent=None if value.parent is None else _row(abstract(value.parent, name, depth + 1)),
        )
    if isinstance(value, Const):
        told_apart = (
            isinstance(value.value, bool)
            or value.value in (None, "")
            or names_template(value.value)
            or is_sql(value.value)
        )
        return value if told_apart else UNKNOWN
    if isinstance(value, Container):
        if depth >= _DEPTH:
            return UNKNOWN
        if value.kind == TEXT:
            return value
        if value.fields:  # the rows behind each key are the rows of `name/key`
            fields = tuple((k, abstract(v, f"{name}/{k}", depth + 1)) for k, v in value.fields)
            return Container(value.kind, UNKNOWN, UNKNOWN, value.constant, fields=fields, rows=value.rows)
        inner = None if value.value is None else abstract(value.value, name, depth + 1)
        of = abstract(value.of, name, depth + 1)
        return Container(value.kind, of, inner, value.constant, value.batched, rows=value.rows)
    if isinstance(value, Awaitable):
        return Awaitable(abstract(value.of, name, depth + 1))
    if isinstance(value, Union):
        made = union([abstract(v, name, depth + 1) for v in value.of])
        if isinstance(made, Union) and not any(isinstance(v, Row | Rows | Container | Function) for v in made.of):
            return made if len(made.of) <= _FEW_KINDS else UNKNOWN
        return made
    if isinstance(value, ExternalInstance):
        return value if value.made is None else ExternalInstance(value.cls)
    if isinstance(value, External):
        return _abstract_external(value, name, depth)
    if isinstance(value, Function) and value.bound is not None:
        return replace(value, bound=abstract(value.bound, name, depth + 1))
    if isinstance(value, Bound):
        return Bound(abstract(value.of, name, depth + 1), value.name)
    if isinstance(value, Instance) and value.fields:  # what an object was made for (its texts too) tells it apart
        kept = ((k, v if isinstance(v, Const) else abstract(v, f"{name}/{k}", depth + 1)) for k, v in value.fields)
        return replace(value, fields=tuple(kept))
    return value


def _held(value: Row | Rows, name: str, depth: int) -> tuple[tuple[str, Value], ...]:
    """What rows hold under other names, in terms of the parameter that they are passed as."""
    return tuple((alias, abstract(held, f"{name}/{alias}", depth + 1)) for alias, held in value.aliases)


def _abstract_external(value: External, name: str, depth: int) -> Value:
    if value.of is None:
        undefined = value.name.startswith("builtins.") and value.name.count(".") > _BUILTIN_DOTS
        return UNKNOWN if undefined else value
    known = catalogue.load()
    if known.lookup(value.name) is None and known.returns(value.name) is None:
        return UNKNOWN
    return External(value.name, abstract(value.of, name, depth + 1))


def _bounded(loaded: frozenset[str]) -> frozenset[str]:
    return loaded if len(loaded) <= _MAX_LOADED else frozenset({ANYTHING})


def _row(value: Value) -> Row | None:
    return value if isinstance(value, Row) else None


def concrete(value: Value, bindings: dict[str, Value], now: int) -> Value:
    """A returned value as the caller sees it: rows of a parameter are the caller's rows again."""
    if type(value) in _AS_RESULT:
        return value
    if isinstance(value, Row):
        row = _argument(value, bindings)
        if row is None:
            return replace(value, origin=_own(value.origin), fresh=now)
        return replace(value, origin=row.origin, path=_below(row, value.path), fresh=row.fresh)
    if isinstance(value, Rows):
        return _concrete_rows(value, bindings, now)
    if isinstance(value, Container):
        inner = None if value.value is None else concrete(value.value, bindings, now)
        items = tuple(concrete(v, bindings, now) for v in value.items)
        fields = tuple((k, concrete(v, bindings, now)) for k, v in value.fields)
        return replace(value, of=concrete(value.of, bindings, now), value=inner, items=items, fields=fields)
    if isinstance(value, Awaitable):
        return Awaitable(concrete(value.of, bindings, now))
    if isinstance(value, Union):
        return union([concrete(v, bindings, now) for v in value.of])
    if isinstance(value, Function) and value.bound is not None:
        return replace(value, bound=concrete(value.bound, bindings, now))
    if isinstance(value, Bound):
        return Bound(concrete(value.of, bindings, now), value.name)
    if isinstance(value, Instance) and value.fields:
        return replace(value, fields=tuple((k, concrete(v, bindings, now)) for k, v in value.fields))
    return value


def _concrete_rows(value: Rows, bindings: dict[str, Value], now: int) -> Rows:
    row = _argument(value, bindings)
    if row is None and value.origin is not None and value.origin.parameter:
        return replace(value, origin=None, fresh=now)
    parent = None if value.parent is None else _row(concrete(value.parent, bindings, now))
    if row is None:
        return replace(value, parent=parent, fresh=now)
    filters = value.filters
    if isinstance(row, Rows) and row.model == value.model and GIVEN in filters:
        filters = together(row.filters, (f for f in filters if f != GIVEN))
    path = _below(row, value.path)
    return replace(value, filters=filters, parent=parent, origin=row.origin, path=path, fresh=row.fresh)


def _argument(value: Row | Rows, bindings: dict[str, Value]) -> Row | Rows | None:
    """The caller's rows that rows of a parameter are."""
    origin = value.origin
    return rowlike(given(bindings, origin.parameter)) if origin is not None and origin.parameter else None


def given(bindings: dict[str, Value], parameter: str) -> Value | None:
    """The argument for a parameter, or for what it holds under a name: `context/orders`."""
    name, *keys = parameter.split("/")
    found = bindings.get(name)
    for key in keys:
        held = (_under(p, key) for p in parts(found)) if found is not None else ()
        found = next((v for v in held if v is not None), None)
    return found


def _under(value: Value, name: str) -> Value | None:
    if isinstance(value, Row | Rows):
        return dict(value.aliases).get(name)
    if isinstance(value, Container | Instance):
        held = value.field(name)
        return _under(value.of, name) if held is None and isinstance(value, Container) else held
    return None


def _own(origin: Origin | None) -> Origin | None:
    """Where rows come from, unless that is a parameter that got none."""
    return None if origin is not None and origin.parameter else origin


def _below(row: Row | Rows, path: str) -> str:
    return f"{row.path}.{path}" if row.path and path else row.path or path


def rowlike(value: Value | None) -> Row | Rows | None:
    """The row or rows inside a value."""
    if value is None:
        return None
    for part in parts(value):
        if isinstance(part, Row | Rows):
            return part
        if isinstance(part, Container):
            inner = rowlike(part.of)
            if inner is not None:
                return inner
    return None


def settled(value: Value) -> Value:
    """A value kept beyond the call that made it: which rows of which query is no longer known."""
    if isinstance(value, Row):
        return replace(value, loaded=value.loaded | {ANYTHING}, origin=None, fresh=0)
    if isinstance(value, Rows):
        if value.origin is not None and value.origin.parameter:
            return replace(value, parent=None, loaded=value.loaded | {ANYTHING}, origin=None, fresh=0)
        return replace(value, parent=None, fresh=0)
    if isinstance(value, Closure):
        return UNKNOWN
    if isinstance(value, Container):
        inner = None if value.value is None else settled(value.value)
        fields = tuple((k, settled(v)) for k, v in value.fields)
        return replace(value, of=settled(value.of), value=inner, items=(), fields=fields)
    if isinstance(value, Instance) and value.fields:
        return replace(value, fields=tuple((k, settled(v)) for k, v in value.fields))
    if isinstance(value, Union):
        return Union(tuple(settled(v) for v in value.of))
    return value


def storable(value: Value, depth: int = 0) -> Value:
    """A value that can be remembered between runs: closures cannot, and nesting has an end."""
    if depth > _NESTING or isinstance(value, Closure):
        return UNKNOWN
    if type(value) in _AS_KEPT:
        return value
    if isinstance(value, Instance):
        return (
            replace(value, fields=tuple((k, storable(v, depth + 1)) for k, v in value.fields))
            if value.fields
            else value
        )
    if isinstance(value, Container):
        inner = None if value.value is None else storable(value.value, depth + 1)
        items = tuple(storable(v, depth + 1) for v in value.items)
        fields = tuple((k, storable(v, depth + 1)) for k, v in value.fields)
        return replace(value, of=storable(value.of, depth + 1), value=inner, items=items, fields=fields)
    if isinstance(value, Union):
        return union([storable(v, depth + 1) for v in value.of])
    if isinstance(value, Awaitable):
        return Awaitable(storable(value.of, depth + 1))
    if isinstance(value, Function) and value.bound is not None:
        return replace(value, bound=storable(value.bound, depth + 1))
    if isinstance(value, Bound):
        return Bound(storable(value.of, depth + 1), value.name)
    if isinstance(value, External) and value.of is not None:
        return External(value.name, storable(value.of, depth + 1))
    if isinstance(value, Row) and value.aliases:
        return replace(value, aliases=tuple((n, storable(v, depth + 1)) for n, v in value.aliases))
    return value
