"""A URL in, one guarded connection out: one read-only transaction, under timeouts, whatever the server does.

PostgreSQL 13 and later, MySQL 8, MariaDB 10.11 and SQLite. What guards it: the transaction is read-only (SQLite's file
is opened with `mode=ro`), `statement_timeout` and `lock_timeout` or their like are set, and a clock on our side cuts
the line to a server that does not answer any more. Settings are made inside the transaction, never as start-up options,
so that poolers take them (https://www.pgbouncer.org/config.html, "ignore_startup_parameters").

No message holds the password: places are spelled `driver://user@host:port/name`, and what a driver says is searched for
every secret of the URL.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from ...linter.errors import MissingExtraError, SlowlintError
from .model import Dialect

VARIABLE: Final = "SLOWLINT_DATABASE_URL"
_NAME: Final = "slowlint"
_DRIVERS: Final = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgis": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "sqlite": "sqlite",
}
_SECRET: Final = ("pass", "secret", "token", "key")


class DatabaseError(SlowlintError):
    """A live database that cannot be reached, or stopped answering."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that we wait at most."""

    connect: float = 10.0
    statement: float = 20.0
    lock: float = 2.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and how to name it without secrets."""

    url: URL
    place: str
    secrets: tuple[str, ...]

    def said(self, error: BaseException) -> str:
        """What a driver said, in one line without secrets."""
        told = str(getattr(error, "orig", None) or error)
        for secret in self.secrets:
            told = told.replace(secret, "***")
        lines = [line.strip() for line in told.splitlines() if line.strip()]
        return lines[0] if lines else type(error).__name__


def target(text: str) -> Target:
    """Read a URL as an application's settings spell it: drivers for asyncio and other names of a database are
    understood. Raises DatabaseError, which does not repeat the text: it may hold a password."""
    try:
        url = make_url(text.strip())
        base = url.drivername.partition("+")[0].lower()
        _ = url.port, url.host
    except (SQLAlchemyError, ValueError):
        raise DatabaseError(
            "the database URL cannot be read",
            "write it as postgresql://user:password@host:5432/name; characters like @ and / in a password as %40, %2F",
        ) from None
    if base not in _DRIVERS:
        raise DatabaseError(
            f"databases of the kind {base!r} cannot be read", "PostgreSQL, MySQL, MariaDB and SQLite can be"
        )
    url = url.set(drivername=_DRIVERS[base])
    given = [url.password, *(value for name, value in url.query.items() if any(part in name for part in _SECRET))]
    spelled = {str(one) for one in given if one}
    secrets = sorted({*spelled, *(quote(one, safe="") for one in spelled)}, key=len, reverse=True)
    return Target(url, _place(url, base), tuple(secrets))


def _place(url: URL, base: str) -> str:
    if base == "sqlite":
        return f"sqlite:{url.database or ':memory:'}"
    host = url.host or str(url.query.get("host", "")) or "localhost"
    user = f"{url.username}@" if url.username else ""
    port = f":{url.port}" if url.port else ""
    return f"{base}://{user}{host}{port}/{url.database or ''}"


@contextmanager
def connected(where: Target, limits: Limits = Limits()) -> Iterator[Connection]:
    """A connection in a read-only transaction, rolled back at the end. Raises DatabaseError for what goes wrong while
    connecting, and for what the block lets through of a database's errors."""
    watch = _Watch()
    engine = _engine(where, limits, watch)
    try:
        try:
            connection = engine.connect()
            _guard(connection, limits)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise _refused(where, error, watch.fired) from None
        try:
            yield connection
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise _lost(where, error, watch.fired) from None
        finally:
            with suppress(SQLAlchemyError, sqlite3.Error, OSError):
                connection.rollback()
            with suppress(SQLAlchemyError, sqlite3.Error, OSError):
                connection.close()
    finally:
        watch.rest()
        with suppress(Exception):  # a line that was cut cannot be closed in good order
            engine.dispose()


def dialect_of(connection: Connection) -> Dialect:
    """Which of the databases that we know this is."""
    match connection.dialect.name:
        case "postgresql":
            return "postgresql"
        case "sqlite":
            return "sqlite"
        case _:
            return "mariadb" if getattr(connection.dialect, "is_mariadb", False) else "mysql"


def _engine(where: Target, limits: Limits, watch: _Watch) -> Engine:
    url = where.url
    seconds = limits.statement + 5.0
    arguments: dict[str, Any]
    try:
        match url.get_backend_name():
            case "sqlite":
                return create_engine("sqlite://", creator=lambda: _sqlite(url, limits, watch), poolclass=NullPool)
            case "postgresql":
                arguments = {"connect_timeout": max(2, round(limits.connect)), "application_name": _NAME}
                # Pooled servers know no statements that another connection prepared.
                arguments |= {"prepare_threshold": None, "tcp_user_timeout": round(seconds * 1000)}
            case _:
                arguments = {"connect_timeout": max(1, round(limits.connect)), "program_name": _NAME}
                arguments |= {"read_timeout": round(seconds), "write_timeout": round(seconds)}
                arguments |= {"charset": "utf8mb4", "local_infile": False}
        # In AUTOCOMMIT nothing would be rolled back; the pool must never hand out a line that was cut.
        engine = create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"To ask {where.place} this needs {error.name}, which is not installed.",
            "pip install 'slowlint[database]'",
        ) from None
    except (SQLAlchemyError, ValueError, TypeError) as error:
        raise DatabaseError(f"the database URL cannot be used: {where.said(error)}") from None

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, positional: Any, named: Any) -> Any:
        """Opens the line and watches it from then on: SQLAlchemy's own first questions, too."""
        line = dialect.connect(*positional, **named)
        watch.line = line
        watch.start(seconds)
        return line

    @event.listens_for(engine, "before_cursor_execute")
    def started(*_: Any) -> None:
        watch.start(seconds)

    @event.listens_for(engine, "after_cursor_execute")
    def ended(*_: Any) -> None:
        watch.rest()

    return engine


class _Watch:
    """Shuts a line when nothing has come over it for too long, which wakes the driver that waits for it."""

    def __init__(self) -> None:
        self.line: Any = None
        self.fired = False
        self.deadline = 0.0  # for SQLite, by time.monotonic
        self._timer: threading.Timer | None = None

    def start(self, seconds: float) -> None:
        self.rest()
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    def rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _shut(self) -> None:
        self.fired = True
        with suppress(Exception):
            descriptor = self.line.fileno() if hasattr(self.line, "fileno") else self.line._sock.fileno()
            with socket.socket(fileno=os.dup(descriptor)) as line:
                line.shutdown(socket.SHUT_RDWR)


def _sqlite(url: URL, limits: Limits, watch: _Watch) -> sqlite3.Connection:
    name = url.database or ""
    file = Path(name[5:].partition("?")[0] if name.startswith("file:") else name)
    if not url.database or url.database == ":memory:" or not file.is_file():
        raise FileNotFoundError(f"{file} is no file")
    line = sqlite3.connect(
        f"file:{quote(str(file.absolute()))}?mode=ro", uri=True, timeout=limits.lock, check_same_thread=False
    )
    end = time.monotonic() + 3 * limits.statement  # of everything: a file is quick

    def late() -> int:
        watch.fired = time.monotonic() > end
        return int(watch.fired)

    line.set_progress_handler(late, 100_000)
    line.execute("PRAGMA query_only = 1")
    line.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return line


def _guard(connection: Connection, limits: Limits) -> None:
    """Make the transaction read-only and bound what it may wait for."""
    dialect = dialect_of(connection)
    if dialect == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {round(limits.statement * 1000)}")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(limits.lock * 1000)}")
        connection.exec_driver_sql(
            f"SET LOCAL idle_in_transaction_session_timeout = {round(limits.statement * 10_000)}"
        )
    elif dialect in ("mysql", "mariadb"):
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {max(1, round(limits.lock))}")
        connection.exec_driver_sql(f"SET SESSION innodb_lock_wait_timeout = {max(1, round(limits.lock))}")
        if dialect == "mariadb":
            connection.exec_driver_sql(f"SET SESSION max_statement_time = {limits.statement:g}")
        else:
            connection.exec_driver_sql(f"SET SESSION max_execution_time = {round(limits.statement * 1000)}")
        connection.rollback()  # the next transaction is the read-only one
        connection.exec_driver_sql("SELECT 1")


def gone(error: BaseException) -> bool:
    """Whether an error means that the connection is of no use any more."""
    return isinstance(error, DBAPIError) and (error.connection_invalidated or "closed" in str(error.orig).lower())


def _refused(where: Target, error: BaseException, late: bool) -> DatabaseError:
    said = where.said(error)
    low = said.lower()
    if late or "timeout" in low or "timed out" in low:
        return DatabaseError(
            f"{where.place} does not answer", "is it the right host and port, and may this machine reach it?"
        )
    tip = ""
    if "password" in low or "access denied" in low or "authentication" in low or "role" in low:
        tip = "check user and password of the URL; in a password, characters like @ and / are written %40, %2F"
    elif "no file" in low or "unable to open" in low:
        tip = "write sqlite:///relative/path or sqlite:////absolute/path; the file must be there already"
    elif "resolve" in low or "name or service" in low or "not known" in low or "refused" in low:
        tip = "check host and port of the URL"
    elif "not a database" in low or "malformed" in low:
        tip = "the file is damaged, encrypted or no SQLite database"
    return DatabaseError(f"{where.place} cannot be opened: {said}", tip)


def _lost(where: Target, error: BaseException, late: bool) -> DatabaseError:
    if late:
        return DatabaseError(f"{where.place} stopped answering")
    return DatabaseError(f"{where.place}: {where.said(error)}")
