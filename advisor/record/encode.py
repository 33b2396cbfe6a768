"""Ended spans → OTLP protobuf (opentelemetry-proto 1.x, `ExportTraceServiceRequest`).

The SDK's own encoder works through batches in Python, 40 µs a span: done in a background thread, that holds the
interpreter lock for milliseconds at a time and every wait of the application ends late, which would be measured as the
application's own slowness. Here each span becomes its message when it ends, on its own thread (about 15 µs, a known
and constant cost), and the background thread only puts finished messages together.
Dropped counts and trace state of links are left out; nothing here reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status
from opentelemetry.sdk.trace import ReadableSpan

Encoded = tuple[tuple[str, str], Span]
"""Name and version of the instrumentation scope, and the span's message."""


def encode(span: ReadableSpan) -> Encoded:
    """The message of one ended span."""
    context = span.context
    assert context is not None
    message = Span(
        trace_id=context.trace_id.to_bytes(16, "big"),
        span_id=context.span_id.to_bytes(8, "big"),
        trace_state=context.trace_state.to_header() if context.trace_state else "",
        flags=int(context.trace_flags),
        name=span.name,
        kind=span.kind.value + 1,  # type: ignore[arg-type]  # API counts from INTERNAL = 0, the protocol from 1
        start_time_unix_nano=span.start_time or 0,
        end_time_unix_nano=span.end_time or 0,
        attributes=_attributes(span.attributes),
    )
    if span.parent is not None:
        message.parent_span_id = span.parent.span_id.to_bytes(8, "big")
    if span.status is not None and span.status.status_code.value:
        message.status.CopyFrom(
            Status(code=span.status.status_code.value, message=span.status.description or "")  # type: ignore[arg-type]
        )
    for event in span.events:
        message.events.add(name=event.name, time_unix_nano=event.timestamp, attributes=_attributes(event.attributes))
    for link in span.links:
        message.links.add(
            trace_id=link.context.trace_id.to_bytes(16, "big"),
            span_id=link.context.span_id.to_bytes(8, "big"),
            attributes=_attributes(link.attributes),
        )
    scope = span.instrumentation_scope
    return ("", "") if scope is None else (scope.name, scope.version or ""), message


def request(spans: Iterable[Encoded], resource: Mapping[str, Any]) -> bytes:
    """One export request of one process's spans, grouped by scope."""
    by_scope: dict[tuple[str, str], list[Span]] = {}
    for scope, message in spans:
        by_scope.setdefault(scope, []).append(message)
    scopes = [
        ScopeSpans(scope=InstrumentationScope(name=name, version=version), spans=messages)
        for (name, version), messages in by_scope.items()
    ]
    about = Resource(attributes=_attributes(resource))
    serialised: bytes = ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(resource=about, scope_spans=scopes)]
    ).SerializeToString()
    return serialised


def _attributes(attributes: Mapping[str, Any] | None) -> list[KeyValue]:
    return [KeyValue(key=key, value=_value(value)) for key, value in (attributes or {}).items()]


def _value(value: Any) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, bytes):
        return AnyValue(bytes_value=value)
    if isinstance(value, Mapping):
        return AnyValue(kvlist_value=KeyValueList(values=_attributes(value)))
    if isinstance(value, Sequence):
        return AnyValue(array_value=ArrayValue(values=[_value(item) for item in value]))
    return AnyValue(string_value=str(value))
