"""A store's sampled traces in, groups of like spans per route out: what evidence, patterns and prices work on.

A group is one statement (or cache command, or remote call) sent from one code place on one route. Keeps arrays, not
spans, so that hundreds of traces of hundreds of routes fit in memory. Does not judge whether a group is slow.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import median
from typing import NamedTuple, Protocol

from .model import CodePlace, RouteTraffic, Span, SpanCategory, Trace
from .requests import UNGROUPED, Request, compact
from .routes import canonical

_EQUALS = re.compile(r"=\s*\?|\?(?:::\w+)?\s*=")
_MAX_SPANS = 4_000_000
"""Spans kept over all routes (about 30 bytes each); a bound on memory, reached only by very wide applications."""


class RouteKey(NamedTuple):
    """One route of one service, as telemetry spells it."""

    service: str
    route: str
    method: str

    @property
    def canonical(self) -> str:
        """The spelling in which routes are compared."""
        return canonical(self.route)


class Spot(NamedTuple):
    """A code place after mapping to the repository: `path` relative to it when `mapped`, else as reported."""

    path: str
    line: int


class GroupKey(NamedTuple):
    """What makes two spans alike."""

    route: RouteKey
    category: SpanCategory
    fingerprint: str
    spot: Spot | None
    hint: str


@dataclass(frozen=True, slots=True)
class Group:
    """Like spans of one route. `calls` maps the position of a request in its route to the spans in it."""

    key: GroupKey
    number: int
    statement: str
    name: str
    system: str
    function: str
    scope: str
    calls: Mapping[int, tuple[int, ...]]

    @property
    def lookups(self) -> bool:
        """A SELECT that compares columns with single values: what lazy loading sends, and a batch does not."""
        return is_lookup(self.statement)


@dataclass(frozen=True, slots=True)
class RouteRecord:
    """What the sample holds of one route, and the traffic it stands for."""

    traffic: RouteTraffic
    requests: tuple[Request, ...]
    groups: tuple[Group, ...]

    @property
    def key(self) -> RouteKey:
        """The route's name."""
        return RouteKey(self.traffic.service, self.traffic.route, self.traffic.method)


class Source(Protocol):
    """The part of the store that is read here."""

    def routes(self) -> list[RouteTraffic]: ...

    def traces(self, *, per_route: int = ..., seed: int = ...) -> Iterator[Trace]: ...


@dataclass(slots=True)
class _Collector:
    requests: list[Request] = field(default_factory=list)
    spans: dict[int, dict[int, list[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))


def records(
    store: Source, spot: Callable[[CodePlace], Spot], *, per_route: int = 200, seed: int = 0
) -> list[RouteRecord]:
    """Every route of the store with up to `per_route` sampled requests, most time first."""
    keys: dict[GroupKey, int] = {}
    first: list[Span] = []
    routes: dict[RouteKey, _Collector] = defaultdict(_Collector)
    kept = 0
    for trace in store.traces(per_route=per_route, seed=seed):
        if kept > _MAX_SPANS:
            break
        route = RouteKey(trace.root.service, trace.root.route, trace.root.method)

        def number(span: Span, route: RouteKey = route) -> int:
            if span.category == "other":
                return UNGROUPED
            place = spot(span.code) if span.code is not None and span.code.path else None
            key = GroupKey(route, span.category, span.fingerprint or span.name, place, span.hint)
            if key not in keys:
                keys[key] = len(first)
                first.append(span)
            return keys[key]

        request = compact(trace, number)
        kept += len(request)
        collector = routes[route]
        position = len(collector.requests)
        collector.requests.append(request)
        for index, group in enumerate(request.groups):
            if group != UNGROUPED:
                collector.spans[group][position].append(index)
    names = {number: key for key, number in keys.items()}
    traffic = {RouteKey(row.service, row.route, row.method): row for row in store.routes()}
    return [
        RouteRecord(row, tuple(routes[key].requests), tuple(_groups(routes[key].spans, names, first)))
        for key, row in traffic.items()
        if key in routes
    ]


def _groups(
    spans: Mapping[int, Mapping[int, list[int]]], names: Mapping[int, GroupKey], first: list[Span]
) -> Iterator[Group]:
    for number, calls in sorted(spans.items()):
        example = first[number]
        yield Group(
            names[number],
            number,
            example.statement,
            example.name,
            example.system,
            example.code.function if example.code else "",
            example.scope,
            {position: tuple(indices) for position, indices in calls.items()},
        )


def calls_per_request(record: RouteRecord, group: Group) -> float:
    """Weighted mean number of calls in the requests that make any."""
    weight = sum(record.requests[position].weight for position in group.calls)
    calls = sum(
        record.requests[position].weight * sum(record.requests[position].counts[i] for i in indices)
        for position, indices in group.calls.items()
    )
    return calls / weight if weight else 0.0


def time_per_request(record: RouteRecord, group: Group) -> float:
    """Weighted mean ns spent in the group per request of its route (over all requests, also those without)."""
    total = sum(request.weight for request in record.requests)
    spent = sum(
        record.requests[position].weight
        * sum(record.requests[position].ends[i] - record.requests[position].starts[i] for i in indices)
        for position, indices in group.calls.items()
    )
    return spent / total if total else 0.0


def typical_lookup(all_records: Iterable[RouteRecord]) -> float:
    """ns a single-row lookup usually takes here: the median over lookup statements of their median duration."""
    medians = []
    for record in all_records:
        for group in record.groups:
            if group.lookups:
                lengths = [
                    record.requests[position].ends[i] - record.requests[position].starts[i]
                    for position, indices in group.calls.items()
                    for i in indices
                ]
                medians.append(median(lengths))
    return float(median(medians)) if medians else 0.0


@lru_cache(maxsize=8192)
def is_lookup(statement: str) -> bool:
    """Whether a normalised statement is a SELECT whose conditions compare columns with single values (`= ?`).

    A prefetch, a batch or an eager load of many rows asks `IN (...)` instead, an aggregate counts.
    """
    text = statement.upper()
    start = text.find(" WHERE ")
    if not text.startswith("SELECT") or start < 0 or "COUNT(" in text[:start] or "(SELECT" in text:
        return False
    where = text[start:]
    return _EQUALS.search(where) is not None and " IN (" not in where and " OR " not in where
