"""Single lazy look-ups: one line that sends several different SELECTs by key in one request.

Nothing is repeated, so it is no N+1, yet every relation of the row costs a round trip. Prefetches and eager loads
from one line do not count: they ask `IN (…)`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ..formulas import Claim
from ..traffic import Group, RouteRecord, calls_per_request
from .pattern import Pattern, View, make, several, tables

FROM_STATEMENTS: Final = 3
"""Different look-ups of one line in one request from which they count: two are a common deliberate pair."""


def find(view: View) -> Iterator[Pattern]:
    """One pattern per place (and hint), over the routes on which it sends enough of them."""
    for where, members in view.by_place():
        if where.spot is None:  # without a place nothing ties different statements together
            continue
        by_route: dict[object, list[tuple[RouteRecord, Group]]] = defaultdict(list)
        for record, group in members:
            if group.key.category == "db" and group.lookups:
                by_route[record.key].append((record, group))
        enough = [
            pairs
            for pairs in by_route.values()
            if sum(calls_per_request(*pair) * len(pair[1].calls) / len(pair[0].requests) for pair in pairs)
            >= FROM_STATEMENTS
        ]
        if not enough:
            continue
        groups = [group for pairs in enough for _, group in pairs]
        count = max(len(pairs) for pairs in enough)
        names = tables(groups)
        yield make(
            "scattered-lookups",
            where,
            [Claim(group, "eager") for group in groups],
            f"{count} different look-ups by key from one line in one request"
            + (f" ({several(names)})" if names else "")
            + ": every relation of the row is loaded by a query of its own",
            "Load the relations with the row (Django: select_related; SQLAlchemy: joinedload), or leave those that "
            "nobody reads out of what is serialised.",
        )
