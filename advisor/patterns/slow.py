"""Single statements that hold a request for long: on its critical path, alone, by their own time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ..formulas import Claim
from ..replay import critical_path
from ..requests import ROOT
from ..traffic import Group, RouteRecord
from .pattern import Pattern, View, Where, make, several, tables

FROM_SHARE: Final = 0.2
"""Share of a route's time from which one statement is worth naming: below it, making it free is within the noise of
most measurements."""
FROM_NS: Final = 20e6
"""Shorter statements are not slow, whatever their share."""


def find(view: View) -> Iterator[Pattern]:
    """One pattern per statement and place, over the routes on which it is slow."""
    paths: dict[object, dict[int, float]] = {}
    slow: dict[tuple[object, ...], list[tuple[float, float, Group]]] = defaultdict(list)
    for record, group in view.groups():
        if group.key.category != "db":
            continue
        if record.key not in paths:
            paths[record.key] = _on_path(record)
        spent = paths[record.key].get(group.number, 0.0)
        time = sum(request.weight * request.duration for request in record.requests)
        calls = sum(record.requests[position].weight * len(own) for position, own in group.calls.items())
        if calls and time and spent / time >= FROM_SHARE and spent / calls >= FROM_NS:
            slow[group.key.spot, group.key.hint, group.key.fingerprint].append((spent / time, spent / calls, group))
    for found in slow.values():
        share, length, worst = max(found, key=lambda entry: entry[:2])
        names = tables([worst])
        yield make(
            "slow-query",
            Where(worst.key.spot, worst.key.hint),
            [Claim(group, "slow") for _, _, group in found],
            f"one query{f' on {several(names)}' if names else ''} takes {length / 1e6:.0f} ms, "
            f"{share:.0%} of {worst.key.route.method} {worst.key.route.route}".rstrip(),
            "Read its plan (EXPLAIN ANALYZE): a missing index, a scan of too many rows, or rows nobody uses.",
        )


def _on_path(record: RouteRecord) -> dict[int, float]:
    """Weighted ns on the critical path of each group of the route."""
    spent: dict[int, float] = {}
    for request in record.requests:
        for segment in critical_path(request):
            if segment.span != ROOT:
                number = request.groups[segment.span]
                spent[number] = spent.get(number, 0.0) + request.weight * (segment.end - segment.start)
    return spent
