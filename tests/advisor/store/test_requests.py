"""Which spans make one request, and how often a query counts."""

from __future__ import annotations

import pytest

from slowlint.advisor.model import CodePlace
from slowlint.advisor.store import Store


def names(trace) -> list[str]:
    return [span.name for span in trace.spans]


def test_a_request_is_a_server_span_not_one_without_parent(recording, stored):
    recording.span("req", 0, 100, kind="server", parent="gone", http__route="/a", http__method="GET")
    recording.query("q1", 10, 20, parent="req")
    recording.span("lonely", 0, 50, trace="other")
    recording.query("startup", 200, 210, trace="other")
    store = stored(recording)
    (trace,) = store.traces()
    assert (trace.root.name, names(trace), trace.weight) == ("req", ["q1"], 1.0)
    (route,) = store.routes()
    assert (route.service, route.route, route.method, route.requests, route.mean_ns) == ("shop", "/a", "GET", 1, 100e6)


def test_each_service_of_a_trace_has_its_own_request(recording, stored):
    recording.span("front", 0, 100, kind="server", http__route="/page")
    recording.span("call", 10, 90, kind="client", parent="front", http__method="GET")
    recording.span("back", 15, 85, kind="server", parent="call", service="stock", http__route="/stock")
    recording.query("q-back", 20, 30, parent="back", service="stock")
    recording.query("q-front", 92, 95, parent="front")
    recording.span("send", 95, 96, kind="producer", parent="front")
    recording.span("work", 300, 400, kind="consumer", parent="send", messaging__destination__name="jobs")
    recording.query("q-work", 310, 320, parent="work")
    traces = {trace.root.name: names(trace) for trace in stored(recording).traces()}
    assert traces == {"front": ["call", "q-front", "send"], "back": ["q-back"], "work": ["q-work"]}


def test_a_loopback_call_is_a_request_and_a_double_server_span_is_not(recording, stored):
    recording.span("wsgi", 0, 100, kind="server", http__method="GET", scope="wsgi")
    recording.span("flask", 1, 99, kind="server", parent="wsgi", http__route="/a", http__method="GET", scope="flask")
    recording.query("q", 2, 3, parent="flask")
    recording.span("self", 10, 60, kind="client", parent="flask", http__method="GET")
    recording.span("inner", 11, 59, kind="server", parent="self", http__route="/b", http__method="GET")
    recording.query("q-inner", 20, 21, parent="inner")
    store = stored(recording)
    traces = {trace.root.name: (trace.root.route, names(trace)) for trace in store.traces()}
    assert traces == {"wsgi": ("/a", ["flask", "q", "self"]), "inner": ("/b", ["q-inner"])}
    assert {(route.route, route.requests) for route in store.routes()} == {("/a", 1), ("/b", 1)}


def test_children_of_a_missing_parent_go_to_the_request_they_ran_in(recording, stored):
    recording.span("r1", 0, 100, kind="server", http__route="/1")
    recording.span("r2", 200, 300, kind="server", http__route="/2")
    recording.span("stray", 210, 250, parent="lost")
    recording.query("q", 220, 230, parent="stray")
    recording.query("late", 150, 160, parent="lost")
    traces = {trace.root.name: trace for trace in stored(recording).traces()}
    assert names(traces["r1"]) == []
    assert names(traces["r2"]) == ["stray", "q"]
    root, (stray, query) = traces["r2"].root, traces["r2"].spans
    assert (stray.parent_id, query.parent_id) == (root.span_id, stray.span_id)


@pytest.mark.parametrize("parent", ["req", "alchemy"], ids=["siblings", "parent and child"])
def test_a_query_reported_twice_is_one_span(recording, stored, parent):
    sql = "SELECT a FROM t WHERE b = %(b_1)s"
    recording.span("req", 0, 100, kind="server", http__route="/a")
    recording.query("alchemy", 10, 20, sql, parent="req", scope="sqlalchemy")
    recording.query(
        "driver",
        11,
        19,
        sql + " /*traceparent='x'*/",
        parent=parent,
        scope="psycopg2",
        code__file__path="app.py",
        code__line__number=7,
        code__function__name="view",
        slowlint__hint="Serializer.field",
    )
    recording.span("fetch", 12, 13, parent="driver")
    recording.query("again", 30, 40, sql, parent="req", scope="sqlalchemy")
    recording.query("again-d", 31, 39, sql, parent="req", scope="psycopg2")
    (trace,) = stored(recording).traces()
    assert names(trace) == ["alchemy", "fetch", "again"]
    query, fetch, _ = trace.spans
    assert query.code == CodePlace("app.py", 7, "view")
    assert query.hint == "Serializer.field"
    assert (query.end - query.start, fetch.parent_id) == (10_000_000, query.span_id)


def test_what_only_looks_like_a_double_report_stays(recording, stored):
    recording.span("req", 0, 100, kind="server", http__route="/a")
    recording.query("long", 0, 50, parent="req", scope="psycopg2")
    recording.query("same", 10, 20, parent="req", scope="psycopg2")
    recording.query("other", 11, 19, "SELECT other FROM t", parent="req", scope="sqlalchemy")
    recording.query("overlaps", 40, 60, parent="req", scope="sqlalchemy")
    (trace,) = stored(recording).traces()
    assert names(trace) == ["long", "same", "other", "overlaps"]


def test_loops_of_parents_end(recording, stored):
    recording.span("req", 0, 100, kind="server", http__route="/a")
    recording.span("a", 10, 20, parent="b")
    recording.span("b", 10, 20, parent="a")
    recording.span("own", 30, 40, parent="own")
    recording.span("s1", 50, 60, kind="server", parent="s2", http__route="/b")
    recording.span("s2", 50, 60, kind="server", parent="s1", http__route="/c")
    store = stored(recording)
    traces = {trace.root.name: names(trace) for trace in store.traces()}
    assert traces["req"] == ["a", "b", "own"]
    assert sum(len(spans) + 1 for spans in traces.values()) == 6
    assert sum(route.requests for route in store.routes()) == len(traces)


def test_statements_are_counted_per_route_with_weights(recording, stored):
    for number, route in enumerate(["/a", "/a", "/b"]):
        trace = f"t{number}"
        at = number * 1000
        recording.span(f"r{number}", at, at + 100, kind="server", trace=trace, http__route=route, state="ot=th:8")
        for call in range(3):
            recording.query(f"q{number}{call}", at + call, at + call + 0.5, parent=f"r{number}", trace=trace)
    store = stored(recording)
    told = {s.route: (s.requests, s.calls, s.total_ns) for s in store.statements()}
    assert told == {"/a": (4, 12, 6_000_000), "/b": (2, 6, 3_000_000)}


def test_long_pauses_are_no_traffic(recording, stored):
    hour = 3_600_000
    for number, at in enumerate([0, 60_000, 5 * hour, 5 * hour + 30_000]):
        recording.span(f"r{number}", at, at + 1_000, kind="server", trace=f"t{number}", http__route="/a")
    assert stored(recording).window_seconds() == pytest.approx(61 + 31)


def test_an_empty_store_answers():
    with Store.open() as store:
        assert store.routes() == []
        assert list(store.traces()) == []
        assert list(store.samples()) == []
        assert store.statements() == []
        assert store.window_seconds() == 0
        assert store.span_count() == 0
