"""What a finding costs and how sure we are: ties in, prices and their order out.

Ranked by recoverable seconds per hour of traffic; the vital few are the smallest set with 80 % of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from .evidence import Tie
from .formulas import blocking_relief
from .model import Cost, Interval, Ranked, RouteSaving
from .pricing import Estimate, RoutePricer, combined, scaled
from .profile import Profile
from .routes import RouteSet
from .traffic import RouteKey, RouteRecord, Spot

VITAL_SHARE: Final = 0.8
_NOTHING: Final = Interval(0.0, 0.0, 0.0)


class Ranker:
    """Prices ties over all routes of one window of traffic."""

    def __init__(
        self,
        records: Sequence[RouteRecord],
        profile: Profile,
        shares: Mapping[RouteKey, Mapping[Spot, tuple[float, float]]],
        ns_per_span: float,
        lookup_ns: float,
        window_seconds: float,
    ) -> None:
        self._profile = profile
        self._hours = max(window_seconds, 1e-9) / 3600.0
        self._pricers = {
            record.key: RoutePricer(record, shares.get(record.key, {}), ns_per_span, lookup_ns) for record in records
        }

    def pricers(self) -> Iterable[RoutePricer]:
        """The pricer of every route."""
        return self._pricers.values()

    def price(self, tie: Tie) -> Cost:
        """The cost of one finding."""
        if any(claim.remedy == "offload" for claim in tie.claims):
            return self._blocking(tie)
        if tie.claims:
            return self._replayed(tie)
        return self._unplaced(tie)

    def together(self, ties: Sequence[Tie]) -> tuple[tuple[RouteSaving, ...], Interval]:
        """What everything in `ties` saves on each route, replayed jointly, and as a share of all time."""
        claims = [claim for tie in ties for claim in tie.claims]
        savings = []
        parts = []
        for key, pricer in self._pricers.items():
            traffic = pricer.record.traffic
            estimate = pricer.estimate(claims)
            parts.append((traffic.requests * pricer.mean_ns, estimate.share))
            savings.append(
                RouteSaving(
                    *key,
                    requests=traffic.requests,
                    mean_ms=traffic.mean_ns / 1e6,
                    share=estimate.share,
                    ms=scaled(estimate.share, pricer.mean_ns / 1e6),
                )
            )
        savings.sort(key=lambda s: (-s.requests * s.ms.point, s.service, s.route, s.method))
        return tuple(savings), combined(parts)

    def _replayed(self, tie: Tie) -> Cost:
        touched = sorted({claim.group.key.route for claim in tie.claims})
        estimates = [(self._pricers[key], self._pricers[key].estimate(tie.claims)) for key in touched]
        formula = "F1 to F2 replayed, point F1 + half of F4's gaps"
        if any(claim.remedy in ("index", "slow") for claim in tie.claims):
            formula = "replayed down to a typical look-up"
        elif all(claim.remedy == "eager" for claim in tie.claims):
            formula = "look-ups replayed, two of three repairs remove them"
        if any(estimate.profiled for _, estimate in estimates):
            formula += "; F6 from the profile"
        return self._cost(tie, estimates, formula)

    def _cost(self, tie: Tie, estimates: Sequence[tuple[RoutePricer, Estimate]], formula: str) -> Cost:
        requests = sum(pricer.record.traffic.requests for pricer, _ in estimates)
        share = combined([(p.record.traffic.requests * p.mean_ns, e.share) for p, e in estimates])
        per_request = combined([(p.record.traffic.requests, scaled(e.share, p.mean_ns / 1e6)) for p, e in estimates])
        return Cost(
            share=share,
            ms_per_request=per_request,
            seconds_per_hour=scaled(per_request, requests / self._hours / 1000.0),
            routes=tuple(_spelled(pricer.record.key) for pricer, _ in estimates),
            evidence=tie.evidence,
            formula=formula,
            requests=requests,
            per_route={_spelled(pricer.record.key): estimate.share for pricer, estimate in estimates},
        )

    def _blocking(self, tie: Tie) -> Cost:
        """Blocks of an event loop delay every request of their service, not only their own."""
        services = {claim.group.key.route.service for claim in tie.claims}
        blocks, squares = 0.0, 0.0
        for claim in tie.claims:
            record = self._pricers[claim.group.key.route].record
            scale = record.traffic.requests / max(1e-9, sum(request.weight for request in record.requests))
            for position, indices in claim.group.calls.items():
                request = record.requests[position]
                for index in indices:
                    blocks += scale * request.weight
                    squares += scale * request.weight * float(request.ends[index] - request.starts[index]) ** 2
        window_ns = self._hours * 3600e9
        relief = blocking_relief(blocks / window_ns, squares / blocks) if blocks else 0.0
        victims = [pricer for key, pricer in self._pricers.items() if key.service in services]
        estimates = []
        for pricer in victims:
            share = min(1.0, relief / pricer.mean_ns) if pricer.mean_ns > 0 else 0.0
            estimates.append((pricer, Estimate(Interval(share, 0.0, min(1.0, 2.0 * share)), pricer.mean_ns, False)))
        return self._cost(tie, estimates, "M/G/1 at light load: waiting caused to other requests of the loop")

    def _unplaced(self, tie: Tie) -> Cost:
        """No span belongs to the finding: its share of a profile is the most it can save, or nothing is known."""
        known = RouteSet(tie.finding.routes)
        pricers = [p for key, p in self._pricers.items() if not known or known.holds(key.canonical, key.method)]
        whole = sum(p.record.traffic.requests * p.mean_ns for p in self._pricers.values())
        own = sum(p.record.traffic.requests * p.mean_ns for p in pricers)
        if tie.profile_share and own > 0:
            share = min(1.0, tie.profile_share * whole / own)
            each = Interval(share / 2.0, 0.0, share)
            formula = "half of the profile's samples that pass through the line"
            return self._cost(tie, [(p, Estimate(each, p.mean_ns, True)) for p in pricers], formula)
        return self._cost(tie, [(p, Estimate(_NOTHING, p.mean_ns, False)) for p in pricers], "not priced: route only")


def _spelled(key: RouteKey) -> str:
    return f"{key.method} {key.route}".strip() or "(no route)"


def in_order(priced: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Most recoverable time first; then what could be recovered at best, place and code."""
    return tuple(
        sorted(
            priced,
            key=lambda r: (
                -r.cost.seconds_per_hour.point,
                -r.cost.seconds_per_hour.high,
                r.finding.place,
                r.finding.code,
                r.finding.fingerprint,
            ),
        )
    )


def vital_few(ranked: Sequence[Ranked]) -> tuple[str, ...]:
    """Fingerprints of the smallest set of findings that holds 80 % of the recoverable time."""
    whole = sum(entry.cost.seconds_per_hour.point for entry in ranked)
    chosen: list[str] = []
    held = 0.0
    for entry in ranked:
        if whole <= 0 or held >= VITAL_SHARE * whole:
            break
        chosen.append(entry.finding.fingerprint)
        held += entry.cost.seconds_per_hour.point
    return tuple(chosen)
