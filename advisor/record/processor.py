"""OpenTelemetry span processor: client spans get the line of application code that asked for them.

In: spans as they start. Out: attributes `code.file.path`, `code.line.number`, `code.function.name` (OpenTelemetry's
semantic conventions) and `slowlint.hint` (see `hints.py`). Adds tens of microseconds to a client span, nothing to
others, and never raises into the application. Exports nothing; see `spool.py`.
"""

from __future__ import annotations

import sys
from typing import Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import SpanKind

from .frames import locate

HINT: Final = "slowlint.hint"


class CodePlaceProcessor(SpanProcessor):
    """Puts the application's place on every client span, on the thread (and greenlet) that starts it."""

    def __init__(self) -> None:
        self._complained = False

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        if span.kind is not SpanKind.CLIENT:
            return
        try:
            found = locate(sys._getframe(1))
            attributes: dict[str, str | int] = {}
            frame = found.frame
            if frame is not None:
                code = frame.f_code
                module = frame.f_globals.get("__name__", "")
                function = getattr(code, "co_qualname", code.co_name)
                attributes["code.file.path"] = code.co_filename
                attributes["code.line.number"] = frame.f_lineno or code.co_firstlineno
                attributes["code.function.name"] = f"{module}.{function}" if module else function
            hint = found.finish()
            if hint:
                attributes[HINT] = hint
            if attributes:
                span.set_attributes(attributes)
        except Exception as error:  # the application must never notice its recorder
            if not self._complained:
                self._complained = True
                print(f"slowlint record: some spans have no code place ({error!r})", file=sys.stderr)

    def on_end(self, span: ReadableSpan) -> None:
        """Nothing to do: the place is known when the span starts."""

    def shutdown(self) -> None:
        """Holds nothing."""

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return True
