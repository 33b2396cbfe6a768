"""Questions about facts that need no values: what a statement assigns, what an expression mentions, how a body ends."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ..facts import ir

_COMPARES = {"compare:Eq", "compare:NotEq", "compare:In", "compare:NotIn"}

LEAVES = (ir.RETURN, ir.RAISE, ir.BREAK)
_CHUNKS = ("chunk", "batch", "paginat", "split_every", "grouper", "slices", "windowed")
_NAMED = ("hasattr", "getattr")
_SUCCEEDS = (ir.RETURN, ir.BREAK)


def operands(expr: tuple[Any, ...]) -> Iterable[Any]:
    """The parts of an expression's facts that are expressions, cheaply: nested tuples and names."""
    op = expr[0]
    if op in (ir.ATTR, ir.LOOKUP):
        return (expr[1],)
    if op == ir.CALL:
        return (expr[1], *expr[2], *(value for _, value in expr[3]))
    if op == ir.INDEX:
        return (expr[1], expr[2])
    if op == ir.SEQUENCE:
        return tuple(expr[2])
    if op == ir.DICT:
        return (*expr[1], *expr[2])
    if op == ir.OPERATION:
        return tuple(expr[2])
    if op in (ir.CHOICE, ir.SLICE):
        return expr[1:4]
    if op in (ir.AWAIT, ir.STAR):
        return (expr[1],)
    if op == ir.STRING:
        return tuple(expr[1])
    if op == ir.COMPREHENSION:
        return (expr[2], expr[3], *(part for g in expr[4] for part in (g[1], *g[2])))
    if op == ir.FILTER:
        return (expr[2], expr[3], *(value for _, value in (expr[6] if len(expr) > 6 else ())))
    if op == ir.TAG:
        return (*expr[2], *(value for _, value in expr[3]))
    return ()


def leaves(body: Any) -> bool:
    """Whether a loop's body always ends the loop in its first round."""
    return ends_in(body, LEAVES)


@lru_cache(maxsize=8192)
def names_chunks(name: str) -> bool:
    """Whether a name speaks of parts of a larger collection: `chunked`, `batch`, `paginator`."""
    lowered = name.lower()
    return any(part in lowered for part in _CHUNKS)


def goes_by_chunks(target: Any, iterable: Any) -> bool:
    """`for batch in …`, `for i in range(batch_count)`: rounds over chunks, by their names."""
    if any(names_chunks(name) for name in names(target)):
        return True
    ranged = isinstance(iterable, tuple) and iterable[0] == ir.CALL and iterable[1] == "range"
    return ranged and any(names_chunks(name) for part in iterable[2] for name in names(part))


def retries(body: Any) -> bool:
    """Whether a counted loop tries again until it succeeds: something in it leaves the loop or the function."""
    for s in body:
        if s[0] in _SUCCEEDS:
            return True
        inner: list[Any] = []
        if s[0] == ir.IF:
            inner = [s[2], s[3]]
        elif s[0] == ir.TRY:
            inner = [s[1], s[3], s[4]]
        elif s[0] == ir.WITH:
            inner = [s[2]]
        if any(retries(part) for part in inner):
            return True
    return False


def ends_in(body: Any, kinds: tuple[int, ...]) -> bool:
    if not body:
        return False
    last = body[-1]
    if last[0] in kinds:
        return True
    if last[0] == ir.IF:
        return ends_in(last[2], kinds) and ends_in(last[3], kinds)
    return (
        last[0] == ir.TRY
        and not last[4]
        and ends_in(last[3] or last[1], kinds)
        and all(ends_in(h[2], kinds) for h in last[2])
    )


def gives_back(body: Any, wanted: set[str]) -> bool:
    """Whether statements return, on some way through their tests, something made of one of these names."""
    for s in body:
        if s[0] == ir.RETURN and names(s[1]) & wanted:
            return True
        if s[0] == ir.IF and (gives_back(s[2], wanted) or gives_back(s[3], wanted)):
            return True
        if s[0] in (ir.WITH, ir.TRY) and gives_back(s[2] if s[0] == ir.WITH else s[1], wanted):
            return True
    return False


def calls(expr: Any) -> bool:
    if not isinstance(expr, tuple):
        return False
    return expr[0] in (ir.CALL, ir.YIELD) or any(calls(part) for part in operands(expr))


def names(expr: Any) -> set[str]:
    """The names, and `self.x` as "self.x", that an expression mentions."""
    out: set[str] = set()
    pending = [expr]
    while pending:
        part = pending.pop()
        if type(part) is str:
            out.add(part)
        elif type(part) is tuple:
            op = part[0]
            if op == ir.CONST:
                continue
            if op in (ir.ATTR, ir.LOOKUP) and isinstance(part[1], str):
                out.add(f"{part[1]}.{part[2]}")
            elif op == ir.CALL and part[1] in _NAMED and len(part[2]) > 1 and isinstance(part[2][0], str):
                out.add(f"{part[2][0]}.{string(part[2][1])}")
            else:
                pending.extend(operands(part))
    return out


def asks_absence(test: Any) -> bool:
    """`x not in y`, `not x`, `x is None`, `key in cache` (for the other branch): tests of a memo."""
    if not isinstance(test, tuple) or test[0] != ir.OPERATION:
        return isinstance(test, str) or (isinstance(test, tuple) and test[0] in (ir.ATTR, ir.CALL))
    if test[1] in ("compare:NotIn", "compare:In", "not", "compare:Is", "compare:IsNot", "compare:Eq", "compare:NotEq"):
        return True
    return test[1] in ("and", "or") and any(asks_absence(part) for part in test[2])


def asks_type(test: Any) -> bool:
    """`isinstance(x, T)`, `type(x) in (…)`: callers that pass other things never take that way."""
    if not isinstance(test, tuple):
        return False
    if test[0] == ir.CALL:
        return bool(test[1] == "isinstance")
    if test[0] != ir.OPERATION:
        return False
    if test[1] in ("and", "or", "not"):
        return any(asks_type(part) for part in test[2])
    first = test[2][0]
    return isinstance(first, tuple) and first[0] == ir.CALL and first[1] == "type"


def when_full(test: Any) -> bool:
    """`len(batch) >= 500`, `i % 100 == 0`: once per so many rounds."""
    if not isinstance(test, tuple) or test[0] != ir.OPERATION:
        return False
    if test[1] in ("and", "or"):
        return any(when_full(part) for part in test[2])
    if test[1] == "not":
        return isinstance(test[2][0], tuple) and test[2][0][0] == ir.OPERATION and test[2][0][1] == "Mod"
    first = test[2][0]
    if not isinstance(first, tuple) or not test[1].startswith("compare:"):
        return False
    counts = first[0] == ir.CALL and first[1] == "len" and test[1] in ("compare:GtE", "compare:Gt", "compare:Eq")
    return counts or (first[0] == ir.OPERATION and first[1] == "Mod")


def kept_when_full(test: Any) -> bool:
    """`len(self.items) >= self.size`: also true once per so many calls of a method, for its object keeps the items."""
    if not isinstance(test, tuple) or test[0] != ir.OPERATION:
        return False
    if test[1] == "and":
        return any(kept_when_full(part) for part in test[2])
    first, last = test[2][0], test[2][-1]
    counts = when_full(test) and isinstance(first, tuple) and first[0] == ir.CALL and len(first[2]) == 1
    held = first[2][0] if counts else None
    own = isinstance(held, tuple) and held[0] == ir.ATTR and held[1] == "self"
    return own and last not in ((ir.CONST, 0), (ir.CONST, 1))


def numbered(target: Any, iterable: Any) -> set[str]:
    """The variable that holds the number of each round: `for i, x in enumerate(xs)`."""
    pair = isinstance(target, tuple) and target[0] == ir.SEQUENCE and len(target[2]) == 2
    counts = isinstance(iterable, tuple) and iterable[0] == ir.CALL and iterable[1] == "enumerate"
    return {target[2][0]} if pair and counts and isinstance(target[2][0], str) else set()


def in_one_round(test: Any, numbers: set[str]) -> bool:
    """`i == 0`, `not i`: true in one round of all, where `i` is its number; `forloop.first` of a template."""
    if isinstance(test, tuple) and test[0] == ir.LOOKUP:
        return test[1] in ("forloop", "loop") and test[2] in ("first", "last")
    if not isinstance(test, tuple) or test[0] != ir.OPERATION or not numbers:
        return False
    if test[1] == "not":
        return isinstance(test[2][0], str) and test[2][0] in numbers
    if test[1] == "and":
        return any(in_one_round(part, numbers) for part in test[2])
    sides = test[2]
    return test[1] == "compare:Eq" and any(
        isinstance(a, str) and a in numbers and isinstance(b, tuple) and b[0] == ir.CONST
        for a, b in (sides, sides[::-1])
    )


def keeps(facts: Any) -> bool:
    """Whether a body may keep what it finds: it mentions a cache, or attributes by name."""
    pending = [facts]
    while pending:
        part = pending.pop()
        if isinstance(part, str) and ("cache" in part or part in ("setattr", "__dict__")):
            return True
        if isinstance(part, tuple):
            pending.extend(part)
    return False


def targets(target: Any, deep: bool) -> set[str]:
    if isinstance(target, str):
        return {target}
    if not isinstance(target, tuple):
        return set()
    if target[0] == ir.SEQUENCE:
        return {name for inner in target[2] for name in targets(inner, deep)}
    if target[0] == ir.STAR:
        return targets(target[1], deep)
    return names(target if target[0] == ir.ATTR else target[1]) if deep else set()


def asked_for_key(test: Any) -> set[str]:
    """What a test looks for a key in: `key in cache`, `cache.get(key)`, also with a name for what it gives."""
    if not isinstance(test, tuple):
        return set()
    if test[0] == ir.NAMED:
        return asked_for_key(test[2])
    if test[0] == ir.CALL and isinstance(test[1], tuple) and test[1][0] == ir.ATTR and test[1][2] == "get":
        return names(test[1][1])
    if test[0] != ir.OPERATION or not (test[1] == "not" or test[1].startswith("compare:")):
        return set()
    return names(test[2][-1]) if test[1] in ("compare:In", "compare:NotIn") else asked_for_key(test[2][0])


def assigned(body: Any, deep: bool = False) -> set[str]:
    """Names that statements assign; `deep`: also through items, attributes and `.add()`."""
    out: set[str] = set()
    for s in body:
        op = s[0]
        if op == ir.ASSIGN:
            for target in s[1]:
                out |= targets(target, deep)
        elif op == ir.AUGMENT:
            out |= targets(s[1], deep)
        elif op == ir.FOR:
            out |= targets(s[1], deep) | assigned(s[3], deep)
        elif op == ir.IF:
            out |= assigned(s[2], deep) | assigned(s[3], deep)
        elif op in (ir.WHILE, ir.WITH):
            out |= assigned(s[2], deep)
        elif op == ir.TRY:
            out |= assigned(s[1], deep) | assigned(s[3], deep)
            for handler in s[2]:
                out |= assigned(handler[2], deep)
        elif op == ir.EXPRESSION and deep and isinstance(s[1], tuple) and s[1][0] == ir.CALL:
            func = s[1][1]
            if (
                isinstance(func, tuple)
                and func[0] == ir.ATTR
                and func[2] in ("add", "append", "update", "setdefault", "set")
            ):
                out |= names(func[1])
    return out


def filled(body: Any) -> set[str]:
    """What statements put items into: `cache[key] = x`, `cache.update(…)`."""
    out: set[str] = set()
    pending = [body]
    while pending:
        part = pending.pop()
        if len(part) == 6 and part[0] == ir.ASSIGN:
            out |= {name for t in part[1] if isinstance(t, tuple) and t[0] == ir.INDEX for name in names(t[1])}
        elif len(part) == 8 and part[0] == ir.CALL and isinstance(part[1], tuple) and part[1][0] == ir.ATTR:
            out |= names(part[1][1]) if part[1][2] in ("update", "setdefault") else set()
        pending.extend(p for p in part if isinstance(p, tuple))
    return out


def counted(body: Any) -> set[str]:
    """Names that a loop's body only counts up or flips: `counter += 1`, `first = False`."""
    out: set[str] = set()
    for s in body:
        if s[0] == ir.AUGMENT and isinstance(s[1], str):
            out.add(s[1])
        elif s[0] == ir.ASSIGN and isinstance(s[2], tuple) and s[2][0] == ir.CONST and isinstance(s[2][1], bool):
            out |= {t for t in s[1] if isinstance(t, str)}
    return out


def attributes_read(facts: Any, name: str) -> set[str]:
    """The attributes of a name that statements or expressions mention anywhere inside."""
    out: set[str] = set()
    pending = [facts]
    while pending:
        part = pending.pop()
        if not isinstance(part, tuple):
            continue
        if len(part) == 5 and part[0] == ir.ATTR and part[1] == name:  # the shape of ATTR
            out.add(part[2])
        pending.extend(p for p in part if isinstance(p, tuple))
    return out


def calls_name(facts: Any, name: str) -> bool:
    """Whether statements call a name themselves, not in a function or lambda that they hand on."""
    pending = [facts]
    while pending:
        part = pending.pop()
        if len(part) == 8 and part[0] == ir.CALL and part[1] == name:  # the shape of CALL
            return True
        inner = (ir.LAMBDA, ir.FUNCTION)
        pending.extend(
            p for p in part if isinstance(p, tuple) and not (p and p[0] in inner and isinstance(p[-1], tuple))
        )
    return False


def keyword(call: Any, name: str, position: int = -1) -> Any:
    """The facts of an argument of a call, by keyword or position; None when it is not given."""
    for key, value in call[3]:
        if key == name:
            return value
    return call[2][position] if 0 <= position < len(call[2]) else None


def constant(expr: Any) -> Any:
    """A constant's value; None for anything else too."""
    return expr[1] if isinstance(expr, tuple) and expr and expr[0] == ir.CONST else None


def string(expr: Any) -> str:
    value = constant(expr)
    return value if isinstance(value, str) else ""


def strings(expr: Any) -> list[str]:
    """The strings of a list or tuple, or the one string."""
    if isinstance(expr, tuple) and expr[0] == ir.SEQUENCE:
        return [s for s in (string(i) for i in expr[2]) if s]
    found = string(expr)
    return [found] if found else []


def compared(core: Any) -> frozenset[str]:
    """The parameters of a function that its body compares with something: what it does may depend on their values."""
    own = {name for name, *_ in core[ir.C_PARAMETERS]}
    found: set[str] = set()

    def visit(facts: Any) -> None:
        if len(facts) > 2 and facts[0] == ir.OPERATION and type(facts[1]) is str and facts[1] in _COMPARES:
            found.update(operand for operand in facts[2] if type(operand) is str and operand in own)
        for part in facts:
            if type(part) is tuple:
                visit(part)

    if own:
        visit(core[ir.C_BODY])
    return frozenset(found)
