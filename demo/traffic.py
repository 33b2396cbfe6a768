"""The demo's traffic: a fixed mix of requests over loopback, and how long each took for its client.

Same seed, same requests in the same order: two runs differ only in the application. Client times include the wait for
other requests. Also holds the shop's carrier, a slow partner to wait for.
"""

from __future__ import annotations

import http.client
import http.server
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Final

from ..linter.errors import SlowlintError

CARRIER_SECONDS: Final = 0.015
_CUSTOMERS, _PRODUCTS = 100, 1_000  # as seed.py fills them
_ROUNDS: Final = ((1, 0.6), (2, 0.25), (4, 0.15))
"""Clients at once and their share of the requests, one round after the other: mostly calm, then a crowd."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One request as its client saw it."""

    route: str
    seconds: float
    clients: int
    """How many clients there were at once, this one included."""


def requests_of_round(count: int, seed: int) -> list[tuple[str, str]]:
    """`count` pairs of route template and path."""
    chance = random.Random(seed)

    def sku() -> str:
        return f"SKU-{chance.randrange(_PRODUCTS):06}"

    mix: list[tuple[int, str, Callable[[], str]]] = [
        (25, "/orders", lambda: "/orders"),
        (20, "/customers/{customer_id}/orders", lambda: f"/customers/{chance.randint(1, _CUSTOMERS)}/orders"),
        (20, "/stock/{sku}", lambda: f"/stock/{sku()}"),
        (12, "/products/{sku}", lambda: f"/products/{sku()}"),
        (8, "/dashboard", lambda: "/dashboard"),
        (5, "/prices", lambda: "/prices?" + "&".join(f"sku={sku()}" for _ in range(30))),
        (6, "/shipping/{kilograms}", lambda: f"/shipping/{chance.randint(1, 30)}"),
        (4, "/labels/{kilograms}", lambda: f"/labels/{chance.randint(1, 30)}"),
    ]
    chosen = chance.choices(mix, weights=[weight for weight, _, _ in mix], k=count)
    return [(route, path()) for _, route, path in chosen]


def drive(port: int, *, requests: int, done: Callable[[int], None]) -> list[Timing]:
    """Send about `requests` requests to 127.0.0.1:`port`, by 1, 2 and 4 clients at once; `done(n)` as they come back.

    Raises SlowlintError when the application answers with an error.
    """
    timings: list[Timing] = []
    for seed, (clients, part) in enumerate(_ROUNDS):
        work = requests_of_round(round(requests * part), seed)
        shares = [work[start::clients] for start in range(clients)]
        with ThreadPoolExecutor(clients) as pool:
            for finished in pool.map(client, repeat(port), shares, repeat(done), repeat(clients)):
                timings += finished
    return timings


def client(port: int, work: Sequence[tuple[str, str]], done: Callable[[int], None], clients: int = 1) -> list[Timing]:
    """One client on one connection: pairs of route and path, one after the other. Raises as `drive` does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    timings = []
    try:
        for route, path in work:
            began = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.HTTPStatus.OK:
                raise SlowlintError(f"the sample application answered {path} with status {answer.status}")
            timings.append(Timing(route, time.perf_counter() - began, clients))
            done(1)
    except (OSError, http.client.HTTPException) as error:
        raise SlowlintError(f"the sample application stopped answering: {error}") from error
    finally:
        connection.close()
    return timings


class _Carrier(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        time.sleep(CARRIER_SECONDS)
        body = b'{"cents": 690}'
        self.send_response(http.HTTPStatus.OK)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def carrier() -> Iterator[str]:
    """A partner's service on a loopback port that takes 15 ms to answer; its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Carrier) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def typical_ms(timings: Sequence[Timing], route: str) -> float:
    """Median milliseconds of a route's requests while there was only one client: no waiting for others."""
    return 1000 * statistics.median(t.seconds for t in timings if t.route == route and t.clients == 1)
