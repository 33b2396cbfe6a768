"""Which index a statement should have: candidates from what it asks, judged by the database where that is possible.

In: a statement's text and plan, what it asks of each table (`linter.sql.read.accesses`), and a connection. Out: the
smallest choice that brings its cost to a fifth or less. With HypoPG, every candidate is planned with, so the planner's
statistics decide, not our fractions. Without costs (SQLite), the model of a B-tree decides, and the planner has to take
the index. Without either, the model alone does. `gains` says what is left of a choice among indexes for other
statements: merged with them, or made needless by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from sqlalchemy import Connection

from ...linter.sql.access import EQUAL, IN, NULL, RANGE, Access, Proposal, candidates, proposed, through
from ...linter.sql.tables import Table
from .hypothetical import Made, hypopg_schema, hypothetical
from .model import Checked
from .plan import Plan
from .price import falls

_SMALL: Final = 1_000.0
"""A plan of less than this cost takes a few milliseconds at most: nothing to gain."""
_CANDIDATES: Final = 24  # tried for one statement
_NEAR: Final = 2.0  # a smaller index is chosen when the best costs no less than half of what it does
_SERVED: Final = frozenset({EQUAL, IN, RANGE, NULL})
_FOLDED: Final = re.compile(r"\b(?:lower|upper)\(\s*([\w.\"]+)\s*\)", re.IGNORECASE)
_ENOUGH: Final = 0.02  # … or when it leaves this part of the cost, whatever the best may be


@dataclass(frozen=True, slots=True)
class Choice:
    """Indexes for one statement; more than one when only several together help, none when none is worth it."""

    proposals: tuple[Proposal, ...]
    before: Plan | float
    after: Plan | float
    """Plans, or costs of our own model."""
    checked: Checked
    plans: int
    """How often the planner was asked."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What one index does for one statement."""

    proposal: Proposal
    before: Plan | float
    after: Plan | float
    checked: Checked
    share: float
    """Its part of what is saved, when several are needed."""


def choose(
    connection: Connection | None,
    text: str,
    asked: Sequence[Access],
    tables: Mapping[str, Table],
    before: Plan | None,
    *,
    rows: float | None = None,
) -> Choice:
    """The indexes for a statement. `tables` by lower-case name; `before`: its plan now, None when there is none; `rows`
    that a call returns on average."""
    if connection is not None and before is not None and before.cost is not None and hypopg_schema(connection):
        return _by_planner(connection, text, asked, tables, before, before.cost, rows)
    return _by_model(connection, text, asked, tables)


def _by_planner(
    connection: Connection,
    text: str,
    asked: Sequence[Access],
    tables: Mapping[str, Table],
    before: Plan,
    cost: float,
    rows: float | None,
) -> Choice:
    none = Choice((), before, before, "hypothetical", 1)
    if cost < _SMALL:
        return none
    wanted = list(islice(_distinct(asked), _CANDIDATES))
    found: list[tuple[float, Proposal, Plan]] = []
    for proposal in wanted:
        with hypothetical(connection, [proposal], tables) as made:
            after = made.plan(text, rows=rows)
            takes = bool(made.used(after))
        if takes and not falls(cost, _cost(after)) and _FOLDED.search(" ".join(proposal.keys)):
            after = _folded(connection, proposal, tables, text, rows)
        if takes and after is not None and falls(cost, after.cost):
            found.append((_cost(after), proposal, after))
    plans = len(wanted) + 1
    if not found:
        with hypothetical(connection, [one for one in wanted if len(one.keys) == 1], tables) as made:
            after = made.plan(text, rows=rows)
            used = made.used(after)
        if after is not None and used and falls(cost, after.cost):
            return Choice(used, before, after, "hypothetical", plans)
        return replace(none, plans=plans)
    enough = max(min(left for left, _, _ in found) * _NEAR, cost * _ENOUGH)
    near = [one for one in found if one[0] <= enough]
    _, proposal, after = min(near, key=lambda one: (_size(one[1]), bool(one[1].where), one[0]))
    return Choice((proposal,), before, after, "hypothetical", plans)


def _cost(of: Plan | float | None) -> float:
    cost = of.cost if isinstance(of, Plan) else of
    return cost if cost is not None else float("inf")


def _size(proposal: Proposal) -> int:
    """Parts of an index; a partial one for one value serves that value alone, and counts as one more."""
    return len(proposal.keys) + ("=" in proposal.where)


def _folded(
    connection: Connection, proposal: Proposal, tables: Mapping[str, Table], text: str, rows: float | None
) -> Plan | None:
    """With an index over `lower(email)`, which has no statistics until it is built: PostgreSQL takes it for half a
    percent of the rows. Folding case leaves about as many different values, so the column itself tells the cost."""
    equal = tuple(_FOLDED.sub(r"\1", key) for key in proposal.equal)
    tail = tuple(replace(sort, key=_FOLDED.sub(r"\1", sort.key)) for sort in proposal.tail)
    with hypothetical(connection, [replace(proposal, equal=equal, tail=tail)], tables) as made:
        after = made.plan(_FOLDED.sub(r"\1", text), rows=rows)
        return after if made.used(after) else None


def _distinct(asked: Iterable[Access]) -> Iterator[Proposal]:
    """Candidates for every access, each once: those of our model, and every single column, for what the model knows of
    selectivity may be wrong."""
    seen: set[tuple[str, tuple[str, ...], tuple[bool, ...], str]] = set()
    for access in asked:
        singles = [Proposal(access.table, (p.key,)) for p in access.predicates if p.kind in _SERVED]
        for proposal in (*candidates(access), *singles):
            known = (
                proposal.table.lower(),
                proposal.keys,
                tuple(sort.descending for sort in proposal.tail),
                proposal.where,
            )
            if known not in seen:
                seen.add(known)
                yield replace(proposal, accesses=(access,))


def _by_model(connection: Connection | None, text: str, asked: Sequence[Access], tables: Mapping[str, Table]) -> Choice:
    """The one that our model gains most with, of those that the planner takes."""
    found = [
        proposal
        for access in asked
        if (table := tables.get(access.table.lower())) is not None and (proposal := proposed(table, access)) is not None
    ]
    plans = 0
    for best in sorted(found, key=lambda proposal: proposal.after - proposal.before):
        checked: Checked = "estimated"
        with hypothetical(connection, [best], tables) as made:
            plan = made.plan(text)
            plans += plan is not None
            if plan is not None:
                checked = "hypothetical"
                if not made.used(plan):
                    continue
        return Choice((replace(best, before=0.0, after=0.0),), best.before, best.after, checked, plans)
    return Choice((), 0.0, 0.0, "hypothetical" if plans else "estimated", plans)


def gains(
    choice: Choice, before: Plan | None, made: Made, wanted: Sequence[Proposal], text: str, *, rows: float | None = None
) -> list[Gain] | None:
    """What a choice comes to when all `wanted` are there; None when the statement is much worse off than with what was
    chosen. `before`: the plan of just this statement, which asks the same of its tables as the one that was chosen
    for."""
    plan = made.plan(text, rows=rows) if choice.checked == "hypothetical" else None
    used = made.used(plan) if plan is not None else tuple(wanted)
    asked = {access for proposal in choice.proposals for access in proposal.accesses}
    mine = [proposal for proposal in used if not asked.isdisjoint(proposal.accesses)]
    mine = mine or (list(used) if plan is not None else [])
    if not isinstance(choice.before, Plan):
        costs = [(path.cost, p) for a in asked for p in mine if (path := through(p.index(), a)) is not None]
        left, best = min(costs, key=lambda one: one[0], default=(float("inf"), None))
        if best is None or not falls(choice.before, left):
            return None if left > _NEAR * _cost(choice.after) else []
        return [Gain(best, choice.before, left, "estimated" if plan is None else "hypothetical", 1.0)]
    after: Plan | float | None = plan
    folded = any(_FOLDED.search(key) for one in mine for key in one.keys)
    if before is None or (folded and not falls(before.cost, _cost(plan))):
        before, after = choice.before, choice.after
    if not isinstance(after, Plan) or not falls(before.cost, after.cost):
        return None if _cost(plan) > _NEAR * _cost(choice.after) else []
    return [Gain(proposal, before, after, "hypothetical", 1.0 / len(mine)) for proposal in mine]
