"""Cost to time: promises against measured pairs of plan and truth, and the arithmetic around them."""

from __future__ import annotations

import pytest

from slowlint.advisor.database.plan import Node, Plan
from slowlint.advisor.database.price import calibrated, fetched, hourly, saved, upkeep
from slowlint.advisor.model import Interval

MEASURED = (
    # random_page_cost, cost without, cost with, ms without, ms with: PostgreSQL 15, three million rows
    (4.0, 66692.19, 11861.68, 1052.154, 8.847),  # equality, 0.2 % of the rows
    (4.0, 495.1, 77.21, 0.568, 0.024),  # the same, ordered by the key, 20 rows
    (4.0, 66692.01, 40.21, 962.214, 0.013),  # equality, a few rows
    (4.0, 66691.77, 8389.96, 810.461, 64.448),  # equality, 1 %
    (4.0, 66691.95, 45099.1, 789.265, 234.091),  # equality, 5 %
    (4.0, 66692.01, 49962.35, 711.988, 280.385),  # equality, 30 %
    (4.0, 76692.21, 1094.27, 553.174, 2.014),  # range, 1 %, correlated
    (4.0, 128130.51, 2.61, 716.181, 0.013),  # ordered, 50 rows
    (4.0, 66701.62, 8659.81, 501.0, 2.75),  # counted from the index alone
    (4.0, 86791.92, 44580.95, 1324.83, 229.2),  # 50 values of an IN
    (1.1, 66692.49, 4153.77, 475.75, 5.89),
    (1.1, 417.19, 21.53, 0.52, 0.012),
    (1.1, 66692.31, 11.21, 513.38, 0.01),
    (1.1, 66692.41, 2941.26, 425.24, 35.73),
    (1.1, 66692.18, 44180.61, 573.91, 82.21),
    (1.1, 66692.26, 29193.72, 325.59, 262.98),
    (1.1, 76691.83, 860.25, 364.74, 2.03),
    (1.1, 128132.07, 2.06, 510.49, 0.015),
    (1.1, 66702.67, 2434.52, 229.46, 1.17),
    (1.1, 86791.76, 17484.91, 732.16, 189.71),
)


def _plan(cost: float, kind: str = "Seq Scan", *, generic: bool = False) -> Plan:
    return Plan(Node(kind, cost=cost), generic)


def test_measured_truth_is_inside_and_above_the_promise() -> None:
    promised = 0
    for page, before, after, now, then in MEASURED:
        got = saved(now, _plan(before), _plan(after, "Index Scan"), random_page_cost=page)
        if got is None:
            assert after > 0.2 * before
            continue
        promised += 1
        assert got.low <= now - then <= got.high
        assert got.low > (0.5 if now > 1 else 0.1) * now  # not by promising nothing
    assert promised == 14


def test_nothing_is_promised_for_little() -> None:
    assert saved(100.0, _plan(100.0), _plan(21.0)) is None
    assert saved(100.0, _plan(100.0), _plan(120.0)) is None
    assert saved(100.0, Plan(Node("query")), Plan(Node("query"))) is None
    assert saved(0.04, _plan(100.0), _plan(1.0)) is None
    assert saved(None, _plan(100.0), _plan(1.0)) is None


def test_what_is_less_sure_promises_less() -> None:
    known = saved(100.0, _plan(100.0), _plan(15.0))
    generic = saved(100.0, _plan(100.0), _plan(15.0, generic=True))
    estimated = saved(100.0, 100.0, 15.0)
    assert known is not None and generic is not None and estimated is not None
    assert known.low > generic.low > estimated.low >= 0.0


def test_a_statement_saves_no_more_than_it_adds_to_its_request() -> None:
    whole = saved(100.0, _plan(100.0), _plan(1.0))
    capped = saved(100.0, _plan(100.0), _plan(1.0), ceiling_ms=10.0)
    assert whole is not None and capped is not None
    assert capped.high <= 10.0 and capped.point <= 10.0 and capped.low == pytest.approx(whole.low / 10)


def test_rates_by_kind_of_node() -> None:
    scan = Plan(Node("Aggregate", cost=110.0, ms=52.0, children=(Node("Seq Scan", cost=100.0, ms=50.0),)))
    probe = Plan(Node("Index Scan", cost=8.0, ms=0.08))
    rates = calibrated([scan, probe])
    assert rates.by_type["Seq Scan"].point == pytest.approx(0.5)
    assert rates.by_type["Aggregate"].point == pytest.approx(0.2)
    assert rates.by_type["Index Scan"].point == pytest.approx(0.01)
    got = saved(50.0, _plan(100.0), _plan(10.0, "Index Scan"), calibration=rates)
    assert got is not None and got.point == pytest.approx(50.0 - 0.1)
    untimed = saved(None, _plan(100.0), _plan(10.0, "Index Scan"), calibration=rates)
    assert untimed is not None and untimed.high <= 50.0


def test_a_limit_asks_for_a_part_of_what_stands_below() -> None:
    plan = Plan(Node("Limit", cost=2.0, ms=1.0, children=(Node("Index Scan", cost=1000.0, ms=0.9),)))
    assert [(node.type, round(cost, 3)) for node, cost, _ in plan.own()] == [("Limit", 0.0), ("Index Scan", 2.0)]


def test_what_an_offset_skips_is_read() -> None:
    scan = Node("Index Scan", cost=1000.0, rows=10_000.0)
    assert fetched(Plan(Node("Limit", cost=2.0, rows=20.0, children=(scan,)))) == (pytest.approx(20.0), 0.002)
    assert fetched(Plan(Node("Limit", cost=502.0, rows=20.0, children=(scan,))))[0] == pytest.approx(5020.0)


def test_writes_are_subtracted() -> None:
    writes = upkeep(3_600_000, Interval(point=0.01, low=0.005, high=0.05))
    assert writes == Interval(36.0, 18.0, 180.0)
    ms = Interval(point=20.0, low=10.0, high=30.0)
    assert hourly(ms, 10_000) == Interval(200.0, 100.0, 300.0)
    assert hourly(ms, 10_000, writes) == Interval(164.0, -80.0, 282.0)
