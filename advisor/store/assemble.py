"""The rows of one trace in, its requests out.

A request is a server or consumer span and everything under it. One trace may hold several (service calling service);
each span belongs to its nearest request. Does not read the store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, cast

from ..ingest.batch import Shape
from ..model import CodePlace, Span, SpanCategory, SpanKind

ENTRY_KINDS = frozenset({"server", "consumer"})
LEAVING_KINDS = frozenset({"client", "producer"})


class Row(NamedTuple):
    """One span as stored; `parent` 0 for none; times in ns."""

    trace_hi: int
    trace_lo: int
    span: int
    parent: int
    start: int
    end: int
    shape: int
    weight: float
    calls: int


class Node(NamedTuple):
    """What attribution needs to know of a span."""

    parent: int
    kind: str
    service: str


def request_of(nodes: Mapping[int, Node]) -> dict[int, int]:
    """For every span the span id of the request it belongs to (a request's own id for its root), 0 when unknown.

    A server span directly under another of the same service, with no outgoing call between them, is one request
    reported twice (WSGI server and framework, a mounted application); under another service, or behind a call, it is
    a request of its own. Loops of parents, which only damaged input has, end.
    """
    found: dict[int, int] = {}
    for start in nodes:
        path: list[int] = []
        at = start
        seen: set[int] = set()
        while True:
            if at in found:
                owner = found[at]
                break
            node = nodes.get(at)
            if node is None or at in seen:
                owner = 0
                break
            if node.kind in ENTRY_KINDS and not _reported_twice(nodes, node):
                owner = found[at] = at
                break
            seen.add(at)
            path.append(at)
            at = node.parent
        for span in reversed(path):
            if not owner and nodes[span].kind in ENTRY_KINDS:
                owner = span  # above it is only a loop of parents
            found[span] = owner
    return found


def _reported_twice(nodes: Mapping[int, Node], node: Node) -> bool:
    at, seen = node.parent, set[int]()
    while at not in seen:
        above = nodes.get(at)
        if above is None or above.kind in LEAVING_KINDS:
            return False
        if above.kind in ENTRY_KINDS:
            return above.service == node.service
        seen.add(at)
        at = above.parent
    return False


def requests_of_trace(rows: Sequence[Row], shapes: Mapping[int, Shape]) -> dict[int, tuple[Span, tuple[Span, ...]]]:
    """Root and other spans (sorted by start, every query once) of each request in one trace, by the root's span id.

    A span whose parent is missing goes to the request of the same trace that was running when it started: of the same
    service if there is one, the shortest if there are several. What ran outside every request is left out.
    """
    nodes = {row.span: Node(row.parent, shapes[row.shape].kind, shapes[row.shape].service) for row in rows}
    owners = request_of(nodes)
    by_id = {row.span: row for row in rows}
    roots = [row for row in rows if owners[row.span] == row.span]
    members: dict[int, list[Span]] = defaultdict(list)
    for row in rows:
        owner = owners[row.span]
        if owner == row.span:
            continue
        parent = row.parent
        if not owner:
            owner = _running(row, _top(row, by_id), roots, shapes)
            if not owner:
                continue
            if parent not in nodes:
                parent = owner
        members[owner].append(as_span(row._replace(parent=parent), shapes[row.shape]))
    return {root.span: _request(as_span(root, shapes[root.shape]), members[root.span]) for root in roots}


def _top(row: Row, by_id: Mapping[int, Row]) -> Row:
    seen = set[int]()
    while row.parent in by_id and row.span not in seen:
        seen.add(row.span)
        row = by_id[row.parent]
    return row


def _running(row: Row, top: Row, roots: Sequence[Row], shapes: Mapping[int, Shape]) -> int:
    service = shapes[row.shape].service
    running = [root for root in roots if root.start <= top.start <= root.end]
    if not running:
        return 0
    return min(running, key=lambda root: (shapes[root.shape].service != service, root.end - root.start)).span


def _request(root: Span, spans: list[Span]) -> tuple[Span, tuple[Span, ...]]:
    inner = [span for span in spans if span.kind in ENTRY_KINDS]
    for name in ("route", "method", "status"):
        if not getattr(root, name):
            told = next((getattr(span, name) for span in inner if getattr(span, name)), None)
            if told:
                root = replace(root, **{name: told})
    return root, merge_double_reports(spans)


def merge_double_reports(spans: list[Span]) -> tuple[Span, ...]:
    """Every query once, sorted by start.

    SQLAlchemy and the driver, both instrumented, report each query: same statement, different scope, one inside the
    other in time, as siblings or as parent and child. The outer one stays (its time includes the inner), with the
    code place and hint of whichever has them; what hung under the inner one hangs under the outer.
    """
    spans.sort(key=lambda span: (span.start, -span.end))
    waiting: dict[str, list[int]] = {}
    moved: dict[bytes, bytes] = {}
    kept: list[Span | None] = list(spans)
    for index, span in enumerate(spans):
        if span.category != "db" or not span.statement or not span.scope:
            continue
        outers = [i for i in waiting.get(span.fingerprint, ()) if spans[i].end >= span.start]
        waiting[span.fingerprint] = outers
        for position, i in enumerate(outers):
            outer = kept[i]
            if outer is not None and outer.scope != span.scope and outer.end >= span.end:
                kept[i] = replace(outer, code=outer.code or span.code, hint=outer.hint or span.hint)
                kept[index] = None
                moved[span.span_id] = outer.span_id
                del outers[position]  # an outer report covers one inner report
                break
        else:
            outers.append(index)
    result = (span for span in kept if span is not None)
    if moved:
        result = (
            replace(span, parent_id=moved[span.parent_id]) if span.parent_id in moved else span for span in result
        )
    return tuple(result)


def as_span(row: Row, shape: Shape) -> Span:
    """The model's span of a stored row."""
    code = CodePlace(shape.code_path, shape.code_line, shape.code_function) if shape.code_path else None
    return Span(
        trace_id=row.trace_hi.to_bytes(8, "little") + row.trace_lo.to_bytes(8, "little"),
        span_id=row.span.to_bytes(8, "little"),
        parent_id=row.parent.to_bytes(8, "little") if row.parent else b"",
        name=shape.name,
        kind=cast(SpanKind, shape.kind),
        category=cast(SpanCategory, shape.category),
        start=row.start,
        end=row.end,
        service=shape.service,
        scope=shape.scope,
        route=shape.route,
        method=shape.method,
        status=shape.status,
        error=shape.error,
        system=shape.system,
        statement=shape.statement,
        fingerprint=shape.fingerprint,
        code=code,
        hint=shape.hint,
        weight=row.weight,
        count=row.calls,
    )
