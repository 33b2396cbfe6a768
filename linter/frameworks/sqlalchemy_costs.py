"""What makes a SQLAlchemy statement dear by its form alone, seen as it is built.

In: a statement before and after a step of its building, with the step's arguments. Out: observations: `wildcard`
(`selectinload("*")` loads every relationship, and theirs), `across` (an OR over columns of two joined tables), `random`
(sorted by a random number), `joined` (joins that multiply the rows, made distinct again); and offsets and pages (see
`project.offsets`, `project.pages`). Sends nothing, loads nothing.
Source: docs.sqlalchemy.org, "Relationship Loading Techniques", Wildcard Loading Strategies; "SELECT and Related
Constructs".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project import conditions, offsets, pages, size, sqltext
from ..project.fetched import CHOSEN, LIMITED
from ..project.frozen import replace
from ..project.schema import Model, model_of, relation_of, reverse_of
from ..project.values import Class, External, Rows, Spot, Term, Value, parts
from . import sqlalchemy_rows as rows_of
from . import sqlalchemy_terms as terms

if TYPE_CHECKING:
    from ..project.run import Run

_OFFSET, _ACROSS, _WILD, _MANY = "*offset", "*across", "*wild", "*many"  # in the aliases of a statement
_KEPT = (LIMITED, CHOSEN, size.ASKED, _OFFSET, _ACROSS, _MANY)
_FEW_RELATIONS = 3
_RANDOM = {"random", "rand", "newid", "dbms_random"}


def built(run: Run, before: Rows, after: Value, name: str, args: Sequence[Value], spot: Spot) -> Value:
    """A step of building a statement: what it makes dear; the statement with what is to be remembered of it."""
    if not isinstance(after, Rows) or run.rendering:
        return after
    if name in rows_of.FILTERS:
        return _remembered(_filtered(run, after, args, spot), CHOSEN, True)
    if name in rows_of.NARROWS:  # other things of the same rows
        for remark, held in before.aliases:
            after = _remembered(after, remark, held) if remark in _KEPT else after
    if name == "with_parent":
        return _remembered(replace(after, filters=(*after.filters, conditions.NARROW)), CHOSEN, True)
    if name == "options":
        return _loaded(run, after, args, spot)
    if name == "order_by":
        return _ordered(run, after, args, spot)
    elif name == "offset":
        offsets.note(run, after, _argument(run, 0, "offset"), spot)
        return _remembered(after, _OFFSET, spot)
    elif name == "slice":
        offsets.note(run, after, _argument(run, 0, "start"), spot)
        return _remembered(_remembered(after, _OFFSET, spot), LIMITED, True)
    elif name in rows_of.JOINS:
        return _remembered(_joined(run, after, args), CHOSEN, True)
    elif name in ("limit", "fetch"):
        run.taken(after)
        return _remembered(after, LIMITED, True)
    elif name == "distinct" and not args:
        _distinct(run, after, spot)
    return after


def executed(run: Run, rows: Rows, name: str) -> None:
    """A statement runs: what is dear for many rows is not so for one."""
    if name in rows_of.ONE or name in rows_of.GETS:
        run.taken(rows)
        wild = _remembering(rows, _WILD)
        if wild is not None:
            run.observed.pop(("wildcard", wild), None)
    elif name == "paginate" and rows.dialect == "sqlalchemy-query":
        func = run.expression[1] if isinstance(run.expression, tuple) and run.expression[0] == ir.CALL else None
        of = func[1] if isinstance(func, tuple) and func[0] == ir.ATTR else None
        if of is not None:
            pages.note(run, rows, of, run.here)


# Steps ----------------------------------------------------------------------------------------------------


def _filtered(run: Run, after: Rows, args: Sequence[Value], spot: Spot) -> Rows:
    if any(isinstance(p, Term) and p.name == terms.EXISTS for a in args for p in parts(a)):
        after = _remembered(after, size.ASKED, True)
    offset = _remembering(after, _OFFSET)
    if offset is not None:
        offsets.narrowed(run, after, offset)
    known = model_of(run.project, after.model) if after.model else None
    wild = _remembering(after, _WILD)
    if wild is not None and known is not None and _by_key(known, after.filters):
        run.observed.pop(("wildcard", wild), None)
    found = any(isinstance(p, Term) and p.name == terms.ACROSS for a in args for p in parts(a))
    narrows = any(c.kind == conditions.EQUAL for c in map(conditions.read, after.filters))
    across = _remembering(after, _ACROSS)
    if across is not None and narrows:
        run.observed.pop(("across", across), None)  # these leave few rows for the OR to look at
    if found and not narrows and known is not None:
        run.wasteful("across", after, spot, "grows", sure=False)
        return _remembered(after, _ACROSS, spot)
    return after


def _loaded(run: Run, rows: Rows, args: Sequence[Value], spot: Spot) -> Rows:
    entries = [e for a in args for p in parts(a) if isinstance(p, Term) and p.kind == "option" for e in p.entries]
    if not any(strategy == terms.EVERY and not path.rpartition(".")[0] for _, path, strategy in entries):
        return rows
    model = model_of(run.project, rows.model) if rows.model else None
    if model is None or _by_key(model, rows.filters):
        return rows
    related = {r.name for r in model.relations} | set(reverse_of(run.project, model.ref))
    if len(related) >= _FEW_RELATIONS:
        run.wasteful("wildcard", rows, spot, str(len(related)), sure=False)
        return _remembered(rows, _WILD, spot)
    return rows


def _ordered(run: Run, rows: Rows, args: Sequence[Value], spot: Spot) -> Rows:
    expr = run.expression
    given = expr[2] if isinstance(expr, tuple) and expr[0] == ir.CALL else ()
    by_text = any(isinstance(p, Term) and p.kind == "text" and sqltext.draws(p.name) for a in args for p in parts(a))
    if by_text or any(_is_random(run, each) for each in given):
        rows = replace(rows, order=("?",))
        run.wasteful("random", rows, spot)
        if dict(rows.aliases).get(LIMITED):
            run.taken(rows)
    return rows


def _is_random(run: Run, expr: Any) -> bool:
    """`func.random()`."""
    if not isinstance(expr, tuple) or expr[0] != ir.CALL or expr[2] or not isinstance(expr[1], tuple):
        return False
    if expr[1][0] != ir.ATTR or expr[1][2].lower() not in _RANDOM:
        return False
    base = run.value(expr[1][1]) if isinstance(expr[1][1], str) else None
    return isinstance(base, External) and base.name.endswith(".func")


def _joined(run: Run, rows: Rows, args: Sequence[Value]) -> Rows:
    """Which relations to many rows a query joins."""
    found = dict(rows.aliases).get(_MANY, ())
    for argument in args:
        for part in parts(argument):
            if isinstance(part, Term) and part.kind == "relation" and part.model == rows.model:
                relation = relation_of(run.project, part.model, part.name)
                if relation is not None and relation.kind == "many":
                    found = tuple(dict.fromkeys((*found, part.name)))
            elif isinstance(part, Class):
                own = {**reverse_of(run.project, rows.model)} if rows.model else {}
                model = model_of(run.project, rows.model) if rows.model else None
                own.update({r.name: r for r in model.relations} if model is not None else {})
                name = next((n for n, r in own.items() if r.target == part.ref and r.kind == "many"), "")
                found = tuple(dict.fromkeys((*found, name))) if name else found
    return _remembered(rows, _MANY, found) if found else rows


def _distinct(run: Run, rows: Rows, spot: Spot) -> None:
    """The rows that joins have multiplied are made distinct, and each of them is a whole row."""
    joined = dict(rows.aliases).get(_MANY, ())
    if rows.plain or terms.entities(rows) or not joined:
        return
    several = len(joined) > 1
    run.wasteful("joined", rows, spot, "pairs" if several else "rows", ", ".join(joined), sure=False)


def _by_key(model: Model, filters: Sequence[str]) -> bool:
    """Whether a query asks for one row by its primary key."""
    compared = [conditions.read(text) for text in filters]
    return any(c.column == model.primary_key and not c.table and c.kind != conditions.JOIN for c in compared)


# Remarks --------------------------------------------------------------------------------------------------


def _remembered(rows: Rows, name: str, held: Any) -> Rows:
    kept = {k: v for k, v in rows.aliases if k != name}
    return replace(rows, aliases=tuple({**kept, name: held}.items()))


def _remembering(rows: Rows, name: str) -> Spot | None:
    held = dict(rows.aliases).get(name)
    return held if isinstance(held, Spot) else None


def _argument(run: Run, position: int, keyword: str) -> Any:
    """What is written as an argument of the call being interpreted."""
    expr = run.expression
    if not isinstance(expr, tuple) or expr[0] != ir.CALL:
        return None
    if len(expr[2]) > position:
        return expr[2][position]
    return next((value for key, value in expr[3] if key == keyword), None)
