"""The same query sent twice by one function, where its rows could have been kept.

In: a function's core, what its run saw being fetched or asked, and what it did. Out: observations of the kind `twice`:
two expressions spelled alike, both evaluated on one way through the function, with nothing in between that could change
the answer; or a property read twice that asks each time.
Says nothing of functions that write to the table, of arguments that are computed anew, of loops that wait.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..facts import ir
from .effects import LOAD, QUERY, WRITE
from .fetched import Fetched, add
from .schema import model_of, relation_of
from .shapes import ends_in, keeps, operands
from .uses import Uses
from .values import Instance, Origin, Row, Rows, Spot

if TYPE_CHECKING:
    from .run import Run

_BUILDS = {
    "Q",
    "F",
    "Count",
    "Sum",
    "Max",
    "Min",
    "Avg",
    "Value",
    "OuterRef",
    "Subquery",
    "Exists",
    "Prefetch",
    "Lower",
}
_CHANGES = {  # methods after which an answer may be another one, of whatever they are called on
    "save", "delete", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "save_m2m", "commit",
    "flush", "execute", "refresh_from_db", "refresh", "expire", "rollback", "sleep",
}  # fmt: skip
_CHANGES |= {f"a{name}" for name in _CHANGES}
_LEAVES = (ir.RETURN, ir.RAISE, ir.BREAK, ir.CONTINUE)
_MAX_PLACES = 2_000

Way = tuple[tuple[int, int], ...]  # (branch, which side) of each branch around and before a place


@dataclass(slots=True)
class _Walk:
    """Every call and attribute of a body with the branches on its way, in the order of the source."""

    places: list[tuple[Any, Way]] = field(default_factory=list)
    branches: int = 0
    hidden: list[set[str]] = field(default_factory=list)
    """Variables of the comprehensions around: an expression that reads them is another one in each round."""
    changes: bool = False
    assigned: set[str] = field(default_factory=set)
    """Names of the attributes that are assigned."""

    def branch(self) -> int:
        self.branches += 1
        return self.branches

    def block(self, statements: Any, way: Way) -> None:
        for s in statements:
            op = s[0]
            if op == ir.IF:
                number = self.branch()
                self.visit(s[1], way)
                self.block(s[2], (*way, (number, 0)))
                self.block(s[3], (*way, (number, 1)))
                if ends_in(s[2], _LEAVES):
                    way = (*way, (number, 1))
                elif ends_in(s[3], _LEAVES):
                    way = (*way, (number, 0))
            elif op == ir.FOR:
                self.visit(s[2], way)
                self.block(s[3], way)
                self.block(s[4], way)
            elif op == ir.WITH:
                for context, _ in s[1]:
                    self.visit(context, way)
                self.block(s[2], way)
            elif op == ir.TRY:
                number = self.branch()
                self.block(s[1], (*way, (number, 0)))
                for i, (_, _, body) in enumerate(s[2]):
                    self.block(body, (*way, (number, i + 1)))
                self.block(s[3], (*way, (number, 0)))
                self.block(s[4], way)
            elif op == ir.MATCH:
                number = self.branch()
                self.visit(s[1], way)
                for i, (_, _, body) in enumerate(s[2]):
                    self.block(body, (*way, (number, i)))
            elif op in (ir.ASSIGN, ir.AUGMENT):
                targets = s[1] if op == ir.ASSIGN else (s[1],)
                self.assigned |= {t[2] for t in targets if isinstance(t, tuple) and t[0] == ir.ATTR}
                self.visit(s[2 if op == ir.ASSIGN else 3], way)
            elif op in (ir.EXPRESSION, ir.RETURN, ir.RAISE, ir.ASSERT):
                self.visit(s[1], way)

    def visit(self, expr: Any, way: Way) -> None:
        if not isinstance(expr, tuple) or len(self.places) > _MAX_PLACES:
            return
        op = expr[0]
        if op in (ir.LAMBDA, ir.YIELD):
            return  # runs another time, if at all
        if op == ir.COMPREHENSION:
            first = expr[4][0]
            self.visit(first[1], way)
            self.hidden.append({name for g in expr[4] for name in _names(g[0])})
            for part in (expr[2], expr[3], *first[2], *(p for g in expr[4][1:] for p in (g[1], *g[2]))):
                self.visit(part, way)
            self.hidden.pop()
            return
        if op == ir.CHOICE:
            number = self.branch()
            self.visit(expr[1], way)
            self.visit(expr[2], (*way, (number, 0)))
            self.visit(expr[3], (*way, (number, 1)))
            return
        if op == ir.OPERATION and expr[1] in ("and", "or"):
            number = self.branch()
            self.visit(expr[2][0], way)
            for part in expr[2][1:]:
                self.visit(part, (*way, (number, 0)))
            return
        for part in operands(expr):
            self.visit(part, way)
        if op in (ir.CALL, ir.ATTR) and not any(names & _names(expr) for names in self.hidden):
            self.places.append((expr, way))
        if op == ir.CALL and isinstance(expr[1], tuple) and expr[1][0] == ir.ATTR and expr[1][2] in _CHANGES:
            self.changes = True


def observe(run: Run, core: Any, uses: Uses) -> None:
    """Add the pairs of a function's body to the run's observations."""
    asked = _asked(run, uses)
    properties = _properties(run)
    if len(asked) < 2 and not properties:
        return
    walk = _Walk()
    walk.block(core[ir.C_BODY], ())
    if walk.changes:
        return
    written = {e.model for e in run.effects.values() if e.kind == WRITE}
    seen: dict[Any, list[tuple[Any, Way]]] = {}
    told: set[Any] = set()
    for expr, way in walk.places:
        known = asked.get(id(expr))
        model, how = (known.rows.model, _how(known)) if known is not None else _property(run, properties, expr)
        if known is not None and "?" in known.rows.order:
            continue  # other rows each time: a random order
        if not model or model in written or not _same_each_time(expr, uses, walk.assigned):
            continue
        key = _alike(expr)
        before = seen.setdefault(key, [])
        earlier = next((e for e, w in before if _both(w, way)), None)
        before.append((expr, way))
        if earlier is not None and key not in told and (known is None or not known.loop):
            told.add(key)  # a third time has the same cause
            rows = Rows(model, origin=Origin(_place(run, earlier)), filters=known.rows.filters if known else ())
            spot = _place(run, expr)
            method = known.how if known is not None else ""
            add(run, "twice", Fetched(expr, rows, spot, False), spot, how, detail=method, sure=False)


def _how(asked: Fetched) -> str:
    """What came back is one row, or no queryset that could keep it."""
    return "one" if asked.how else "query"


def _asked(run: Run, uses: Uses) -> dict[int, Fetched]:
    """The calls that asked the database, or made the query of a name that did, by identity."""
    out: dict[int, Fetched] = dict(run.asked)
    for key, fetched in run.fetched.items():
        if isinstance(key, int):
            out.setdefault(key, fetched)
            continue
        made = uses.bound.get(key, ())
        if len(made) == 1 and isinstance(made[0], tuple) and made[0][0] == ir.CALL:
            out.setdefault(id(made[0]), fetched)
    return out


def _same_each_time(expr: Any, uses: Uses, assigned: set[str]) -> bool:
    """Whether an expression means the same wherever it stands in the function."""
    if any(len(uses.bound.get(name, ())) > 1 for name in _names(expr)):
        return False
    return _steady(expr) and not assigned & _attributes(expr)


def _place(run: Run, expr: Any) -> Spot:
    if expr[0] == ir.CALL:
        return run.spot(expr[4], expr[5], expr[6], expr[7])
    return run.spot(expr[3], expr[4], expr[3], expr[4] + len(expr[2]))


def _properties(run: Run) -> dict[str, str]:
    """Names of properties that asked the database when this function read them: of which model."""
    out: dict[str, str] = {}
    for effect in run.effects.values():
        if effect.kind not in (QUERY, LOAD) or len(effect.hops) != 1 or effect.once:
            continue
        here = effect.hops[0]
        name = effect.spot.owner.rpartition(".")[2]
        if here.line != here.end_line or here.end_column - here.column != len(name):
            continue  # a call, not an attribute
        if effect.kind == LOAD:
            relation = relation_of(run.project, effect.model, effect.subject)
            model = model_of(run.project, effect.model)
            keeps_rows = model is None or model.dialect not in ("django", "peewee")
            if keeps_rows or relation is None or relation.kind not in ("many", "generic-many"):
                continue  # the first read keeps it on the row
        out.setdefault(name, effect.detail if effect.kind == LOAD else effect.model)
    return out


def _property(run: Run, asking: dict[str, str], expr: Any) -> tuple[str, str]:
    """The model that reading `name.property` asks for, with what to call it; ("", "") when it keeps its answer."""
    if expr[0] != ir.ATTR or not isinstance(expr[1], str) or expr[2] not in asking:
        return "", ""
    value = run.env.get(expr[1])
    cls = value.model if isinstance(value, Row) else value.cls if isinstance(value, Instance) else ""
    member = run.project.lookup(cls, expr[2]) if cls else None
    if member is None or "property" not in member.marks or "cached_property" in member.marks:
        return "", ""
    defined = run.project.function(f"{member.owner}.{expr[2]}")
    if defined is None or defined.core[ir.C_SELF_WRITES] or keeps(defined.core[ir.C_BODY]):
        return "", ""
    return asking[expr[2]], f"property:{expr[2]}"


def _both(a: Way, b: Way) -> bool:
    """Whether one run of the function may pass both places, the first of which comes for certain with the second."""
    sides = dict(b)
    return all(sides.get(branch) == side for branch, side in a)


def _steady(expr: Any) -> bool:
    """Whether an expression computes nothing but queries: no call in its arguments may give something else."""
    if not isinstance(expr, tuple):
        return True
    if expr[0] in (ir.LAMBDA, ir.COMPREHENSION, ir.AWAIT, ir.NAMED):
        return False
    if expr[0] == ir.CALL:
        func = expr[1]
        given = (*expr[2], *(value for _, value in expr[3]))
        if any(_calls(argument) for argument in given):
            return False
        return isinstance(func, str) or _steady(func)
    return all(_steady(part) for part in operands(expr))


def _calls(expr: Any) -> bool:
    if not isinstance(expr, tuple):
        return False
    if expr[0] == ir.CALL:
        func = expr[1]
        name = func if isinstance(func, str) else func[2] if isinstance(func, tuple) and func[0] == ir.ATTR else ""
        if name not in _BUILDS:
            return True
    return any(_calls(part) for part in operands(expr))


def _alike(expr: Any) -> Any:
    """An expression without its places."""
    if not isinstance(expr, tuple):
        return expr
    op = expr[0]
    if op == ir.ATTR:
        return op, _alike(expr[1]), expr[2]
    if op == ir.CALL:
        named = tuple((key, _alike(value)) for key, value in expr[3])
        return op, _alike(expr[1]), tuple(_alike(a) for a in expr[2]), named
    if op == ir.CONST:
        return op, type(expr[1]).__name__, expr[1]
    if op == ir.OPERATION:
        return op, expr[1], tuple(_alike(part) for part in expr[2])
    return op, tuple(_alike(part) for part in operands(expr))


def _attributes(expr: Any) -> set[str]:
    """The attributes that an expression reads."""
    if not isinstance(expr, tuple):
        return set()
    mine = {expr[2]} if expr[0] == ir.ATTR else set()
    return mine.union(*(_attributes(part) for part in operands(expr)))


def _names(expr: Any) -> set[str]:
    """The local names that an expression reads."""
    if isinstance(expr, str):
        return {expr}
    if not isinstance(expr, tuple):
        return set()
    return {name for part in operands(expr) for name in _names(part)}
