"""The advice that is put to the proof: asked as the command asks it, from a catalogue, statistics and the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from slowlint.advisor.database import catalogue, statistics
from slowlint.advisor.database.choose import Choice, choose
from slowlint.advisor.database.connect import dialect_of
from slowlint.advisor.database.explain import raw
from slowlint.advisor.database.model import Database
from slowlint.advisor.database.price import saved
from slowlint.advisor.database.selectivity import Selectivity
from slowlint.advisor.model import Interval
from slowlint.linter.sql.access import RANGE
from slowlint.linter.sql.fractions import Fraction
from slowlint.linter.sql.read import accesses
from slowlint.linter.sql.tables import Table
from slowlint.tests.indexes.data import TABLES
from slowlint.tests.indexes.shapes import Shape

_SAMPLE = 50  # every so manieth row


@dataclass(frozen=True, slots=True)
class Advice:
    choice: Choice
    promise: Interval
    """ms of one call."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a database before it is asked about statements."""

    tables: Mapping[str, Table]
    rows: Mapping[str, float]
    fraction: Fraction
    random_page_cost: float
    surveyed: Database
    """The same as the command sees it."""


def advised(connection: Connection, known: Known, shape: Shape, now_ms: float) -> Advice | None:
    """What would be promised for a statement that takes `now_ms`."""
    dialect = "postgres" if connection.dialect.name == "postgresql" else "sqlite"
    asked = accesses(shape.sql, known.tables, dialect=dialect, fraction=known.fraction, rows=known.rows)
    choice = choose(connection, shape.sql, asked, known.tables)
    if choice is None:
        return None
    promise = saved(now_ms, choice.before, choice.after, random_page_cost=known.random_page_cost)
    return Advice(choice, promise) if promise is not None and promise.low > 0 else None


def known_of(connection: Connection) -> Known:
    """Reads the catalogue and statistics."""
    found = catalogue.read(connection)
    notes: list[str] = []
    facts = statistics.columns(connection, found.tables, statistics.read(connection, found, notes), notes)
    version = tuple(int(part) for part in connection.dialect.server_version_info or ())
    surveyed = Database(dialect_of(connection), version, "filled", tuple(found.tables), facts)
    tables = catalogue.by_name(found.tables)
    rows = {name: float(count) for name, (_, count) in TABLES.items()}
    if connection.dialect.name == "postgresql":
        page = float(str(raw(connection, "SHOW random_page_cost").scalar()))
        return Known(tables, rows, Selectivity(facts), page, surveyed)
    return Known(tables, rows, _ranges(Selectivity(facts), _sampled(connection)), 1.0, surveyed)


def _ranges(other: Fraction, samples: Mapping[tuple[str, str], Sequence[object]]) -> Fraction:
    """Ranges by samples: SQLite's planner is not asked for costs, and knows no distributions."""

    def fraction(table: Table, key: str, kind: str, constant: str) -> float:
        if kind == RANGE and constant and (table.name, key) in samples:
            return _share(samples[table.name, key], constant)
        return other(table, key, kind, constant)

    return fraction


def _sampled(connection: Connection) -> dict[tuple[str, str], Sequence[object]]:
    out: dict[tuple[str, str], Sequence[object]] = {}
    for table, (columns, rows) in TABLES.items():
        every = _SAMPLE if rows > 100_000 else 1
        for column, _, _ in columns:
            asked = f"SELECT {column} FROM {table} WHERE id % {every} = 0 AND {column} IS NOT NULL ORDER BY 1"
            out[table, column] = [value for (value,) in raw(connection, asked)]
    return out


def _share(sample: Sequence[object], constant: str) -> float:
    """The part of a sample that one range leaves; a third, PostgreSQL's default, when it varies."""
    words = re.findall(r"'[^']*'|\S+", constant)
    if not sample or not words:
        return 1.0 / 3.0
    ends = [word.strip("'") if isinstance(sample[0], str) else _number(word) for word in words[1::2]]
    if any(end is None for end in ends):
        return 1.0 / 3.0
    below = [bisect_left(sample, end) / len(sample) for end in ends]  # type: ignore[type-var]
    share = below[-1] - below[0] if len(below) == 2 else below[0] if words[0][0] == "<" else 1.0 - below[0]
    return max(share, 1e-6)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
