"""Where reports and talk go: stdout, stderr, files.

In: finished text. Out: bytes written whole, or nothing. Knows no findings.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from .errors import InputError


def say(text: str) -> None:
    """A line on stderr; nothing when nobody listens any more."""
    with contextlib.suppress(OSError):
        sys.stderr.write(text.encode("utf-8", "backslashreplace").decode() + "\n")
        sys.stderr.flush()


def wants_color() -> bool:
    """Whether stdout is a terminal that wants colour (no-color.org, force-color.org)."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


@contextlib.contextmanager
def waiting(what: str, after: float = 1.0) -> Iterator[None]:
    """Say what takes so long, on a terminal and after a second; wiped at the end. Silent elsewhere."""
    if not sys.stderr.isatty():
        yield
        return

    def show() -> None:
        sys.stderr.write(f"\r{what} …\x1b[K")
        sys.stderr.flush()

    timer = threading.Timer(after, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def prefix_to(root: Path) -> str:
    """What leads from the working folder to the root, before a path that a reader may click: "" or ending in "/".

    The absolute path where that is shorter.
    """
    absolute = root.absolute().as_posix()
    try:
        prefix = os.path.relpath(root).replace(os.sep, "/")
    except ValueError:  # another drive
        return absolute + "/"
    return "" if prefix == "." else min(prefix, absolute, key=len) + "/"


def publish(text: str, file: Path | None = None) -> None:
    """The report to stdout, or whole to a file. A reader that has gone away (`| head`) changes nothing."""
    data = text.encode("utf-8", "backslashreplace")
    if file is not None:
        write_whole(file, data)
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        hush()


@contextlib.contextmanager
def counting(what: str, noun: str) -> Iterator[Callable[[int], None]]:
    """A running count on stderr when that is a terminal, wiped at the end; silent elsewhere."""
    if not sys.stderr.isatty():
        yield lambda number: None
        return

    def show(number: int) -> None:
        sys.stderr.write(f"\r{what}: {number:,} {noun}\x1b[K")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def write_whole(file: Path, data: bytes) -> None:
    """Replace a file by `data` at once: a reader sees the old or the new one, never a part. Raises InputError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.chmod(name, 0o644)
            os.replace(name, file)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.") from None


def hush() -> None:
    """Let the interpreter's own flush at exit go nowhere (docs.python.org, "Note on SIGPIPE")."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
