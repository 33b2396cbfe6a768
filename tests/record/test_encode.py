"""Our span messages against the OpenTelemetry project's own encoder."""

from __future__ import annotations

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from slowlint.advisor.record.encode import encode, request


class _Keep(SpanProcessor):
    def __init__(self) -> None:
        self.ended: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.ended.append(span)


def _recorded() -> list[ReadableSpan]:
    keep = _Keep()
    provider = TracerProvider(resource=Resource({"service.name": "shop", "ports": [1, 2]}))
    provider.add_span_processor(keep)
    tracer, other = provider.get_tracer("one", "1.0"), provider.get_tracer("two")
    with tracer.start_as_current_span("GET /orders", kind=SpanKind.SERVER) as root:
        root.set_attributes({"text": "ünï", "whole": 2**40, "negative": -1, "part": 0.5, "yes": True, "no": False})
        root.set_attribute("list", ["a", "b"])
        root.set_attribute("numbers", [1, 2])
        for kind in SpanKind:
            with other.start_as_current_span(kind.name, kind=kind, links=[Link(root.get_span_context(), {"why": "x"})]):
                pass
        with other.start_as_current_span("failing") as failing:
            failing.record_exception(ValueError("no"))
            failing.set_status(Status(StatusCode.ERROR, "no"))
    return keep.ended


def test_same_messages_as_the_public_encoder() -> None:
    spans = _recorded()
    ours = ExportTraceServiceRequest.FromString(request(map(encode, spans), spans[0].resource.attributes))
    theirs = encode_spans(spans)
    (mine,), (reference,) = ours.resource_spans, theirs.resource_spans
    assert mine.resource == reference.resource
    assert [scope.scope.name for scope in mine.scope_spans] == [scope.scope.name for scope in reference.scope_spans]
    compared = 0
    for scope, expected in zip(mine.scope_spans, reference.scope_spans, strict=True):
        for span, other in zip(scope.spans, expected.spans, strict=True):
            other.flags = span.flags = 0  # the reference adds bits about remote parents
            for link in (*span.links, *other.links):
                link.flags = 0
            if not span.HasField("status"):
                other.ClearField("status")  # the reference writes "unset" out
            assert span == other
            compared += 1
    assert compared == len(spans) == 7
