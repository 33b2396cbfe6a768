"""Work of the processor that loops repeat: lists that are searched item by item, once per round.

In: searches (`x in xs`, `xs.index(x)`) as a run meets them, with the abstract value of what is searched. Out:
observations of the kinds `membership`, `front`, `sort` …, each with the loops in which the list stays the same one;
and effects in terms of parameters, so that a helper that searches the list it is given is told of where it is called.
Says nothing of lists whose length is written in the source, of lists that each round makes anew from what it got, and
of values whose type is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import offsets
from .annotations import spelled
from .effects import CPU, Effect, Loop, Observation
from .frozen import replace
from .rounds import around, changes, key, tied, unchanging, untouched, varies
from .values import NONE, Const, Container, ExternalInstance, Rows, Spot, Value, parts

if TYPE_CHECKING:
    from .record import OpenLoop
    from .run import Run

_SEARCHED = ("list", "tuple", "values", "deque")
_GONE_THROUGH = ("iterator", "generator")  # once, and then there is nothing left
_SEARCHES = ("index", "count", "remove")
_AGAIN = ("parse", "copy")
_FEW = 10  # as in `loops`
_MAX_EFFECTS = 200
_MAX_HOPS = 4
EACH = "<each>"  # a name for what `map()` passes
DATA = "data"  # in `Effect.conditions`: the list grows with a table
UNHASHABLE = "unhashable"  # and its items are dicts or lists


def grows(value: Value) -> bool:
    """Whether a collection holds something for each row of a table, not only of those that belong to one row."""
    if isinstance(value, Rows):
        return value.parent is None and not value.relation and not value.limit
    return isinstance(value, Container) and value.rows


def is_frame(value: Value | None) -> bool:
    return isinstance(value, ExternalInstance) and value.cls.endswith((".DataFrame", ".Series"))


def listed(value: Value, kinds: tuple[str, ...] = _SEARCHED) -> tuple[Value, ...]:
    """The lists that a value is for certain; () when it may be something else."""
    found = tuple(part for part in parts(value) if part != NONE)
    for part in found:
        if isinstance(part, Rows):
            if part.kind != "list" or 0 < part.limit <= _FEW:
                return ()
        elif not isinstance(part, Container) or part.kind not in kinds or part.batched:
            return ()
    return found


def _is_short(value: Value) -> bool:
    """Whether there is little to go through, or nothing a second time."""
    return isinstance(value, Container) and (value.constant or value.kind in _GONE_THROUGH)


def evidence(found: Sequence[Value]) -> tuple[str, ...]:
    """What is known of the size and the items of lists."""
    out = []
    if any(grows(v) for v in found):
        out.append(DATA)
    if any(
        isinstance(v, Container) and isinstance(v.of, Container) and v.of.kind in ("dict", "list", "set") for v in found
    ):
        out.append(UNHASHABLE)
    return tuple(out)


# What is searched -----------------------------------------------------------------------------------------


def contains(run: Run, expr: Any, value: Value) -> None:
    """`x in xs`."""
    if type(value) is Container or type(value) is Rows or parts(value) is not (value,):
        search(run, "membership", run.spot(expr[3], expr[4]), expr[2][-1], value, expr[2][0], detail="in")


def method(run: Run, of: Container, name: str, args: Sequence[Value], keywords: Mapping[str, Value]) -> None:
    """A method of a list that goes through it, or moves all of its items."""
    expr = run.expression
    if not isinstance(expr, tuple) or expr[0] != ir.CALL or not isinstance(expr[1], tuple) or expr[1][0] != ir.ATTR:
        return
    held = expr[1][1]
    if name in _SEARCHES and len(expr[2]) == 1 and of.kind in ("list", "tuple"):
        search(run, "membership", run.here, held, of, expr[2][0], detail=name)
    elif name in ("pop", "insert") and of.kind == "list" and args and args[0] == Const(0):
        search(run, "front", run.here, held, of, None, detail=name)
    elif name == "sort" and any(key(held) in changes(loop)[1] for loop in around(run, held)):
        search(run, "sort", run.here, held, of, None, detail="sort")  # of what is not added to, only the first is work


def search(
    run: Run, how: str, spot: Spot, held: Any, value: Value, item: Any, *, detail: str = "", kinds: Any = _SEARCHED
) -> None:
    """Something that takes the longer the more a list holds. `item`: what is looked for, None for nothing."""
    found = listed(value, kinds)
    if not found:
        return
    loops = around(run, held)
    grown = [loop for loop in loops if key(held) in changes(loop)[1]] if key(held) else []
    if not grown and any(isinstance(v, Container) and v.constant for v in found):
        return
    known = evidence(found)
    if grown:  # it may be that few of many are different ones, and kept
        known = tuple(fact for fact in known if fact != DATA)
    if loops and (item is None or varies(run, item, loops)):
        observe(run, how, spelled(held), spot, loops, detail=detail, known=known)
        return
    hand_on(run, Effect(CPU, spelled(held), spot, detail=detail, origin=tied(run, held), how=how, conditions=known))


def observe(
    run: Run,
    how: str,
    subject: str,
    spot: Spot,
    loops: Sequence[OpenLoop],
    *,
    detail: str = "",
    known: tuple[str, ...] = (),
    effect: Effect | None = None,
) -> None:
    """Work is repeated by these loops."""
    if run.guards or run.missed_at is not None or run.kept:
        return  # seldom
    effect = effect or Effect(CPU, subject, spot, detail=detail, how=how)
    sized = tuple(loop.again or told(loop) for loop in loops)
    run.observed.setdefault(
        (CPU, how, effect.spot, sized[-1].spot),
        Observation(how, replace(effect, conditions=known, origin=None), run.owner, sized),
    )


def told(loop: OpenLoop) -> Loop:
    assert loop.info is not None
    return replace(loop.info, known=loop.rows)


def hand_on(run: Run, effect: Effect) -> None:
    """Work that callers may repeat."""
    if effect.origin is not None and not run.guards and len(run.effects) < _MAX_EFFECTS:
        run.effects.setdefault((CPU, effect.how, effect.subject, effect.spot, effect.origin), effect)


def called(
    run: Run,
    effects: Sequence[Effect],
    core: Any,
    bindings: Mapping[str, Value],
    spot: Spot,
    *,
    bound: bool = False,
    env: Mapping[str, Value] | None = None,
) -> None:
    """A function that does such work is called: is it repeated here? `env`: the variables around a nested one."""
    mine = [e for e in effects if e.kind == CPU and e.origin is not None and len(e.hops) < _MAX_HOPS]
    if not mine:
        return
    given = arguments(run, core, bound)
    for effect in mine:
        name, *attributes = effect.origin.parameter.split(".") if effect.origin is not None else ("",)
        held = given.get(name, name if env is not None and name in env and name in run.env else None)
        if held is None:
            continue
        for attribute in attributes:
            held = (ir.ATTR, held, attribute, 0, 0)
        if effect.detail == offsets.OFFSET:
            offsets.handed(run, effect, held, spot)
            continue
        if effect.how in _AGAIN:
            again(run, effect, held, spot)
            continue
        known = effect.conditions
        value = bindings.get(name, env.get(name) if env is not None else None)
        if value is not None and not attributes:
            found = listed(value)
            if effect.how != "join" and not found:
                continue
            if isinstance(value, Const) or any(_is_short(v) for v in parts(value)):
                continue
            known = tuple(dict.fromkeys((*known, *evidence(found))))
        own = replace(effect, hops=(spot, *effect.hops), conditions=known)
        loops = around(run, held)
        if loops and varies(run, run.expression, loops):
            observe(run, effect.how, effect.subject, spot, loops, known=known, effect=own)
        else:
            hand_on(run, replace(own, origin=tied(run, held)))


def again(run: Run, effect: Effect, held: Any, spot: Spot) -> None:
    """What a function does with one of its arguments, which is the same in each round of a loop."""
    own = replace(effect, hops=(spot, *effect.hops))
    loops = unchanging(run, (held,), texts=effect.how == "parse")
    if loops:
        observe(run, effect.how, effect.subject, spot, loops, effect=own)
    elif not run.freshness(held):
        hand_on(run, replace(own, origin=untouched(run, held, texts=effect.how == "parse")))


def arguments(run: Run, core: Any, bound: bool) -> dict[str, Any]:
    """Parameter -> expression, of the call being interpreted."""
    expr = run.expression
    if not isinstance(expr, tuple) or expr[0] != ir.CALL:
        if isinstance(expr, tuple) and expr[0] == ir.ATTR and bound and core[ir.C_PARAMETERS]:
            return {core[ir.C_PARAMETERS][0][0]: expr[1]}  # a property
        return {}
    func, args, keywords = expr[1:4]
    if EACH in args:  # called by something that was given it
        return {}
    positional = [p[0] for p in core[ir.C_PARAMETERS] if p[1] == ir.P_POSITIONAL]
    out: dict[str, Any] = {name: value for name, value in keywords if name is not None}
    if bound and positional:
        out[positional[0]] = func[1] if isinstance(func, tuple) and func[0] == ir.ATTR else None
        positional = positional[1:]
    for name, value in zip(positional, args, strict=False):
        if isinstance(value, tuple) and value[0] == ir.STAR:
            break
        out[name] = value
    return out
