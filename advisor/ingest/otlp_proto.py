"""OTLP protobuf, messages behind 4-byte big-endian lengths (the Collector's file exporter with `format: proto`)."""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, TracesData

from .spans import WANTED, SpanNormaliser, Value

NAME: Final = "OTLP protobuf"
HOLDS: Final = "spans"
MAX_MESSAGE: Final = 64 * 2**20
_ERROR: Final = 2


def recognises(head: bytes) -> bool:
    """Whether a file that starts with `head` is of this format."""
    return len(head) > 4 and head[0] < 4 and head[4] == 0x0A  # noqa: PLR2004 - length below 64 MB, field 1


def read(stream: BinaryIO, spans: SpanNormaliser, place: str) -> None:
    """Hand every span of the stream to `spans`; damaged messages are counted."""
    offset = 0
    while head := stream.read(4):
        size = struct.unpack(">I", head)[0] if len(head) == 4 else MAX_MESSAGE + 1  # noqa: PLR2004
        body = stream.read(size) if size <= MAX_MESSAGE else b""
        if len(body) < size:
            spans.damage.add(f"{place}, byte {offset}", "the message is cut off")
            return
        try:
            message = TracesData.FromString(body)
        except DecodeError:
            spans.damage.add(f"{place}, byte {offset}", "not a protobuf message")
        else:
            for resource_spans in message.resource_spans:
                add(resource_spans, spans)
        offset += 4 + size


def add(resource_spans: ResourceSpans, spans: SpanNormaliser) -> None:
    """Hand the spans of one resource to `spans`."""
    service = ""
    for attribute in resource_spans.resource.attributes:
        if attribute.key == "service.name":
            service = attribute.value.string_value
    for scope_spans in resource_spans.scope_spans:
        scope = scope_spans.scope.name
        for span in scope_spans.spans:
            attributes: dict[str, Value] = {}
            for attribute in span.attributes:
                key = attribute.key
                if key in WANTED:
                    value = attribute.value
                    which = value.WhichOneof("value")
                    if which == "string_value":
                        attributes[key] = value.string_value
                    elif which == "int_value":
                        attributes[key] = value.int_value
            spans.add(
                service,
                scope,
                span.trace_id,
                span.span_id,
                span.parent_span_id,
                span.name,
                span.kind,
                span.start_time_unix_nano,
                span.end_time_unix_nano,
                span.status.code == _ERROR,
                span.trace_state,
                attributes,
            )
