"""Starts the recorder inside a process of the application: tracer provider, span processors, instrumentations.

In: the spool folder. Out: spans in it until the process ends, by return, by exception or by SIGTERM. Called once per
interpreter by `bootstrap/sitecustomize.py`; forked workers inherit it (see `spool.py`).
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Final

from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from .instrument import activate
from .processor import CodePlaceProcessor
from .spool import SpoolProcessor

MAX_ATTRIBUTE_CHARACTERS: Final = 32_768
"""A bulk INSERT's text can be megabytes long; no reader needs more than its beginning."""
LOADED: Final = "loaded"
"""File in the spool that the first recorded process leaves: tells "nothing recorded" from "recorder not loaded"."""


def start(spool: str) -> None:
    """Record this process into the folder `spool`. Errors of single instrumentations are said, not raised."""
    folder = Path(spool)
    service = os.environ.get("OTEL_SERVICE_NAME") or Path.cwd().name or "application"
    provider = TracerProvider(
        sampler=ALWAYS_ON,
        resource=Resource.create({SERVICE_NAME: service}),
        span_limits=SpanLimits(max_attribute_length=MAX_ATTRIBUTE_CHARACTERS),
        shutdown_on_exit=False,
    )
    writer = SpoolProcessor(folder)
    provider.add_span_processor(CodePlaceProcessor())
    provider.add_span_processor(writer)
    trace.set_tracer_provider(provider)
    atexit.register(provider.shutdown)
    _flush_on_sigterm(writer)
    activated, warnings = activate()
    try:
        (folder / LOADED).open("x").close()
    except OSError:
        return  # another process of the command has said it
    for warning in warnings:
        print(f"slowlint record: {warning}", file=sys.stderr)
    print(f"slowlint record: service {service!r}, watching {', '.join(activated)}", file=sys.stderr, flush=True)


def _flush_on_sigterm(writer: SpoolProcessor) -> None:
    """Python's default for SIGTERM ends the process without running exit handlers; servers set their own later."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        return

    def flush_and_die(number: int, _frame: FrameType | None) -> None:
        writer.force_flush()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGTERM, flush_and_die)
