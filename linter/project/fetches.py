"""Which queries of a function fetch more than it uses: rows that are only tested or counted, rows of which only one
column is read, and counts that are only compared with zero.

In: what a run saw being fetched or counted (`Recorder.fetched`, `Recorder.counts`) and the uses of the values (`uses`).
Out: observations of the kinds `existence`, `counting` and `columns`. Says nothing where a value leaves the function, or
where the rows are used at all: then they had to be fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..model import Query
from .conditions import names
from .effects import FETCH, Effect, Observation
from .schema import Model, model_of
from .uses import Use, Uses, uses_of
from .values import Rows, Spot

if TYPE_CHECKING:
    from .run import Run

_DISTINCT = {"distinct", "union", "intersection", "difference", "raw", "from_statement"}
_HAND_ON = {"chain", "from_iterable", "tqdm", "copy", "deepcopy", "cast", "closing"}
_MAX_KEPT = 20_000
_FEW_ROWS = 20  # of so few rows, columns that nobody reads cost nothing worth saying
_FEW_COLUMNS = 3  # a row of so few columns is hardly larger than one of them
# Django's fields whose attribute on a row is what the column holds; files and many fields of libraries give an object
_PLAIN_FIELDS = {
    "AutoField", "BigAutoField", "SmallAutoField", "CharField", "TextField", "SlugField", "EmailField", "URLField",
    "UUIDField", "IntegerField", "BigIntegerField", "SmallIntegerField", "PositiveIntegerField",
    "PositiveBigIntegerField", "PositiveSmallIntegerField", "FloatField", "DecimalField", "BooleanField",
    "NullBooleanField", "DateField", "DateTimeField", "TimeField", "DurationField", "BinaryField", "JSONField",
    "ArrayField", "GenericIPAddressField", "ForeignKey", "OneToOneField",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fetched:
    """Rows or a count that an expression asked for. `spot`: where, None when the expression has no place of its own."""

    expr: Any
    rows: Rows
    spot: Spot | None
    loop: bool
    """Inside a loop of many rounds: what it repeats is told by other rules."""


def observe(run: Run, core: Any) -> None:
    """Add what the body of a function wasted to the run's observations."""
    project = run.project
    known = project.uses.get(id(core))
    if known is None:
        if len(project.uses) >= _MAX_KEPT:  # an editor's session makes new cores for ever
            project.uses.clear()
        known = project.uses[id(core)] = (core, uses_of(core))  # holding the core keeps its id its own
    uses: Uses = known[1]
    for count in run.counts.values():
        _of_count(run, count, uses)
    for fetched in run.fetched.values():
        _of_rows(run, fetched, uses)


# Counts ---------------------------------------------------------------------------------------------------


def _of_count(run: Run, count: Fetched, uses: Uses) -> None:
    if count.spot is None or not _only_asks_whether(uses.of(count.expr)):
        return
    if count.loop and count.rows.kind == "related":
        return
    base = count.expr[1][1] if isinstance(count.expr[1], tuple) else None
    sure, detail = True, "count"
    if isinstance(base, str):
        reads = uses.reads.get(base, ())
        here = next((i for i, use in enumerate(reads) if use.node is count.expr), 0)
        if any(_evaluates(run, count.rows, use) for use in reads[:here]):
            return  # the rows are there: counting them is free
        again = (u.node for u in reads if u.name in ("count", "acount") and u.node is not count.expr)
        if not all(_only_asks_whether(uses.of(call)) for call in again):
            return  # the number is needed as well: better keep it than ask twice
        if any(use.last == "each" for use in reads[here:]):
            detail = "count-then-rows"
        sure = base in uses.bound and None not in uses.bound[base]
    elif isinstance(base, tuple) and base[0] == ir.ATTR and count.rows.kind == "query":
        sure = False  # an attribute may hold a query that has run
    _add(run, "existence", count, count.spot, detail, sure=sure and not _of_given_row(count.rows))


def _only_asks_whether(found: list[Use] | None) -> bool:
    """Whether every use of a number only asks whether it is zero."""
    return bool(found) and all(use.path in (("zero",), ("truth",)) or use.path[0] == "bool" for use in found or ())


def _evaluates(run: Run, rows: Rows, use: Use) -> bool:
    """Whether a use fetches the rows of a query and keeps them, or hands the query to somebody who may."""
    return not (use.last == "identity" or (use.path == ("method",) and _anew(run, rows, use.name)))


def _anew(run: Run, rows: Rows, name: str) -> bool:
    return any(framework.asks_anew(rows, name) for framework in run.project.frameworks)


# Rows -----------------------------------------------------------------------------------------------------


def _of_rows(run: Run, fetched: Fetched, uses: Uses) -> None:
    expr, rows = fetched.expr, fetched.rows
    if isinstance(expr, tuple) and not _of_query(expr):
        return
    found = uses.of(expr)
    if found is None or (fetched.loop and rows.kind == "related"):
        return
    here = rows.origin.spot if rows.origin is not None else None
    if here is None or here.owner != run.owner:
        return  # who made the query may use its rows
    is_list = isinstance(expr, tuple) and rows.dialect != "django"
    whether = counted = 0
    rounds: list[Use] = []
    pending = list(found)
    while pending:
        use = pending.pop(0)
        path = tuple(step for step in use.path if step != "list")
        listed = is_list or len(path) < len(use.path)
        if path in (("truth",), ("len", "zero"), ("len", "truth")) or path[0] == "bool":
            whether += 1
        elif path == ("len", "assigned"):
            further = uses.through(use)
            if further is None:
                counted += 1
            else:
                pending += further
        elif path[0] == "len" and path[-1] != "other":
            counted += 1
        elif path == ("each",):
            rounds.append(use)
        elif path == ("assigned",):
            further = uses.through(use)
            if further is None or len(pending) > _FEW_ROWS * _FEW_ROWS:
                return
            pending += further
        elif path != ("identity",) and (listed or path != ("method",) or not _anew(run, rows, use.name)):
            return
    if rounds:
        if len(rounds) == 1 and not whether and not counted:
            _of_columns(run, fetched, rounds[0], uses)
    elif whether or counted:
        spot = fetched.spot or _where_made(run, expr, uses)
        if spot is not None:
            _add(run, "counting" if counted else "existence", fetched, spot, "rows", sure=not _of_given_row(rows))


def _of_query(expr: Any) -> bool:
    """Whether a call is a query's own method, rather than a function that hands on what it is given."""
    call = expr[1] if expr[0] == ir.AWAIT else expr
    func = call[1] if isinstance(call, tuple) and call[0] == ir.CALL else None
    return isinstance(func, tuple) and func[0] == ir.ATTR and func[2] not in _HAND_ON


def _where_made(run: Run, name: Any, uses: Uses) -> Spot | None:
    """The call that made the query of a name."""
    made = uses.bound.get(name, ())[-1:]
    call = made[0] if made else None
    return run.spot(call[4], call[5], call[6], call[7]) if call is not None and call[0] == ir.CALL else None


def _of_columns(run: Run, fetched: Fetched, each: Use, uses: Uses) -> None:
    rows = fetched.rows
    model = model_of(run.project, rows.model) if rows.model else None
    if model is None or fetched.spot is None or rows.plain or rows.only is not None or 0 < rows.limit <= _FEW_ROWS:
        return
    if _of_given_row(rows):
        return  # who made the parent row may have prefetched these
    if len(model.columns) <= _FEW_COLUMNS or any(name in ("*entities", "*tuples") for name, _ in rows.aliases):
        return
    reads = each.node
    if reads is None:
        reads = uses.reads.get(each.name, []) if uses.bound.get(each.name) == [None] else []
    read = {use.name if use.path == ("attribute",) else "" for use in reads}
    if len(read) != 1 or not (column := _column(model, *read)):
        return
    methods = _methods(fetched.expr, uses)
    if column != "pk" and methods & _DISTINCT:
        return  # distinct rows are not distinct values
    if model.dialect != "django" and "options" in methods:
        return  # the query says which columns it loads
    _add(run, "columns", fetched, fetched.spot, column)


def _of_given_row(rows: Rows) -> bool:
    """Whether they are the related rows of a row that the function was given, which may have been prefetched."""
    parent = rows.parent
    return parent is not None and parent.origin is not None and bool(parent.origin.parameter)


def _column(model: Model, name: str) -> str:
    """A column by the attribute that reads it, `pk` for the primary key; "" when a query cannot give just that."""
    if not name:
        return ""
    if (name == "pk" and model.dialect == "django") or name == model.primary_key:
        return "pk" if model.dialect == "django" else name
    column = model.column(name)
    if column is None or column.name != name:
        return ""
    if model.dialect == "django" and column.type.rpartition(".")[2] not in _PLAIN_FIELDS:
        return ""
    return name


def _methods(expr: Any, uses: Uses) -> set[str]:
    """The names of the methods that made a query and those that it builds on."""
    out: set[str] = set()
    seen: set[str] = set()
    pending = [expr]
    while pending:
        part = pending.pop()
        if isinstance(part, str) and part not in seen:
            seen.add(part)
            pending += uses.bound.get(part, ())
        elif isinstance(part, tuple) and part[0] == ir.CALL:
            if isinstance(part[1], tuple) and part[1][0] == ir.ATTR:
                out.add(part[1][2])
                pending.append(part[1][1])
            pending += (a for a in part[2] if isinstance(a, tuple) and a[0] == ir.CALL)
    return out


def _add(run: Run, kind: str, fetched: Fetched, spot: Spot, how: str, *, sure: bool = True) -> None:
    rows = fetched.rows
    model = model_of(run.project, rows.model)
    query = Query("SELECT", (model.table,), names(rows.filters), rows.order) if model is not None else None
    origin = rows.origin if rows.origin is not None and not rows.origin.parameter else None
    effect = Effect(FETCH, how, spot, model=rows.model, origin=origin, query=query, how=rows.dialect, assumed=not sure)
    run.observed.setdefault((kind, spot), Observation(kind, effect, run.owner))
