"""Which index a statement should have: candidates from what it asks, judged by the database where that is possible.

In: a statement's text, what it asks of each table (`linter.sql.read.accesses`), and a connection. Out: the smallest
choice that brings the statement's cost to a fifth or less, or None. With HypoPG, every candidate is planned with, so
the planner's statistics decide, not our fractions. Without costs (SQLite), the model of a B-tree decides, and the
planner has to take the index. Without either, the model alone does, and the choice says so (`taken` False).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, Literal

from sqlalchemy import Connection

from ...linter.sql.access import EQUAL, IN, NULL, RANGE, Access, Proposal, candidates, proposed
from ...linter.sql.tables import Table
from .explain import explain
from .hypothetical import Made, hypopg_schema, hypothetical
from .plan import Plan
from .price import WORTH, falls

_SMALL: Final = 1_000.0
"""A plan of less than this cost takes a few milliseconds at most: nothing to gain."""
_CANDIDATES: Final = 24  # tried for one statement
_NEAR: Final = 2.0  # a smaller index is chosen when the best costs no less than half of what it does
_SERVED: Final = frozenset({EQUAL, IN, RANGE, NULL})
_FOLDED: Final = re.compile(r"\b(?:lower|upper)\(\s*([\w.\"]+)\s*\)", re.IGNORECASE)
_ENOUGH: Final = 0.02  # … or when it leaves this part of the cost, whatever the best may be


@dataclass(frozen=True, slots=True)
class Choice:
    """Indexes for one statement; more than one when only several together help."""

    proposals: tuple[Proposal, ...]
    before: Plan | float
    after: Plan | float
    """Plans, or costs of our own model."""
    checked: Literal["hypothetical", "estimated"]
    taken: bool
    """The database's planner said that it would use all of them."""
    bytes: int = 0
    """About how large they would be; 0 when nobody says."""


def choose(
    connection: Connection,
    text: str,
    asked: Sequence[Access],
    tables: Mapping[str, Table],
    *,
    rows: float | None = None,
    notes: list[str] | None = None,
) -> Choice | None:
    """The indexes for a statement. `tables` by lower-case name; `rows` that a call returns on average."""
    if hypopg_schema(connection):
        return _by_planner(connection, text, asked, tables, rows, notes)
    return _by_model(connection, text, asked, tables)


def _by_planner(
    connection: Connection,
    text: str,
    asked: Sequence[Access],
    tables: Mapping[str, Table],
    rows: float | None,
    notes: list[str] | None,
) -> Choice | None:
    before = explain(connection, text, tables=tables, rows=rows, notes=notes)
    if before is None or before.cost is None or before.cost < _SMALL:
        return None
    read = {node.table.lower() for node in before.nodes if node.table}
    wanted = list(islice(_distinct(access for access in asked if access.table.lower() in read), _CANDIDATES))
    found: list[Choice] = []
    for proposal in wanted:
        with hypothetical(connection, [proposal], tables) as made:
            choice = _judged(made, before, text, rows)
            takes = made.names and choice is None and made.used(made.plan(text, rows=rows))
        if takes and _FOLDED.search(" ".join(proposal.keys)):
            choice = _folded(connection, proposal, tables, before, text, rows)
        if choice is not None:
            found.append(choice)
    if not found:
        with hypothetical(connection, [one for one in wanted if len(one.keys) == 1], tables) as made:
            together = _judged(made, before, text, rows)
        return together
    cheapest = min(_cost(choice) for choice in found)
    enough = max(cheapest * _NEAR, before.cost * _ENOUGH)
    near = [choice for choice in found if _cost(choice) <= enough]
    return min(near, key=lambda choice: (_size(choice.proposals[0]), bool(choice.proposals[0].where), _cost(choice)))


def _size(proposal: Proposal) -> int:
    """Parts of an index; a partial one for one value serves that value alone, and counts as one more."""
    return len(proposal.keys) + ("=" in proposal.where)


def _judged(made: Made, before: Plan, text: str, rows: float | None) -> Choice | None:
    after = made.plan(text, rows=rows)
    used = made.used(after)
    if after is None or not used or not falls(before.cost, after.cost):
        return None
    size = sum(made.bytes.get(name, 0) for name, proposal in made.names.items() if proposal in used)
    return Choice(used, before, after, "hypothetical", True, size)


def _folded(
    connection: Connection, proposal: Proposal, tables: Mapping[str, Table], before: Plan, text: str, rows: float | None
) -> Choice | None:
    """An index over `lower(email)`, which has no statistics until it is built: PostgreSQL takes it for half a percent
    of the rows. Folding case leaves about as many different values, so the column itself tells what it would cost."""

    def plain(keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(_FOLDED.sub(r"\1", key) for key in keys)

    tail = tuple(replace(sort, key=_FOLDED.sub(r"\1", sort.key)) for sort in proposal.tail)
    column = replace(proposal, equal=plain(proposal.equal), tail=tail)
    with hypothetical(connection, [column], tables) as made:
        choice = _judged(made, before, _FOLDED.sub(r"\1", text), rows)
    return replace(choice, proposals=(proposal,)) if choice is not None else None


def _cost(choice: Choice) -> float:
    return (choice.after.cost or 0.0) if isinstance(choice.after, Plan) else choice.after


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


def _by_model(connection: Connection, text: str, asked: Sequence[Access], tables: Mapping[str, Table]) -> Choice | None:
    """The one that our model finds, where it would gain most."""
    found = [
        proposal
        for access in asked
        if (table := tables.get(access.table.lower())) is not None and (proposal := proposed(table, access)) is not None
    ]
    best = max(found, key=lambda proposal: proposal.before - proposal.after, default=None)
    if best is None or best.after > WORTH * best.before:
        return None
    with hypothetical(connection, [best], tables) as made:
        if made.checked == "estimated":
            return Choice((best,), best.before, best.after, "estimated", False)
        if not made.used(made.plan(text)):
            return None
    return Choice((best,), best.before, best.after, "estimated", True)
