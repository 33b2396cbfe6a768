"""What the instrumentation itself cost, from the spans it made: ns per span, taken off before shares are computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .model import Instrumentation
from .traffic import RouteRecord

PYTHON_SPAN_NS: Final = 50_000.0
"""A span of OpenTelemetry's Python SDK: creation, attributes, batch processor; tens of microseconds."""

STACK_WALK_NS: Final = 130_000.0
"""A span whose processor walks the stack for the code place: 0.13 ms measured in a loaded application."""

_QUICKEST: Final = 0.05
_AGENTS: Final = ("opentelemetry.instrumentation", "ddtrace", "newrelic", "elasticapm", "sentry")


def estimate(records: Sequence[RouteRecord]) -> Instrumentation:
    """The cost of one span. The literature's figure, bounded by the data: a span includes most of its own making, so
    none can cost more than the quickest ones last."""
    groups = [(record, group) for record in records for group in record.groups]
    if not any(group.scope.startswith(_AGENTS) for _, group in groups):
        return Instrumentation(0.0, 0.0, "the spans do not say that they were made inside the application")
    lengths = sorted(
        record.requests[position].ends[i] - record.requests[position].starts[i]
        for record, group in groups
        for position, indices in group.calls.items()
        for i in indices
    )
    placed = sum(group.key.spot is not None for _, group in groups) * 2 > len(groups)
    known = STACK_WALK_NS if placed else PYTHON_SPAN_NS
    bound = float(lengths[int(len(lengths) * _QUICKEST)]) if lengths else known
    each = min(known, bound)
    spans = sum(request.weight * len(request) for record in records for request in record.requests)
    time = sum(request.weight * request.duration for record in records for request in record.requests)
    usual = "the usual cost of a span" + (" with a stack walk" if placed else "")
    source = "as long as the quickest spans" if bound < known else usual
    return Instrumentation(each, min(0.9, each * spans / time) if time else 0.0, source)
