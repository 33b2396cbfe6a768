"""OTLP protobuf: ExportTraceServiceRequest or TracesData (their wire format is the same).

Either one message (the body of an OTLP/HTTP request) or many, each behind its length in 4 bytes, big-endian (the
Collector's file exporter with `format: proto`). One message is read resource by resource, so that it never has to be
in memory whole. After damage reading goes on at the next place that holds a well-formed message.
https://github.com/open-telemetry/opentelemetry-proto
"""

from __future__ import annotations

import re
from typing import BinaryIO, Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, TracesData

from .conventions import WANTED, Value
from .formats import Match, SpanFormat
from .spans import SpanNormaliser

MAX_MESSAGE: Final = 64 * 2**20
_ERROR: Final = 2
_PREFIX: Final = 4
_MAX_VARINT: Final = 10
_RESOURCE_SPANS: Final = 0x0A  # field 1, length-delimited: of TracesData, and `resource` of ResourceSpans
_SCOPE_SPANS: Final = 0x12  # field 2 of ResourceSpans
_CHUNK: Final = 1 << 20
_START: Final = re.compile(rb"(?=[\x00-\x04][\x00-\xff]{3}\x0a)")


class _Window:
    """A stretch of a stream that can be looked at before it is used up."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.data = b""
        self.at = 0
        """Next byte in `data` that is not used up."""
        self._base = 0

    @property
    def offset(self) -> int:
        return self._base + self.at

    def has(self, count: int) -> bool:
        """Whether `count` more bytes are there; they are in `data` from `at` then."""
        missing = self.at + count - len(self.data)
        if missing <= 0:
            return True
        self._base += self.at
        parts = [self.data[self.at :]]
        self.at = 0
        while missing > 0:
            part = self._stream.read(max(missing, _CHUNK))
            if not part:
                break
            parts.append(part)
            missing -= len(part)
        self.data = b"".join(parts)
        return missing <= 0

    def take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        self.at += count
        return part


def _recognises(head: bytes) -> Match:
    if head[:1] == bytes([_RESOURCE_SPANS]):
        return Match.SURE if _begins_resource_spans(head, 0) else Match.NO
    if len(head) > _PREFIX and 0 < int.from_bytes(head[:_PREFIX]) <= MAX_MESSAGE:
        return Match.SURE if _begins_resource_spans(head, _PREFIX) else Match.NO
    return Match.NO


def _begins_resource_spans(data: bytes, at: int) -> bool:
    """Whether a field 1 begins here whose content begins as ResourceSpans do."""
    if data[at : at + 1] != bytes([_RESOURCE_SPANS]):
        return False
    size, at = _varint(data, at + 1)
    if not 0 < size <= MAX_MESSAGE or data[at : at + 1] not in (b"\x0a", b"\x12"):
        return False
    inner, inside = _varint(data, at + 1)
    return 0 <= inner <= size - (inside - at)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A base-128 number and where it ends; -1 when it is cut off or too long."""
    value = 0
    for index in range(_MAX_VARINT):
        if at + index >= len(data):
            break
        byte = data[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    return -1, at


def _read(stream: BinaryIO, spans: SpanNormaliser, source: str) -> None:
    window = _Window(stream)
    if window.has(1) and window.data[0] == _RESOURCE_SPANS:
        _read_message(window, spans, source)
    else:
        _read_messages(window, spans, source)


def _read_message(window: _Window, spans: SpanNormaliser, source: str) -> None:
    while window.has(1):
        spans.place = f"{source}, byte {window.offset}"
        window.has(1 + _MAX_VARINT)
        size, at = _varint(window.data, window.at + 1)
        if window.data[window.at] != _RESOURCE_SPANS or not 0 <= size <= MAX_MESSAGE:
            spans.damage.add(spans.place, "no ResourceSpans of at most 64 MB begin here; the rest is not read")
            return
        window.at = at
        if not window.has(size):
            spans.damage.add(spans.place, "the message is cut off")
            return
        try:
            resource_spans = ResourceSpans.FromString(window.take(size))
        except DecodeError:
            spans.damage.add(spans.place, "not readable as ResourceSpans")
        else:
            _add(resource_spans, spans)


def _read_messages(window: _Window, spans: SpanNormaliser, source: str) -> None:
    number = 0
    while window.has(_PREFIX):
        size = int.from_bytes(window.data[window.at : window.at + _PREFIX])
        if size == 0:
            _skip_empty(window)
            continue
        number += 1
        spans.place = f"{source}, message {number} at byte {window.offset}"
        message = _message(window, size)
        if isinstance(message, str):
            spans.damage.add(spans.place, message)
            if not _skip_to_message(window, size):
                return
            continue
        for resource_spans in message.resource_spans:
            _add(resource_spans, spans)
    if window.has(1):
        spans.damage.add(f"{source}, byte {window.offset}", "the file ends inside a length")


def _message(window: _Window, size: int) -> TracesData | str:
    """The next message, used up, or what is wrong with it."""
    if size > MAX_MESSAGE:
        return f"a message of {size} bytes cannot be (64 MB at most)"
    if not window.has(_PREFIX + size):
        return "the message is cut off"
    try:
        message: TracesData = TracesData.FromString(window.data[window.at + _PREFIX : window.at + _PREFIX + size])
    except DecodeError:
        return "not a readable message"
    window.at += _PREFIX + size
    return message


def _skip_empty(window: _Window) -> None:
    """Past empty messages: a long run of zeros costs one step a buffer."""
    zeros = len(window.data) - window.at - len(window.data[window.at :].lstrip(b"\0"))
    window.at += zeros // _PREFIX * _PREFIX


def _skip_to_message(window: _Window, size: int) -> bool:
    """To the next well-formed message after a damaged one; False when there is none."""
    if size <= MAX_MESSAGE and window.has(_PREFIX + size + 5):
        before, window.at = window.at, window.at + _PREFIX + size
        if _is_message(window):
            return True
        window.at = before
    window.at += 1
    while window.has(_PREFIX + 1):
        match = _START.search(window.data, window.at)
        if match is None:
            window.at = len(window.data) - _PREFIX
            if not window.has(_PREFIX + 1):
                return False
            continue
        window.at = match.start()
        if _is_message(window):
            return True
        window.at += 1
    return False


def _is_message(window: _Window) -> bool:
    """Whether a length and a message of exactly that length are here, as far as the outer fields tell."""
    size = int.from_bytes(window.data[window.at : window.at + _PREFIX])
    if not 0 < size <= MAX_MESSAGE or not _begins_resource_spans(window.data, window.at + _PREFIX):
        return False
    if not window.has(_PREFIX + size):
        return False
    at, end = window.at + _PREFIX, window.at + _PREFIX + size
    while at < end:
        if window.data[at] != _RESOURCE_SPANS:
            return False
        inner, at = _varint(window.data, at + 1)
        if inner < 0:
            return False
        at += inner
    return at == end


def _add(resource_spans: ResourceSpans, spans: SpanNormaliser) -> None:
    service = ""
    for attribute in resource_spans.resource.attributes:
        if attribute.key == "service.name":
            service = attribute.value.string_value
    add = spans.add
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
                    elif which == "double_value":
                        attributes[key] = value.double_value
            add(
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


FORMAT: Final = SpanFormat("OTLP protobuf", _recognises, _read)
