"""What a set of claims would save on one route: replayed over its sampled requests, with an interval.

In: a route's record, claims, and the profile's shares of its places. Out: the saved fraction of the uninstrumented
request. Claims are replayed together, so what overlaps is counted once. Does not rank.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .formulas import (
    PROFILE_SPREAD,
    PROFILE_WEIGHT,
    SCENARIOS,
    Claim,
    Scenario,
    calls_removed,
    edits,
    following_gaps,
    profile_saving,
)
from .model import Interval
from .replay import duration
from .traffic import RouteRecord, Spot, calls_per_request, time_per_request

_RESAMPLES: Final = 200
_TAIL: Final = 0.05
"""Each end of the interval leaves this part of the bootstrap distribution outside."""
_LEAST_TIME: Final = 0.1
"""Part of a recorded request that is never taken for instrumentation."""

Saved = tuple[float, float, float]
"""ns saved in one request: low, point, high."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Saved fraction of the route's uninstrumented time; `mean_ns` is that time per request."""

    share: Interval
    mean_ns: float
    profiled: bool


class RoutePricer:
    """Prices sets of claims on one route. Keeps what every set needs again: gaps and uninstrumented durations."""

    def __init__(
        self,
        record: RouteRecord,
        profile: Mapping[Spot, tuple[float, float]],
        ns_per_span: float,
        lookup_ns: float,
        seed: int = 0,
    ) -> None:
        self.record = record
        self._profile = profile
        self._ns_per_span = ns_per_span
        self._lookup_ns = lookup_ns
        self._gaps = [following_gaps(request) for request in record.requests]
        self._clean = [
            max(request.duration - ns_per_span * len(request), _LEAST_TIME * request.duration)
            for request in record.requests
        ]
        weight = sum(request.weight for request in record.requests)
        total = sum(request.weight * ns for request, ns in zip(record.requests, self._clean, strict=True))
        self.mean_ns = total / weight if weight else 0.0
        self._draws = _draws(len(record.requests), seed)
        self._place_ns: dict[Spot, float] = {}
        for group in record.groups:
            if group.key.spot is not None:
                known = self._place_ns.get(group.key.spot, 0.0)
                self._place_ns[group.key.spot] = known + time_per_request(record, group)

    def clean(self) -> list[tuple[float, float]]:
        """Weight and uninstrumented ns of every request."""
        return [(request.weight, ns) for request, ns in zip(self.record.requests, self._clean, strict=True)]

    def estimate(self, claims: Sequence[Claim]) -> Estimate:
        """The saved share once all `claims` (those on this route) are fixed."""
        own = [claim for claim in claims if claim.group.key.route == self.record.key]
        if not own or self.mean_ns <= 0:
            return Estimate(Interval(0.0, 0.0, 0.0), self.mean_ns, False)
        low, point, high = self._interval(self._replay(own))
        profiled = [claim for claim in own if self._profiled(claim)]
        if profiled:
            rest = [claim for claim in own if claim not in profiled]
            others = 0.0
            if rest:  # what only spans know comes on top, as far as it does not overlap
                others = max(0.0, point - self._interval(self._replay(profiled))[1])
            seen = sum(self._by_profile(claim) for claim in _once(profiled)) + others
            point = min(1.0, PROFILE_WEIGHT * seen + (1.0 - PROFILE_WEIGHT) * point)
            low = min(point, max(low, point * (1.0 - PROFILE_SPREAD)))
            high = max(point, min(high, point * (1.0 + PROFILE_SPREAD)))
        return Estimate(Interval(point, min(low, point), max(high, point)), self.mean_ns, bool(profiled))

    def _replay(self, claims: Sequence[Claim]) -> list[Saved]:
        touched = {position for claim in claims for position in claim.group.calls}
        saved: list[Saved] = [(0.0, 0.0, 0.0)] * len(self.record.requests)
        for position in touched:
            low, point, high = (self._saved(position, claims, scenario) for scenario in SCENARIOS)
            saved[position] = (min(low, point), point, max(point, high))
        return saved

    def _saved(self, position: int, claims: Sequence[Claim], scenario: Scenario) -> float:
        request = self.record.requests[position]
        made = edits(request, position, claims, scenario, self._gaps[position], self._lookup_ns)
        less = request.duration - duration(request, made)
        # The spans that go take their instrumentation with them, which the uninstrumented request never had.
        less -= self._ns_per_span * calls_removed(request, made)
        return min(max(0.0, less), self._clean[position])

    def _interval(self, saved: Sequence[Saved]) -> Saved:
        weights = [request.weight for request in self.record.requests]
        time = [weight * ns for weight, ns in zip(weights, self._clean, strict=True)]
        whole = sum(time)
        point = sum(weight * ns[1] for weight, ns in zip(weights, saved, strict=True)) / whole
        lows = [weight * ns[0] for weight, ns in zip(weights, saved, strict=True)]
        highs = [weight * ns[2] for weight, ns in zip(weights, saved, strict=True)]
        low = quantile(self._resampled(lows, time), _TAIL)
        high = quantile(self._resampled(highs, time), 1.0 - _TAIL)
        return min(low, point), point, max(high, point)

    def _resampled(self, values: Sequence[float], time: Sequence[float]) -> list[float]:
        return [sum(values[i] for i in draw) / max(1e-9, sum(time[i] for i in draw)) for draw in self._draws]

    def _profiled(self, claim: Claim) -> bool:
        spot = claim.group.key.spot
        return (
            claim.remedy in ("batch", "eager")
            and spot is not None
            and spot in self._profile
            and self._place_ns.get(spot, 0.0) > 0
        )

    def _by_profile(self, claim: Claim) -> float:
        spot = claim.group.key.spot
        assert spot is not None
        share, rows = self._profile[spot]
        part = time_per_request(self.record, claim.group) / self._place_ns[spot]
        calls = calls_per_request(self.record, claim.group)
        return profile_saving(share * part, rows * part, claim.remedy, calls)


def _once(claims: Sequence[Claim]) -> list[Claim]:
    """Every group once; the remedy that does more stays."""
    kept: dict[int, Claim] = {}
    for claim in claims:
        known = kept.get(claim.group.number)
        if known is None or known.remedy != "batch":
            kept[claim.group.number] = claim
    return list(kept.values())


def _draws(count: int, seed: int) -> list[list[int]]:
    """Bootstrap resamples of requests, the same for every set of claims of a route."""
    rng = random.Random(seed)
    return [rng.choices(range(count), k=count) for _ in range(_RESAMPLES)] if count else []


def quantile(values: Sequence[float], at: float) -> float:
    """The value below which the part `at` of `values` lies (nearest rank); 0.0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(at * (len(ordered) - 1))))] if ordered else 0.0


def combined(parts: Sequence[tuple[float, Interval]]) -> Interval:
    """Weighted mean of intervals, end by end: what several routes save together."""
    whole = sum(weight for weight, _ in parts)
    if whole <= 0:
        return Interval(0.0, 0.0, 0.0)

    def mean(pick: Callable[[Interval], float]) -> float:
        return sum(weight * pick(interval) for weight, interval in parts) / whole

    return Interval(mean(lambda i: i.point), mean(lambda i: i.low), mean(lambda i: i.high))


def scaled(interval: Interval, factor: float) -> Interval:
    """The interval in another unit."""
    return Interval(interval.point * factor, interval.low * factor, interval.high * factor)
