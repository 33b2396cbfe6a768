"""`slowlint record`: runs a command so that every Python process in it writes its spans into a spool folder.

In: the command, a folder, the environment to run it in. Out: the command's exit status and the files written
(see `spool.py` for their format). The command's own files, arguments and working directory are left alone. Does not
read the spans; `advisor.ingest` does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from ...linter.errors import InputError

BOOTSTRAP: Final = Path(__file__).parent / "bootstrap"
_LOADED: Final = "loaded"
_SUFFIX: Final = ".otlp.pb"
_FORWARDED: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")


@dataclass(frozen=True, slots=True)
class RecordResult:
    """How the command ended and what it left."""

    exit_code: int
    """The command's own, or 128 + the number of the signal that ended it, as shells report it."""
    files: tuple[Path, ...]
    """Spool files that hold spans, one per process, oldest first."""
    loaded: bool
    """Did the recorder start in at least one process? False: not Python, `-I`/`-E`, or OpenTelemetry missing."""


def record(command: Sequence[str], *, spool: Path, environment: Mapping[str, str]) -> RecordResult:
    """Run `command` recorded and wait for it; signals reach it, and the spool survives them.

    `spool` is created if needed (readable by the user alone); `environment` is the command's environment before
    the recorder's variables are added. Raises InputError when the command cannot be started.
    """
    if not command:
        raise InputError("there is no command to record", "slowlint record -- python app.py")
    spool = spool.resolve()
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        process = subprocess.Popen(list(command), env=recorded_environment(environment, spool))
    except FileNotFoundError:
        raise InputError(
            f"cannot start {command[0]!r}: there is no such command",
            "write the command as you would start it yourself, after --: slowlint record -- python app.py",
        ) from None
    except OSError as error:
        raise InputError(
            f"cannot start {command[0]!r}: {error.strerror}",
            f"if it is a Python file: slowlint record -- python {command[0]}",
        ) from error
    with _signals_reach(process):
        status = _wait(process)
    files = sorted(spool.glob("*" + _SUFFIX), key=lambda path: (path.stat().st_mtime_ns, path.name))
    return RecordResult(
        exit_code=status if status >= 0 else 128 - status,
        files=tuple(path for path in files if path.stat().st_size),
        loaded=(spool / _LOADED).exists(),
    )


def recorded_environment(environment: Mapping[str, str], spool: Path) -> dict[str, str]:
    """`environment` with the recorder in front of the user's own PYTHONPATH."""
    added = dict(environment)
    added["SLOWLINT_RECORD_SPOOL"] = str(spool)
    own = added.get("PYTHONPATH", "")
    added["PYTHONPATH"] = f"{BOOTSTRAP}{os.pathsep}{own}" if own else str(BOOTSTRAP)
    added.pop("OTEL_SDK_DISABLED", None)  # the recorder is this SDK
    return added


def _wait(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # only where the handlers below could not be set
            continue


@contextmanager
def _signals_reach(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Pass signals sent to this process on to the command, and do not die of them first.

    Ctrl-C on a terminal reaches every process of the foreground group, the command included: it is not sent twice,
    because servers take a second one for "at once".
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def forward(number: int, _frame: FrameType | None) -> None:
        if number in (signal.SIGINT, getattr(signal, "SIGQUIT", None)) and _in_foreground():
            return
        with suppress(ProcessLookupError):
            process.send_signal(number)

    numbers = [getattr(signal, name) for name in _FORWARDED if hasattr(signal, name)]
    before = {number: signal.signal(number, forward) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def _in_foreground() -> bool:
    """Is this process in the foreground group of its terminal, so that the terminal signals the whole group?"""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | getattr(os, "O_NOCTTY", 0))
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
