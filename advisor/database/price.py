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
from .plan import Plan

WORTH: Final = 0.2
"""A promise is made when the cost falls to this part or less."""

_LEFT: Final = Interval(point=0.3, low=0.02, high=2.5)
"""Time that is left, divided by what the fall of the cost foretells: the measured range with a margin."""
_LEFT_ON_DISK: Final = Interval(point=0.2, low=0.02, high=1.5)
"""The same where random_page_cost stands at its default of 4 or near."""
_DISK: Final = 2.0  # a random_page_cost from here reckons with disks
_GENERIC: Final = 1.6  # values that a generic plan does not know: some have more rows than the mean
_ESTIMATED: Final = 2.0  # costs by our own model of a B-tree
_FLOOR: Final = 0.05  # ms that any statement takes, however good its plan

ENTRY: Final = Interval(point=0.01, low=0.003, high=0.05)
"""ms of writing one entry of one B-tree. An insert into a table of a million rows took 4 µs longer for each index on
growing values, and up to 10 times that on random ones; reading a page from a disk first takes longer still."""


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
    then = _then(now_ms * left / cost, after, calibration, random_page_cost)
    most = now_ms if ceiling_ms is None else min(ceiling_ms, now_ms)
    low, point, high = (max(now_ms - end, 0.0) for end in (then.high, then.point, then.low))
    share = most / now_ms
    return Interval(point=min(point, most), low=low * share, high=min(high, most))


def _cost(of: Plan | float) -> float | None:
    return of.cost if isinstance(of, Plan) else of


def _then(foretold: float, after: Plan | float, calibration: Calibration | None, random_page_cost: float) -> Interval:
    """ms that are left. `foretold`: now's, scaled as the cost is."""
    left = _LEFT_ON_DISK if random_page_cost >= _DISK else _LEFT
    wider = 1.0
    if not isinstance(after, Plan):
        left, wider = _LEFT, _ESTIMATED
    elif after.generic:
        wider = _GENERIC
    point, low, high = foretold * left.point, foretold * left.low, foretold * left.high * wider
    if isinstance(after, Plan) and calibration is not None and calibration.by_type:
        timed = _time(after, calibration)
        if all(node.type in calibration.by_type for node, cost, _ in after.own() if cost > 0.1 * (after.cost or 0.0)):
            point = timed.point
        low, high = min(low, timed.low), max(high, timed.high)  # a measured server may only widen a promise
    return Interval(point=max(point, min(_FLOOR, high)), low=low, high=max(high, _FLOOR))


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
