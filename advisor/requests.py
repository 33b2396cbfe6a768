"""Sampled traces in, compact requests out: what critical path, replay and pricing work on.

Children are truncated to their parent's window and asynchronous children that start after its end are left out
(CRISP, USENIX ATC 2022). Times are ns from the request's start; spans stand in pre-order, parents before children.
Does not price anything.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from .model import Span, Trace

ROOT = -1
UNGROUPED = -1


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Parallel arrays, one entry per span except the root."""

    duration: int
    """ns."""
    weight: float
    starts: array[int]
    ends: array[int]
    parents: array[int]
    """Index of the parent, ROOT for the request itself. Always smaller than the span's own index."""
    groups: array[int]
    """What the span belongs to, by the caller's numbering; UNGROUPED for spans that wait for nobody."""
    counts: array[int]
    """How many calls the span stands for."""

    def __len__(self) -> int:
        return len(self.starts)


def compact(trace: Trace, number: Callable[[Span], int] = lambda span: UNGROUPED) -> Request:
    """The request of a trace; `number` gives a span's group.

    Spans whose parent is missing hang on the root; a loop of parents, which only damaged data has, is left out.
    """
    root = trace.root
    known = {span.span_id for span in trace.spans}
    children: dict[bytes, list[Span]] = defaultdict(list)
    for span in trace.spans:
        children[span.parent_id if span.parent_id in known else root.span_id].append(span)
    for kids in children.values():
        kids.sort(key=lambda span: (span.start, -span.end), reverse=True)
    request = Request(
        max(0, root.end - root.start), trace.weight, array("q"), array("q"), array("i"), array("i"), array("i")
    )
    _lay(request, root.start, children, [(span, ROOT) for span in children.get(root.span_id, ())], number)
    return request


def _lay(
    request: Request,
    origin: int,
    children: dict[bytes, list[Span]],
    waiting: list[tuple[Span, int]],
    number: Callable[[Span], int],
) -> None:
    seen: set[bytes] = set()
    while waiting:
        span, parent = waiting.pop()
        low, high = (0, request.duration) if parent == ROOT else (request.starts[parent], request.ends[parent])
        start = max(low, span.start - origin)
        if start > high or span.end - origin < low or span.span_id in seen:
            continue
        seen.add(span.span_id)
        index = len(request.starts)
        request.starts.append(start)
        request.ends.append(max(start, min(high, span.end - origin)))
        request.parents.append(parent)
        request.groups.append(number(span))
        request.counts.append(max(1, span.count))
        waiting.extend((kid, index) for kid in children.get(span.span_id, ()))
