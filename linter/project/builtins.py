"""What Python's own functions and containers do with rows: what they iterate, what they give back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import repeats, work
from .frozen import replace
from .loaders import ever_given
from .sqltext import TEXT, formatted
from .values import (
    ANYTHING,
    ASSIGNED,
    CACHED,
    NONE,
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
    Row,
    Rows,
    Spot,
    Union,
    Value,
    join,
    parts,
    union,
)
from .work import EACH, grows

if TYPE_CHECKING:
    from .run import Run

_WHOLE = {"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "aiter", "enumerate", "zip", "dict"}
_FOLDS = {"sum", "min", "max", "any", "all"}
_FEW_RANGE = 8


def function(run: Run, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value | None:
    """A call of a built-in function; None: nothing known about it."""
    if name in _WHOLE:
        return _whole(run, name, args, keywords, spot)
    if name in _FOLDS and args:
        if len(args) == 1:
            run.fetch(args[0], run.expression[2][0] if run.expression[2] else None, spot)
        element = _consume(run, args[0], spot)
        if name == "sum" and len(args) > 1:
            repeats.summed(run, args, spot)
        if "key" in keywords:
            _each(run, keywords["key"], element, args[0], spot)
        return element if name in ("min", "max") else UNKNOWN
    if name in ("map", "filter") and len(args) > 1:
        element = _consume(run, args[1], spot)
        result = _each(run, args[0], element, args[1], spot)
        small = isinstance(args[1], Container) and args[1].constant
        return Container("iterator", result if name == "map" else element, constant=small)
    if name == "range":
        return _range(args)
    if name in ("len", "bool"):
        for argument in args:
            run.fetch(argument, _argument(run, name), spot)
            run.truth(argument, run.expression)
            for part in parts(argument) if name == "len" else ():
                run.call_special(part, "__len__")
            if name == "bool" and isinstance(argument, Const):
                return Const(bool(argument.value))
        return UNKNOWN
    if name in ("next", "anext") and args:
        for part in parts(args[0]):
            run.settle(part.pending if isinstance(part, Container) else ())
        return union([p.of if isinstance(p, Container) else UNKNOWN for p in parts(args[0])])
    if name in ("str", "repr", "format", "print"):
        for argument in args:
            for part in parts(argument):
                run.shown(part)
        return UNKNOWN
    if name in ("getattr", "hasattr") and len(args) > 1:
        if _given(run, args[0], args[1]):
            if name == "hasattr":
                return Const(True)
            if len(args) > 2 and args[2] == NONE and not isinstance(args[0], Union):
                found = _named(run, args[0], args[1])
                return found if isinstance(found, Row | Rows | Container) else ExternalInstance(CACHED)
        found = _named(run, args[0], args[1])
        return found if name == "getattr" else UNKNOWN
    if name == "super":
        run.above = args[0].ref if args and isinstance(args[0], Class) else run.cls
        return External("builtins.super", run.env.get(run.self_name))
    if name == "open":
        return None
    if name == "staticmethod" and args:
        return args[0]
    if name == "locals":
        return run.scope()
    if name == "type" and args:
        return union(
            [
                Class(p.model) if isinstance(p, Row) else Class(p.cls) if isinstance(p, Instance) else UNKNOWN
                for p in parts(args[0])
            ]
        )
    return None


def _given(run: Run, of: Value, name: Value) -> bool:
    """Whether an attribute is one that the query gave its rows, or may have, where nobody knows the query."""
    if not isinstance(name, Const) or not isinstance(name.value, str) or not isinstance(of, Row):
        return False
    if any(alias == name.value for alias, _ in of.aliases):
        return True
    return (
        ANYTHING in of.loaded
        and ASSIGNED not in of.loaded
        and ever_given(run.project, name.value)
        and run.project.lookup(of.model, name.value) is None
    )


def _named(run: Run, of: Value, name: Value) -> Value:
    """An attribute by a name that is written: `getattr(x, "a")`, and `hasattr(x, "a")` reads it as well."""
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return UNKNOWN
    run.now_loaded = ""
    found = run.attribute(of, name.value, run.expression[4], run.expression[5])
    first = run.expression[2][0] if run.expression[2] else None
    if run.now_loaded and isinstance(first, str) and isinstance(of, Row) and run.env.get(first) is of:
        run.env[first] = replace(of, loaded=of.loaded | {run.now_loaded})  # the first read keeps it on the row
    run.now_loaded = ""
    return found


def _argument(run: Run, name: str) -> Any:
    """The expression that a built-in function is called with, when it is spelled."""
    expr = run.expression
    spelled = isinstance(expr, tuple) and expr[0] == ir.CALL and expr[1] == name and len(expr[2]) == 1
    return expr[2][0] if spelled else None


def _whole(run: Run, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value:
    if name == "dict":
        made = args[0] if args and isinstance(args[0], Container) else Container("dict", UNKNOWN, UNKNOWN, not args)
        named = {k: v for k, v in keywords.items() if k != "**"}
        return made.with_fields(named) if named and made.kind == "dict" else made
    if name == "zip":
        elements = [_consume(run, a, spot) for a in args]
        small = any(isinstance(a, Container) and a.constant for a in args)
        return Container(
            "iterator",
            Container("tuple", union(elements) if elements else UNKNOWN, items=tuple(elements)),
            constant=small,
        )
    if not args:
        return Container("list" if name in ("list", "sorted") else name, UNKNOWN, constant=True)
    source = args[0]
    run.fetch(source, _argument(run, name), spot)
    element = _consume(run, source, spot)
    if name == "sorted":
        if run.loops:
            repeats.ordered(run, source, spot)
        if "key" in keywords:
            _each(run, keywords["key"], element, source, spot)
    small = any(isinstance(p, Container) and p.constant for p in parts(source))
    chunks = any(isinstance(p, Container) and p.batched for p in parts(source))
    few = any(isinstance(p, Rows) and 0 < p.limit <= 10 for p in parts(source))
    rows = any(grows(p) for p in parts(source))
    if name == "enumerate":
        pair = Container("tuple", element, items=(UNKNOWN, element))
        return Container("iterator", pair, constant=small or few, batched=chunks, rows=rows)
    kind = "iterator" if name in ("reversed", "iter", "aiter") else "list" if name == "sorted" else name
    return Container(kind, element, constant=small or few, batched=chunks, rows=rows)


def _consume(run: Run, value: Value, spot: Spot) -> Value:
    """Iterate all of something, outside any loop of its own."""
    element: Value = UNKNOWN
    for part in parts(value):
        if isinstance(part, Rows | Container | Instance | ExternalInstance):
            element = join(element, run.iterated(part, spot)[0])
        elif isinstance(part, Awaitable):
            element = join(element, part.of)
    return element


def _each(run: Run, callback: Value, element: Value, source: Value, spot: Spot) -> Value:
    """Call something once per element of a collection."""
    if not isinstance(callback, Function | Closure | Class | Bound | External):
        return UNKNOWN
    many = not (isinstance(source, Container) and (source.constant or source.batched))
    loop = run.open_loop(many, isinstance(element, Row), "each", source, "…", spot.line, spot.column, "callback")
    outer = run.expression
    if isinstance(outer, tuple) and outer[0] == ir.CALL:  # it is called with another element each round
        run.fresh[EACH] = loop.number
        run.expression = (*outer[:2], (*outer[2], EACH), *outer[3:])
    result = run.call_value(callback, (run.refreshed(element),), {}, spot)
    run.expression = outer
    run.close(loop)
    return result


def keyed(run: Run, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> None:
    """`groupby(xs, key=f)`: f is called for each of them."""
    key = keywords.get("key", args[1] if len(args) > 1 else UNKNOWN)
    if args:
        _each(run, key, _consume(run, args[0], spot), args[0], spot)


def _range(args: Sequence[Value]) -> Value:
    if len(args) == 3:  # start, stop, step: rounds over chunks
        return Container("range", UNKNOWN, batched=True)
    bounds = [a.value for a in (args if len(args) == 2 else [Const(0), *args]) if isinstance(a, Const)]
    first, last = bounds if len(bounds) == 2 else (0, None)
    few = isinstance(first, int) and isinstance(last, int) and last - first < _FEW_RANGE
    return Container("range", UNKNOWN, constant=few)


def method(run: Run, callee: Bound, args: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    """A method of a container or a string."""
    of, name = callee.of, callee.name
    if name in ("format", "strip", "replace") and (
        isinstance(of, Const) or (isinstance(of, Container) and of.kind == TEXT)
    ):
        return formatted(of) if name == "format" else of
    if not isinstance(of, Container):
        return UNKNOWN
    if run.loops or run.parameters:
        work.method(run, of, name, args, keywords)
    if name in ("append", "add", "appendleft", "insert", "extend", "update", "setdefault"):
        added = args[-1] if args else UNKNOWN
        if name == "update" and of.kind == "dict":
            return _update(run, of, args, keywords)
        if name in ("extend", "update"):
            added = _consume(run, added, run.here)
        _grow(run, of, name, added)
        return of.value or UNKNOWN if name == "setdefault" else UNKNOWN
    if name == "sort" and "key" in keywords:
        _each(run, keywords["key"], of.of, of, run.here)
        return UNKNOWN
    if of.kind == "dict":
        value = of.value or UNKNOWN
        if name == "values":
            return Container("values", value, constant=of.constant, rows=of.rows)
        if name == "items":
            pair = Container("tuple", join(of.of, value), items=(of.of, value))
            return Container("items", pair, constant=of.constant, rows=of.rows)
        if name == "keys":
            return Container("keys", of.of, constant=of.constant, rows=of.rows)
        if name in ("get", "pop"):
            key = args[0] if args else UNKNOWN
            held = of.field(key.value) if isinstance(key, Const) and isinstance(key.value, str) else None
            return held if held is not None else value
        return of if name == "copy" else UNKNOWN
    if name in ("pop", "popleft"):
        return of.of
    if name in ("copy", "union", "intersection", "difference"):
        return of
    return UNKNOWN


def _update(run: Run, of: Container, args: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    """`d.update(other, key=value)`: the name that holds the dict now holds one with these keys too."""
    changed = {k: v for k, v in keywords.items() if k != "**"}
    held: list[Value] = list(changed.values())
    keys: Value = of.of
    for argument in args:
        for part in parts(argument):
            if isinstance(part, Container) and part.kind == "dict":
                changed.update(part.fields)
                keys, held = join(keys, part.of), [*held, part.value or UNKNOWN]
    base = _base(run)
    if base:
        value = union([of.value or UNKNOWN, *held])
        run.env[base] = replace(of, of=keys, value=value, constant=of.constant and not run.loops).with_fields(changed)
    return UNKNOWN


def _base(run: Run) -> str:
    """The local name whose method is being called; "" for anything else."""
    func = run.expression[1] if isinstance(run.expression, tuple) else None
    base = func[1] if isinstance(func, tuple) and func[0] == ir.ATTR else None
    return base if isinstance(base, str) and base in run.env else ""


def _grow(run: Run, of: Container, name: str, added: Value) -> None:
    """`xs.append(x)`: the name that holds the container now holds one with x in it."""
    base = _base(run)
    if not base:
        return
    constant = of.constant and not any(loop.many for loop in run.loops)
    rows = of.rows or any(loop.rows for loop in run.loops)
    if name == "setdefault":
        key = run.value(run.expression[2][0]) if run.expression[2] else UNKNOWN
        run.env[base] = replace(
            of, of=join(of.of, key), value=join(of.value or UNKNOWN, added), constant=constant, items=(), rows=rows
        )
    else:
        run.env[base] = replace(of, of=join(of.of, added), constant=constant, items=(), rows=rows)


def passed_through(name: str, args: Sequence[Value]) -> Value:
    """What common functions outside give back of what they are given."""
    last = name.rpartition(".")[2]
    if last in (
        "copy",
        "deepcopy",
        "cast",
        "dedent",
        "wait_for",
        "shield",
        "ensure_future",
        "create_task",
        "closing",
        "tqdm",
        "chain",
    ):
        kept: Value = args[-1] if last == "cast" and args else args[0] if args else UNKNOWN
        if last in ("ensure_future", "create_task") and isinstance(kept, Awaitable):
            return Awaitable(kept.of)  # it runs beside this code
        return kept
    if last == "gather":
        return Awaitable(
            Container("list", union([a.of if isinstance(a, Awaitable) else a for a in args]) if args else UNKNOWN)
        )
    if last == "groupby" and args:
        group = Container("iterator", union([p.of if isinstance(p, Container) else UNKNOWN for p in parts(args[0])]))
        return Container("iterator", Container("tuple", group, items=(UNKNOWN, group)))
    if last in ("defaultdict", "OrderedDict"):
        return Container("dict", UNKNOWN, _default(args), constant=True)
    return UNKNOWN


def _default(args: Sequence[Value]) -> Value:
    """What a `defaultdict` holds under a new key."""
    factory = args[0].name.rpartition(".")[2] if args and isinstance(args[0], External) else ""
    kind = factory if factory in ("list", "set", "dict", "tuple") else "items"
    return Container(kind, UNKNOWN)


def divided(run: Run, value: Value) -> Value:
    """`path / name`."""
    if isinstance(value, External) and isinstance(value.of, ExternalInstance):
        given = run.project.catalogue.returns(value.name)
        value = ExternalInstance(given, value.of.made) if given else UNKNOWN
    return value if isinstance(value, ExternalInstance) and "Path" in value.cls else UNKNOWN
