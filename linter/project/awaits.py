"""Awaits one after another that could wait together, proved by data flow.

In: the body of a coroutine that has been run, and what each of its awaits waits for. Out: an observation `sequential`
for the later of two. Both only read from other services (a write's place among others may matter, and a database
session serves one at a time); the later one reads nothing that the earlier one, or what follows from it, assigned or
may have changed; no test, loop or other await stands between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..frameworks import traits
from . import shapes
from .effects import CLIENT, PAUSE, REMOTE, Effect, Observation
from .frozen import replace
from .values import Awaitable, Spot, Value, parts

if TYPE_CHECKING:
    from .run import Run

_FOREIGN = {"http", "dns", "cloud", "database", "cache"}
_LOGS = {"log", "logger", "logging", "print", "self"}
_MAX_CALLED = 60  # functions below one await that are looked into


@dataclass(slots=True)
class _Step:
    """A statement: the roots of the names that it reads, and that it sets or may change."""

    reads: set[str]
    writes: set[str]
    spot: Spot | None = None  # of the call that it waits for, when that only reads
    effect: Effect | None = None
    decides: bool = False
    """Nothing is kept of it: it may be a check, which ends the function."""
    callee: frozenset[str] = frozenset()
    """The roots of what it calls a method of."""


def observe(run: Run, core: Any) -> None:
    """Look through the blocks of a coroutine whose awaits have been evaluated."""
    if run.transactions or run.locks:
        return
    pending = [core[ir.C_BODY]]
    while pending:
        block = pending.pop()
        _block(run, block)
        for s in block:
            if s[0] == ir.IF:
                pending += [s[2], s[3]]
            elif s[0] == ir.WITH:
                pending.append(s[2])
            elif s[0] == ir.TRY:
                pending += [s[1], s[3], s[4]]


def _block(run: Run, block: Any) -> None:
    steps: list[_Step] = []
    for s in block:
        step = _step(run, s, {name for earlier in steps if earlier.spot for name in earlier.writes})
        if step is None:
            steps = []
            continue
        if step.effect is not None and step.spot is not None:
            first = next((i for i, other in enumerate(steps) if _independent(run, steps[i:], other, step)), None)
            if first is not None:
                told = _told(step.effect, step.spot)
                observation = Observation("sequential", told, run.owner, held=steps[first].spot)
                run.observed.setdefault(("sequential", step.spot), observation)
                steps = []
                continue
        steps.append(step)


def _independent(run: Run, since: list[_Step], first: _Step, later: _Step) -> bool:
    """Whether `later` may begin when `first`, the first of `since`, does."""
    if first.effect is None or first.spot is None:
        return False
    tainted = set(first.writes)
    for step in since[1:]:
        if step.reads & tainted:
            if step.decides and not step.callee <= tainted:
                return False
            tainted |= step.writes
    if later.reads & tainted or later.writes & first.reads:
        return False
    shared = first.reads & later.reads & (set(run.env) | run.parameters)
    return not shared or not _changes(run, first.effect)


def _step(run: Run, s: Any, tainted: set[str]) -> _Step | None:
    """A statement as a step; None when nothing is to be moved across it."""
    if s[0] == ir.ASSIGN and s[2] is not None:
        asked, keeps = s[2], True
        writes = {name.partition(".")[0] for target in s[1] for name in shapes.targets(target, True)}
    elif s[0] == ir.EXPRESSION:
        asked, keeps, writes = s[1], False, set()
    elif s[0] == ir.WITH and s[3] and len(s[1]) == 1:
        return _opened(run, s)
    else:
        return None
    found = list(_awaits(asked))
    reads = {name.partition(".")[0] for name in shapes.names(asked)}
    if not found:
        called = _receivers(asked)
        return _Step(reads, writes | called, decides=not keeps, callee=frozenset(called - _LOGS))
    waited = [run.waited.get(id(expr)) for expr in found]
    effect = _only_reads(waited[0]) if len(found) == 1 and keeps else None
    if effect is None:
        follows = len(found) == 1 and keeps and reads & tainted and reads <= tainted | _outside(run, reads)
        return _Step(reads, writes) if follows and waited[0] is not None and not _known(waited[0]) else None
    return _Step(reads, writes, _place(run, found[0]), effect)


def _opened(run: Run, s: Any) -> _Step | None:
    """`async with session.get(url) as response:` with nothing but assignments inside."""
    ((context, target),) = s[1]
    effect = _only_reads(run.waited.get(id(context)))
    if effect is None or any(inner[0] not in (ir.ASSIGN, ir.EXPRESSION) for inner in s[2]):
        return None
    own = {target} if isinstance(target, str) else set()
    reads = {name.partition(".")[0] for name in shapes.names(context)}
    writes = set(own)
    for inner in s[2]:
        asked = inner[2] if inner[0] == ir.ASSIGN else inner[1]
        mentioned = {name.partition(".")[0] for name in shapes.names(asked)}
        if any(not {n.partition(".")[0] for n in shapes.names(a[1])} & own for a in _awaits(asked)):
            return None
        reads |= mentioned - own
        if inner[0] == ir.ASSIGN:
            writes |= {n.partition(".")[0] for t in inner[1] for n in shapes.targets(t, True)}
    return _Step(reads, writes, _place(run, context), effect)


def _place(run: Run, call: Any) -> Spot:
    """Where a wait stands in this function."""
    while isinstance(call, tuple) and call[0] == ir.AWAIT:
        call = call[1]
    return run.context_spot(call)


def _told(effect: Effect, spot: Spot) -> Effect:
    """A call of another service, however deep, as one of the place that waits for it."""
    return replace(effect, spot=spot, hops=(), assumed=bool(effect.hops), origin=None)


def _awaits(expr: Any) -> Iterator[Any]:
    if isinstance(expr, tuple):
        if expr[0] == ir.AWAIT:
            yield expr
        for part in shapes.operands(expr):
            yield from _awaits(part)


def _receivers(expr: Any) -> set[str]:
    """The roots of what methods are called on: they may change it."""
    if not isinstance(expr, tuple):
        return set()
    own = {name.partition(".")[0] for name in shapes.names(expr[1])} if expr[0] == ir.CALL else set()
    return own.union(*(_receivers(part) for part in shapes.operands(expr)))


def _outside(run: Run, names: set[str]) -> set[str]:
    return {name for name in names if name not in run.env}


def _known(value: Value) -> bool:
    return any(isinstance(part, Awaitable) and part.pending for part in parts(value))


def _only_reads(value: Value | None) -> Effect | None:
    """The nearest call to another service, when a wait does nothing but ask some."""
    if value is None:
        return None
    found: list[Effect] = []
    for part in parts(value):
        if not isinstance(part, Awaitable):
            return None
        for effect, _, _ in part.pending:
            if effect.kind == CLIENT or (effect.kind == PAUSE and effect.guarded):
                continue
            if effect.kind != REMOTE or effect.detail not in _FOREIGN or not traits.load().reads(effect.subject):
                return None
            if not effect.once and not effect.guarded:
                found.append(effect)
    return min(found, key=lambda effect: len(effect.hops), default=None)


def _changes(run: Run, effect: Effect) -> bool:
    """Whether the function that is awaited, or one below it, may change an object that it is given."""
    if not effect.hops:
        return False
    from .summaries import summary

    project = run.project
    callee = effect.hops[1].owner if len(effect.hops) > 1 else effect.spot.owner
    pending = [asked for asked in run.called if asked[0] == callee]
    seen: set[str] = set()
    while pending and len(seen) < _MAX_CALLED:
        ref, context = pending.pop()
        defined = project.function(ref) if ref not in seen and not ref.endswith("__init__") else None
        seen.add(ref)
        if defined is None:
            continue
        body = defined.core[ir.C_BODY]
        given = {p[0] for p in defined.core[ir.C_PARAMETERS]}
        inside = shapes.assigned(body, deep=True) - shapes.assigned(body)
        if defined.core[ir.C_SELF_WRITES] or any(name.partition(".")[0] in given for name in inside):
            return True
        pending += summary(project, ref, context).calls
    return bool(pending)
