"""Offsets of queries, and whether the client chooses them: `rows[(page - 1) * size : page * size]`.

The database reads and throws away as many rows as the offset says, so a page costs as much as all those before it.

In: slices and offsets as a run meets them (`note`), and the uses of the function's values. Out: observations `offset`,
where the number comes from the request; where it comes from a parameter, an effect that callers look into (`handed`).
Says nothing of numbers that a test or `min()` bounds, that a loop counts up, or of which anything is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..model import Query
from . import shapes, size
from .annotations import spelled
from .conditions import names
from .effects import CPU, FETCH, Effect, Observation
from .frozen import replace
from .schema import model_of
from .values import Origin, Rows, Spot

if TYPE_CHECKING:
    from .run import Run
    from .uses import Uses

OFFSET = "offset"
GROWS = "grows"  # in `Effect.subject`: of a table that grows, with nothing that leaves few of its rows
_REQUEST = "*request"
_REQUESTS = ("request", "req")  # what web frameworks call the request, and in it what the client sends
_SENT = {
    "GET", "POST", "args", "query_params", "values", "json", "params", "data", "query", "form", "rel_url", "match_info",
}  # fmt: skip
_ASKS = {"get", "getone", "getlist", "get_argument", "get_query_argument", "get_param", "get_param_as_int"}
_ASKED_FOR = {"get_argument", "get_query_argument", "get_param", "get_param_as_int"}
_KEEPS = {"int", "float", "max", "abs", "str"}  # of their arguments, the number stays what the client chose
_ARITHMETIC = {"Add", "Sub", "Mult", "FloorDiv", "Div", "or", "and"}
_AT_MOST = {"le", "lt", "max_value"}  # keywords by which a parameter is declared to be bounded
_ORDERS = {"compare:Gt", "compare:GtE", "compare:Lt", "compare:LtE"}
_FIRST = {"page", "skip", "offset", "start", "number", "after", "index"}
_MAX_ALIASES = 2
_MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Offset:
    """An expression that says how many rows to leave out; `effect` where a function that is called does so."""

    expr: Any
    rows: Rows
    spot: Spot
    effect: Effect | None = None


def note(run: Run, rows: Rows, expr: Any, spot: Spot) -> None:
    """Rows are asked for from the one with this number on."""
    if expr is None or (isinstance(expr, tuple) and expr[0] == ir.CONST) or rows.kind == "list" or run.rendering:
        return
    run.offsets[spot] = Offset(expr, rows, spot)


def narrowed(run: Run, rows: Rows, spot: Spot) -> None:
    """A query that has an offset already gets more conditions."""
    known = run.offsets.get(spot)
    if known is not None:
        run.offsets[spot] = replace(known, rows=rows)


def handed(run: Run, effect: Effect, held: Any, spot: Spot) -> None:
    """A function is called that uses this argument as an offset."""
    own = replace(effect, hops=(spot, *effect.hops))
    run.offsets.setdefault(spot, Offset(held, Rows(effect.model), effect.spot, own))


def observe(run: Run, core: Any, uses: Uses) -> None:
    """Tell of the offsets of a function whose numbers come from outside."""
    for offset in run.offsets.values():
        roots = _Roots(run, uses, core).of(offset.expr)
        if not roots or _bounded(run, core, roots, uses):
            continue
        effect = offset.effect or _effect(run, offset)
        if effect is None:
            continue
        if _REQUEST in roots:
            run.observed.setdefault((OFFSET, effect.spot), Observation(OFFSET, replace(effect, kind=FETCH), run.owner))
        for name in sorted(roots - {_REQUEST}):
            own = replace(effect, kind=CPU, origin=Origin(None, "", name))
            run.effects.setdefault((CPU, OFFSET, own.spot, name), own)


def _effect(run: Run, offset: Offset) -> Effect | None:
    rows = offset.rows
    model = model_of(run.project, rows.model) if rows.model else None
    if model is None:
        return None
    grows = GROWS if size.many(run.project, rows) else ""
    query = Query("SELECT", (model.table,), names(rows.filters), rows.order)
    return Effect(FETCH, grows, offset.spot, model=rows.model, query=query, detail=OFFSET, how=rows.dialect)


class _Roots:
    """Where a number comes from: the request, or parameters by name; empty when any part of it is not known."""

    def __init__(self, run: Run, uses: Uses, core: Any) -> None:
        self.run = run
        self.uses = uses
        self.core = core
        self.open: set[str] = set()

    def of(self, expr: Any) -> set[str]:
        return self._of(expr, 0) or set()

    def _of(self, expr: Any, depth: int) -> set[str] | None:
        """None: not known."""
        if expr is None or depth > _MAX_DEPTH:
            return None
        if isinstance(expr, str):
            return self._name(expr, depth)
        op = expr[0]
        if op == ir.CONST:
            return set()
        if op in (ir.ATTR, ir.INDEX):
            return self._member(expr, depth)
        if op == ir.AWAIT:
            return self._of(expr[1], depth + 1)
        if op == ir.CHOICE:
            return self._all((expr[2], expr[3]), depth)
        if op == ir.OPERATION and expr[1] in _ARITHMETIC:
            return self._all(expr[2], depth)
        return self._call(expr, depth) if op == ir.CALL else None

    def _all(self, parts: Any, depth: int) -> set[str] | None:
        found = [self._of(part, depth + 1) for part in parts]
        if any(each is None for each in found):
            return None
        return {root for each in found for root in each or ()}

    def _name(self, name: str, depth: int) -> set[str] | None:
        bound = self.uses.bound.get(name)
        if bound is None:
            return set() if name.isupper() else None
        if name in self.open:
            return set()
        given = name in self.run.parameters and bound[:1] == [None]
        rest = [*(bound[1:] if given else bound)]
        if None in rest:  # of what was taken apart, `page, limit = pagination`, the whole says where it comes from
            whole = _unpacked(self.core, name)
            rest = [value for value in rest if value is not None] + whole
            if len(rest) + given != len(bound):
                return None
        self.open.add(name)
        found = self._all(rest, depth)
        self.open.discard(name)
        if found is None:
            return None
        return found | {name} if given else found

    def _member(self, expr: Any, depth: int) -> set[str] | None:
        path = spelled(expr[1] if expr[0] == ir.INDEX else expr).split(".")
        if any(a in _REQUESTS and b in _SENT for a, b in pairwise(path)):
            return {_REQUEST}
        if path[0] in ("self", "cls", "settings") or path[-1].isupper():
            return set()
        return self._of(expr[1], depth + 1)

    def _call(self, expr: Any, depth: int) -> set[str] | None:
        func = expr[1]
        given = (*expr[2], *(value for key, value in expr[3] if key not in ("type", "cast")))
        if isinstance(func, str):
            return self._all(given, depth) if func in _KEEPS else None
        if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] in _ASKS:
            if func[2] in _ASKED_FOR:
                return {_REQUEST}
            base = self._member(func, depth) if isinstance(func[1], tuple) else self._of(func[1], depth + 1)
            return base or None
        return None


def _bounded(run: Run, core: Any, roots: set[str], uses: Uses) -> bool:
    """Whether a test compares one of the numbers with a limit, or a parameter is declared to have one."""
    for name, _, annotation, default in core[ir.C_PARAMETERS]:
        if name in roots and any(_declared(run, run.path, given, _MAX_ALIASES) for given in (annotation, default)):
            return True
    of_request = {name for name, made in uses.bound.items() for m in made if _REQUEST in roots and m is not None}
    limited = (roots - {_REQUEST}) | of_request
    for part in _parts(core[ir.C_BODY]):
        if part and part[0] == ir.OPERATION and len(part) > 2 and part[1] in _ORDERS:
            for one, other in (part[2], part[2][::-1]) if len(part[2]) == 2 else ():
                if isinstance(one, str) and one in limited and _is_limit(other):
                    return True
    return False


def _unpacked(core: Any, name: str) -> list[Any]:
    """What is taken apart by assignments that give a name one of its parts."""
    found = []
    for part in _parts(core[ir.C_BODY]):
        if len(part) == 6 and part[0] == ir.ASSIGN and len(part[1]) == 1 and part[2] is not None:
            target = part[1][0]
            if isinstance(target, tuple) and target[0] == ir.SEQUENCE and name in target[2]:
                found.append(part[2])
    return found


def _is_limit(expr: Any) -> bool:
    """A number above one, or a name that is spelled as a constant."""
    if isinstance(expr, tuple) and expr[0] == ir.CONST:
        return type(expr[1]) is int and expr[1] > 1
    return spelled(expr).rpartition(".")[2].isupper()


def _declared(run: Run, path: str, given: Any, depth: int) -> bool:
    """Whether an annotation or default says that a number has a limit, or names what says so: an alias, the function or
    class that a framework makes it with."""
    if any(_declares(part) for part in _parts(given)):
        return True
    for name in shapes.names(given) if depth else ():
        binding = run.project.name(path, name) if "." not in name else None
        if binding is None or binding.kind == "external":
            continue
        if binding.kind == "value":
            where = binding.ref
            if any(_declared(run, where, v, depth - 1) for v, _ in run.project.module_values(where, binding.name)):
                return True
        elif _numbers_limited(run, binding.ref):
            return True
    return False


def _numbers_limited(run: Run, ref: str) -> bool:
    """Whether a function's parameters, or the fields of a class, that are called like an offset are declared so."""
    defined = run.project.function(ref) or run.project.function(f"{ref}.__init__")
    if defined is not None:
        given = [(name, (annotation, default)) for name, _, annotation, default in defined.core[ir.C_PARAMETERS]]
    else:
        info = run.project.class_info(ref)
        members = info.members.values() if info is not None else ()
        given = [(m.name, (m.value, m.annotation)) for m in members if m.kind == "value"]
    return any(
        _declares(part)
        for name, facts in given
        if _FIRST & {*name.split("_")}
        for each in facts
        for part in _parts(each)
    )


def _declares(part: Any) -> bool:
    return bool(part) and part[0] == ir.CALL and len(part) == 8 and any(key in _AT_MOST for key, _ in part[3])


def _parts(facts: Any) -> Iterator[Any]:
    """Every tuple inside."""
    pending = [facts] if isinstance(facts, tuple) else []
    while pending:
        part = pending.pop()
        yield part
        pending.extend(p for p in part if isinstance(p, tuple))
