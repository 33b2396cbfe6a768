"""What stays the same in the rounds of a loop, and what each round makes anew or adds to.

In: the facts of a loop's body; the loops that a run has open. Out: of an expression, the loops in whose rounds it
stands for the same collection, perhaps a growing one. All of it by names: nothing here knows what a name holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import shapes
from .effects import Loop
from .values import Origin, Spot

if TYPE_CHECKING:
    from .record import OpenLoop
    from .run import Run

_ADDS = ("append", "extend", "insert", "appendleft", "add", "update", "setdefault")
_EMPTIES = ("clear",)
_MAX_DEPTH = 20
_MAX_ATTRIBUTES = 2  # of the name of a parameter
_READS = (
    "len", "isinstance", "str", "repr", "bool", "list", "dict", "set", "tuple", "sorted", "enumerate", "zip", "print",
    "min", "max", "sum", "any", "all", "getattr", "hasattr", "get", "items", "keys", "values", "copy", "index", "count",
)  # fmt: skip
_ASKS = ("len", "any", "all", "bool", "isinstance")
_MADE = ("list", "sorted", "tuple")


def changes(loop: OpenLoop) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a round of a loop makes anew, and those that it adds to; attributes as "self.x"."""
    if loop.changed is None:
        anew: set[str] = set(shapes.targets(loop.target, True))
        grown: set[str] = set()
        _walk(loop.body, anew, grown, 0)
        loop.changed = frozenset(anew), frozenset(grown)
    return loop.changed


def _walk(body: Any, anew: set[str], grown: set[str], depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    for s in body:
        op = s[0]
        if op == ir.ASSIGN:
            for target in s[1]:
                mine = shapes.targets(target, True) if not is_item(target) else set()
                (grown if mine and mine & _carried(s[2]) else anew).update(mine)
        elif op == ir.AUGMENT:
            grown |= shapes.targets(s[1], True)
        elif op == ir.EXPRESSION and isinstance(s[1], tuple) and s[1][0] == ir.CALL:
            func = s[1][1]
            if isinstance(func, tuple) and func[0] == ir.ATTR:
                (grown if func[2] in _ADDS else anew if func[2] in _EMPTIES else set()).update(shapes.names(func[1]))
        elif op == ir.WITH:
            for _, target in s[1]:
                anew |= shapes.targets(target, True)
        elif op == ir.FOR:
            anew |= shapes.targets(s[1], True)
        for inner in blocks(s):
            _walk(inner, anew, grown, depth + 1)


def blocks(s: Any) -> Iterator[Any]:
    """The blocks inside a statement, but functions and classes."""
    op = s[0]
    if op in (ir.IF, ir.WHILE):
        yield from (s[2], s[3])
    elif op == ir.FOR:
        yield from (s[3], s[4])
    elif op == ir.WITH:
        yield s[2]
    elif op == ir.TRY:
        yield from (s[1], *(handler[2] for handler in s[2]), s[3], s[4])
    elif op == ir.MATCH:
        yield from (body for _, _, body in s[2])


def is_item(target: Any) -> bool:
    return isinstance(target, tuple) and target[0] == ir.INDEX


def _carried(expr: Any) -> set[str]:
    """The names whose old contents are a part of an expression: `xs + [x]`, `{**d, k: v}`, `pd.concat([df, row])`."""
    found = {key(part) for part, _ in copied(expr)}
    return found - {""}


def copied(expr: Any) -> Iterator[tuple[Any, str]]:
    """(what is copied whole, how) into the value of an expression."""
    if not isinstance(expr, tuple):
        return
    if expr[0] == ir.OPERATION and expr[1] in ("Add", "BitOr"):
        yield expr[2][0], expr[1]
    elif expr[0] == ir.DICT:
        yield from ((value, "**") for name, value in zip(expr[1], expr[2], strict=True) if name is None)
    elif expr[0] == ir.SEQUENCE and expr[1] in ("list", "tuple"):
        yield from ((item[1], "*") for item in expr[2] if isinstance(item, tuple) and item[0] == ir.STAR)
    elif expr[0] == ir.CALL and isinstance(expr[1], tuple) and expr[1][0] == ir.ATTR:
        name, args = expr[1][2], expr[2]
        if name == "append":
            yield expr[1][1], "append"
        elif name in ("concat", "vstack", "hstack", "concatenate") and args:
            many = args[0][2] if isinstance(args[0], tuple) and args[0][0] == ir.SEQUENCE else ()
            yield from ((item, "concat") for item in many)


def key(expr: Any) -> str:
    """A name, or attributes of one, as text: "self.items"; "" for anything else."""
    if isinstance(expr, str):
        return expr
    if isinstance(expr, tuple) and expr[0] == ir.ATTR:
        base = key(expr[1])
        return f"{base}.{expr[2]}" if base else ""
    return ""


# In which loops -------------------------------------------------------------------------------------------


def same(run: Run, expr: Any, loop: OpenLoop) -> bool:
    """Whether an expression stands for the same collection in every round of a loop, perhaps a growing one."""
    if isinstance(expr, str):
        return expr not in changes(loop)[0] or run.fresh.get(expr, 0) < loop.number
    if not isinstance(expr, tuple):
        return False
    if expr[0] == ir.ATTR:
        return key(expr) not in changes(loop)[0] and same(run, expr[1], loop)
    if expr[0] == ir.INDEX:
        return run.freshness(expr[2]) < loop.number and same(run, expr[1], loop)
    if expr[0] == ir.COMPREHENSION:
        return run.freshness(expr) < loop.number and not shapes.calls(expr)
    if expr[0] == ir.CALL and not expr[3]:
        func = expr[1]
        if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] in ("values", "items", "keys") and not expr[2]:
            return same(run, func[1], loop)
        return func in _MADE and len(expr[2]) == 1 and same(run, expr[2][0], loop)
    return False


def around(run: Run, expr: Any, *, without: OpenLoop | None = None) -> list[OpenLoop]:
    """The open loops of many rounds, outermost first, in which an expression stands for the same collection."""
    out: list[OpenLoop] = []
    for loop in reversed(run.loops):
        if loop is without:
            continue
        if not same(run, expr, loop):
            break
        if loop.many is not None:
            out.append(loop)
    return out[::-1]


def unchanging(run: Run, given: Sequence[Any], *, texts: bool = False) -> list[OpenLoop]:
    """The open loops of many rounds, outermost first, in all rounds of which a call with these arguments would get the
    same: expressions without calls, of names that the loop neither makes anew nor adds to, nor hands to anything that
    could change what they hold. `texts`: what is given is a text, which nothing can change but its holder."""
    if any(shapes.calls(part) or _is_anonymous(part) for part in given):
        return []
    roots = {
        name.partition(".")[0] for part in given if not (texts and isinstance(part, str)) for name in shapes.names(part)
    }
    out: list[OpenLoop] = []
    for loop in reversed(run.loops):
        if any(run.freshness(part) >= loop.number or not _kept(part, loop) for part in given):
            break
        if roots and roots & _touched(loop.body, run.expression):
            break
        if loop.many is not None:
            out.append(loop)
    return out[::-1]


def untouched(run: Run, expr: Any, *, texts: bool = False) -> Origin | None:
    """The parameter that an expression is, or is an attribute of, unless the function may change what it holds."""
    origin = tied(run, expr)
    if texts and isinstance(expr, str):
        return origin
    root = key(expr).partition(".")[0]
    return None if origin is None or root in _touched(run.body, run.expression) else origin


def _touched(body: Any, own: Any) -> set[str]:
    """The names whose objects a body may change: it sets an item or attribute of them, calls a method of them, passes
    them on. `own`: the call that is asked about."""
    out: set[str] = set()
    pending = [*body]
    while pending:
        part = pending.pop()
        if not isinstance(part, tuple) or part is own:
            continue
        if len(part) > 7 and part[0] == ir.CALL:
            func = part[1]
            if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] not in _READS:
                out.update(name.partition(".")[0] for name in shapes.names(func[1]))
            if func not in _READS and not (isinstance(func, tuple) and func[-3:-2] == ("deepcopy",)):
                out.update(a for a in (*part[2], *(value for _, value in part[3])) if isinstance(a, str))
        elif len(part) == 6 and part[0] == ir.ASSIGN:
            out.update(
                name.partition(".")[0]
                for target in part[1]
                if not isinstance(target, str)
                for name in shapes.targets(target, True)
            )
        elif len(part) == 5 and part[0] == ir.AUGMENT:
            out.update(name.partition(".")[0] for name in shapes.targets(part[1], True))
        pending.extend(part)
    return out


def _is_anonymous(expr: Any) -> bool:
    return isinstance(expr, tuple) and expr[0] in (ir.LAMBDA, ir.COMPREHENSION, ir.AWAIT, ir.NAMED, ir.STAR)


def _kept(expr: Any, loop: OpenLoop) -> bool:
    """Whether a loop neither makes anew nor adds to anything that an expression mentions."""
    anew, grown = changes(loop)
    return not any(n in anew or n in grown or n.partition(".")[0] in anew for n in shapes.names(expr))


def varies(run: Run, expr: Any, loops: Sequence[OpenLoop]) -> bool:
    """Whether an expression is another one in each round of some of these loops."""
    numbers = {loop.number for loop in loops}
    return any(run.fresh.get(name.partition(".")[0], 0) in numbers for name in shapes.names(expr))


def tied(run: Run, expr: Any) -> Origin | None:
    """The parameter that an expression is, or is an attribute of."""
    name = key(expr)
    root = name.partition(".")[0]
    known = root in run.parameters or (run.inline_depth and root in run.env)
    return Origin(parameter=name) if known and name.count(".") <= _MAX_ATTRIBUTES else None


def skips(body: Any) -> bool:
    """Whether a body that ends its loop may go on with the next round before that: `if x != y: continue; return x`."""
    return shapes.leaves(body) and any(s[0] == ir.IF and shapes.ends_in(s[2], (ir.CONTINUE,)) for s in body)


def emptied(spot: Spot, test: Any) -> Loop | None:
    """A `while` that goes on for as long as a test of names holds; None for `while True`, which waits or retries."""
    tested = sorted(shapes.names(test))
    if not tested or (isinstance(test, tuple) and test[0] == ir.CONST):
        return None
    over = next((name for name in tested if name not in _ASKS), "…")
    return Loop(spot, "round", over, kind="while")
