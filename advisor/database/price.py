"""From a planner's cost to milliseconds, and from those to seconds in an hour of traffic (COST.md, section 4).

In: how long a statement takes now, its plan as it is and as it would be, and what is known of its traffic and of the
table's writes. Out: intervals whose lower end is meant as a promise; None where nothing is promised.

The planner is right about *whether* an index is used and about its cost, but time per unit of cost differs between
kinds of nodes and with what is cached. In 20 measured pairs of plan and truth (two settings of random_page_cost, a
table of 3 million rows) the time that was left was between 0.02 and 2 times of what cost alone foretold, where the cost
fell to a fifth or less; less at the default random_page_cost, which reckons with disks. So the interval holds that and
a margin, and below a reduction to a fifth nothing is promised at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..model import Interval
from .plan import Node, Plan

WORTH: Final = 0.2
"""A promise is made when the cost falls to this part or less."""

_LEFT: Final = Interval(point=0.3, low=0.02, high=2.5)
"""Time that is left, divided by what the fall of the cost foretells: the measured range with a margin."""
_ON_DISK: Final = 0.2
"""The same, for the point, where random_page_cost stands at its default of 4 or near."""
_DISK: Final = 2.0  # a random_page_cost from here reckons with disks
_GENERIC: Final = 1.6  # values that a generic plan does not know: some have more rows than the mean
_ESTIMATED: Final = 5.0  # costs by our own model: a row that SQLite looks up takes 40 times one that it scans, not 4
_FLOOR: Final = 0.05  # ms that any statement takes, however good its plan
_FETCH: Final = 0.5
"""Cost at which the upper end counts every row that is looked up by itself, whatever the planner thinks of their order:
where a column's correlation misleads it, ten thousand rows take 10 ms that were to take one."""
_PROBE: Final = 1.0  # … and every search of an index: the inner side of a nested loop
_FETCHING: Final = frozenset({"Index Scan", "Bitmap Heap Scan", "Parallel Index Scan", "Parallel Bitmap Heap Scan"})
_WHOLE: Final = frozenset({"Sort", "Aggregate", "Hash Join", "Unique"})  # read all that is below them
_FIXED: Final = 0.25  # ms that the upper end of what is left has on top: a few rows more than were expected

ENTRY: Final = Interval(point=0.01, low=0.001, high=0.05)
"""ms of writing one entry of one B-tree. 100,000 rows inserted into a table of a million, all in memory: about 1 µs an
entry for an index on growing numbers, 12 µs on random ones, 29 µs on random texts. Reading a page from a disk first
takes longer still."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """ms for one unit of cost, on one server, by kind of node."""

    by_type: Mapping[str, Interval] = field(default_factory=dict)
    overall: Interval | None = None


def calibrated(plans: Iterable[Plan]) -> Calibration:
    """From plans that were measured (`explain.measured`): the rate of each kind of node over all of them, with the
    lowest and the highest that was seen. Nodes of next to no cost say nothing."""
    cost: dict[str, float] = {}
    time: dict[str, float] = {}
    rates: dict[str, list[float]] = {}
    for plan in plans:
        for node, own_cost, own_ms in plan.own():
            if node.ms is None or own_cost < 1.0 or own_ms <= 0.0:
                continue
            cost[node.type] = cost.get(node.type, 0.0) + own_cost
            time[node.type] = time.get(node.type, 0.0) + own_ms
            rates.setdefault(node.type, []).append(own_ms / own_cost)
    by_type = {name: Interval(time[name] / cost[name], min(seen), max(seen)) for name, seen in rates.items()}
    if not by_type:
        return Calibration()
    every = [rate for seen in rates.values() for rate in seen]
    return Calibration(by_type, Interval(sum(time.values()) / sum(cost.values()), min(every), max(every)))


def falls(before: float | None, after: float | None) -> bool:
    """Whether a cost falls far enough that something may be promised."""
    return before is not None and after is not None and before > 0 and after <= WORTH * before


def saved(
    now_ms: float | None,
    before: Plan | float,
    after: Plan | float,
    *,
    calibration: Calibration | None = None,
    random_page_cost: float = 4.0,
    ceiling_ms: float | None = None,
) -> Interval | None:
    """ms that one call saves.

    `now_ms` is the measured mean of the statement; without it a calibration must say what its cost takes. Plans, or
    plain costs when an index was only estimated (`Proposal.before`, `.after`). `ceiling_ms`: what the whole statement
    adds to its request, where traces say so: no index saves more than that.
    """
    cost, left = _cost(before), _cost(after)
    if cost is None or left is None or not falls(cost, left):
        return None
    if now_ms is None and calibration is not None and calibration.overall is not None:
        now_ms = _time(before, calibration).low if isinstance(before, Plan) else cost * calibration.overall.low
    if now_ms is None or now_ms <= _FLOOR:
        return None
    then = _then(now_ms * left / cost, now_ms / cost, after, calibration, random_page_cost)
    most = now_ms if ceiling_ms is None else min(ceiling_ms, now_ms)
    low, point, high = (max(now_ms - end, 0.0) for end in (then.high, then.point, then.low))
    share = most / now_ms
    return Interval(point=min(point, most), low=low * share, high=min(high, most))


def _cost(of: Plan | float) -> float | None:
    return of.cost if isinstance(of, Plan) else of


def fetched(plan: Plan) -> tuple[float, float]:
    """(rows that are looked up in a table one by one, times that an index is searched) in one run of a plan."""
    return _fetched(plan.root, 1.0)


def _fetched(node: Node, times: float) -> tuple[float, float]:
    rows = node.rows * times if node.type in _FETCHING else 0.0
    probes = times if "Index" in node.type else 0.0
    for place, child in enumerate(node.children):
        again = times
        if node.type == "Nested Loop" and place == 1:
            again = times * max(node.children[0].rows, 1.0)
        elif node.type == "Limit" and node.rows < child.rows:  # it stops early, as far as nothing is sorted before
            again = times * _read(node, child) if child.type not in _WHOLE else times
        more = _fetched(child, again)
        rows, probes = rows + more[0], probes + more[1]
    return rows, probes


def _read(limit: Node, child: Node) -> float:
    """The part of a child that a limit reads. Its cost counts what an OFFSET skips, its rows do not."""
    rows = limit.rows / child.rows
    if limit.cost is None or child.cost is None or child.cost <= child.startup:
        return rows
    return max(rows, min((limit.cost - child.startup) / (child.cost - child.startup), 1.0))


def _then(
    foretold: float, rate: float, after: Plan | float, calibration: Calibration | None, random_page_cost: float
) -> Interval:
    """ms that are left. `foretold`: now's, scaled as the cost is; `rate`: ms for one unit of cost now."""
    on_disk = isinstance(after, Plan) and random_page_cost >= _DISK
    wider = _ESTIMATED if not isinstance(after, Plan) else _GENERIC if after.generic else 1.0
    point, low = foretold * (_ON_DISK if on_disk else _LEFT.point), foretold * _LEFT.low
    high = foretold * _LEFT.high * wider + _FIXED
    if isinstance(after, Plan):
        rows, probes = fetched(after)
        high += rate * (rows * _FETCH + probes * _PROBE) * wider
    if isinstance(after, Plan) and calibration is not None and calibration.by_type:
        timed = _time(after, calibration)
        if all(node.type in calibration.by_type for node, cost, _ in after.own() if cost > 0.1 * (after.cost or 0.0)):
            point = timed.point
        low, high = min(low, timed.low), max(high, timed.high)  # a measured server may only widen a promise
    return Interval(point=max(point, _FLOOR), low=low, high=high)


def _time(plan: Plan, calibration: Calibration) -> Interval:
    """ms of a plan at a server's rates; a kind of node that was never measured takes the mean of all."""
    whole = calibration.overall or Interval(0.0, 0.0, 0.0)
    mean = Interval(whole.point, whole.point * _LEFT.low, whole.point * _LEFT.high)
    point = low = high = 0.0
    for node, cost, _ in plan.own():
        rate = calibration.by_type.get(node.type, mean)
        point, low, high = point + cost * rate.point, low + cost * rate.low, high + cost * rate.high
    return Interval(point, low, high)


def upkeep(entries_per_hour: float, per_entry: Interval = ENTRY) -> Interval:
    """Seconds in an hour that writing an index takes: inserts, and updates that are not heap-only."""
    return Interval(*(entries_per_hour * ms / 1000.0 for ms in (per_entry.point, per_entry.low, per_entry.high)))


def hourly(ms: Interval, calls_per_hour: float, writes: Interval | None = None) -> Interval:
    """Seconds in an hour of traffic, writes subtracted: the lower end with the dearest of them."""
    kept = [end * calls_per_hour / 1000.0 for end in (ms.point, ms.low, ms.high)]
    if writes is None:
        return Interval(*kept)
    return Interval(kept[0] - writes.point, kept[1] - writes.high, kept[2] - writes.low)
