"""The advice that is put to the proof: the command's own, of one statement, from the catalogue and the statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from slowlint.advisor.database import catalogue
from slowlint.advisor.database.advice import advise
from slowlint.advisor.database.model import Database, Statement
from slowlint.advisor.database.survey import survey
from slowlint.advisor.model import Interval, StatementTraffic
from slowlint.advisor.statements import fingerprint
from slowlint.linter.sql.access import Proposal
from slowlint.linter.sql.tables import Table
from slowlint.tests.indexes.data import TABLES
from slowlint.tests.indexes.shapes import Shape

_CALLS = 1_000.0  # an hour


@dataclass(frozen=True, slots=True)
class Advice:
    proposals: tuple[Proposal, ...]
    promise: Interval
    """ms of one call."""
    planned: bool
    """The database's planner would use it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a database before it is asked about statements."""

    tables: Mapping[str, Table]
    surveyed: Database
    times: dict[str, float] = field(default_factory=dict)
    """ms of statements that were run, by their text."""


def sent(shape: Shape, now_ms: float) -> Statement:
    """It is sent so often, and takes so long."""
    text = shape.sql
    return Statement(text, "pg_stat_statements", fingerprint(text), _CALLS, _CALLS * now_ms, None, 3600.0)


def advised(connection: Connection, known: Known, shape: Shape, now_ms: float) -> Advice | None:
    """What would be promised for a statement that takes `now_ms`."""
    found = advise(connection, replace(known.surveyed, statements=(sent(shape, now_ms),))).indexes
    promises = [served.ms for one in found for served in one.served if served.ms is not None]
    if not found:
        return None
    assert len(promises) == len(found), "each index helps the statement, and promises something"
    promise = Interval(*(sum(getattr(one, end) for one in promises) for end in ("point", "low", "high")))
    planned = all(one.checked == "hypothetical" for one in found)
    return Advice(tuple(one.proposal for one in found), promise, planned)


def known_of(connection: Connection) -> Known:
    """Reads the catalogue and statistics. That the tables were just filled is no traffic."""
    every = " ".join(TABLES)
    named = StatementTraffic("", "", "", "db", "", "", f"SELECT '{every}'", 1.0, 1.0, 1.0)
    surveyed = survey(connection, traffic=[named])
    facts = {name: replace(one, inserts=None) for name, one in surveyed.facts.items()}
    return Known(catalogue.by_name(surveyed.tables), replace(surveyed, facts=facts))
