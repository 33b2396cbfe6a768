"""Repeated statements, remote calls and cache calls under one request, by code place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..formulas import Claim
from ..model import SpanCategory
from ..traffic import Group, RouteRecord, calls_per_request
from .pattern import Pattern, View, make, several, tables

FROM_CALLS: Final[dict[SpanCategory, int]] = {"db": 4, "cache": 5, "http": 3}
"""Mean number of equal calls in a request from which they count as a loop: below it, several distinct uses of one
helper are as likely."""

_CODES: Final[dict[SpanCategory, str]] = {
    "db": "repeated-query",
    "cache": "repeated-cache-call",
    "http": "repeated-remote-call",
}


def find(view: View) -> Iterator[Pattern]:
    """One pattern per place (and hint) and kind of call."""
    for where, members in view.by_place():
        for category, code in _CODES.items():
            loops = [
                (record, group)
                for record, group in members
                if group.key.category == category and calls_per_request(record, group) >= FROM_CALLS[category]
            ]
            if loops:
                claims = [Claim(group, "batch") for _, group in loops]
                message, remedy = _WORDS[category](loops, where.hint)
                yield make(code, where, claims, message, remedy)


def _count(loops: list[tuple[RouteRecord, Group]]) -> str:
    by_route: dict[object, float] = {}
    for record, group in loops:
        by_route[record.key] = by_route.get(record.key, 0.0) + calls_per_request(record, group)
    return f"{max(by_route.values()):.0f}"


def _queries(loops: list[tuple[RouteRecord, Group]], hint: str) -> tuple[str, str]:
    groups = [group for _, group in loops]
    verbs = {group.statement.split(" ", 1)[0].upper() for group in groups if group.statement}
    names = tables(groups)
    on = f" on {several(names)}" if names else ""
    of = f" for {hint}" if hint else ""
    if verbs <= {"SELECT", "WITH", ""}:
        message = f"about {_count(loops)} equal queries{on} in one request{of}: one per row (N+1)"
        lookup = any(group.lookups for group in groups)
        what = f"load {several(names)} together with the rows" if names else "load the rows' relations together"
        how = (
            "eager loading where the rows are queried (Django: select_related/prefetch_related; "
            "SQLAlchemy: joinedload/selectinload)"
            if lookup
            else "one query with IN (…) before the loop"
        )
        return message, f"{what[:1].upper()}{what[1:]}{of}: {how}."
    kinds = several(sorted(verb for verb in verbs if verb))
    message = f"about {_count(loops)} equal {kinds} statements{on} in one request{of}: one per row"
    return message, "Send the rows in one statement (bulk_create, bulk_update, executemany, INSERT of many rows)."


def _remote(loops: list[tuple[RouteRecord, Group]], hint: str) -> tuple[str, str]:
    names = sorted({group.name for _, group in loops if group.name})
    message = f"about {_count(loops)} equal remote calls ({several(names)}) in one request, one after the other"
    return message, "Ask for all of them in one call if the service can, else send them concurrently (asyncio.gather)."


def _cache(loops: list[tuple[RouteRecord, Group]], hint: str) -> tuple[str, str]:
    names = sorted({group.name for _, group in loops if group.name})
    message = f"about {_count(loops)} equal cache commands ({several(names)}) in one request"
    return message, "Fetch the keys in one round trip (get_many, MGET or a pipeline)."


_WORDS: Final = {"db": _queries, "http": _remote, "cache": _cache}
