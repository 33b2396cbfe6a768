"""The services that `io_app` asks: one that answers and writes down who asked, one that never answers.

Every answer holds a number that was never given before, so that a later request which depends on it can be told from
one that does not. Connections are kept open, so that clients can use them again.
"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SLOWLY = 0.02
LARGE = 8 << 20
_BODY = b"x" * LARGE


@dataclass
class Log:
    """What happened since it was made. `requests`: (method, path and headers, the number given as answer)."""

    requests: list[tuple[str, str, str]] = field(default_factory=list)
    connections: int = 0
    now: int = 0
    most: int = 0
    known: str = "yes"


log = Log()
_numbers = itertools.count(1)
_lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        with _lock:
            log.connections += 1
        super().setup()

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        with _lock:
            number = f"n{next(_numbers)}-"
            log.requests.append((self.command, f"{self.path} {self.headers}", number))
            log.now += 1
            log.most = max(log.most, log.now)
        time.sleep(SLOWLY)
        body = _BODY if self.path == "/large" else number.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-known", log.known)
        self.end_headers()
        with _lock:
            log.now -= 1
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *args: object) -> None:
        pass


def start() -> tuple[str, str]:
    """The addresses of the one that answers and of the silent one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen(64)  # the kernel accepts for it
    _kept.append(silent)
    return f"http://127.0.0.1:{server.server_port}", f"http://127.0.0.1:{silent.getsockname()[1]}"


_kept: list[socket.socket] = []


def fresh(known: str = "yes") -> Log:
    """Begin a new log."""
    global log  # noqa: PLW0603
    log = Log(known=known)
    return log
