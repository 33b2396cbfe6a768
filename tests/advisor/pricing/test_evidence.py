"""Which spans a finding may claim: its line, its statement, its routes; and that nobody else claims them too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slowlint.advisor.advise import advise
from slowlint.advisor.model import UNKNOWN_PATH, Advice
from slowlint.advisor.report._figures import where
from slowlint.advisor.store import Store
from slowlint.linter.model import Because, Finding, LintResult, Place, Query

from .conftest import BATCH_LINE, LOOP_LINE

Recorded = Callable[..., Store]
VIEWS = "shop/views.py"
LOOP = Place(VIEWS, LOOP_LINE)
ORDERS = Query("SELECT", ("orders",), ("customer_id",))


def finding(code: str, place: Place, *routes: str, query: Query | None = None, because: Place | None = None) -> Finding:
    steps = (Because(because, "here"),) if because else ()
    return Finding(
        code, "orm", "slow", place, "warning", "certain", "f", f"{code}{place.line}", steps, routes, query, "mend it"
    )


def advice(store: Store, *findings: Finding) -> Advice:
    return advise(LintResult(findings, 1), store, repository_files=[VIEWS, "shop/models.py"])


def codes(found: Advice) -> dict[str, float]:
    """What is ranked, with the share it saves."""
    return {entry.finding.code: entry.cost.share.point for entry in found.ranked}


def test_loop_that_the_linter_knows_is_not_found_a_second_time(shop: Recorded) -> None:
    store = shop("looped")
    alone = codes(advice(store))
    assert alone.keys() == {"repeated-query"}
    for routes in ((), ("GET /customers/{number}",), ("/customers/{id}", "/elsewhere"), ("/elsewhere",)):
        known = codes(advice(store, finding("query-in-loop", LOOP, *routes, query=ORDERS)))
        assert known == {"query-in-loop": pytest.approx(alone["repeated-query"])}, routes


def test_blocking_call_claims_only_routes_that_reach_it_on_the_loop(shop: Recorded) -> None:
    store = shop("looped")
    here = advice(store, finding("blocking-call-reachable", LOOP, "GET /customers/{id}"))
    assert here.ranked[-1].finding.code == "blocking-call-reachable"
    assert here.ranked[-1].cost.evidence.routes == ("/customers/{id}",)
    elsewhere = advice(store, finding("blocking-call-reachable", LOOP, "GET /about"))
    priced = {entry.finding.code: entry.cost for entry in elsewhere.ranked}
    assert priced["blocking-call-reachable"].evidence.kind == "route"
    assert priced["blocking-call-reachable"].seconds_per_hour.high == 0.0


def test_missing_index_and_blocked_loop_do_not_hide_that_a_statement_is_repeated(shop: Recorded) -> None:
    store = shop("looped")
    index = finding("unindexed-foreign-key", Place("shop/models.py", 5), query=ORDERS)
    blocking = finding("blocking-call-reachable", LOOP, "/customers/{id}")
    found = advice(store, index, blocking)
    assert codes(found).keys() == {"unindexed-foreign-key", "blocking-call-reachable", "repeated-query"}
    alone = advice(store)
    together, single = ({one.route: one.share for one in each.routes} for each in (found, alone))
    assert together["/customers/{id}"].point == pytest.approx(single["/customers/{id}"].point, abs=0.02)


def test_what_a_query_fetches_is_another_matter_than_how_often_it_is_sent(shop: Recorded) -> None:
    found = advice(shop("looped"), finding("over-fetching", LOOP, "/customers/{id}", query=ORDERS))
    prices = {entry.finding.code: entry.cost.share for entry in found.ranked}
    assert prices["repeated-query"].point > 0.3
    assert prices["over-fetching"].point == 0.0 < prices["over-fetching"].high < 1.0


def test_reason_claims_a_loop_only_where_the_finding_is_reached(shop: Recorded) -> None:
    store = shop("looped")
    at = Place("shop/models.py", 9)
    near = advice(store, finding("query-in-loop", at, "/customers/{id}", because=LOOP))
    assert codes(near).keys() == {"query-in-loop"}
    far = advice(store, finding("query-in-loop", at, "/about", because=LOOP))
    assert far.ranked[0].finding.code == "repeated-query"


def test_a_line_that_runs_once_elsewhere_is_not_the_loop(shop: Recorded) -> None:
    once = finding("query-in-loop", Place(VIEWS, BATCH_LINE), "POST /import")
    found = advice(shop("batched"), once)
    assert found.unmeasured == (once,) and found.ranked == ()


def test_another_method_of_a_route_is_another_route(shop: Recorded) -> None:
    place = Place("shop/models.py", 9)
    measured = finding("query-in-loop", place, "GET /about")
    other = finding("write-in-loop", place, "POST /about")
    found = advice(shop("looped"), measured, other)
    assert [entry.cost.evidence.kind for entry in found.ranked if entry.finding == measured] == ["route"]
    assert found.unmeasured == (other,)


def test_statement_of_another_table_on_the_same_line_stays_unexplained(shop: Recorded) -> None:
    other = finding("query-in-loop", LOOP, "/customers/{id}", query=Query("SELECT", ("invoice",)))
    assert advice(shop("looped"), other).ranked[0].finding.code == "repeated-query"


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("app/views.py", "../shop/app/views.py:5"),
        ("/usr/lib/python3/x.py", "/usr/lib/python3/x.py:5"),
        (r"C:\app\x.py", r"C:\app\x.py:5"),
        (UNKNOWN_PATH, "(spans without a code place)"),
    ],
)
def test_places_are_told_as_seen_from_the_working_folder(path: str, seen: str) -> None:
    assert where(Place(path, 5), "../shop/") == seen
