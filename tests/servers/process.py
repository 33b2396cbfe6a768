"""A server's process and folder: started once a session, gone at its end however that ends.

Root may not run PostgreSQL, so root starts it as `nobody`, in a folder that `nobody` can reach.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PREFIX = "slowlint-server-"
_PATIENCE = 60.0  # seconds for a server to answer; it takes one


class UnavailableError(Exception):
    """This machine has no such server, and why."""


def other_user() -> str | None:
    """Whom a server runs as: None for whoever we are, `nobody` when we are root."""
    return "nobody" if os.geteuid() == 0 else None


def folder() -> Path:
    """A new folder under the system's temporary one, with a short name (a socket's path has 107 bytes); removed when
    this process ends. Takes away what sessions that were killed have left."""
    base = Path(tempfile.gettempdir())
    for old in base.glob(f"{_PREFIX}*"):
        owner = old.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            shutil.rmtree(old, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base))
    made.chmod(0o755)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def give(path: Path) -> None:
    """Makes a folder the server's own."""
    user = other_user()
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None) -> None:
    """Runs one command of a server to its end. Raises `UnavailableError` with the end of what it said."""
    with log.open("ab") as out:
        done = subprocess.run(
            command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, check=False, user=other_user(), cwd="/",
            env={**_environment(), **(environment or {})},
        )  # fmt: skip
    if done.returncode:
        raise UnavailableError(f"{Path(command[0]).name} failed: {_end(log)}")


class Process:
    """A running server. `stop` may be called twice."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        answers: Callable[[], bool],
        stop_signal: signal.Signals,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._signal = stop_signal
        with log.open("ab") as out:
            self._popen = subprocess.Popen(
                command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, user=other_user(), cwd="/",
                env={**_environment(), **(environment or {})}, preexec_fn=_die_with_parent,  # noqa: PLW1509
                process_group=0,  # a Ctrl-C at the terminal is for the tests alone
            )  # fmt: skip
        atexit.register(self.stop)
        end = time.monotonic() + _PATIENCE
        while not answers():
            if self._popen.poll() is not None or time.monotonic() > end:
                self.stop()
                raise UnavailableError(f"{Path(command[0]).name} does not start: {_end(log)}")
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def stop(self) -> None:
        """Ends the server, by force when it does not go."""
        if self._popen.poll() is None:
            self._popen.send_signal(self._signal)
            try:
                self._popen.wait(10)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait(10)
        atexit.unregister(self.stop)


def _die_with_parent() -> None:
    """In the child: the kernel ends it when the tests are killed (prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "MYSQL", "MARIADB"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


def _end(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "it said nothing"
