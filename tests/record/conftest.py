"""Runs small real applications under the recorder, and reads the spools they leave."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

APPS = Path(__file__).parent / "apps"
_LAUNCH = """
import os, sys
from pathlib import Path
from slowlint.advisor.record.record import record
result = record(sys.argv[2:], spool=Path(sys.argv[1]), environment=os.environ)
print("files", len(result.files), "loaded", result.loaded, file=sys.stderr)
sys.exit(result.exit_code)
"""
SERVER, CLIENT = 2, 3


@dataclass(frozen=True)
class Recorded:
    """One span of a spool, with what the tests ask about."""

    scope: str
    kind: int
    name: str
    trace: bytes
    parent: bytes
    span: bytes
    attributes: dict[str, str | int]

    @property
    def place(self) -> tuple[str, int]:
        path = Path(str(self.attributes.get("code.file.path", "")))
        return path.name, int(self.attributes.get("code.line.number", 0))

    @property
    def hint(self) -> str:
        return str(self.attributes.get("slowlint.hint", ""))

    @property
    def statement(self) -> str:
        return str(self.attributes.get("db.statement", ""))


def read_spool(path: Path) -> tuple[list[Recorded], int]:
    """Spans of the whole records of one file, and the bytes left over after them."""
    data, at, spans = path.read_bytes(), 0, []
    while at + 4 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 4 + length > len(data):
            break
        request = ExportTraceServiceRequest.FromString(data[at + 4 : at + 4 + length])
        at += 4 + length
        spans += [
            Recorded(
                scope.scope.name,
                span.kind,
                span.name,
                span.trace_id,
                span.parent_span_id,
                span.span_id,
                {a.key: a.value.string_value or a.value.int_value for a in span.attributes},
            )
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
    return spans, len(data) - at


def line_of(path: Path, marker: str) -> tuple[str, int]:
    """File name and line that a comment or text marks."""
    lines = [n for n, line in enumerate(path.read_text().splitlines(), 1) if marker in line]
    assert len(lines) == 1, f"{marker!r} stands {len(lines)} times in {path}"
    return path.name, lines[0]


@dataclass
class Recording:
    """One application under the recorder."""

    folder: Path
    spool: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    errors: str = ""

    def launcher(self, command: Sequence[str]) -> list[str]:
        return [sys.executable, "-c", _LAUNCH, str(self.spool), *command]

    def start(self, command: Sequence[str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self.launcher(command),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def finish(self, process: subprocess.Popen[str], send: signal.Signals | None = None) -> int:
        """Optionally signal the recorder, wait, keep its stderr; returns its exit status."""
        if send is not None:
            process.send_signal(send)
        _, self.errors = process.communicate(timeout=90)
        return process.returncode

    def run(self, *command: str) -> int:
        return self.finish(self.start(command))

    def serve(self, command: Sequence[str], port: int, paths: Sequence[str]) -> int:
        """Start a server, ask for `paths`, stop it with Ctrl-C to the recorder; returns the exit status."""
        process = self.start(command)
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.05)
        for path in paths:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
                answer.read()
        return self.finish(process, signal.SIGINT)

    def spans(self) -> list[Recorded]:
        spans = []
        for path in sorted(self.spool.glob("*.otlp.pb")):
            found, left = read_spool(path)
            assert left == 0, f"{path} ends inside a record"
            spans += found
        return spans

    def queries(self, path: str) -> list[Recorded]:
        """Client spans of the requests whose target is `path`, without what a new connection is set up with."""
        spans = self.spans()
        roots = {s.trace for s in spans if s.kind == SERVER and path in (s.attributes.get("http.target"), _path_of(s))}
        assert roots, f"no request for {path} was recorded"
        queries = [s for s in spans if s.kind == CLIENT and s.trace in roots]
        return [query for query in queries if "FROM" in query.statement]


def _path_of(span: Recorded) -> str:
    return "/" + str(span.attributes.get("http.url", "")).partition("://")[2].partition("/")[2]


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    folder = tmp_path / "app"
    shutil.copytree(APPS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "SLOWLINT_", "DJANGO_"))}
    environment = {**kept, "SHOP_DB": f"sqlite:///{tmp_path}/shop.db", "PYTHONDONTWRITEBYTECODE": "1"}
    made = Recording(folder, tmp_path / "spool", environment)
    yield made
    for process in made.started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture
def free_port() -> Callable[[], int]:
    def pick() -> int:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            return int(listener.getsockname()[1])

    return pick
