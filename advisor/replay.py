"""What-if: the critical path of a request, and how long it would have taken with some spans shorter.

In: `requests.Request`. Out: path segments; new durations. The critical path is CRISP's (USENIX ATC 2022): from the
last-finishing child walk backwards through children that end before the current one starts, and recurse.
The replay keeps what the recording proves: what started after a sibling had ended still starts after it, with the
parent's own work in between, and siblings that ran at the same time still may. Does not know why a span is shortened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .requests import ROOT, Request


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the critical path on which `span` (ROOT: the request itself) worked or waited on its own."""

    span: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edit:
    """What a fix does to one span: its duration times `keep`, and up to `cut` ns of its parent's work after it."""

    keep: float = 1.0
    cut: float = 0.0


def children_of(request: Request) -> dict[int, list[int]]:
    """Indices of the children of every span that has some, by start."""
    kids: dict[int, list[int]] = {}
    for index, parent in enumerate(request.parents):
        kids.setdefault(parent, []).append(index)
    for group in kids.values():
        group.sort(key=lambda i: (request.starts[i], request.ends[i]))
    return kids


def critical_path(request: Request) -> list[Segment]:
    """The path's segments, latest first. Their lengths add up exactly to the request's duration."""
    kids = children_of(request)
    for group in kids.values():
        group.sort(key=lambda i: (request.ends[i], request.starts[i]))
    path: list[Segment] = []
    # (span, start of its window, time up to which the walk has come); children still to visit are popped from `kids`.
    stack: list[list[int]] = [[ROOT, 0, request.duration]]
    while stack:
        node = stack[-1]
        span, start, now = node
        group = kids.get(span, [])
        while group and request.ends[group[-1]] > now:
            group.pop()
        if group:
            child = group.pop()
            end = request.ends[child]
            if end < now:
                path.append(Segment(span, end, now))
            node[2] = request.starts[child]
            stack.append([child, request.starts[child], end])
        else:
            if start < now:
                path.append(Segment(span, start, now))
            stack.pop()
    return path


def duration(request: Request, edits: Mapping[int, Edit]) -> float:
    """ns the request takes once `edits` (by span index) are made; without edits exactly its duration."""
    if not edits:
        return float(request.duration)
    kids = children_of(request)
    length = [0.0] * len(request)
    for index in range(len(request) - 1, -1, -1):  # pre-order: children come before their parents here
        edit = edits.get(index)
        whole = request.ends[index] - request.starts[index]
        own = kids.get(index)
        length[index] = _span_length(request, own, request.starts[index], whole, length, edits) if own else float(whole)
        if edit is not None:
            length[index] *= edit.keep
    return _span_length(request, kids.get(ROOT, []), 0, request.duration, length, edits)


def _span_length(
    request: Request, kids: Sequence[int], begin: int, whole: int, length: Sequence[float], edits: Mapping[int, Edit]
) -> float:
    """New length of a span from the new lengths of its children."""
    starts, ends = request.starts, request.ends
    by_end = sorted(kids, key=lambda i: (ends[i], starts[i], i))
    new_end: dict[int, float] = {}
    done = 0
    last = ROOT  # the child that ended last so far, in the recording
    latest = 0.0  # when the last of the ended children ends now

    def moment(old: int) -> float:
        """Where `old`, a moment of the parent's own progress, comes to lie."""
        if last == ROOT:
            return float(old - begin)
        gap = float(old - ends[last])
        edit = edits.get(last)
        if edit is not None:
            gap = max(0.0, gap - edit.cut)
        return max(latest, new_end[last] + gap)

    for kid in kids:
        while done < len(by_end) and ends[by_end[done]] <= starts[kid] and by_end[done] in new_end:
            last = by_end[done]
            latest = max(latest, new_end[last])
            done += 1
        new_end[kid] = moment(starts[kid]) + length[kid]
    while done < len(by_end):
        last = by_end[done]
        latest = max(latest, new_end[last])
        done += 1
    return moment(begin + whole)
