"""Findings and telemetry in; what ties them out, strongest first and always said.

1 `place`: a code place of a span (or a profile frame) lies in the finding's lines, or in those of its reasons, on a
  route that reaches the finding. (A finding without routes may be reached by all.)
2 `statement-route`: the finding predicts the statement, on a route that reaches the finding.
3 `statement`: the finding predicts the statement and no other finding does.
4 `route`: only the route is common. Does not price anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, get_args

from ..linter.model import Finding, Place, Query
from .formulas import Aspect, Claim, aspect, remedy_for
from .model import Evidence, EvidenceKind
from .profile import Profile
from .routes import RouteSet
from .statements import shape
from .traffic import Group, RouteKey, RouteRecord, Spot, calls_per_request

_STRENGTH: Final[dict[EvidenceKind, int]] = {"place": 0, "statement-route": 1, "statement": 2, "route": 3, "none": 4}
_ASPECTS: Final[tuple[Aspect, ...]] = get_args(Aspect)
_REPEATED: Final = 1.5
"""Mean calls per request from which a group can be what a finding about a loop means."""
_LOOPED_ANYWHERE: Final = 4
"""The same on a route that is not known to reach the finding: fewer are as likely several uses of one helper."""


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
            for kind, number in index.explains(record, group):
                match = matches[number]
                if _STRENGTH[kind] < _STRENGTH[match.kind]:
                    match.kind = kind
                match.groups[group.number] = group
                match.calls += sum(map(len, group.calls.values()))
    return [_conclude(finding, match, records, profile) for finding, match in zip(findings, matches, strict=True)]


class _Seen(NamedTuple):
    """A group of spans, as it is compared with findings."""

    route: RouteKey
    group: Group
    query: Query | None
    calls: float


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

    def explains(self, record: RouteRecord, group: Group) -> Iterator[tuple[EvidenceKind, int]]:
        """The findings that a group of spans belongs to, and by what; for each aspect the strongest evidence alone."""
        query = shape(group.statement) if group.statement else None
        seen = _Seen(record.key, group, query, calls_per_request(record, group))
        for about in _ASPECTS:
            placed = self._at(seen, about)
            if placed:
                yield from (("place", number) for number in placed)
            elif query is not None and query.tables:
                yield from self._by_statement(seen, query, about)

    def _by_statement(self, seen: _Seen, query: Query, about: Aspect) -> Iterator[tuple[EvidenceKind, int]]:
        alike = [
            number
            for number in self._statements.get(_head(query), ())
            if aspect(self._findings[number].code) == about and _predicts(self._findings[number].query, query)
        ]
        if about == "count" and seen.calls < _REPEATED:
            return  # a statement seen elsewhere, once per request, is not the loop that a finding means
        here = [n for n in alike if self._routes[n].holds(seen.route.canonical, seen.route.method)]
        if here:
            yield from (("statement-route", number) for number in _closest(here, self._findings, query))
        elif len(alike) == 1 and not self._routes[alike[0]]:
            yield "statement", alike[0]

    def _at(self, seen: _Seen, about: Aspect) -> list[int]:
        spot = seen.group.key.spot
        if spot is None or spot.path not in self._lines:
            return []
        hits = {
            (number, own)
            for low, high, number, own in self._lines[spot.path]
            if low <= spot.line <= high and aspect(self._findings[number].code) == about
        }
        direct = sorted({n for n, own in hits if own and self._reached(n, seen.route, seen.calls)})
        near = sorted({n for n, own in hits if not own and self._reached(n, seen.route, 0.0)} - set(direct))
        if about == "index":  # its own place is the column; the reasons are the statements that search by it
            near = [n for n in near if seen.query is not None and _predicts(self._findings[n].query, seen.query)]
            return _closest(near, self._findings, seen.query) if near and seen.query is not None else []
        for candidates in (direct, near if seen.calls >= _REPEATED else []):
            chosen = self._for_table(candidates, seen.query)
            if chosen:
                return chosen
        return []

    def _for_table(self, candidates: list[int], query: Query | None) -> list[int]:
        """Of the findings at a line, those that can mean this statement."""
        if query is None or not query.tables:
            return candidates
        same = [number for number in candidates if _same_table(self._findings[number].query, query)]
        if same:
            return _closest(same, self._findings, query)
        # A finding that predicts another table is about another statement of this line.
        return [number for number in candidates if not _tables_known(self._findings[number].query)]

    def _reached(self, number: int, route: RouteKey, calls: float) -> bool:
        """Whether what a route does at a finding's line can be what the finding means.

        A line that repeats a call is the loop whichever way it was reached: the linter cannot follow every call. That
        a line blocks an event loop shows only on the routes that get there without leaving it.
        """
        known = self._routes[number]
        if not known or known.holds(route.canonical, route.method):
            return True
        return calls >= _LOOPED_ANYWHERE and not self._findings[number].code.startswith("blocking-")


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
    known = RouteSet(finding.routes)
    keys = [record.key for record in records if known.holds(record.key.canonical, record.key.method)]
    place = finding.place
    passed = max((profile.passing.get(Spot(place.path, n), 0.0) for n in _lines(place)), default=0.0)
    if passed > 0 and (keys or not known or not records):  # else it was passed on the way of somebody else
        detail = f"{passed:.0f} profile samples pass through {place.path}:{place.line}"
        return Tie(finding, Evidence("place", detail), (), passed / profile.active)
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
