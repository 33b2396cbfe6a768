"""Files, uploads and downloads that are held in memory as a whole, where what follows goes by lines or hands them on.

In: the body of a function that has been run, and its calls that give everything at once. Out: observations `whole`.
What is used for anything else as well, to be parsed or measured, may be needed as a whole: nothing is said of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import shapes
from .effects import BLOCKS, Effect, Observation

if TYPE_CHECKING:
    from .run import Run

RESPONSE = "response"
_BODY = {"content", "text"}  # attributes of a response
_WRITES = {"write", "writelines", "write_bytes", "save", "put_object", "upload_fileobj"}
_STORES = {"save", "put_object", "upload_fileobj"}  # which may want it as a whole
_WRAPS = {"ContentFile", "BytesIO", "bytes"}


def observe(run: Run, core: Any) -> None:
    """Look for what becomes of what was read."""
    assigned: dict[str, Any] = {}
    times: Counter[str] = Counter()
    for part in _parts(core[ir.C_BODY]):
        if len(part) == 6 and part[0] == ir.ASSIGN and len(part[1]) == 1 and isinstance(part[1][0], str):
            times[part[1][0]] += 1
            assigned[part[1][0]] = part[2]
    held = {name: expr for name, expr in assigned.items() if times[name] == 1}
    read = _mentions(core[ir.C_BODY])
    for part in _parts(core[ir.C_BODY]):
        if len(part) == 12 and part[0] == ir.FOR:
            _observed(run, _lines(part[2]), held, read, "lines")
        elif len(part) == 8 and part[0] == ir.CALL and _method(part) in _WRITES:
            for given in (*part[2], *(value for _, value in part[3])):
                _observed(run, _unwrapped(given), held, read, "stored" if _method(part) in _STORES else "copied")


def _observed(run: Run, expr: Any, held: dict[str, Any], read: Counter[str], how: str) -> None:
    if isinstance(expr, str):
        expr = _plain(held.get(expr)) if read[expr] == 1 else None
    if isinstance(expr, tuple) and expr[0] == ir.ATTR and expr[2] in _BODY:
        asked = _plain(held.get(expr[1])) if isinstance(expr[1], str) else _plain(expr[1])
        found = run.wholes.get(id(asked))
        if found is None or found[0] != RESPONSE:
            return
    else:
        found = run.wholes.get(id(expr))
        if found is None or found[0] == RESPONSE:
            return
    what, name, spot = found
    observation = Observation("whole", Effect(BLOCKS, name, spot, detail=what), run.owner, how=how)
    run.observed.setdefault(("whole", spot), observation)


def _lines(expr: Any) -> Any:
    """What a loop takes apart into lines: `x.readlines()` itself, `x` of `x.splitlines()` and `x.split("\\n")`."""
    while isinstance(expr, tuple) and expr[0] == ir.CALL and expr[1] == "enumerate" and expr[2]:
        expr = expr[2][0]
    if not isinstance(expr, tuple) or expr[0] != ir.CALL or not isinstance(expr[1], tuple) or expr[1][0] != ir.ATTR:
        return None
    name = expr[1][2]
    if name == "splitlines" or (name == "split" and expr[2] == ((ir.CONST, "\n"),)):
        return _plain(expr[1][1])
    return expr if name == "readlines" else None


def _plain(expr: Any) -> Any:
    """Without `await` and `.decode()`."""
    while isinstance(expr, tuple):
        if expr[0] == ir.AWAIT:
            expr = expr[1]
        elif expr[0] == ir.CALL and _method(expr) == "decode":
            expr = expr[1][1]
        else:
            break
    return expr


def _unwrapped(expr: Any) -> Any:
    """Of `ContentFile(x)`, `BytesIO(x)`: x."""
    expr = _plain(expr)
    while isinstance(expr, tuple) and expr[0] == ir.CALL and len(expr[2]) == 1 and _last(expr[1]) in _WRAPS:
        expr = _plain(expr[2][0])
    return expr


def _method(call: Any) -> str:
    func = call[1]
    return func[2] if isinstance(func, tuple) and func[0] == ir.ATTR else ""


def _last(func: Any) -> str:
    return func if isinstance(func, str) else func[2] if isinstance(func, tuple) and func[0] == ir.ATTR else ""


def _parts(facts: Any) -> Iterator[Any]:
    """Every tuple inside, functions inside functions left out."""
    pending = [facts]
    while pending:
        part = pending.pop()
        if len(part) == 4 and part[0] == ir.FUNCTION:
            continue
        yield part
        pending.extend(p for p in reversed(part) if isinstance(p, tuple))


def _mentions(body: Any) -> Counter[str]:
    """How often each name is mentioned, other than as the target of an assignment."""
    out: Counter[str] = Counter()
    for part in _parts(body):
        if part and isinstance(part[0], int):
            for inner in shapes.operands(part):
                if isinstance(inner, str):
                    out[inner] += 1
            for inner in part[1:] if part[0] in (ir.EXPRESSION, ir.RETURN, ir.ASSIGN, ir.FOR, ir.IF, ir.WHILE) else ():
                if isinstance(inner, str):
                    out[inner] += 1
    return out
