"""What the advisor works on: spans, traces, stacks, evidence, costs. Times are integer nanoseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..linter.model import Finding, LintResult

UNKNOWN_PATH = "<unknown>"
"""Path of a run-time pattern whose spans carry no code place."""

SpanKind = Literal["server", "client", "internal", "producer", "consumer", "unspecified"]
SpanCategory = Literal["db", "cache", "http", "other"]
"""What a client span waits for: a SQL or document database, a cache (Redis, memcached), a remote call."""


@dataclass(frozen=True, slots=True)
class CodePlace:
    """Where telemetry says something ran. `path` as it was reported (often a container's), line from 1, 0 unknown."""

    path: str
    line: int
    function: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """One span, normalised from any format. `start` and `end` in ns since the epoch; ids as raw bytes."""

    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    """b"" for a root. A remote parent may not be in the store."""
    name: str
    kind: SpanKind
    category: SpanCategory
    start: int
    end: int
    service: str = ""
    scope: str = ""
    """Instrumentation scope (library) that reported the span."""
    route: str = ""
    """`http.route` or the best the format has, only on server and consumer spans."""
    method: str = ""
    status: int = 0
    """HTTP status code, 0 unknown."""
    error: bool = False
    system: str = ""
    """`db.system(.name)` in its new spelling: postgresql, redis, …"""
    statement: str = ""
    """SQL with literals dropped (`statements.normalise`), "" when not reported."""
    fingerprint: str = ""
    """Statement's comparable form, hashed (`statements.fingerprint`); for cache and http, of the span's name."""
    code: CodePlace | None = None
    hint: str = ""
    """What our span processor adds: the serializer field, template line or model field being rendered."""
    weight: float = 1.0
    """1 / sampling probability."""
    count: int = 1
    """How many calls the span stands for (Elastic's composite spans)."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One request (or consumed message) inside a trace: its root and everything under it that is in the store.

    `spans` are sorted by start, exclude the root, and hold every query once (double reports are merged).
    """

    root: Span
    spans: tuple[Span, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a profile's stack; `line` 0 when the profile has none."""

    function: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A stack seen `weight` times (or for `weight` units: the profile's own), outermost frame first."""

    frames: tuple[Frame, ...]
    weight: float
    route: str = ""
    """The route the profile was restricted to, when known; "" for mixed traffic."""


@dataclass(frozen=True, slots=True)
class RouteTraffic:
    """What one route did in the window: weighted number of requests, mean duration in ns."""

    service: str
    route: str
    method: str
    requests: float
    mean_ns: float


@dataclass(frozen=True, slots=True)
class StatementTraffic:
    """What one statement (or cache command, or remote call) did on one route in the window.

    `requests` counts the requests that sent it at least once, `calls` how often in total, `total_ns` how long that
    took: all weighted to the traffic.
    """

    service: str
    route: str
    method: str
    category: SpanCategory
    system: str
    fingerprint: str
    statement: str
    """Normalised SQL, or the span's name when it has none."""
    requests: float
    calls: float
    total_ns: float


@dataclass(frozen=True, slots=True)
class Ingested:
    """What one ingest did. `damaged` holds up to 20 descriptions with the place; `damaged_count` is complete."""

    source: str
    format: str
    spans: int = 0
    samples: int = 0
    duplicates: int = 0
    """Records that were in the store already."""
    damaged_count: int = 0
    damaged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the ends of its interval, in the unit its owner states."""

    point: float
    low: float
    high: float


EvidenceKind = Literal["place", "statement-route", "statement", "route", "none"]
"""How telemetry was tied to a finding, strongest first (design: evidence 1-4)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What ties one finding to telemetry, in words a user can check."""

    kind: EvidenceKind
    detail: str
    routes: tuple[str, ...] = ()
    spans: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What fixing one finding would save. Shares are fractions of the uninstrumented request's time."""

    share: Interval
    ms_per_request: Interval
    seconds_per_hour: Interval
    routes: tuple[str, ...]
    evidence: Evidence
    formula: str
    requests: float
    per_route: Mapping[str, Interval] = field(default_factory=dict)
    """Share saved on each route."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A finding (the linter's, or a pattern seen only at run time: family `runtime`) with its price."""

    finding: Finding
    cost: Cost


@dataclass(frozen=True, slots=True)
class RouteSaving:
    """What fixing everything ranked on one route would save together (savings that overlap are counted once).

    `mean_ms` is the mean duration as recorded, `ms` per request in the same clock.
    """

    service: str
    route: str
    method: str
    requests: float
    mean_ms: float
    share: Interval
    ms: Interval


@dataclass(frozen=True, slots=True)
class Instrumentation:
    """What recording itself cost. `ns_per_span` 0.0 when the spans were not made inside the application."""

    ns_per_span: float
    share: float
    """Fraction of the recorded time of all requests."""
    basis: str
    """Where the figure comes from, in words."""


@dataclass(frozen=True, slots=True)
class Advice:
    """The whole answer of `advise`. `ranked` by recoverable seconds per hour, most first."""

    result: LintResult
    ranked: tuple[Ranked, ...]
    vital_few: tuple[str, ...]
    """Fingerprints of the smallest set of `ranked` that holds 80 % of the recoverable time."""
    unmeasured: tuple[Finding, ...]
    """Findings whose code telemetry never saw running: not cheap, unknown."""
    routes: tuple[RouteSaving, ...]
    instrumentation: Instrumentation
    window_seconds: float
    saving: Interval
    """Everything fixed together, as a fraction of the time of all requests."""
    notes: tuple[str, ...] = ()


FixStatus = Literal["fixed", "reduced", "remains", "not run"]
"""What became of a finding: its calls are gone, fewer, still there; or its routes were not called afterwards."""

Verdict = Literal["came", "more than promised", "did not come", "too little to judge", "nothing fixed"]
"""What became of a route's promise. Too little: a promise within the noise, or fewer than five requests on one side."""


@dataclass(frozen=True, slots=True)
class FindingCheck:
    """One priced finding afterwards. `calls` are means per request of the routes it was seen on."""

    finding: Finding
    status: FixStatus
    predicted: Interval
    """Saving promised for this finding alone, in ms per request."""
    calls_before: float
    calls_after: float


@dataclass(frozen=True, slots=True)
class RouteCheck:
    """One route before and after. Shares are fractions of the uninstrumented request before."""

    service: str
    route: str
    method: str
    requests_before: int
    requests_after: int
    """Recorded requests that were compared."""
    before_ms: float
    after_ms: float
    predicted: Interval
    """Share promised for what was fixed on this route, together."""
    measured: Interval
    fixed: tuple[str, ...]
    verdict: Verdict

    @property
    def error(self) -> float:
        """Points between promise and measurement."""
        return 100.0 * abs(self.predicted.point - self.measured.point)


@dataclass(frozen=True, slots=True)
class Verification:
    """Predicted against measured. `failed` when a promised saving did not come."""

    findings: tuple[FindingCheck, ...]
    routes: tuple[RouteCheck, ...]
    predicted: Interval
    """Share of the time of all compared routes, weighted by the traffic before."""
    measured: Interval
    appeared: tuple[Finding, ...]
    """Patterns seen afterwards that were not there before."""
    failed: bool
    notes: tuple[str, ...] = ()
