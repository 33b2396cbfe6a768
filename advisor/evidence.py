"""Findings and telemetry in; what ties them out, strongest first and always said.

1 `place`: a code place of a span (or a profile frame) lies in the finding's lines, or in those of its reasons, on a
  route that reaches the finding. (A finding without routes may be reached by all.)
2 `statement-route`: the finding predicts the statement, on a route that reaches the finding.
3 `statement`: the finding predicts the statement and no other finding does.
4 `route`: only the route is common. Does not price anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..linter.model import Finding, Place, Query
from .formulas import Claim, remedy_for
from .model import Evidence, EvidenceKind
from .profile import Profile
from .routes import RouteSet
from .statements import shape
from .traffic import Group, RouteKey, RouteRecord, Spot, calls_per_request

_STRENGTH: Final[dict[EvidenceKind, int]] = {"place": 0, "statement-route": 1, "statement": 2, "route": 3, "none": 4}
_REPEATED: Final = 1.5
"""Mean calls per request from which a group can be what a finding about a loop means."""


@dataclass(frozen=True, slots=True)
class Tie:
    """One finding, what ties it to telemetry, and the groups of spans it is about."""

    finding: Finding
    evidence: Evidence
    claims: tuple[Claim, ...]
    profile_share: float = 0.0
    """Share of all samples that pass through the finding's lines, when only a profile has seen them."""


@dataclass(slots=True)
class _Match:
    groups: dict[int, Group]
    kind: EvidenceKind = "none"
    calls: int = 0


def tie(findings: Sequence[Finding], records: Sequence[RouteRecord], profile: Profile) -> list[Tie]:
    """One tie per finding, in the findings' order; `none` when telemetry never saw its code run."""
    matches = [_Match({}) for _ in findings]
    index = _Index(findings)
    for record in records:
        for group in record.groups:
            kind, chosen = index.explains(record, group)
            for number in chosen:
                match = matches[number]
                if _STRENGTH[kind] < _STRENGTH[match.kind]:
                    match.kind = kind
                match.groups[group.number] = group
                match.calls += sum(map(len, group.calls.values()))
    return [_conclude(finding, match, records, profile) for finding, match in zip(findings, matches, strict=True)]


class _Index:
    """Findings by line, by statement and by route."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._findings = findings
        self._lines: dict[str, list[tuple[int, int, int, bool]]] = defaultdict(list)
        self._statements: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._routes = [RouteSet(finding.routes) for finding in findings]
        for number, finding in enumerate(findings):
            self._add(number, finding.place, True)
            for step in finding.because:
                self._add(number, step.place, False)
            if finding.query is not None and finding.query.tables:
                self._statements[_head(finding.query)].append(number)

    def _add(self, number: int, place: Place, own: bool) -> None:
        self._lines[place.path].append((place.line, max(place.line, place.end_line), number, own))

    def explains(self, record: RouteRecord, group: Group) -> tuple[EvidenceKind, list[int]]:
        """The findings that a group of spans belongs to, and by what."""
        query = shape(group.statement) if group.statement else None
        looped = calls_per_request(record, group) >= _REPEATED
        placed = self._at(record.key, group.key.spot, query, looped)
        if placed:
            return "place", placed
        if query is None or not query.tables:
            return "none", []
        alike = [n for n in self._statements.get(_head(query), ()) if _predicts(self._findings[n].query, query)]
        alike = [n for n in alike if self._may_mean(n, group, looped)]
        here = [n for n in alike if self._routes[n].holds(record.key.canonical, record.key.method)]
        if here:
            return "statement-route", _closest(here, self._findings, query)
        if len(alike) == 1 and not self._routes[alike[0]]:
            return "statement", alike
        return "none", []

    def _at(self, route: RouteKey, spot: Spot | None, query: Query | None, looped: bool) -> list[int]:
        if spot is None or spot.path not in self._lines:
            return []
        hits = [(n, own) for low, high, n, own in self._lines[spot.path] if low <= spot.line <= high]
        direct = sorted({n for n, own in hits if own and self._reached(n, route, looped)})
        near = sorted({n for n, own in hits if not own and self._reached(n, route, False)} - set(direct))
        for placed, own in ((direct, True), (near, False)):
            candidates = placed
            if query is not None and query.tables:
                same = [n for n in candidates if _same_table(self._findings[n].query, query)]
                if same and (own or looped):
                    return _closest(same, self._findings, query)
                # A finding that predicts another table is about another statement of this line.
                candidates = [n for n in candidates if not _tables_known(self._findings[n].query)]
            if candidates and (own or looped):
                return candidates
        return []

    def _reached(self, number: int, route: RouteKey, looped: bool) -> bool:
        """Whether what a route does at a finding's line can be what the finding means.

        A line that repeats a call is the loop whichever way it was reached: the linter cannot follow every call. That
        a line blocks an event loop shows only on the routes that get there without leaving it.
        """
        known = self._routes[number]
        if not known or known.holds(route.canonical, route.method):
            return True
        return looped and not self._findings[number].code.startswith("blocking-")

    def _may_mean(self, number: int, group: Group, looped: bool) -> bool:
        """A statement seen elsewhere, once per request, is not the loop that a finding means."""
        return looped or remedy_for(self._findings[number].code, group) in ("index", "slow")


def _head(query: Query) -> tuple[str, str]:
    return query.verb.upper(), _table(query.tables[0])


def _table(name: str) -> str:
    return name.rpartition(".")[2].strip('"`[]').lower()


def _columns(names: Iterable[str]) -> frozenset[str]:
    return frozenset(_table(name.lstrip("-")) for name in names)


def _tables_known(query: Query | None) -> bool:
    return query is not None and bool(query.tables)


def _same_table(predicted: Query | None, seen: Query) -> bool:
    return predicted is not None and bool(predicted.tables) and _head(predicted) == _head(seen)


def _predicts(predicted: Query | None, seen: Query) -> bool:
    """Same verb and main table, and every column the finding knows to be filtered is filtered."""
    return (
        predicted is not None and _same_table(predicted, seen) and _columns(predicted.filters) <= _columns(seen.filters)
    )


def _closest(numbers: list[int], findings: Sequence[Finding], query: Query) -> list[int]:
    """Of several findings that predict a statement, those that predict most of its conditions."""
    seen = _columns(query.filters)

    def distance(number: int) -> int:
        predicted = findings[number].query
        return len(seen ^ _columns(predicted.filters)) if predicted is not None else len(seen) + 1

    best = min(map(distance, numbers))
    return [number for number in numbers if distance(number) == best]


def _conclude(finding: Finding, match: _Match, records: Sequence[RouteRecord], profile: Profile) -> Tie:
    if match.groups:
        groups = list(match.groups.values())
        routes = tuple(sorted({group.key.route.route for group in groups}))
        evidence = Evidence(match.kind, _detail(match.kind, finding, groups, match.calls), routes, match.calls)
        claims = tuple(Claim(group, remedy_for(finding.code, group)) for group in groups)
        return Tie(finding, evidence, claims)
    place = finding.place
    passed = max((profile.passing.get(Spot(place.path, n), 0.0) for n in _lines(place)), default=0.0)
    if passed > 0:
        detail = f"{passed:.0f} profile samples pass through {place.path}:{place.line}"
        return Tie(finding, Evidence("place", detail), (), passed / profile.active)
    known = RouteSet(finding.routes)
    keys = [record.key for record in records if known.holds(record.key.canonical, record.key.method)]
    routes = tuple(sorted({key.route for key in keys}))
    if routes:
        detail = "a route that reaches it was measured, its own line or statement was not seen"
        return Tie(finding, Evidence("route", detail, routes), ())
    return Tie(finding, Evidence("none", "never seen running"), ())


def _lines(place: Place) -> range:
    return range(place.line, max(place.line, place.end_line) + 1)


def _detail(kind: EvidenceKind, finding: Finding, groups: list[Group], calls: int) -> str:
    if kind == "place":
        spots = sorted({f"{spot.path}:{spot.line}" for group in groups if (spot := group.key.spot) is not None})
        return f"{calls} recorded spans came from {', '.join(spots[:3])}{' and others' if len(spots) > 3 else ''}"
    table = finding.query.tables[0] if finding.query is not None and finding.query.tables else "its table"
    if kind == "statement-route":
        return f"{calls} recorded statements have the predicted shape ({table}), on routes that reach it"
    return f"{calls} recorded statements have the predicted shape ({table}); no other finding predicts it"
