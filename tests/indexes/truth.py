"""What is so: statements run and timed by the database, indexes really built.

Times are the server's own, the least of several runs, with everything in memory: what an index saves there it saves
the more on a disk. PostgreSQL's are of EXPLAIN ANALYZE without its clocks, SQLite's of stepping through all rows.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations

from sqlalchemy import Connection

from slowlint.advisor.database.explain import explain, raw
from slowlint.advisor.database.hypothetical import hypothetical
from slowlint.advisor.database.placeholders import prepared
from slowlint.advisor.database.plan import Plan
from slowlint.linter.sql.access import Proposal
from slowlint.linter.sql.tables import Table
from slowlint.linter.sql.write import create_index
from slowlint.tests.indexes.shapes import Shape

NAME = "tried"
_ENOUGH = 40.0  # ms of runs


@dataclass(frozen=True, slots=True)
class Truth:
    """A statement before and after an index was built; `used` says whether the plan took it."""

    proposal: Proposal
    before: float
    """ms"""
    after: float
    used: bool

    @property
    def gain(self) -> float:
        """Part of the time that is gone."""
        return 1.0 - self.after / self.before


def sql_of(shape: Shape) -> str:
    """The statement as it is run, with its values."""
    if not shape.values:
        return shape.sql
    texts = [f"'{value}'" if isinstance(value, str) else str(value) for value in shape.values]
    return re.sub(r"\$(\d+)", lambda match: texts[int(match[1]) - 1], shape.sql)


def milliseconds(connection: Connection, shape: Shape) -> float:
    """The least of several runs when they are short. What fails by a disturbed one is run again (`proof`)."""
    text = sql_of(shape)
    least, spent, runs = float("inf"), 0.0, 0
    while not runs or (spent < _ENOUGH and runs < 8):
        took = _postgresql(connection, text) if connection.dialect.name == "postgresql" else _sqlite(connection, text)
        least, spent, runs = min(least, took), spent + took, runs + 1
    return least


def _postgresql(connection: Connection, text: str) -> float:
    with _undone(connection):
        answer = raw(connection, f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {text}").scalar()
    return float(answer[0]["Execution Time"])


def _sqlite(connection: Connection, text: str) -> float:
    with _undone(connection):
        start = time.perf_counter()
        driver = connection.connection.driver_connection
        assert driver is not None
        for _ in driver.execute(text):
            pass
        return (time.perf_counter() - start) * 1000.0


@contextmanager
def _undone(connection: Connection) -> Iterator[None]:
    raw(connection, "SAVEPOINT run")
    try:
        yield
    finally:
        raw(connection, "ROLLBACK TO SAVEPOINT run")


@contextmanager
def built(connection: Connection, proposals: Sequence[Proposal], tables: Mapping[str, Table]) -> Iterator[list[str]]:
    """The indexes, for a while, by their names; rolled back, for dropping takes no time then."""
    raw(connection, "SAVEPOINT built")
    names = [f"{NAME}{number}" for number, _ in enumerate(proposals)]
    try:
        for name, proposal in zip(names, proposals, strict=True):
            table = tables[proposal.table.lower()]
            raw(connection, create_index(proposal, table, connection.dialect.name, name, online=False))
            if any("(" in key for key in proposal.keys) and connection.dialect.name == "postgresql":
                raw(connection, f"ANALYZE {table.name}")  # statistics of an expression are made with its index
        yield names
    finally:
        raw(connection, "ROLLBACK TO SAVEPOINT built")


@dataclass(frozen=True, slots=True)
class Seen:
    used: bool
    """By the plan, all of them."""
    after: float
    """ms"""


def all_built(connection: Connection, shape: Shape, proposals: Sequence[Proposal], tables: Mapping[str, Table]) -> Seen:
    """Builds them and looks."""
    with built(connection, proposals, tables) as names:
        plan = explain(connection, sql_of(shape))
        used = plan is not None and set(names) <= plan.indexes
        return Seen(used, milliseconds(connection, shape) if used else 0.0)


def tried(
    connection: Connection, shape: Shape, proposal: Proposal, tables: Mapping[str, Table], before: float
) -> Truth:
    """Builds one index and compares."""
    seen = all_built(connection, shape, [proposal], tables)
    return Truth(proposal, before, seen.after if seen.used else before, seen.used)


def candidates(shape: Shape) -> list[Proposal]:
    """Every single column and every pair that the statement names."""
    out = []
    for part in shape.columns.split(", "):
        name, _, columns = part.partition(": ")
        keys = columns.split()
        for chosen in (*((key,) for key in keys), *permutations(keys, 2)):
            out.append(Proposal(name, tuple(chosen)))
    return out


def best(connection: Connection, shape: Shape, tables: Mapping[str, Table], before: float) -> Truth | None:
    """The best that any single or pair could do: those that the planner would use, the two cheapest of
    them built and run; all, where a planner tells no costs. None when it would use none of them."""
    found: list[tuple[float, int, Proposal]] = []
    for number, proposal in enumerate(candidates(shape)):
        with hypothetical(connection, [proposal], tables) as made:
            plan: Plan | None = made.plan(prepared(sql_of(shape)).text)
            if plan is not None and made.used(plan):
                found.append((plan.cost or 0.0, number, proposal))
    costed = connection.dialect.name == "postgresql"
    chosen = sorted(found, key=lambda one: one[:2])[: 2 if costed else 8]
    truths = [tried(connection, shape, proposal, tables, before) for _, _, proposal in chosen]
    return max(truths, key=lambda truth: truth.gain, default=None)
