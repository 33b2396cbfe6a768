"""Requests drawn as text, real recordings, and an application that really runs under OpenTelemetry's SDK."""

from __future__ import annotations

import gzip
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from slowlint.advisor.ingest import ingest
from slowlint.advisor.model import Span, Trace
from slowlint.advisor.store import Store

TELEMETRY = Path(__file__).parents[2] / "telemetry"
ORIGIN = 1_700_000_000_000_000_000
SERVER_LINE, LOOP_LINE, BATCH_LINE = 10, 21, 31
"""Lines the little application reports: its handler, the statement in its loop, the one that replaces the loop."""


def span(name: str, parent: str, start: int, end: int) -> Span:
    """A database span of a drawn request: times in ns from the request's start."""
    return Span(b"t", name.encode(), parent.encode(), name, "client", "db", ORIGIN + start, ORIGIN + end)


@pytest.fixture
def drawn() -> Callable[..., Trace]:
    """`drawn(100, ("a", "root", 10, 20), …)`: a request of 100 ns with its spans."""

    def draw(length: int, *spans: tuple[str, str, int, int], weight: float = 1.0) -> Trace:
        root = Span(b"t", b"root", b"", "GET /", "server", "other", ORIGIN, ORIGIN + length)
        return Trace(root, tuple(span(*one) for one in spans), weight)

    return draw


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """A store with one of the recordings under tests/telemetry/otlp."""
    stores: list[Store] = []

    def load(name: str) -> Store:
        store = Store.open()
        stores.append(store)
        ingest(store, TELEMETRY / "otlp" / name)
        return store

    yield load
    for store in stores:
        store.close()


class Shop:
    """Customers and their orders in a real database, traced with the real SDK.

    SQLite answers in microseconds; the pause stands for the network to a database server.
    """

    def __init__(self, customers: int, *, places: bool, pause: float = 0.0015) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(resource=Resource({"service.name": "shop"}))
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._tracer = provider.get_tracer("opentelemetry.instrumentation.sqlite3")
        self._database = sqlite3.connect(":memory:")
        self._database.executescript(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, total INTEGER);"
        )
        self._database.executemany("INSERT INTO customer VALUES (?, ?)", [(n, f"c{n}") for n in range(customers)])
        self._places = places
        self._pause = pause

    def ask(self, sql: str, line: int, *parameters: object) -> list[tuple[object, ...]]:
        attributes: dict[str, str | int] = {"db.system": "sqlite", "db.statement": sql}
        if self._places:
            attributes |= {"code.file.path": "/srv/app/shop/views.py", "code.line.number": line}
            attributes["code.function.name"] = "shop.views.customers"
        with self._tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT, attributes=attributes):
            time.sleep(self._pause)
            return self._database.execute(sql, parameters).fetchall()

    def request(self, route: str, handler: Callable[[], object]) -> None:
        with self._tracer.start_as_current_span(
            f"GET {route}", kind=SpanKind.SERVER, attributes={"http.route": route, "http.method": "GET"}
        ):
            handler()

    def looped(self) -> None:
        """One query for the customers, one per customer for the orders."""
        rows = self.ask("SELECT id, name FROM customer", SERVER_LINE)
        for number, _ in rows:
            self.ask("SELECT id, total FROM orders WHERE customer_id = ?", LOOP_LINE, number)

    def batched(self) -> None:
        """The same answer with one query for all the orders."""
        rows = self.ask("SELECT id, name FROM customer", SERVER_LINE)
        holes = ", ".join("?" * len(rows))
        numbers = [number for number, _ in rows]
        self.ask(f"SELECT id, total FROM orders WHERE customer_id IN ({holes})", BATCH_LINE, *numbers)

    def other(self) -> None:
        """A page without anything to repair."""
        self.ask("SELECT count(*) FROM customer", SERVER_LINE + 1)

    def finished(self) -> Sequence[ReadableSpan]:
        return self._exporter.get_finished_spans()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """`shop("looped")`, `shop("batched")`, `shop("moved")`: a store with 12 requests of `/customers/{id}` and `/about`.

    `moved` is a fix that does not pay: the loop is gone, the time is spent elsewhere.
    """
    stores: list[Store] = []

    def record(how: str, *, places: bool = True, customers: int = 12, requests: int = 12) -> Store:
        app = Shop(customers, places=places)
        handler = app.looped if how == "looped" else app.batched

        def moved() -> None:
            app.batched()
            time.sleep(0.0025 * customers)

        for _ in range(requests):
            app.request("/customers/{id}", moved if how == "moved" else handler)
            app.request("/about", app.other)
        path = tmp_path / f"{how}{len(stores)}.pb.gz"
        path.write_bytes(gzip.compress(encode_spans(app.finished()).SerializeToString()))
        store = Store.open()
        stores.append(store)
        ingest(store, path)
        return store

    yield record
    for store in stores:
        store.close()
