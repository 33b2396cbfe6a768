"""Client spans for SQLAlchemy's statements, through its public engine events (1.4, 2.0, 2.1, sync and async).

One span per cursor execution, with `db.system`, `db.name` and `db.statement`; parameters are never read. While the
statement runs, instrumentation of the driver below is suppressed, so that each statement is reported once, from the
stack of the code that asked for it. Rows are fetched after the span has ended, as with every public instrumentation.
"""

from __future__ import annotations

from contextvars import Token, copy_context
from functools import partial
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY as SUPPRESS
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

_RUNNING: Final = "_slowlint_running"
_SYSTEMS: Final = {"mariadb": "mysql"}


def install(engine_module: Any) -> None:
    """Listen to every engine of the process; `engine_module` is `sqlalchemy.engine`."""
    from sqlalchemy import event

    tracer = trace.get_tracer("slowlint.record.sqlalchemy")

    def before(
        connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _executemany: bool
    ) -> None:
        if otel_context.get_value(SUPPRESS) or context is None:
            return
        engine = connection.engine
        database = str(engine.url.database or "").rpartition("/")[2]  # SQLite: the file's name
        verb = statement.split(None, 1)[0].upper() if statement.strip() else "SQL"
        name = engine.name
        span = tracer.start_span(
            f"{verb} {database}".rstrip(),
            kind=SpanKind.CLIENT,
            attributes={"db.system": _SYSTEMS.get(name, name), "db.name": database, "db.statement": statement},
        )
        token = otel_context.attach(otel_context.set_value(SUPPRESS, True, trace.set_span_in_context(span)))
        setattr(context, _RUNNING, (span, token))

    def finish(context: Any, error: BaseException | None = None) -> None:
        running: tuple[Span, Token[otel_context.Context]] | None = getattr(context, _RUNNING, None)
        if running is None:
            return
        delattr(context, _RUNNING)
        span, token = running
        otel_context.detach(token)
        if error is not None:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        span.end()

    def after(
        _connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _executemany: bool
    ) -> None:
        finish(context)

    def failed(exception_context: Any) -> None:
        finish(exception_context.execution_context, exception_context.original_exception)

    event.listen(engine_module.Engine, "before_cursor_execute", before)
    event.listen(engine_module.Engine, "after_cursor_execute", after)
    event.listen(engine_module.Engine, "handle_error", failed)


def carry_context_into_aiosqlite(core: Any) -> None:
    """aiosqlite runs the driver in a thread of its own: give it the caller's trace, and the suppression above."""
    execute = core.Connection._execute

    def _execute(self: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
        return execute(self, partial(copy_context().run, function), *args, **kwargs)

    core.Connection._execute = _execute
