"""Pages of rows: what a paginator counts, and where its pages begin.

In: the rows that are handed to a paginator (`note`), the counts that a run saw, the uses of the function's values. Out:
observations `paged` (a paginator over a query that may give many rows: it counts them for every page, and leaves out
those before the page), and `recounted` (the function has counted the same rows itself).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import size
from .fetched import Fetched, add
from .uses import Uses
from .values import Rows, Spot, empty

if TYPE_CHECKING:
    from .run import Run


def note(run: Run, rows: Rows, expr: Any, spot: Spot) -> None:
    """Rows are shown page by page, by a paginator that counts them."""
    if rows.kind == "list" or rows.cached or empty(rows) or run.rendering:
        return
    key = expr if isinstance(expr, str) else id(expr)
    run.pages.setdefault(key, (rows, spot))


def observe(run: Run, uses: Uses) -> None:
    """Tell of the pages of a function."""
    for key, (rows, spot) in run.pages.items():
        fetched = Fetched(key, rows, spot, False)
        again = next((count for count in run.counts.values() if isinstance(key, str) and _of(count) == key), None)
        if again is not None and again.spot is not None and not again.loop and _one(uses, key):
            add(run, "recounted", Fetched(key, rows, again.spot, False), again.spot, "", sure=False)
        if size.many(run.project, rows) and rows.dialect != "sqlalchemy-result":
            add(run, "paged", fetched, spot, "", sure=False)


def _one(uses: Uses, key: Any) -> bool:
    """Whether a name holds one query throughout the function."""
    made = uses.bound.get(key, ())
    return len(made) == 1


def _of(count: Fetched) -> str:
    """The name whose rows were counted."""
    func = count.expr[1] if isinstance(count.expr, tuple) and count.expr[0] == ir.CALL else None
    of = func[1] if isinstance(func, tuple) and func[0] == ir.ATTR else None
    return of if isinstance(of, str) else ""
