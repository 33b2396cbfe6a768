"""The sample application does what the demo says of it, and the worked fixes repair exactly that."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from slowlint.demo import fixes, server, traffic
from slowlint.linter.errors import SlowlintError

_LAUNCH = """
import os, sys
from pathlib import Path
from slowlint.advisor.record.record import record
sys.exit(record(sys.argv[2:], spool=Path(sys.argv[1]), environment=os.environ).exit_code)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return Path(shutil.copytree(server.Path(server.__file__).parent / "shop", tmp_path / "shop"))


def _spooled(store: Path, command: Sequence[str]) -> list[str]:
    return [sys.executable, "-c", _LAUNCH, str(store.parent), *command]


def _queries_per_request(folder: Path) -> dict[str, float]:
    """Mean number of client spans by route of their request."""
    route_of: dict[bytes, str] = {}
    spans = []
    for path in folder.glob("*.otlp.pb"):
        data, at = path.read_bytes(), 0
        while at < len(data):
            end = at + 4 + int.from_bytes(data[at : at + 4], "big")
            for resource in ExportTraceServiceRequest.FromString(data[at + 4 : end]).resource_spans:
                for scope in resource.scope_spans:
                    spans += list(scope.spans)
            at = end
    for span in spans:
        for attribute in span.attributes:
            if attribute.key == "http.route" and span.kind == 2:
                route_of[span.trace_id] = attribute.value.string_value
    requests = Counter(route_of.values())
    client = Counter(route_of[span.trace_id] for span in spans if span.kind == 3 and not span.name.startswith("PRAGMA"))
    return {route: client[route] / count for route, count in requests.items()}


def test_planted_n_plus_one_and_its_fix_under_the_recorder(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "record_command", _spooled)
    before = server.measure(shop, requests=50, store=tmp_path / "before" / "store", done=lambda _: None)
    fix = fixes.fix_for("lazy-load-in-loop", "summaries.py")
    assert fix is not None
    fix.apply(shop)
    after = server.measure(shop, requests=50, store=tmp_path / "after" / "store", done=lambda _: None)

    was, now = _queries_per_request(tmp_path / "before"), _queries_per_request(tmp_path / "after")
    assert was["/orders"] == 31
    assert now["/orders"] == 2
    assert {route: count for route, count in was.items() if route != "/orders"} == {
        route: count for route, count in now.items() if route != "/orders"
    }
    assert was["/customers/{customer_id}/orders"] == 2, "the eager list uses the same helper and is fine"
    assert was["/dashboard"] == 3
    assert [timing.route for timing in before] == [timing.route for timing in after], "both runs send the same requests"


@pytest.mark.parametrize("fix", fixes.FIXES, ids=lambda fix: fix.path)
def test_worked_fix_applies_once_and_the_shop_still_answers(shop: Path, fix: fixes.WorkedFix) -> None:
    diff = fix.diff(shop)
    fix.apply(shop)
    added = [line[1:] for line in diff.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert added
    assert all(line in (shop / fix.path).read_text().splitlines() for line in added)
    timings = server.measure(shop, requests=30, store=None, done=lambda _: None)
    assert len(timings) == 30
    with pytest.raises(SlowlintError, match="does not fit"):
        fix.apply(shop)


def test_missing_index_is_missing_and_the_fix_brings_it(shop: Path) -> None:
    plan = (
        "import sqlite3; print(sqlite3.connect('shop.db').execute("
        "\"EXPLAIN QUERY PLAN SELECT * FROM movement WHERE sku = 'x' ORDER BY at DESC\").fetchone()[3])"
    )

    def explain() -> str:
        server.seed(shop)
        return subprocess.run([sys.executable, "-c", plan], cwd=shop, capture_output=True, text=True, check=True).stdout

    assert explain().startswith("SCAN")
    fix = fixes.fix_for("unindexed-filter", "repository.py")
    assert fix is not None
    fix.apply(shop)
    assert "USING INDEX" in explain()


def test_blocking_call_holds_up_other_requests_until_it_is_handed_off(shop: Path) -> None:
    def overlapping(folder: Path) -> float:
        """Seconds for ten carrier questions of five clients at once."""
        import time
        from concurrent.futures import ThreadPoolExecutor

        port = server.free_port()
        with traffic.carrier() as address, server.running(server.application_command(port), folder, address, port):
            work = [("/shipping/{kilograms}", "/shipping/1")] * 4
            traffic.client(port, work, lambda _: None)
            began = time.perf_counter()
            with ThreadPoolExecutor(5) as pool:
                list(pool.map(lambda _: traffic.client(port, work, lambda _: None), range(5)))
            return time.perf_counter() - began

    server.seed(shop)
    blocked = overlapping(shop)
    assert blocked >= 20 * traffic.CARRIER_SECONDS, "one after the other on the event loop"
    fix = fixes.fix_for("blocking-call-reachable", "shipping.py")
    assert fix is not None
    fix.apply(shop)
    assert overlapping(shop) < blocked


def test_application_that_does_not_start_is_told_with_its_own_words(shop: Path) -> None:
    (shop / "api.py").write_text("raise RuntimeError('no configuration')\n")
    with pytest.raises(SlowlintError, match="did not start") as caught:
        server.measure(shop, requests=3, store=None, done=lambda _: None)
    assert "no configuration" in caught.value.tip
