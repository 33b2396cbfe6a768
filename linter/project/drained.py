"""Everything that a query gives is held in memory, though a loop goes through it once: `for row in cursor.fetchall()`.

In: fetches of whole tables and of cursors, with the uses of their rows. Out: observations `drained`, saying how they
were fetched. Says nothing of rows that are needed twice, returned or kept, of queries with a condition on their table
that leaves few, of limits, and of loops that commit: most cursors do not outlive their transaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..model import Query
from . import size
from .annotations import spelled
from .effects import COMMIT, FETCH, Effect, Observation
from .fetched import CHOSEN, LIMITED, Fetched, add, methods
from .schema import model_of, models
from .uses import Use, Uses
from .values import Spot

if TYPE_CHECKING:
    from .run import Run

GROWS = "grows"  # in `Effect.subject`: the table grows
_STREAMS = {
    "iterator", "aiterator", "in_bulk", "none", "raw", "union", "intersection", "difference", "yield_per", "partitions",
    "stream", "stream_scalars", "execution_options", "limit", "slice", "fetch", "fetchmany", "select_for_update",
    "with_for_update", "group_by", "distinct", "first", "paginate",
}  # fmt: skip
_PART = re.compile(
    r"\b(?:where|limit|top|fetch\s+(?:first|next)|group\s+by|distinct|join|union|count|sum|max|min|avg)\b",
    re.IGNORECASE,
)
_CHOOSES = {"filter", "exclude", "where", "filter_by", "having"}
_KEEPS = {"append", "add", "insert", "appendleft", "setdefault", "extend"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement written as text, and the call that sent it."""

    text: str
    query: Query


def sent(run: Run, text: str, query: Query) -> None:
    """The call being interpreted sends this text."""
    expr = run.expression
    if text and isinstance(expr, tuple) and expr[0] == ir.CALL:
        run.texts[id(expr)] = Sent(text, query)
        func = expr[1]
        if isinstance(func, tuple) and func[0] == ir.ATTR:
            run.texts[spelled(func[1])] = Sent(text, query)


def fetchall(run: Run, spot: Spot) -> None:
    """The call being interpreted fetches everything that is left of a statement's rows."""
    expr = run.expression
    func = expr[1] if isinstance(expr, tuple) and expr[0] == ir.CALL else None
    if not isinstance(func, tuple) or func[0] != ir.ATTR or run._many():
        return
    of = func[1][1] if isinstance(func[1], tuple) and func[1][0] == ir.AWAIT else func[1]
    known = run.texts.get(id(of)) or (run.texts.get(spelled(of)) if isinstance(of, str) else None)
    if known is not None:
        run.cursors[id(expr)] = (expr, known, spot)


def observe(run: Run, uses: Uses) -> None:
    """Tell of cursors that are emptied into a list for one loop."""
    for expr, statement, spot in run.cursors.values():
        found = uses.of(expr)
        if found is None and isinstance(expr, tuple):
            continue
        if not found or len(found) != 1 or not _streamable(run, found[0], uses) or _PART.search(statement.text):
            continue
        table = statement.query.tables[0]
        model = next((m for m in models(run.project) if m.table == table), None)
        grows = GROWS if model is not None and size.grows(model) else ""
        ref = model.ref if model is not None else ""
        effect = Effect(FETCH, grows, spot, model=ref, query=statement.query, how="cursor", assumed=True)
        run.observed.setdefault(("drained", spot), Observation("drained", effect, run.owner))


def of_rows(run: Run, fetched: Fetched, each: Use, uses: Uses) -> None:
    """Rows of a query that one loop goes through."""
    rows = fetched.rows
    model = model_of(run.project, rows.model) if rows.model else None
    if model is None or fetched.spot is None or fetched.loop or rows.limit or rows.plain or rows.kind == "related":
        return
    made = methods(fetched.expr, uses)
    if not size.many(run.project, rows) or made & _STREAMS or any(key == LIMITED for key, _ in rows.aliases):
        return
    if not rows.filters and (made & _CHOOSES or any(key == CHOSEN for key, _ in rows.aliases)):
        return  # by something that is not known
    if (
        model.dialect != "django"
        and isinstance(each.loop, tuple)
        and each.loop[0] == ir.FOR
        and _is_set(each.loop[3], each.name)
    ):
        return  # a session holds the rows that were changed
    if _streamable(run, each, uses):
        whole = not rows.filters
        add(run, "drained", fetched, fetched.spot, GROWS if whole else "", detail="rows", sure=False)


def _streamable(run: Run, each: Use, uses: Uses) -> bool:
    """Whether a loop lets go of each row before it takes the next."""
    loop = each.loop
    if each.path[-1] != "each" or not isinstance(loop, tuple) or loop[0] != ir.FOR or loop[5]:
        return False
    if any(effect.kind == COMMIT for effect in run.effects.values()):
        return False
    return not any(use.path == ("value",) and _kept(loop[3], each.name) for use in uses.reads.get(each.name, ()))


def _by(targets: Any, name: str) -> bool:
    """Whether `x[name]` is assigned."""
    return any(isinstance(t, tuple) and t[0] == ir.INDEX and t[2] == name for t in targets)


def _is_set(body: Any, name: str) -> bool:
    """Whether statements set an attribute of what a name holds."""
    pending = [body]
    while pending:
        part = pending.pop()
        if part and part[0] == ir.ASSIGN and len(part) == 6:
            targets = part[1] if isinstance(part[1], tuple) else ()
            if any(isinstance(t, tuple) and t[0] == ir.ATTR and t[1] == name for t in targets):
                return True
        pending.extend(p for p in part if isinstance(p, tuple))
    return False


def _kept(body: Any, name: str) -> bool:
    """Whether a loop puts its row into a collection."""
    pending = [body]
    while pending:
        part = pending.pop()
        method = part[1] if len(part) == 8 and part[0] == ir.CALL else None
        if isinstance(method, tuple) and method[0] == ir.ATTR and method[2] in _KEEPS and name in part[2]:
            return True
        if part and part[0] == ir.ASSIGN and len(part) == 6 and (part[2] == name or _by(part[1], name)):
            return True
        if part and part[0] == ir.YIELD and name in part:
            return False
        pending.extend(p for p in part if isinstance(p, tuple))
    return False
