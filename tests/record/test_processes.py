"""The recorder and the life of processes: exit status, signals, forks, kills, environments."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from slowlint.advisor.record.record import record, recorded_environment
from slowlint.linter.errors import InputError

from .conftest import Recording, line_of, read_spool

PYTHON = sys.executable


def _started(process: subprocess.Popen[str]) -> int:
    """Wait for script.py's first line; returns its process id."""
    assert process.stdout is not None
    word, _, pid = process.stdout.readline().partition(" ")
    assert word == "started"
    return int(pid)


def _wait_for_spans(recording: Recording, count: int) -> None:
    deadline = time.monotonic() + 60
    while sum(len(read_spool(path)[0]) for path in recording.spool.glob("*.otlp.pb")) < count:
        assert time.monotonic() < deadline, "spans were not written while the program ran"
        time.sleep(0.05)


def test_exit_status_and_exact_line(recording: Recording) -> None:
    assert recording.run(PYTHON, "script.py", "5", "0", "7") == 7
    spans = recording.spans()
    assert [span.place for span in spans] == [line_of(recording.folder / "script.py", "# the statement")] * 5
    assert spans[0].attributes["code.function.name"] == "__main__.<module>"
    assert "files 1 loaded True" in recording.errors


def test_ctrl_c_reaches_the_command_and_the_spool_survives(recording: Recording) -> None:
    process = recording.start([PYTHON, "script.py", "100000", "0.01", "0"])
    pid = _started(process)
    _wait_for_spans(recording, 20)
    status = recording.finish(process, signal.SIGINT)
    assert status == 128 + signal.SIGINT
    assert "KeyboardInterrupt" in recording.errors
    assert "files 1 loaded True" in recording.errors, "the recorder went on to count the spool"
    assert len(recording.spans()) >= 20
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


_COUNT_INTERRUPTS = """
import signal, sqlite3, time
count = 0
def interrupted(*_):
    global count
    count += 1
signal.signal(signal.SIGINT, interrupted)
sqlite3.connect(":memory:").execute("SELECT 'at the terminal'")
print("started", flush=True)
deadline = time.monotonic() + 60
while not count and time.monotonic() < deadline:
    time.sleep(0.05)
time.sleep(0.5)
print("interrupts", count, flush=True)
"""


def test_ctrl_c_at_a_terminal_reaches_the_command_once(recording: Recording) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(recording.folder)
        os.execve(PYTHON, recording.launcher([PYTHON, "-c", _COUNT_INTERRUPTS]), recording.environment)
    said, pressed = b"", 0
    try:
        while b"interrupts" not in said or not said.endswith(b"\n"):
            said += os.read(terminal, 4096)
            if b"started" in said and not pressed:
                pressed = os.write(terminal, b"\x03")
    except OSError:  # Linux: the terminal's other side is closed
        pass
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, said
    assert b"interrupts 1" in said
    assert [span.statement for span in recording.spans()] == ["SELECT 'at the terminal'"]


def test_sigterm_writes_what_has_ended(recording: Recording) -> None:
    process = recording.start([PYTHON, "script.py", "3", "0", "0"])
    assert recording.finish(process) == 0
    process = recording.start([PYTHON, "-c", _STATEMENT_THEN_SLEEP])
    _started(process)
    assert recording.finish(process, signal.SIGTERM) == 128 + signal.SIGTERM
    assert Counter(span.statement for span in recording.spans())["SELECT 'last'"] == 1


_STATEMENT_THEN_SLEEP = """
import os, sqlite3, time
sqlite3.connect(":memory:").execute("SELECT 'last'")
print("started", os.getpid(), flush=True)
time.sleep(60)
"""


def test_kill_9_leaves_whole_records(recording: Recording) -> None:
    process = recording.start([PYTHON, "script.py", "100000", "0.001", "0"])
    pid = _started(process)
    _wait_for_spans(recording, 300)
    os.kill(pid, signal.SIGKILL)
    assert recording.finish(process) == 128 + signal.SIGKILL
    (path,) = recording.spool.glob("*.otlp.pb")
    spans, _ = read_spool(path)
    assert len(spans) >= 300
    data = path.read_bytes()
    path.write_bytes(data[:-3])  # what a kill inside the last write would leave
    kept, left = read_spool(path)
    assert left > 0
    assert kept == spans[: len(kept)]
    assert len(kept) > 0


def test_forked_children_write_their_own_spans_once(recording: Recording) -> None:
    assert recording.run(PYTHON, "forking.py") == 0
    assert len(list(recording.spool.glob("*.otlp.pb"))) == 4
    assert Counter(span.statement for span in recording.spans()) == {
        "SELECT 'parent'": 1,
        "SELECT 'parent again'": 1,
        "SELECT 'child 0'": 1,
        "SELECT 'child 1'": 1,
        "SELECT 'child 2'": 1,
    }


def test_own_sitecustomize_and_pythonpath_are_kept(recording: Recording, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import builtins\nbuiltins.from_sitecustomize = 'kept'\n")
    (own / "their_module.py").write_text("VALUE = 41\n")
    recording.environment["PYTHONPATH"] = str(own)
    program = "import their_module, sys; sys.exit(their_module.VALUE + (from_sitecustomize == 'kept'))"
    assert recording.run(PYTHON, "-c", program) == 42


def test_environment_without_opentelemetry_runs_unrecorded(recording: Recording, tmp_path: Path) -> None:
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    bare = tmp_path / "bare" / "bin" / "python"
    assert recording.run(str(bare), "script.py", "1", "0", "5") == 5
    assert f"{bare} runs unrecorded" in recording.errors
    assert "pip install 'slowlint[record]'" in recording.errors
    assert "files 0 loaded False" in recording.errors


def test_library_without_its_instrumentation_is_named(recording: Recording, tmp_path: Path) -> None:
    libraries = tmp_path / "libraries"
    (libraries / "pyramid").mkdir(parents=True)
    (libraries / "pyramid" / "__init__.py").write_text("")
    recording.environment["PYTHONPATH"] = str(libraries)
    assert recording.run(PYTHON, "script.py", "1", "0", "0") == 0
    assert "pyramid is installed, its instrumentation is not" in recording.errors
    assert "pip install opentelemetry-instrumentation-pyramid" in recording.errors


def test_application_installed_from_a_folder_is_no_library(recording: Recording, tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "site-packages"
    for name in ("shopapp", "helper"):
        (packages / name).mkdir(parents=True)
        (packages / name / "__init__.py").write_text("")
        information = packages / f"{name}-1.0.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (information / "RECORD").write_text(f"{name}/__init__.py,,\n{name}/run.py,,\n")
    (packages / "shopapp-1.0.dist-info" / "direct_url.json").write_text('{"url": "file:///src/app", "dir_info": {}}')
    (packages / "helper" / "run.py").write_text("def ask(connection):\n    connection.execute('SELECT 1')\n")
    (packages / "shopapp" / "run.py").write_text(
        "import sqlite3\nfrom helper.run import ask\n\ndef main():\n    ask(sqlite3.connect(':memory:'))\n"
    )
    recording.environment["PYTHONPATH"] = str(packages)
    assert recording.run(PYTHON, "-c", "from shopapp.run import main; main()") == 0, recording.errors
    assert [span.place for span in recording.spans()] == [("run.py", 5)]
    assert recording.spans()[0].attributes["code.function.name"] == "shopapp.run.main"


def test_command_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such command"):
        record(["no-such-program-here"], spool=tmp_path / "spool", environment=os.environ)
    plain = tmp_path / "app.py"
    plain.write_text("")
    with pytest.raises(InputError, match="cannot start") as caught:
        record([str(plain)], spool=tmp_path / "spool", environment=os.environ)
    assert f"python {plain}" in caught.value.tip


def test_environment_variables(tmp_path: Path) -> None:
    made = recorded_environment({"PYTHONPATH": "/srv/lib", "OTEL_SDK_DISABLED": "true", "KEPT": "1"}, tmp_path)
    assert made["PYTHONPATH"].split(os.pathsep)[1:] == ["/srv/lib"]
    assert "OTEL_SDK_DISABLED" not in made
    assert made["KEPT"] == "1"
