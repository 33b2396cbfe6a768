"""One database as it is: its catalogue, its figures and its workload gathered into a `Database`.

In: a guarded connection, and what telemetry and the linter know of statements. Every part that a role may not see, or
that another session holds, is left out with a note; only a connection that is gone ends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePath
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ...linter.model import Finding
from ...linter.sql.tables import Table
from ..model import StatementTraffic
from . import catalogue, statistics, workload
from .connect import dialect_of, gone
from .model import HOUR, Database, Statement, key

T = TypeVar("T")


def survey(
    connection: Connection,
    *,
    findings: Sequence[Finding] = (),
    traffic: Iterable[StatementTraffic] = (),
    window_seconds: float = 0.0,
) -> Database:
    """Everything that advice is made from. `traffic` and its window: what the telemetry store knows."""
    notes: list[str] = []
    dialect = dialect_of(connection)
    found = catalogue.read(connection)
    notes.extend(found.notes)
    facts = _tried(connection, "tables' figures", notes, lambda: statistics.read(connection, found, notes)) or {}
    seen = _tried(connection, "recorded statements", notes, lambda: workload.recorded(connection, notes)) or []
    statements = workload.joined(
        (seen, workload.from_telemetry(traffic, window_seconds), workload.predicted(findings, dialect))
    )
    wanted = _named(found.tables, statements)
    more = _tried(
        connection, "columns' statistics", notes, lambda: statistics.columns(connection, wanted, facts, notes)
    )
    replica, replicas = _tried(connection, "replication", notes, lambda: _replication(connection, dialect)) or (
        False,
        None,
    )
    shortest = min((one.since_seconds for one in seen if one.since_seconds is not None), default=HOUR)
    if shortest < HOUR:
        notes.append(f"statements have been counted for {shortest / 60:.0f} minutes only, and that is taken as an hour")
    return Database(
        dialect,
        tuple(int(part) for part in (connection.dialect.server_version_info or ())[:3] if str(part).isdigit()),
        _name(connection),
        tuple(found.tables),
        more or facts,
        tuple(statements),
        replica,
        replicas,
        frozenset(key(found.numbers[number]) for number in found.parents.values()),
        tuple(notes),
        _schemas(connection),
    )


def _name(connection: Connection) -> str:
    """Of a file, its name without the folders."""
    if connection.dialect.name != "sqlite":
        return str(connection.engine.url.database or "")
    file = connection.exec_driver_sql("SELECT file FROM pragma_database_list WHERE name = 'main'").scalar()
    return PurePath(str(file or "")).name


def _schemas(connection: Connection) -> tuple[str, ...]:
    if connection.dialect.name == "sqlite":
        return ("main",)
    if connection.dialect.name == "postgresql":
        return tuple(connection.exec_driver_sql("SELECT current_schemas(false)").scalar() or ())
    return (str(connection.engine.url.database or ""),)


def _tried(connection: Connection, what: str, notes: list[str], ask: Callable[[], T]) -> T | None:
    """The answer, or None and a note. A transaction that PostgreSQL has given up is continued from a savepoint."""
    try:
        with _savepoint(connection):
            return ask()
    except SQLAlchemyError as error:
        if gone(error):
            raise
        said = str(getattr(error, "orig", None) or error).strip().splitlines()
        notes.append(f"{what} could not be read: {said[0] if said else type(error).__name__}")
        return None


@contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    if connection.dialect.name != "postgresql":
        yield
        return
    with connection.begin_nested():
        yield


def _named(tables: Sequence[Table], statements: Iterable[Statement]) -> list[Table]:
    """Tables whose name occurs in any statement: more than are really read, and found in one pass."""
    text = "\n".join(one.text.lower() for one in statements)
    words = set(re.findall(r"\w+", text))
    return [
        table
        for table in tables
        if (name := table.name.lower()) in words or (not re.fullmatch(r"\w+", name) and name in text)
    ]


def _replication(connection: Connection, dialect: str) -> tuple[bool, int | None]:
    """(whether this server follows another one, how many follow it)."""
    if dialect == "postgresql":
        replica = bool(connection.exec_driver_sql("SELECT pg_catalog.pg_is_in_recovery()").scalar())
        count = "SELECT count(*) FROM pg_catalog.pg_stat_replication"
        return replica, int(connection.exec_driver_sql(count).scalar_one())
    if dialect == "sqlite":
        return False, 0
    return bool(connection.exec_driver_sql("SELECT @@read_only").scalar()), None


def rows_of(database: Database, table: Table) -> float | None:
    """How many rows a table holds, when that is known."""
    facts = database.facts.get(key(table))
    return facts.rows if facts is not None else None
