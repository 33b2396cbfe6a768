"""Before and after in, predicted against measured out.

A finding counts as fixed when its statements are sent at most half as often per request. What was fixed on a route is
replayed together in the requests before, and compared with what the requests afterwards took. Everything is weighted
with the traffic before, so a changed mix of routes changes nothing. Works from spans alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ..linter.model import Finding
from .advise import Analysis, analyse
from .evidence import Tie
from .model import Advice, FindingCheck, FixStatus, Interval, RouteCheck, Verdict, Verification
from .pricing import RoutePricer, combined, quantile
from .store import Store
from .traffic import RouteRecord

_FIXED: Final = 0.5
"""Part of the calls that may remain when a finding counts as fixed: a batch leaves one in n, chunks some more."""
_FEW_REQUESTS: Final = 5
_UNCHANGED: Final = 0.9
_RESAMPLES: Final = 1000
_TAIL: Final = 0.05
_NOISE: Final = 0.02
"""Promises below this share are not judged: no measurement of requests is that exact."""

Key = tuple[str, str]


def verify(
    before: Store,
    after: Store,
    advice_before: Advice,
    *,
    repository_files: Iterable[str],
    per_route: int = 200,
    seed: int = 0,
) -> Verification:
    """Compare the promises of `advice_before` (made from `before`) with what `after` measured.

    Services may have changed their names; routes are compared by template and method. Code may have moved: what is
    compared is how often a route sends a finding's statements.
    """
    files = tuple(repository_files)
    old = analyse(advice_before.result, before, repository_files=files, per_route=per_route, seed=seed)
    new = analyse(advice_before.result, after, repository_files=files, per_route=per_route, seed=seed)
    pairs = _pairs(old, new)
    prices = {entry.finding.fingerprint: entry.cost for entry in advice_before.ranked}
    checks: list[FindingCheck] = []
    fixed: list[Tie] = []
    for tie in old.ties:
        cost = prices.get(tie.finding.fingerprint)
        if cost is None or not tie.claims:
            continue
        calls_before, calls_after, compared = _calls(tie, pairs)
        status = _status(calls_before, calls_after, compared)
        checks.append(FindingCheck(tie.finding, status, cost.ms_per_request, calls_before, calls_after))
        if status in ("fixed", "reduced"):
            fixed.append(tie)
    routes = [_route(left, right, fixed, seed) for left, right in pairs.values()]
    routes.sort(key=lambda check: (-check.before_ms * check.requests_before, check.service, check.route, check.method))
    weights = {left.record.key: left.record.traffic.requests * left.mean_ns for left, _ in pairs.values()}
    order = [weights[left.record.key] for left in (pair[0] for pair in _ordered(pairs, routes))]
    order_of = {finding.fingerprint: at for at, finding in enumerate(entry.finding for entry in advice_before.ranked)}
    checks.sort(key=lambda check: order_of[check.finding.fingerprint])
    return Verification(
        findings=tuple(checks),
        routes=tuple(routes),
        predicted=combined([(weight, check.predicted) for weight, check in zip(order, routes, strict=True)]),
        measured=combined([(weight, check.measured) for weight, check in zip(order, routes, strict=True)]),
        appeared=_appeared(old, new),
        failed=any(check.verdict == "did not come" for check in routes),
        notes=tuple(_notes(old, pairs, checks, routes)),
    )


Pairs = Mapping[Key, tuple[RoutePricer, RoutePricer]]


def _pairs(old: Analysis, new: Analysis) -> Pairs:
    """Routes measured on both sides. Of several with one template (two services) the busiest is compared."""

    def by_key(analysis: Analysis) -> dict[Key, RoutePricer]:
        found: dict[Key, RoutePricer] = {}
        for pricer in analysis.ranker.pricers():
            key = (pricer.record.key.canonical, pricer.record.key.method)
            if key not in found or found[key].record.traffic.requests < pricer.record.traffic.requests:
                found[key] = pricer
        return found

    left, right = by_key(old), by_key(new)
    return {key: (left[key], right[key]) for key in left if key in right}


def _ordered(pairs: Pairs, routes: Sequence[RouteCheck]) -> list[tuple[RoutePricer, RoutePricer]]:
    named = {tuple(left.record.key): (left, right) for left, right in pairs.values()}
    return [named[check.service, check.route, check.method] for check in routes]


def _calls(tie: Tie, pairs: Pairs) -> tuple[float, float, bool]:
    """Mean calls per request of the finding's statements before and after, over its routes; False without a route."""
    before = after = weight = 0.0
    by_route: dict[Key, set[tuple[str, str]]] = {}
    for claim in tie.claims:
        key = (claim.group.key.route.canonical, claim.group.key.route.method)
        by_route.setdefault(key, set()).add((claim.group.key.fingerprint, claim.group.function))
    for key, statements in by_route.items():
        if key in pairs:
            left, right = pairs[key]
            requests = left.record.traffic.requests
            weight += requests
            before += requests * _sent(left.record, statements)
            after += requests * _sent(right.record, statements)
    return (before / weight, after / weight, True) if weight else (0.0, 0.0, False)


def _sent(record: RouteRecord, statements: set[tuple[str, str]]) -> float:
    """Calls per request. A statement counts from its function; from anywhere, when that function sends nothing here."""
    functions = {group.function for group in record.groups}
    wanted = {(name, function if function in functions else "") for name, function in statements}
    weight = sum(request.weight for request in record.requests)
    calls = 0.0
    for group in record.groups:
        name = group.key.fingerprint
        if (name, group.function) in wanted or (name, "") in wanted:
            for position, indices in group.calls.items():
                request = record.requests[position]
                calls += request.weight * sum(request.counts[index] for index in indices)
    return calls / weight if weight else 0.0


def _status(before: float, after: float, compared: bool) -> FixStatus:
    if not compared:
        return "not run"
    if after <= _FIXED * before:
        return "fixed"
    return "reduced" if after < _UNCHANGED * before else "remains"


def _route(left: RoutePricer, right: RoutePricer, fixed: Sequence[Tie], seed: int) -> RouteCheck:
    key = left.record.key
    here = [tie for tie in fixed if any(claim.group.key.route == key for claim in tie.claims)]
    predicted = left.estimate([claim for tie in here for claim in tie.claims]).share
    measured = _measured(left, right, seed)
    return RouteCheck(
        *key,
        requests_before=len(left.record.requests),
        requests_after=len(right.record.requests),
        before_ms=left.mean_ns / 1e6,
        after_ms=right.mean_ns / 1e6,
        predicted=predicted,
        measured=measured,
        fixed=tuple(tie.finding.fingerprint for tie in here),
        verdict=_verdict(left, right, here, predicted, measured),
    )


def _verdict(
    left: RoutePricer, right: RoutePricer, fixed: Sequence[Tie], predicted: Interval, measured: Interval
) -> Verdict:
    if not fixed:
        return "nothing fixed"
    fewest = min(len(left.record.requests), len(right.record.requests))
    if predicted.point <= _NOISE or fewest < _FEW_REQUESTS:
        return "too little to judge"
    if measured.high < max(predicted.low, _NOISE):
        return "did not come"
    return "more than promised" if measured.low > predicted.high else "came"


def _measured(left: RoutePricer, right: RoutePricer, seed: int) -> Interval:
    """Share by which the mean uninstrumented request became shorter, with its bootstrap interval."""
    rng = random.Random(seed)
    old, new = left.clean(), right.clean()
    if not old or not new or left.mean_ns <= 0:
        return Interval(0.0, 0.0, 0.0)
    shares = sorted(1.0 - _mean(rng, new) / max(1e-9, _mean(rng, old)) for _ in range(_RESAMPLES))
    point = 1.0 - right.mean_ns / left.mean_ns
    return Interval(point, min(point, quantile(shares, _TAIL)), max(point, quantile(shares, 1.0 - _TAIL)))


def _mean(rng: random.Random, weighted: Sequence[tuple[float, float]]) -> float:
    drawn = rng.choices(weighted, k=len(weighted))
    return sum(weight * ns for weight, ns in drawn) / sum(weight for weight, _ in drawn)


def _appeared(old: Analysis, new: Analysis) -> tuple[Finding, ...]:
    known = {(tie.finding.code, tie.finding.place.path, tie.finding.symbol) for tie in old.ties}
    fresh = [tie.finding for tie in new.ties if tie.finding.family == "runtime"]
    return tuple(f for f in fresh if (f.code, f.place.path, f.symbol) not in known)


def _notes(old: Analysis, pairs: Pairs, checks: Sequence[FindingCheck], routes: Sequence[RouteCheck]) -> Iterable[str]:
    if not pairs:
        yield "No route was measured both before and after: nothing could be compared."
    missing = len(old.records) - len(pairs)
    if pairs and missing > 0:
        yield f"{missing} of {len(old.records)} routes were not called afterwards and are left out."
    if checks and not any(check.status in ("fixed", "reduced") for check in checks):
        yield "Every finding is still there: nothing that was promised could be tested."
    still = [check for check in routes if not check.fixed]
    if still:
        weight = sum(check.before_ms * check.requests_before for check in still)
        drift = sum(check.before_ms * check.requests_before * check.measured.point for check in still) / weight
        yield (
            f"On the {len(still)} routes where nothing was fixed the time changed by {-drift:+.0%}: "
            "so much the two recordings differ anyway."
        )
