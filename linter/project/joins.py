"""Two collections matched by equality, one gone through for each item of the other.

In: the tests of a comprehension or the body of a `for`, as a run opens its loop. Out: work of the kind `join` (see
`work`), when what is gone through is the same collection in the rounds of a loop around, or of a loop of a caller.
Says nothing of other tests than equality, of loops that do more than look, and of queries, which other rules tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import shapes, work
from .annotations import spelled
from .effects import CPU, Effect
from .rounds import around, key, tied, varies
from .values import Container, Rows, Spot, Value, parts

if TYPE_CHECKING:
    from .record import OpenLoop
    from .run import Run

_CONVERTS = ("str", "int", "len", "getattr", "lower", "upper", "strip", "get", "casefold")


def tested(run: Run, conditions: Any, source: Value) -> None:
    """`[y for y in ys if y.id == x.id]`, inside a loop that binds x."""
    loop = run.loops[-1]
    if loop.info is None:
        return
    for condition in conditions:
        for test in _equalities(condition, "compare:Eq"):
            if _match(run, loop, test, source, loop.info.spot):
                return


def searched(run: Run, body: Any, source: Value) -> None:
    """`for y in ys: if y.id == x.id: …`."""
    loop = run.loops[-1]
    if loop.many is None or not body:
        return
    first = next((s for s in body if s[0] != ir.ASSIGN), None)
    if first is None or first[0] != ir.IF:
        return
    skips = len(first[2]) == 1 and first[2][0][0] == ir.CONTINUE and not first[3]
    if not skips and (body[-1] is not first or first[3]):
        return
    for test in _equalities(first[1], "compare:NotEq" if skips else "compare:Eq"):
        if _match(run, loop, test, source, run.spot(first[4], first[5])):
            return


def _equalities(test: Any, operator: str) -> Iterator[Any]:
    """The comparisons that all must hold for a test to (of a skipping test: any)."""
    if not isinstance(test, tuple) or test[0] != ir.OPERATION:
        return
    if test[1] == operator and len(test[2]) == 2:
        yield test[2]
    elif test[1] == ("and" if operator == "compare:Eq" else "or"):
        for part in test[2]:
            yield from _equalities(part, operator)


def _match(run: Run, loop: OpenLoop, sides: Any, source: Value, spot: Spot) -> bool:
    own = shapes.targets(loop.target, False)
    for mine, other in (sides, sides[::-1]):
        if not (_roots(mine) and _roots(mine) <= own and _plain(mine)):
            continue
        if _roots(other) & own or not _roots(other) or not _plain(other):
            continue
        found = _in_memory(run, loop, source)
        if found is None:
            return False
        loops = around(run, loop.over, without=loop)
        if loops and varies(run, other, loops):
            if _few(loops):
                return False
            work.observe(run, "join", spelled(loop.over), spot, [*loops, loop], known=found)
            return True
        origin = tied(run, loop.over)
        if origin is not None and not any(n.many for n in run.loops if n is not loop) and _given(run, other):
            effect = Effect(
                CPU, spelled(loop.over), spot, detail=spelled(loop.target), origin=origin, how="join", conditions=found
            )
            work.hand_on(run, effect)
            return True
    return False


def _few(loops: list[OpenLoop]) -> bool:
    return all(loop.many is not None and loop.many.kind == "while" for loop in loops)


def _given(run: Run, expr: Any) -> bool:
    """Whether what is looked for is passed by the caller."""
    return bool(_roots(expr) & (run.parameters | (frozenset(run.env) if run.inline_depth else frozenset())))


def _in_memory(run: Run, loop: OpenLoop, source: Value) -> tuple[str, ...] | None:
    """What is known of what is gone through; None when that is a query, or is few."""
    known: list[str] = [work.DATA] if loop.rows else []
    for part in parts(source):
        if isinstance(part, Rows):
            if part.kind == "manager" or (part.kind in ("query", "related") and not key(loop.over)):
                return None
            if part.kind == "related" or (part.kind != "list" and part.dialect != "django"):
                return None  # asked for again each time: of these, only Django's keep their rows
        if isinstance(part, Container) and (part.constant or part.batched or part.kind in ("iterator", "generator")):
            return None
    return tuple(known)


def _plain(expr: Any) -> bool:
    """A name, an attribute, an item, or a conversion of one: what could be a key."""
    if isinstance(expr, str):
        return True
    if not isinstance(expr, tuple):
        return False
    if expr[0] == ir.CONST:
        return True
    if expr[0] == ir.ATTR:
        return _plain(expr[1])
    if expr[0] == ir.INDEX:
        return _plain(expr[1]) and _plain(expr[2])
    if expr[0] == ir.SEQUENCE:
        return all(_plain(part) for part in expr[2])
    if expr[0] == ir.CALL:
        func = expr[1]
        name = func if isinstance(func, str) else func[2] if isinstance(func, tuple) and func[0] == ir.ATTR else ""
        base = isinstance(func, str) or (isinstance(func, tuple) and _plain(func[1]))
        return name in _CONVERTS and base and all(_plain(part) for part in expr[2])
    return False


def _roots(expr: Any) -> set[str]:
    return {name.partition(".")[0] for name in shapes.names(expr)} - set(_CONVERTS)
