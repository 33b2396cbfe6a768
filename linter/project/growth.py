"""Values that are copied whole each time something is added to them.

In: assignments inside loops, as they are run. Out: work of the kind `growth` (see `work`) where a list, tuple, dict,
text or frame is made again for each item.
CPython appends to a text in place when only a local name holds it (docs.python.org, "Programming FAQ"; measured: 10,000
times 100 characters take 0.8 ms by a local name, 1.3 s by an attribute), so local names count as a guess only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import work
from .annotations import spelled
from .rounds import changes, copied, is_item, key
from .values import Const, Container, Spot, Value, parts

if TYPE_CHECKING:
    from .run import Run


def assigned(run: Run, targets: Any, expr: Any, value: Value, line: int, column: int) -> None:
    """`xs = xs + [x]`: a new list with everything that the old one held."""
    if len(targets) != 1 or not isinstance(expr, tuple):
        return
    name = key(targets[0])
    for part, how in copied(expr) if name else ():
        if key(part) == name:
            kind = _kind(run, name, part, value, expr)
            if how in ("append", "concat"):
                kind = "frame" if kind == "frame" else ""
            _report(run, name, part, kind, run.spot(line, column))
            return


def added(run: Run, target: Any, expr: Any, value: Value, line: int) -> None:
    """`text += part`: lists grow in place, all else is copied."""
    name = key(target) or (spelled(target) if is_item(target) else "")
    kind = _kind(run, name, target, value, expr) if name else ""
    if kind and kind != "list":
        _report(run, name, target, kind, run.spot(line, 0))


def _kind(run: Run, name: str, held: Any, value: Value, expr: Any) -> str:
    """list, tuple, dict, bytes, text; `local text` for a text that is appended to in place."""
    before = next((loop.before[name] for loop in run.loops if name in loop.before), run.env.get(name))
    for part in parts(before) if before is not None else ():
        if isinstance(part, Container) and part.kind in ("list", "tuple", "dict"):
            return part.kind
        if isinstance(part, Const) and isinstance(part.value, str | bytes):
            return "bytes" if isinstance(part.value, bytes) else "local text"
    if work.is_frame(before) or work.is_frame(value):
        return "frame"
    if isinstance(held, str):
        return "local text" if before is not None and _is_text(expr) else ""
    return "text" if _is_text(expr) else ""


def _is_text(expr: Any) -> bool:
    """Whether an expression is a text by its spelling."""
    if not isinstance(expr, tuple):
        return False
    if expr[0] == ir.OPERATION and expr[1] == "Add":
        return any(_is_text(part) for part in expr[2])
    return bool(expr[0] == ir.STRING or (expr[0] == ir.CONST and isinstance(expr[1], str)))


def _report(run: Run, name: str, held: Any, kind: str, spot: Spot) -> None:
    if not kind:
        return
    loops = []
    holder = held
    while is_item(holder):
        holder = holder[1]
    path = key(holder).split(".")
    holders = {".".join(path[:length]) for length in range(1, len(path) + 1)}
    for loop in reversed(run.loops):
        if holders & changes(loop)[0] or (is_item(held) and run.freshness(held[2]) >= loop.number):
            break
        if loop.many is not None:
            loops.append(loop)
    if loops:
        work.observe(run, "growth", name, spot, list(reversed(loops)), detail=kind)
