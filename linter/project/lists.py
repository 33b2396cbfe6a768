"""Lists of keys that one query fetches, only for another query to compare a column with them.

In: what queries compare columns with (`note`), the fetches that a run saw, and the uses of the function's values. Out:
observations `listed`, about the query whose values the list holds: that query itself would do, inside the other one.
Says nothing of lists that are used for anything else, that Python chose from, that a limit or a loop bounds, and of
queries on tables that the function writes to: the list may be there to remember what they gave before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import size
from .effects import WRITE
from .fetched import CHOSEN, LIMITED, Fetched, add, methods, of_given_row
from .schema import model_of
from .uses import Uses
from .values import Container, Value, parts

if TYPE_CHECKING:
    from .run import Run

_WRAPS = {"list", "tuple", "set", "frozenset", "sorted"}
_BOUNDS = {"limit", "slice", "fetch", "paginate", "page", "offset", "first", "fetchmany", "tablesample"}
_OTHERWISE = {"using", "select_for_update", "with_for_update", "raw", "from_statement", "union", "intersection"}
_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that a query compares a column with, as facts; `model`: of that query, "" when it is not known."""

    expr: Any
    model: str


def note(run: Run, model: str, value: Value, expr: Any) -> None:
    """A query asks for rows with a value that is in this list."""
    in_memory = all(isinstance(part, Container) and not part.constant and not part.batched for part in parts(value))
    if in_memory and not run.loops and not run.rendering and isinstance(expr, str | tuple):
        run.lists.append(Listed(expr, model))


def observe(run: Run, uses: Uses) -> None:
    """Tell of the lists of a function that came from a query and went to another one."""
    written = {effect.model for effect in run.effects.values() if effect.kind == WRITE}
    for listed in run.lists:
        fetched = _source(run, uses, listed.expr)
        if fetched is None or fetched.spot is None or fetched.loop:
            continue
        rows = fetched.rows
        model = model_of(run.project, rows.model) if rows.model else None
        here = rows.origin.spot if rows.origin is not None else None
        if model is None or rows.limit or any(key == LIMITED for key, _ in rows.aliases):
            continue
        if rows.model in written or of_given_row(rows) or here is None or here.owner != run.owner:
            continue
        if methods(fetched.expr, uses) & (_BOUNDS | _OTHERWISE):
            continue
        target = model_of(run.project, listed.model) if listed.model else None
        if target is not None and target.dialect != model.dialect:
            continue
        chosen = not rows.filters and any(key == CHOSEN for key, _ in rows.aliases)  # by what is not known
        few = chosen or size.narrowed(run.project, rows) or size.kept_by_hand(model)
        add(run, "listed", fetched, fetched.spot, "few" if few else "", detail=listed.model, sure=False)


def _source(run: Run, uses: Uses, given: Any) -> Fetched | None:
    """The fetch whose values a list holds, all of them and nothing else, if nobody but queries asks for the list."""
    for _ in range(_MAX_DEPTH):
        if isinstance(given, str):
            if given not in run.fetched and not _only_compared(run, uses, given):
                return None
            known = run.fetched.get(given)
            if known is not None:
                return known if len(uses.reads.get(given, ())) == 1 and _is_call(uses, given) else None
            made = uses.bound.get(given, ())
            if len(made) != 1 or made[0] is None:
                return None
            given = made[0]
        if not isinstance(given, tuple):
            return None
        if given[0] == ir.AWAIT:
            known = run.fetched.get(id(given)) or run.fetched.get(id(given[1]))
            if known is not None:
                return known
            given = given[1]
        elif given[0] == ir.COMPREHENSION:
            given = _gone_through(given)
            if isinstance(given, str) and len(uses.reads.get(given, ())) != 1:
                return None  # the rows are needed as well
            if isinstance(given, str) and given not in run.fetched:
                made = uses.bound.get(given, ())
                given = made[0] if len(made) == 1 else None
        elif given[0] == ir.CALL:
            known = run.fetched.get(id(given))
            if known is not None:
                return known
            if given[1] not in _WRAPS or len(given[2]) != 1:
                return None
            given = given[2][0]
        else:
            return None
    return None


def _only_compared(run: Run, uses: Uses, name: str) -> bool:
    """Whether a list is only asked whether it is empty, and given to queries."""
    given = sum(1 for listed in run.lists if listed.expr == name)
    rest = [use for use in uses.reads.get(name, ()) if use.path not in (("truth",), ("len", "zero"), ("len", "truth"))]
    return len(rest) == given and all(use.path == ("value",) for use in rest)


def _is_call(uses: Uses, name: str) -> bool:
    """Whether a name holds what one call gave, rather than a slice of it."""
    made = uses.bound.get(name, ())
    return len(made) == 1 and isinstance(made[0], tuple) and made[0][0] in (ir.CALL, ir.AWAIT)


def _gone_through(comprehension: Any) -> Any:
    """What `[row.id for row in rows]` goes through; None when it chooses or computes anything."""
    _, _, element, second, generators, *_ = comprehension
    if len(generators) != 1 or second is not None or generators[0][2]:
        return None
    target, iterable = generators[0][:2]
    names = list(_names(target))
    if isinstance(element, str):
        return iterable if element in names else None
    if isinstance(element, tuple) and element[0] in (ir.ATTR, ir.INDEX) and element[1] in names:
        plain = element[0] == ir.ATTR or (isinstance(element[2], tuple) and element[2][0] == ir.CONST)
        return iterable if plain else None
    return None


def _names(target: Any) -> Iterator[str]:
    if isinstance(target, str):
        yield target
    elif isinstance(target, tuple) and target[0] == ir.SEQUENCE:
        for part in target[2]:
            yield from _names(part)
