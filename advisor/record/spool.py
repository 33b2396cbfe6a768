"""OpenTelemetry span processor: ended spans are appended to one local file per process.

Format: repeated [4-byte big-endian length][ExportTraceServiceRequest], the Collector file exporter's `proto` form.
Each record is one `write` to a file opened for appending, so a process that is killed leaves at most a truncated
last record. A forked child drops what it inherited (its parent writes that) and opens a file of its own.
No span is dropped: when the writing thread falls behind, the thread that ends a span writes. Does not rotate.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from .encode import Encoded, encode, request

INTERVAL_S: Final = 0.5
RECORD_SPANS: Final = 256
BACKLOG_SPANS: Final = 20_000
SUFFIX: Final = ".otlp.pb"


class SpoolProcessor(SpanProcessor):
    """Writes ended, sampled spans into `folder`, at least every half second and at `force_flush` and `shutdown`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reset()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before_fork, after_in_parent=self._after_fork_in_parent, after_in_child=self._reset
            )

    def _reset(self) -> None:
        self._ended: deque[Encoded] = deque()
        self._resource: Mapping[str, Any] = {}
        # Re-entrant: a signal handler may flush while the same thread is writing.
        self._writing = threading.RLock()
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._fd = -1
        self._broken = False
        self._closed = False

    def _before_fork(self) -> None:
        self._writing.acquire()

    def _after_fork_in_parent(self) -> None:
        self._writing.release()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing to do until the span ends."""

    def on_end(self, span: ReadableSpan) -> None:
        context = span.context
        if self._broken or context is None or not context.trace_flags.sampled:
            return
        try:
            self._ended.append(encode(span))
        except Exception as error:  # an attribute no protocol can carry must not reach the application
            self._give_up(error)
            return
        self._resource = span.resource.attributes
        if self._thread is None:
            self._start_thread()
        if self._closed or len(self._ended) >= BACKLOG_SPANS:
            self.force_flush()

    def _start_thread(self) -> None:
        with self._writing:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, args=(self._wake,), daemon=True)
                # RuntimeError: the interpreter is shutting down; `shutdown` writes.
                with contextlib.suppress(RuntimeError):
                    self._thread.start()

    def _run(self, wake: threading.Event) -> None:
        while not wake.wait(INTERVAL_S):
            self.force_flush()

    def shutdown(self) -> None:
        """Write what is left. Spans that end later still are written, each as it ends."""
        self._closed = True
        self._wake.set()
        self.force_flush()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Write everything that has ended. False when the file cannot be written."""
        with self._writing:
            while self._ended and not self._broken:
                batch: list[Encoded] = []
                while self._ended and len(batch) < RECORD_SPANS:
                    batch.append(self._ended.popleft())
                try:
                    self._append(request(batch, self._resource))
                except Exception as error:  # a full disk must not stop the application
                    self._give_up(error)
        return not self._broken

    def _give_up(self, error: Exception) -> None:
        self._broken = True
        self._ended.clear()
        print(f"slowlint record: recording of process {os.getpid()} stopped: {error}", file=sys.stderr)

    def _append(self, message: bytes) -> None:
        if self._fd < 0:
            path = self._folder / f"{os.getpid()}-{time.time_ns()}{SUFFIX}"
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
        record = len(message).to_bytes(4, "big") + message
        end = os.fstat(self._fd).st_size
        written = os.write(self._fd, record)
        if written < len(record):  # out of space: keep the file readable
            os.ftruncate(self._fd, end)
            raise OSError("no space left for the recorded spans")
