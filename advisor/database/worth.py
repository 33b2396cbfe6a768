"""From what indexes do for statements to what they are worth: time saved in an hour, upkeep subtracted.

In: an index, the statements that it helps and the plans (`choose.Gain`). Out: `IndexAdvice`. A statement whose time is
known counts only when something can be promised of it (`price`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ...linter.sql.access import Proposal
from ...linter.sql.tables import Table
from ...linter.sql.write import create_index
from ..model import Interval
from . import price
from .choose import Gain
from .model import Database, IndexAdvice, Served, Statement, TableFacts, key
from .plan import Plan

_ENTRY_BYTES: Final = 16  # of a B-tree's entry, besides its values
_FULL: Final = 0.7  # of a page that splits have left
_SCATTERED: Final = 25.0
"""Our model takes pages to be cached; rows that lie on a page each, on a disk, cost so much more."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What a unit of cost takes on this server."""

    calibration: price.Calibration = field(default_factory=price.Calibration)
    random_page_cost: float = 4.0
    """PostgreSQL's default."""


def served(statement: Statement, gain: Gain, rates: Rates) -> Served | None:
    """What an index does for one statement; None when nothing of it can be promised."""
    now = statement.mean_ms
    ceiling = now * statement.waited if now is not None and statement.waited is not None else None
    ms = price.saved(
        now,
        gain.before,
        gain.after,
        calibration=rates.calibration,
        random_page_cost=rates.random_page_cost,
        ceiling_ms=ceiling,
    )
    if now is not None and (ms is None or ms.low <= 0):
        return None
    if ms is not None and gain.checked == "estimated" and not isinstance(gain.after, Plan):
        before, after = _cost(gain.before), gain.after
        apart = min(after * _SCATTERED, price.WORTH * before)
        worst = price.saved(now, before, apart, random_page_cost=rates.random_page_cost, ceiling_ms=ceiling)
        ms = replace(ms, low=min(worst.low, ms.low)) if worst is not None else ms
    ms = _times(ms, gain.share) if ms is not None else None
    calls = statement.calls_per_hour
    seconds = price.hourly(ms, calls) if ms is not None and calls is not None else None
    return Served(statement, _cost(gain.before), _cost(gain.after), ms, seconds)


def _times(value: Interval, factor: float) -> Interval:
    return Interval(value.point * factor, value.low * factor, value.high * factor)


def _cost(of: Plan | float) -> float:
    return (of.cost or 0.0) if isinstance(of, Plan) else of


def index_advice(
    database: Database,
    proposal: Proposal,
    table: Table,
    helped: Sequence[tuple[Statement, Gain]],
    rates: Rates,
    size: int | None,
) -> IndexAdvice:
    """`size`: bytes that it would take, where the database says so."""
    facts = database.facts_of(table)
    writes = facts.index_writes_per_hour
    keep = price.upkeep(writes) if writes is not None else None
    found = [(one, gain.checked) for statement, gain in helped if (one := served(statement, gain, rates)) is not None]
    found.sort(key=lambda pair: -(pair[0].seconds_per_hour.point if pair[0].seconds_per_hour else 0.0))
    first = found[0][0] if found else None
    timed = [one for one, _ in found if one.seconds_per_hour is not None]
    seconds = per_call = None
    if timed:
        whole = _sum(one.seconds_per_hour for one in timed)
        seconds = (
            whole if keep is None else Interval(whole.point - keep.point, whole.low - keep.high, whole.high - keep.low)
        )
        calls = sum(one.statement.calls_per_hour or 0.0 for one in timed)
        per_call = Interval(*(end * 1000.0 / calls for end in (whole.point, whole.low, whole.high))) if calls else None
    return IndexAdvice(
        proposal,
        table,
        create_index(proposal, table, database.dialect, online=key(table) not in database.partitioned),
        tuple(one for one, _ in found),
        "hypothetical" if all(checked == "hypothetical" for _, checked in found) else "estimated",
        first.before if first else 0.0,
        first.after if first else 0.0,
        per_call,
        seconds,
        keep.point if keep is not None else None,
        size if size is not None else _size(proposal, facts),
        facts.rows,
        tuple(dict.fromkeys(mark for one, _ in found for mark in one.statement.findings)),
        tuple(_remarks(database, table, keep is not None)),
    )


def _remarks(database: Database, table: Table, writes_known: bool) -> Iterator[str]:
    if not writes_known:
        yield "what writing it costs is not known"
    if key(table) in database.partitioned:  # postgresql.org/docs/current/ddl-partitioning.html
        yield (
            "partitioned, so this stops writers while it runs; to avoid that, make it ON ONLY the table, then "
            "CONCURRENTLY on each partition, and ALTER INDEX … ATTACH PARTITION"
        )


def _sum(intervals: Iterable[Interval | None]) -> Interval:
    given = [one for one in intervals if one is not None]
    return Interval(*(sum(getattr(one, end) for one in given) for end in ("point", "low", "high")))


def _size(proposal: Proposal, facts: TableFacts) -> int | None:
    if facts.rows is None or proposal.where:
        return None
    widths = [known.width if (known := facts.column(name)) and known.width else 8.0 for name in proposal.keys]
    return round(facts.rows * (sum(widths) + _ENTRY_BYTES) / _FULL)
