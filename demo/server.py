"""Runs the sample application for real and drives it: seed, start, a few hundred requests, Ctrl-C.

In: the application's folder and how to start it (recorded or plain). Out: client timings. The application gets a free
loopback port and, for its partner, another; nothing listens on other interfaces.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ..linter.errors import SlowlintError
from . import traffic
from .commands import SLOWLINT

START_S: Final = 30
STOP_S: Final = 30


def seed(application: Path) -> None:
    """Fill a fresh database with the application's own program."""
    (application / "shop.db").unlink(missing_ok=True)
    finished = subprocess.run(
        [sys.executable, "seed.py"], cwd=application, capture_output=True, text=True, timeout=60, check=False
    )
    if finished.returncode:
        raise SlowlintError("the sample database could not be filled", finished.stderr.strip()[-2000:])


def application_command(port: int) -> list[str]:
    """How the sample application is started."""
    quiet = ["--log-level", "warning", "--no-access-log"]
    return [sys.executable, "-m", "uvicorn", "api:app", "--host", "127.0.0.1", "--port", str(port), *quiet]


def record_command(store: Path, command: Sequence[str]) -> list[str]:
    """The same under the recorder."""
    return [*SLOWLINT, "record", "--store", str(store), "--", *command]


def measure(
    application: Path, *, requests: int, store: Path | None, done: Callable[[int], None]
) -> list[traffic.Timing]:
    """Drive the application on a fresh database; recorded into `store`, or plain when that is None."""
    seed(application)
    port = free_port()
    command = application_command(port)
    if store is not None:
        store.parent.mkdir(parents=True, exist_ok=True)
        command = record_command(store, command)
    with traffic.carrier() as address, running(command, application, address, port):
        traffic.drive(port, requests=requests // 10, done=lambda _: None)  # imports, caches, the first connections
        return traffic.drive(port, requests=requests, done=done)


@contextmanager
def running(command: Sequence[str], application: Path, carrier: str, port: int) -> Iterator[None]:
    """The application as a child process that answers on `port` inside the block, stopped with Ctrl-C after it."""
    environment = {**os.environ, "SHOP_CARRIER": carrier, "OTEL_SERVICE_NAME": "shop"}
    log = application.parent / "server.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            list(command),
            cwd=application,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_open(port, process, log)
            yield
            process.send_signal(signal.SIGINT)
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            raise SlowlintError("the sample application did not stop", _end_of(log)) from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.03)
    raise SlowlintError("the sample application did not start", _end_of(log))


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
