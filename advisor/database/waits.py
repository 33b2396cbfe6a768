"""Which part of a statement's time its requests wait for: no index saves them more than that.

In: sampled traces and statements. Out: the same statements, with the part of their spans that lies on the critical path
(`replay`): all of it for most, little for those that run beside something longer. Statements that no trace shows stay
as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ..model import Trace
from ..replay import Edit, critical_path, duration
from ..requests import ROOT, UNGROUPED, compact
from .model import Statement

_GONE: Final = Edit(keep=0.0)


def with_waits(statements: Sequence[Statement], traces: Iterable[Trace]) -> tuple[Statement, ...]:
    """`Statement.waited` of those that traces show."""
    numbers = {one.fingerprint: number for number, one in enumerate(statements) if one.fingerprint}
    whole: dict[int, float] = defaultdict(float)
    waited: dict[int, float] = defaultdict(float)
    for trace in traces:
        request = compact(trace, lambda span: numbers.get(span.fingerprint, UNGROUPED))
        spans: dict[int, list[int]] = defaultdict(list)
        for at, group in enumerate(request.groups):
            if group != UNGROUPED:
                spans[group].append(at)
        path: dict[int, int] = defaultdict(int)
        for segment in critical_path(request) if spans else ():
            if segment.span != ROOT:
                path[request.groups[segment.span]] += segment.end - segment.start
        for group, own in spans.items():
            took = sum(request.ends[at] - request.starts[at] for at in own)
            whole[group] += trace.weight * took
            most = path[group]
            if most < took:  # beside others: how much faster the request is without it
                most = max(most, round(request.duration - duration(request, dict.fromkeys(own, _GONE))))
            waited[group] += trace.weight * most
    return tuple(
        replace(one, waited=min(waited[number] / whole[number], 1.0)) if whole[number] > 0 else one
        for number, one in enumerate(statements)
    )
