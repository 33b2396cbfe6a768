"""`slowlint record` and `ingest` as a user runs them: what is kept, where, and what being killed leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

APPLICATION = """
import sqlite3, sys, time
from opentelemetry import trace
database = sqlite3.connect(":memory:")
server = {"http.route": "/orders", "http.request.method": "GET"}
with trace.get_tracer("app").start_as_current_span("GET /orders", kind=trace.SpanKind.SERVER, attributes=server):
    for number in range(9):
        database.execute("SELECT 1 WHERE ? = 1", (number,)).fetchall()
trace.get_tracer_provider().force_flush()
print("served", flush=True)
if len(sys.argv) > 1:
    time.sleep(60)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "app.py").write_text(APPLICATION)
    return tmp_path


def slowlint(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slowlint", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=120)


def started(project: Path) -> subprocess.Popen[str]:
    """A recording that has served and now waits, in a process group of its own."""
    command = [sys.executable, "-m", "slowlint", "record", "--", sys.executable, "app.py", "wait"]
    process = subprocess.Popen(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None and process.stdout.readline() == "served\n"
    return process


def test_record_keeps_the_spans_beside_the_project_and_out_of_git(project: Path) -> None:
    done = slowlint(project, "record", "--", sys.executable, "app.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "served\n"  # stdout is the application's
    assert f"10 spans kept in {project / '.slowlint' / 'telemetry.duckdb'}" in done.stderr
    assert (project / ".slowlint" / ".gitignore").read_text() == "*\n"
    assert sorted(file.name for file in (project / ".slowlint").iterdir()) == [".gitignore", "telemetry.duckdb"]


def test_record_ends_as_the_command_ends(project: Path) -> None:
    (project / "fails.py").write_text("raise SystemExit(7)\n")
    assert slowlint(project, "record", "--", sys.executable, "fails.py").returncode == 7
    absent = slowlint(project, "record", "--", "no-such-command")
    assert absent.returncode == 2 and "cannot start 'no-such-command'" in absent.stderr
    assert sorted(file.name for file in (project / ".slowlint").iterdir()) == [".gitignore", "telemetry.duckdb"]


def test_options_after_the_dashes_are_the_commands_own(project: Path) -> None:
    (project / "shows.py").write_text("import sys; print(sys.argv[1:])\n")
    done = slowlint(project, "record", "--store", "kept.duckdb", "--", sys.executable, "shows.py", "--store", "x", "-h")
    assert done.stdout == "['--store', 'x', '-h']\n"
    assert (project / "kept.duckdb").exists() and not (project / ".slowlint").exists()


def test_ctrl_c_stores_what_was_measured(project: Path) -> None:
    process = started(project)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to every process of the group
    _, stderr = process.communicate(timeout=60)
    assert "10 spans kept" in stderr
    assert process.returncode != 0


def test_a_killed_recording_is_kept_by_the_next_one(project: Path) -> None:
    process = started(project)
    spool = project / ".slowlint" / "telemetry-spool"
    assert any(file.stat().st_size for file in spool.rglob("*.otlp.pb"))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    again = slowlint(project, "record", "--", sys.executable, "app.py")
    assert "20 spans kept" in again.stderr
    assert not spool.exists()


def test_ingest_tells_what_it_did_and_repeating_changes_nothing(project: Path) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    span = (
        f'{{"traceId":"{trace}","spanId":"b7ad6b7169203331","name":"GET /","kind":2,'
        '"startTimeUnixNano":"1000","endTimeUnixNano":"2000"}'
    )
    line = f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}\n'
    (project / "traces.jsonl").write_text(line + line[:40] + "\n")
    first = slowlint(project, "ingest", "traces.jsonl")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("traces.jsonl: OTLP/JSON, 1 span, 1 damaged\n  damaged: ")
    assert "0 spans, 1 already in the store, 1 damaged" in slowlint(project, "ingest", "traces.jsonl").stdout
    (project / "notes.txt").write_text("nothing of the kind\n")
    wrong = slowlint(project, "ingest", "notes.txt")
    assert wrong.returncode == 2 and "not a known telemetry format" in wrong.stderr
    assert slowlint(project, "ingest", "nowhere.json").returncode == 2
