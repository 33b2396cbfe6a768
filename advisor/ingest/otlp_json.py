"""OTLP/JSON: TracesData as JSON lines (the Collector's file exporter) or as one document, also inside a log.

Accepts what real senders write: ids in hexadecimal of either case, with `0x`, or base64 (Grafana Tempo); integers as
numbers or strings; kinds and status codes as numbers or names; `instrumentationLibrarySpans` (before OTLP 0.15); the
wrappers of Tempo (`batches`, `trace`) and of Jaeger's api_v3 (`result`).
https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from . import json_parser
from .conventions import KIND_NUMBERS, WANTED, Value
from .formats import Match, SpanFormat
from .json_records import JsonRecords, Record
from .spans import SPAN_BYTES, TRACE_BYTES, SpanNormaliser

_MARKER: Final = b'"resourceSpans"'
_SIGNS: Final = re.compile(
    rb'"(?:resourceSpans|resourceMetrics|resourceLogs)"\s*:|"batches"\s*:\s*\[\s*\{\s*"resource"'
)
_WRAPPERS: Final = ("trace", "result", "data")
_LISTS: Final = ("resourceSpans", "batches")
_ERRORS: Final = (2, "2", "STATUS_CODE_ERROR")
_DAMAGE: Final = (ValueError, TypeError, KeyError, AttributeError, LookupError, OverflowError, RuntimeError)


def _recognises(head: bytes) -> Match:
    return Match.SURE if _SIGNS.search(head) else Match.NO


def _read(stream: BinaryIO, spans: SpanNormaliser, source: str) -> None:
    records = JsonRecords(stream, spans.damage, source, _MARKER)
    parser = json_parser.parser()
    without_spans = 0
    for record in records:
        spans.place = f"{source}, line {record.line}"
        try:
            if not record.complete:
                raise ValueError("the JSON document is cut off")
            without_spans += not _add_document(parser, record, spans)
        except _DAMAGE as error:
            parser = json_parser.parser()
            if _SIGNS.search(record.text):
                spans.damage.add(spans.place, f"not readable as OTLP/JSON: {error}")
            else:
                records.other_lines += record.text.count(b"\n") or 1
    if records.other_lines:
        spans.notes.append(f"{source}: {records.other_lines} lines that are no JSON left out")
    if without_spans:
        spans.notes.append(f"{source}: {without_spans} JSON documents without spans left out")


def _add_document(parser: json_parser.Parser, record: Record, spans: SpanNormaliser) -> bool:
    """Hand on the spans of one document; False when it is of another kind.

    Nothing of the parsed document may outlive this call: the parser is used again.
    """
    found = False
    for resource_spans in _resources(parser.parse(record.text)):
        found = True
        _add_resource(resource_spans, spans)
    return found


def _resources(document: Any) -> Iterator[Any]:
    """The ResourceSpans of a document, whatever it is wrapped in."""
    waiting = [document]
    for _ in range(1_000):
        if not waiting:
            return
        node = waiting.pop()
        if json_parser.is_array(node):
            waiting.extend(node)
        elif json_parser.is_object(node):
            for key in _LISTS:
                resources: Any = node.get(key)
                yield from resources or ()
            waiting.extend(inner for key in _WRAPPERS if (inner := node.get(key)) is not None)


def _add_resource(resource_spans: Any, spans: SpanNormaliser) -> None:
    service = ""
    resource = resource_spans.get("resource")
    for attribute in (resource.get("attributes") if resource is not None else None) or ():
        if attribute["key"] == "service.name":
            service = str(attribute["value"].get("stringValue") or "")
    scopes = resource_spans.get("scopeSpans")
    if scopes is None:
        scopes = resource_spans.get("instrumentationLibrarySpans")
    for scope_spans in scopes or ():
        scope = scope_spans.get("scope")
        if scope is None:
            scope = scope_spans.get("instrumentationLibrary")
        name = str(scope.get("name") or "") if scope is not None else ""
        for span in scope_spans.get("spans") or ():
            try:
                _add_span(service, name, json_parser.whole(span), spans)
            except _DAMAGE as error:
                spans.damage.add(spans.place, f"a span is not readable: {type(error).__name__} {error}")


def _add_span(service: str, scope: str, span: dict[str, Any], spans: SpanNormaliser) -> None:
    get = span.get
    status = get("status")
    parent = get("parentSpanId")
    kind = get("kind", 0)
    spans.add(
        service,
        scope,
        _id(span["traceId"], TRACE_BYTES),
        _id(span["spanId"], SPAN_BYTES),
        _id(parent, SPAN_BYTES) if parent else b"",
        str(get("name", "")),
        kind if type(kind) is int else _kind(kind),
        int(span["startTimeUnixNano"]),
        int(span["endTimeUnixNano"]),
        status is not None and status.get("code") in _ERRORS,
        str(get("traceState") or ""),
        _attributes(get("attributes") or ()),
    )


def _attributes(items: Iterable[Mapping[str, Any]]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for item in items:
        key = item["key"]
        if key in WANTED:
            for value in item["value"].values():
                if isinstance(value, str | int | float):
                    found[key] = value
    return found


def _kind(kind: object) -> int:
    text = str(kind)
    return KIND_NUMBERS.get(text) or (int(text) if text.isascii() and text.isdigit() else 0)


def _id(text: str, size: int) -> bytes:
    """An id from hexadecimal (short ones, of older tracers, padded) or base64."""
    if len(text) == 2 * size:
        return bytes.fromhex(text)
    if text[:2] in ("0x", "0X"):
        text = text[2:]
    elif len(text) == (size + 2) // 3 * 4:
        return base64.b64decode(text, validate=True)
    return bytes.fromhex(text.rjust(2 * size, "0"))


FORMAT: Final = SpanFormat("OTLP/JSON", _recognises, _read)
