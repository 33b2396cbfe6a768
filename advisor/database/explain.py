"""Asks a database how it would run a statement. Plans only: nothing is run, nothing is changed.

In: a SQLAlchemy connection and one statement, with values or with placeholders of any style. Out: a `Plan`; None, and
one note, when the database cannot plan it. PostgreSQL plans placeholders generically, as it does for a prepared
statement that is used often: EXPLAIN (GENERIC_PLAN) since 16, before that PREPARE under `plan_cache_mode`
(https://www.postgresql.org/docs/current/sql-explain.html, …/runtime-config-query.html). MySQL has no such thing, so
placeholders become typical values of the columns that they are compared with. SQLite plans without values.

Only an error that says the connection is gone is passed on (`sqlalchemy.exc.DBAPIError.connection_invalidated`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ...linter.sql.tables import Table
from .literals import literal
from .placeholders import LIMIT, Prepared, UnplannableError, prepared, verb
from .plan import Plan, of_mysql, of_postgresql, of_sqlite

_TIMEOUT: Final = 5_000  # ms, of a plan; planning takes less even for a join of dozens of tables
_RAW: Final = {"no_parameters": True}  # a % in the text is a %
_CALLED: Final = re.compile(r"([a-z_][a-z0-9_]*)\s*\(", re.IGNORECASE)
_NUMBERS: Final = itertools.count()
_LOCKING: Final = re.compile(r"\bfor\s+(?:no\s+key\s+)?(?:update|share|key\s+share)\b|\binto\b", re.IGNORECASE)


def explain(
    connection: Connection,
    text: str,
    *,
    tables: Mapping[str, Table] | None = None,
    rows: float | None = None,
    notes: list[str] | None = None,
) -> Plan | None:
    """The plan of one statement. `tables` by lower-case name (types of columns, for MySQL); `rows` that a call returns
    on average, for a LIMIT whose number is not known; `notes` gets why there is no plan."""
    try:
        statement = prepared(text, rows=max(1, round(rows)) if rows else LIMIT)
        match connection.dialect.name:
            case "postgresql":
                return _postgresql(connection, statement)
            case "mysql" | "mariadb":
                return _mysql(connection, statement, tables or {})
            case "sqlite":
                return _sqlite(connection, statement)
            case other:
                raise UnplannableError(f"{other} is not read yet")
    except UnplannableError as reason:
        _note(notes, text, str(reason))
    except SQLAlchemyError as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        _note(notes, text, reason_of(error))
    return None


def reason_of(error: SQLAlchemyError) -> str:
    """The first line of what the database said."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    return said[0] if said else type(error).__name__


def _note(notes: list[str] | None, text: str, reason: str) -> None:
    if notes is not None:
        short = " ".join(text.split())
        notes.append(f"no plan ({reason}): {short[:120]}{'…' if len(short) > 120 else ''}")


@contextmanager
def rolled_back(connection: Connection, *, milliseconds: int = _TIMEOUT) -> Iterator[None]:
    """A savepoint that is always rolled back, and with it every setting made inside (PostgreSQL)."""
    savepoint = connection.begin_nested()
    try:
        raw(connection, f"SET LOCAL statement_timeout = {milliseconds}")
        raw(connection, "SET LOCAL lock_timeout = 1000")
        yield
    finally:
        if savepoint.is_active and not connection.invalidated:
            savepoint.rollback()


def raw(connection: Connection, text: str) -> Any:
    """Sends text as it is."""
    return connection.exec_driver_sql(text, execution_options=_RAW)


def _postgresql(connection: Connection, statement: Prepared) -> Plan:
    version = connection.dialect.server_version_info or (0,)
    with rolled_back(connection):
        if not statement.holes:
            return of_postgresql(raw(connection, f"EXPLAIN (FORMAT JSON) {statement.text}").scalar())
        if version >= (16,):
            # Never twice the same text: psycopg would prepare it, and then miss the values of its holes.
            asked = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) /* {next(_NUMBERS)} */ {statement.text}"
            return of_postgresql(raw(connection, asked).scalar(), generic=True)
        raw(connection, "SET LOCAL plan_cache_mode = force_generic_plan")
        raw(connection, f"PREPARE slowlint_plan AS {statement.text}")
        try:
            values = ", ".join(["NULL"] * statement.holes)
            answer = raw(connection, f"EXPLAIN (FORMAT JSON) EXECUTE slowlint_plan({values})").scalar()
        except SQLAlchemyError:
            _forget(connection)
            raise
        raw(connection, "DEALLOCATE slowlint_plan")
        return of_postgresql(answer, generic=True)


def _forget(connection: Connection) -> None:
    """A prepared statement outlives a rollback, but nothing can be said inside a transaction that failed."""
    inner = connection.get_nested_transaction()
    if inner is not None and inner.is_active and not connection.invalidated:
        inner.rollback()
        raw(connection, "DEALLOCATE slowlint_plan")


def _mysql(connection: Connection, statement: Prepared, tables: Mapping[str, Table]) -> Plan:
    text = statement.text
    if statement.holes:
        values = literal(statement, tables)
        text = statement.spelled(lambda number: values.get(number, "1"))
    answer = raw(connection, f"EXPLAIN FORMAT=JSON {text}").scalar()
    told = raw(connection, "SHOW SESSION STATUS LIKE 'Last_query_cost'").fetchone()
    cost = float(told[1]) if told is not None and float(told[1]) > 0 else None
    return of_mysql(answer, cost=cost, generic=bool(statement.holes))


def _sqlite(connection: Connection, statement: Prepared) -> Plan:
    text = statement.spelled(lambda number: f"?{number}")
    asked = f"EXPLAIN QUERY PLAN {text}"
    values = (None,) * statement.holes
    answer = connection.exec_driver_sql(asked, values) if values else raw(connection, asked)
    return of_sqlite(((row[0], row[1], row[3]) for row in answer), generic=bool(statement.holes))


def measured(
    connection: Connection, text: str, *, milliseconds: int = 2_000, notes: list[str] | None = None
) -> Plan | None:
    """Runs a SELECT with EXPLAIN (ANALYZE, BUFFERS) on PostgreSQL and returns its plan with times: only when a user
    allows it, only in a read-only transaction, and only when it calls nothing that may have an effect."""
    try:
        statement = prepared(text)
        if connection.dialect.name != "postgresql" or statement.holes:
            raise UnplannableError("only a statement of PostgreSQL with its values is run")
        if verb(text) != "select" or _LOCKING.search(statement.text):
            raise UnplannableError("only what reads is run")
        with rolled_back(connection, milliseconds=milliseconds):
            raw(connection, "SET LOCAL transaction_read_only = on")
            if _volatile(connection, statement.text):
                raise UnplannableError("it calls a function that may have effects")
            asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.text}"
            return of_postgresql(raw(connection, asked).scalar())
    except UnplannableError as reason:
        _note(notes, text, str(reason))
    except SQLAlchemyError as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        _note(notes, text, reason_of(error))
    return None


def _volatile(connection: Connection, text: str) -> bool:
    names = sorted({name.lower() for name in _CALLED.findall(text)})
    listed = ", ".join(f"'{name}'" for name in names)
    if not names:
        return False
    asked = f"SELECT count(*) FROM pg_catalog.pg_proc WHERE provolatile = 'v' AND proname IN ({listed})"
    return bool(raw(connection, asked).scalar())
