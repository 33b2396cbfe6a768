"""Which queries of a function fetch more than it uses: rows that are only tested or counted, and counts that are only
compared with zero. Rows that are gone through are handed to `narrow` and `sifted`, pairs of queries to `twice`.

In: what a run saw being fetched or counted (`Recorder.fetched`, `Recorder.counts`) and the uses of the values (`uses`).
Out: observations of the kinds `existence` and `counting`. Says nothing where a value leaves the function, or
where the rows are used at all: then they had to be fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import drained, lists, narrow, offsets, pages, sifted, twice
from .fetched import Fetched, add, of_given_row
from .uses import Use, Uses, uses_of
from .values import Rows, Spot

if TYPE_CHECKING:
    from .run import Run

_HAND_ON = {"chain", "from_iterable", "tqdm", "copy", "deepcopy", "cast", "closing"}
_MAX_KEPT = 20_000
_MAX_PENDING = 400  # names that hold names


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
    for one in run.asked.values():
        narrow.of_one(run, one, uses)
    twice.observe(run, core, uses)
    if run.offsets:
        offsets.observe(run, core, uses)
    if run.lists:
        lists.observe(run, uses)
    if run.pages:
        pages.observe(run, uses)
    if run.cursors:
        drained.observe(run, uses)


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
    add(run, "existence", count, count.spot, detail, sure=sure and not of_given_row(count.rows))


def _only_asks_whether(found: list[Use] | None) -> bool:
    """Whether every use of a number only asks whether it is zero."""
    return bool(found) and all(use.path in (("zero",), ("truth",)) or use.path[0] == "bool" for use in found or ())


def _evaluates(run: Run, rows: Rows, use: Use) -> bool:
    """Whether a use fetches the rows of a query and keeps them, or hands the query to somebody who may."""
    return not (use.last == "identity" or (use.path == ("method",) and _anew(run, rows, use.name)))


def _anew(run: Run, rows: Rows, name: str) -> bool:
    return any(framework.asks_anew(rows, name) for framework in run.project.with_hook("asks_anew"))


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
    is_list = isinstance(expr, tuple) and rows.dialect not in ("django", "peewee")
    whether = counted = 0
    rounds: list[Use] = []
    folds: list[Use] = []
    pending = list(found)
    followed = {expr} if isinstance(expr, str) else set()  # names, for `rows = list(rows)` holds what it held
    while pending:
        use = pending.pop(0)
        if use.last == "assigned" and use.name in followed:
            continue
        if use.last == "assigned":
            followed.add(use.name)
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
        elif path == ("fold",):
            folds.append(use)
        elif path == ("assigned",):
            further = uses.through(use)
            if further is None or len(pending) > _MAX_PENDING:
                return
            pending += further
        elif path != ("identity",) and (listed or path != ("method",) or not _anew(run, rows, use.name)):
            return
    if rounds or folds:
        narrow.unbounded(run, fetched, uses)
    if len(rounds) + len(folds) == 1 and not whether and not counted:
        if rounds:
            narrow.of_loaders(run, fetched, rounds[0], uses)
            drained.of_rows(run, fetched, rounds[0], uses)
            sifted.of_round(run, fetched, rounds[0], uses)
        else:
            sifted.of_fold(run, fetched, folds[0], uses)
    elif rounds or folds:
        return
    elif whether or counted:
        spot = fetched.spot or _where_made(run, expr, uses)
        if spot is not None:
            add(run, "counting" if counted else "existence", fetched, spot, "rows", sure=not of_given_row(rows))


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
