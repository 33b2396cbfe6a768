"""Client spans for the standard library's `sqlite3`, through its own connection and cursor factories.

One span per `execute`, `executemany` or `executescript`, of a cursor or a connection, with `db.system`, `db.name` and
`db.statement`; parameters are never read. The public instrumentation wraps connections in a proxy, which misses
`Connection.execute` and which C functions such as `backup` refuse; sub-classes of the factories have neither fault.
Rows are fetched after the span has ended, as with every public instrumentation.
"""

from __future__ import annotations

import functools
import os
import sqlite3
from collections.abc import Callable
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY as SUPPRESS
from opentelemetry.trace import SpanKind

_FACTORY_POSITION: Final = 5
"""`sqlite3.connect(database, timeout, detect_types, isolation_level, check_same_thread, factory, …)`."""


def install() -> None:
    """Record every connection opened from now on. Connections already open stay unseen."""
    tracer = trace.get_tracer("slowlint.record.sqlite3")

    def traced(method: Callable[..., Any], cursor: Any, statement: Any, arguments: tuple[Any, ...]) -> Any:
        if otel_context.get_value(SUPPRESS) or not isinstance(statement, str):
            return method(cursor, statement, *arguments)
        verb = statement.split(None, 1)[0].upper() if statement.strip() else "SQL"
        name = getattr(cursor.connection, "_slowlint_database", "")
        attributes = {"db.system": "sqlite", "db.name": name, "db.statement": statement}
        with tracer.start_as_current_span(f"{verb} {name}".rstrip(), kind=SpanKind.CLIENT, attributes=attributes):
            return method(cursor, statement, *arguments)

    @functools.cache
    def cursor_class(base: type[sqlite3.Cursor]) -> type[sqlite3.Cursor]:
        class Cursor(base):  # type: ignore[misc, valid-type]  # the application's own class, known at run time
            def execute(self, statement: Any, *arguments: Any) -> Any:
                return traced(base.execute, self, statement, arguments)

            def executemany(self, statement: Any, *arguments: Any) -> Any:
                return traced(base.executemany, self, statement, arguments)

            def executescript(self, statement: Any) -> Any:
                return traced(base.executescript, self, statement, ())

        return Cursor

    @functools.cache
    def connection_class(base: type[sqlite3.Connection]) -> type[sqlite3.Connection]:
        class Connection(base):  # type: ignore[misc, valid-type]  # as above
            _slowlint_database = ""

            def __init__(self, database: Any, *arguments: Any, **options: Any) -> None:
                super().__init__(database, *arguments, **options)
                if isinstance(database, (str, os.PathLike)):
                    self._slowlint_database = os.path.basename(os.fspath(database))

            def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
                return super().cursor(cursor_class(factory) if isinstance(factory, type) else factory)

            # Documented as shortcuts for exactly this; the C versions go round the overridden cursor.
            def execute(self, *arguments: Any) -> Any:
                return self.cursor().execute(*arguments)

            def executemany(self, *arguments: Any) -> Any:
                return self.cursor().executemany(*arguments)

            def executescript(self, *arguments: Any) -> Any:
                return self.cursor().executescript(*arguments)

        return Connection

    for module in (sqlite3, sqlite3.dbapi2):
        connect: Callable[..., sqlite3.Connection] = getattr(module, "connect")  # noqa: B009 - see below

        def recorded(
            *arguments: Any, _connect: Callable[..., sqlite3.Connection] = connect, **options: Any
        ) -> sqlite3.Connection:
            if len(arguments) <= _FACTORY_POSITION:
                factory = options.get("factory", sqlite3.Connection)
                if isinstance(factory, type):
                    options["factory"] = connection_class(factory)
            return _connect(*arguments, **options)

        setattr(module, "connect", functools.wraps(connect)(recorded))  # noqa: B010 - mypy: not declared assignable
