"""Traces written out span by span, for what no recording of a single service shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slowlint.advisor.ingest import ingest
from slowlint.advisor.store import Store

KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
MS = 1_000_000
START = 1_795_312_763_000_000_000


class Recording:
    """Spans of one file, named by short strings; times in ms after the start."""

    def __init__(self) -> None:
        self._resources: list[dict[str, Any]] = []

    def span(
        self,
        name: str,
        start: float,
        end: float,
        *,
        kind: str = "internal",
        parent: str = "",
        trace: str = "t",
        service: str = "shop",
        scope: str = "lib",
        state: str = "",
        **attributes: str | int,
    ) -> None:
        """Add one span. `a__b=1` is the attribute `a.b`."""
        values = [
            {"key": key.replace("__", "."), "value": {"intValue" if isinstance(v, int) else "stringValue": v}}
            for key, v in attributes.items()
        ]
        span = {
            "traceId": trace.encode().hex().zfill(32),
            "spanId": name.encode().hex().zfill(16),
            "parentSpanId": parent.encode().hex().zfill(16) if parent else "",
            "name": name,
            "kind": KINDS[kind],
            "startTimeUnixNano": START + int(start * MS),
            "endTimeUnixNano": START + int(end * MS),
            "traceState": state,
            "attributes": values,
        }
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
        self._resources.append({"resource": resource, "scopeSpans": [{"scope": {"name": scope}, "spans": [span]}]})

    def query(self, name: str, start: float, end: float, sql: str = "SELECT a FROM t WHERE b = ?", **more: Any) -> None:
        """Add one database span."""
        self.span(name, start, end, kind="client", db__system="postgresql", db__statement=sql, **more)

    def text(self) -> str:
        """The recording as OTLP/JSON."""
        return json.dumps({"resourceSpans": self._resources})


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Callable[[Recording], Store]]:
    stores: list[Store] = []

    def store(recording: Recording) -> Store:
        path = tmp_path / "recording.json"
        path.write_text(recording.text())
        stores.append(Store.open())
        assert ingest(stores[-1], path).damaged_count == 0
        return stores[-1]

    yield store
    for opened in stores:
        opened.close()
