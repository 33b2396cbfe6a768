"""Calls that do again what was done before: texts parsed anew, objects copied, patterns compiled, lists sorted.

In: calls of what the catalogue says costs the processor something (`Work`), with the values of their arguments. Out:
work (see `work`) of the kinds `parse`, `copy`, `regex`, `frame`, `sort`, `growth`. Of most calls it matters that their
arguments are the same in all rounds of a loop: expressions of names that the loop does not change, without calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import shapes, work
from .annotations import spelled
from .effects import CPU, Effect, Observation
from .marks import marks
from .rounds import changes, key, same, unchanging, untouched, varies
from .values import Closure, Const, Container, External, Row, Rows, Spot, Value, parts

if TYPE_CHECKING:
    from ..frameworks.catalogue import Work
    from .record import OpenLoop
    from .run import Run

_LOCATORS = ("loc", "iloc", "at", "iat")
_ADDS = ("operator.add", "operator.concat", "operator.iadd")


def call(
    run: Run, told: Work, callee: External, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> None:
    """A call of something in the catalogue."""
    expr = run.expression
    if not isinstance(expr, tuple) or expr[0] != ir.CALL or run.rendering:
        return
    if told.does == "rows":
        _rows(run, callee, keywords, spot)
        return
    if told.does == "fold":
        _folded(run, args, spot)
        return
    given = expr[2][told.argument] if len(expr[2]) > told.argument >= 0 else None
    if given is None or given == work.EACH:
        return
    if told.does == "parse":
        _parsed(run, told, callee.name, given, spot)
    elif told.does == "copy":
        _copied(run, callee.name, given, args[0] if args else None, spot)
    elif told.does == "compile":
        _compiled(run, callee.name, given, args[0] if args else None, spot)


def _given(call: Any) -> tuple[Any, ...]:
    return (*call[2], *(value for _, value in call[3]))


def _parsed(run: Run, told: Work, name: str, given: Any, spot: Spot) -> None:
    loops = unchanging(run, _given(run.expression), texts=True)
    if loops:
        work.observe(run, "parse", spelled(given), spot, loops, detail=name)
        return
    if not any(run.freshness(part) for part in _given(run.expression)):  # whoever calls this function may do it again
        work.hand_on(
            run, Effect(CPU, spelled(given), spot, detail=name, origin=untouched(run, given, texts=True), how="parse")
        )
    if told.costly and not run.loops and _is_constant(run, given) and run.owner.rpartition("::")[2]:
        seldom = run.guards or run.missed_at is not None or run.kept
        if not seldom and not run.inline_depth and not _is_kept(run):
            effect = Effect(CPU, spelled(given), spot, detail=name, how="parse")
            run.observed.setdefault((CPU, "parse", spot), Observation("parse", effect, run.owner))


def _is_kept(run: Run) -> bool:
    """Whether what this function gives is remembered."""
    defined = run.project.function(run.owner)
    found = marks(defined.core[ir.C_DECORATORS]) if defined is not None else ()
    return "cached" in found or "cached_property" in found


def _is_constant(run: Run, expr: Any) -> bool:
    """A text that is written in the source."""
    if isinstance(expr, str):
        return expr not in run.env and expr.isupper() and len(expr) > 1
    return isinstance(expr, tuple) and expr[0] == ir.CONST and isinstance(expr[1], str) and len(expr[1]) > 1


def _copied(run: Run, name: str, given: Any, value: Value | None, spot: Spot) -> None:
    loops = unchanging(run, _given(run.expression))
    row = value is not None and any(isinstance(p, Row | Rows) for p in parts(value))
    if loops and not (isinstance(value, Container) and value.constant and not value.items and not value.fields):
        work.observe(run, "copy", spelled(given), spot, loops, detail="same")
    elif not row and not run.freshness(given):
        work.hand_on(run, Effect(CPU, spelled(given), spot, detail="same", origin=untouched(run, given), how="copy"))
    elif row:
        around = [loop for loop in run.loops if loop.many is not None]
        if around and run.freshness(given) >= around[-1].number:
            work.observe(run, "copy", spelled(given), spot, around[-1:], detail="row")


def _compiled(run: Run, name: str, given: Any, value: Value | None, spot: Spot) -> None:
    """A pattern that is put together anew in each round: `re` keeps 512, then each has to be compiled again."""
    if isinstance(value, Const) or not _is_built(given):
        return
    around = [loop for loop in run.loops if loop.many is not None]
    own = [loop for loop in around if varies(run, given, [loop])]
    if not own:
        return
    outer = [loop for loop in around if loop.number < own[0].number]
    work.observe(run, "regex", spelled(given), spot, [*outer[-1:], *own], detail="nested" if outer else "single")


def _is_built(expr: Any) -> bool:
    if not isinstance(expr, tuple):
        return False
    if expr[0] == ir.CALL:
        func = expr[1]
        return isinstance(func, tuple) and func[0] == ir.ATTR and func[2] in ("format", "join")
    return expr[0] == ir.STRING or (expr[0] == ir.OPERATION and expr[1] in ("Add", "Mod"))


# Tables ---------------------------------------------------------------------------------------------------


def _rows(run: Run, callee: External, keywords: Mapping[str, Value], spot: Spot) -> None:
    """A data frame is gone through row by row in Python."""
    method = callee.name.rpartition(".")[2]
    if method == "apply" and keywords.get("axis") not in (Const(1), Const("columns")):
        return
    effect = Effect(CPU, method, spot, detail=method, how="frame")
    run.observed.setdefault((CPU, "frame", spot), Observation("frame", effect, run.owner))


def stored(run: Run, target: Any, held: Value) -> None:
    """`frame.loc[row, column] = value`, once per round."""
    base = target[1]
    is_locator = isinstance(base, tuple) and base[0] == ir.ATTR and base[2] in _LOCATORS
    if not is_locator or not isinstance(held, External) or not work.is_frame(held.of):
        return
    loops = [loop for loop in run.loops if loop.many is not None and same(run, base[1], loop)]
    if loops and varies(run, target[2], loops) and (base[2] != "loc" or _one_row(target[2], loops)):
        work.observe(run, "frame", spelled(base[1]), run.spot(base[3], base[4]), loops, detail=base[2])


def _one_row(key: Any, loops: Sequence[OpenLoop]) -> bool:
    """Whether `loc` is given a label that a loop goes over: what else it is given may stand for many rows."""
    row = key[2][0] if isinstance(key, tuple) and key[0] == ir.SEQUENCE and key[2] else key
    names = {name.strip(" ()") for loop in loops if loop.info is not None for name in loop.info.variable.split(",")}
    return row in names if isinstance(row, str) else isinstance(row, tuple) and row[0] == ir.CONST


# Lists ----------------------------------------------------------------------------------------------------


def ordered(run: Run, source: Value, spot: Spot) -> None:
    """`sorted(xs)`, the same xs in each round."""
    expr = run.expression
    if not isinstance(expr, tuple) or expr[0] != ir.CALL or not expr[2] or not key(expr[2][0]):
        return
    found = [part for part in parts(source)]
    known = all(isinstance(p, Container) and not p.constant and not p.batched for p in found)
    if not known and not all(isinstance(p, Rows) and p.kind == "list" and not 0 < p.limit <= 10 for p in found):
        return
    loops = _unchanging_but_key(run, expr)
    if loops and not any(_changes_what_counts(value, loop) for _, value in expr[3] for loop in loops):
        work.observe(run, "sort", spelled(expr[2][0]), spot, loops, detail="again", known=work.evidence(found))


def _changes_what_counts(by: Any, loop: OpenLoop) -> bool:
    """Whether a loop changes an attribute, of whatever it is, that a sorting key reads."""
    if not isinstance(by, tuple) or by[0] != ir.LAMBDA:
        return False
    read = {name.rpartition(".")[2] for name in shapes.names(by[1][ir.C_BODY][0][1]) if "." in name}
    anew, grown = changes(loop)
    return bool(read & {name.rpartition(".")[2] for name in anew | grown})


def _unchanging_but_key(run: Run, expr: Any) -> list[OpenLoop]:
    """As `unchanging`, of what a call is given; a function that it is given may read what stands outside the loop."""
    free: tuple[Any, ...] = ()
    for _, value in expr[3]:
        if isinstance(value, tuple) and value[0] == ir.LAMBDA:
            body = value[1][ir.C_BODY]
            own = {p[0] for p in value[1][ir.C_PARAMETERS]}
            free = (*free, *(n.partition(".")[0] for n in shapes.names(body[0][1]) if n.partition(".")[0] not in own))
        else:
            free = (*free, value)
    return unchanging(run, (*expr[2], *free))


def summed(run: Run, args: Sequence[Value], spot: Spot) -> None:
    """`sum(lists, [])`: a new list for each of them, with all that the one before held."""
    lists, start = args[0], args[1]
    if isinstance(start, Container) and start.kind in ("list", "tuple"):
        _fold(run, lists, start.kind, "sum", spot)


def _folded(run: Run, args: Sequence[Value], spot: Spot) -> None:
    """`reduce(lambda a, b: a + b, lists)`."""
    if len(args) < 2:
        return
    adds = isinstance(args[0], External) and args[0].name in _ADDS[:2]
    adds = adds or (isinstance(args[0], Closure) and _is_sum(args[0].core))
    of = args[1].of if isinstance(args[1], Container) else None
    start = args[2] if len(args) > 2 else of
    if adds and isinstance(start, Container) and start.kind in ("list", "tuple"):
        _fold(run, args[1], start.kind, "reduce", spot)


def _is_sum(core: Any) -> bool:
    names = tuple(p[0] for p in core[ir.C_PARAMETERS])
    body = core[ir.C_BODY]
    return len(body) == 1 and body[0][0] == ir.RETURN and body[0][1] == (ir.OPERATION, "Add", names)


def _fold(run: Run, lists: Value, kind: str, how: str, spot: Spot) -> None:
    found = parts(lists)
    if any(isinstance(p, Container) and p.constant for p in found):
        return
    effect = Effect(CPU, how, spot, detail=kind, how="growth", conditions=work.evidence(found))
    if not run.guards:
        run.observed.setdefault((CPU, "growth", spot), Observation("growth", effect, run.owner))
