"""From what a database is asked to the indexes that would pay.

In: a `Database` and its connection. Out: `DatabaseAdvice`. Statements are read into accesses with the fractions that
the statistics tell; what no index serves well becomes proposals, those that serve several are merged, and the planner
is asked about all of them together (`hypothetical`), so that an index counts only for what it adds to the others. Kept
is what cuts the cost of some statement to a fifth and saves more than its upkeep (design: what a finding costs, 4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ...linter.model import Finding
from ...linter.sql.access import Access, Proposal, merged, proposed
from ...linter.sql.read import accesses
from ...linter.sql.tables import Table
from ...linter.sql.write import create_index, dialect_name
from ..model import Interval
from . import price
from .catalogue import by_name
from .connect import gone
from .explain import explain, measured
from .hypothetical import Made, hypopg_schema, hypothetical
from .model import Database, DatabaseAdvice, IndexAdvice, Served, Statement, TableFacts, key
from .plan import Plan
from .refuting import refuted
from .removals import removals
from .selectivity import Selectivity
from .survey import rows_of

_PLANNED: Final = 300
"""Statements that the planner is asked about, twice each: those that take most time."""
_PROPOSALS: Final = 200
_MEASURED: Final = 50
"""Statements that are run, when that is allowed."""
_ENTRY_BYTES: Final = 16  # of a B-tree's entry, besides its values
_DEFAULT_PAGE_COST: Final = 4.0  # PostgreSQL's
_FULL: Final = 0.7  # of a page that splits have left

Asking = Mapping[Access, Sequence[Statement]]


@dataclass(slots=True)
class _Reading:
    """Statements as accesses."""

    asking: dict[Access, list[Statement]] = field(default_factory=lambda: defaultdict(list))
    understood: int = 0
    unknown: set[str] = field(default_factory=set)
    """Tables whose rows nobody has counted."""


def advise(
    connection: Connection,
    database: Database,
    findings: Sequence[Finding] = (),
    *,
    watched: float | None = None,
    analyse: bool = False,
) -> DatabaseAdvice:
    """Which indexes to make and which to remove, and what becomes of the linter's findings about indexes. `watched`:
    seconds that counting must have gone on before an index is called unused. `analyse`: statements that are proved to
    only read, and hold their values, may be run to learn what a unit of cost takes here."""
    tables = by_name(database.tables)
    reading = _read(database, tables)
    wanted = merged(
        proposal for access in reading.asking if (proposal := proposed(tables[access.table], access)) is not None
    )
    notes: list[str] = []
    chosen = sorted(wanted, key=lambda one: -_weight(one, reading.asking))[:_PROPOSALS]
    if len(wanted) > len(chosen):
        notes.append(
            f"of {len(wanted)} possible indexes the {len(chosen)} were considered that most time is spent without"
        )
    try:
        judged = _planned(connection, database, chosen, reading.asking, tables, analyse, notes)
    except SQLAlchemyError as error:
        if not gone(error):
            raise
        notes.append("the connection was lost: what follows is estimated, without the database's planner")
        judged = _judged(database, Made(), {}, _DEFAULT_PAGE_COST, chosen, reading.asking, tables, price.Calibration())
    kept = [one for one in judged if _pays(one)]
    if reading.unknown:
        some = ", ".join(sorted(reading.unknown)[:3]) + (" and others" if len(reading.unknown) > 3 else "")
        notes.append(f"how many rows are in {some} is not known: nothing is said of what is asked there")
    index_findings = [one for one in findings if one.family == "index"]
    settled = {mark for one in kept for mark in one.findings}
    considered = {
        mark: one for one in judged for asker in _asking(one.proposal, reading.asking) for mark in asker.findings
    }
    rest = [one for one in index_findings if one.fingerprint not in settled]
    answers, open_ = refuted(database, tables, rest, considered)
    return DatabaseAdvice(
        database,
        tuple(sorted(kept, key=_rank)),
        removals(database) if watched is None else removals(database, watched=watched),
        answers,
        open_,
        considered=reading.understood,
        unpriced=len(chosen) - len(kept),
        notes=tuple(dict.fromkeys(notes)),
    )


def _planned(
    connection: Connection,
    database: Database,
    chosen: Sequence[Proposal],
    asking: Asking,
    tables: Mapping[str, Table],
    analyse: bool,
    notes: list[str],
) -> list[IndexAdvice]:
    """Every proposal as the planner judges it, where it can be asked. Errors of a connection that is gone pass."""
    rates = price.Calibration()
    if analyse:
        texts = [one.text for one in database.statements[:_MEASURED]]
        rates = price.calibrated(plan for text in texts if (plan := measured(connection, text)) is not None)
        if not rates.by_type:
            notes.append("no statement could be run to time it: they hold placeholders, or do more than read")
    plans: dict[str, Plan | None] = {}
    asks = _plannable(connection)
    for proposal in chosen if asks else ():  # before there are hypothetical indexes, which every plan would use
        for statement in _asking(proposal, asking):
            if statement.text not in plans and len(plans) < _PLANNED:
                rows = _mean_rows(statement)
                said: list[str] = []
                plans[statement.text] = explain(connection, statement.text, tables=tables, rows=rows, notes=said)
                notes.extend(f"{why.partition('): ')[0]}): {statement.shown[:120]}" for why in said)
    with hypothetical(connection, chosen, tables) as made:
        notes.extend(made.notes)
        page_cost = _random_page_cost(connection)
        judged = _judged(database, made, plans, page_cost, chosen, asking, tables, rates)
    if made.checked == "estimated" and chosen:
        notes.append(_why_estimated(database))
    return judged


def _read(database: Database, tables: Mapping[str, Table]) -> _Reading:
    fraction = Selectivity(database.facts)
    out = _Reading()
    dialect = dialect_name(database.dialect)
    rows_by_name = {name: count for name, table in tables.items() if (count := rows_of(database, table)) is not None}
    schemas = tuple(one.lower() for one in database.schemas)
    for statement in database.statements:
        found = accesses(statement.text, tables, dialect=dialect, fraction=fraction, rows=rows_by_name, schemas=schemas)
        out.understood += bool(found)
        for access in found:
            table = tables.get(access.table.lower())
            if table is None or not _has(table, access):
                continue
            rows = rows_of(database, table)
            if rows is None:
                out.unknown.add(table.name)
                continue
            named = next(
                name for name in (f"{table.schema}.{table.name}".lower(), table.name.lower()) if name in tables
            )
            asked = replace(access, table=access.table.lower() if access.table.lower() in tables else named, rows=rows)
            if statement not in out.asking[asked]:
                out.asking[asked].append(statement)
    return out


def _has(table: Table, access: Access) -> bool:
    """Whether a table has the columns: models and databases are not always of one version."""
    keys = (*(one.key for one in access.predicates), *(one.key for one in access.sort))
    return all("(" in name or table.column(name) is not None for name in keys)


def _weight(proposal: Proposal, asking: Asking) -> float:
    """Time that goes into what it would serve; what only the linter predicts comes last."""
    return sum(one.total_ms or 0.0 for one in _asking(proposal, asking))


def _asking(proposal: Proposal, asking: Asking) -> Iterator[Statement]:
    for access in proposal.accesses:
        yield from asking.get(access, ())


def _plannable(connection: Connection) -> bool:
    """Whether the planner can be asked about an index that is not there."""
    return connection.dialect.name == "sqlite" or bool(hypopg_schema(connection))


def _mean_rows(statement: Statement) -> float | None:
    return statement.rows / statement.calls if statement.rows and statement.calls else None


def _judged(
    database: Database,
    made: Made,
    plans: Mapping[str, Plan | None],
    page_cost: float,
    proposals: Sequence[Proposal],
    asking: Asking,
    tables: Mapping[str, Table],
    rates: price.Calibration,
) -> list[IndexAdvice]:
    """Every proposal with the statements that it helps. `plans`: of statements as they run now, by their text."""
    planned: dict[str, Plan | None] = {}
    out = []
    for proposal in proposals:
        table = tables[proposal.table]
        served: list[Served] = []
        checked = made.checked
        for access in proposal.accesses:
            for statement in asking.get(access, ()):
                before = plans.get(statement.text)
                if before is not None and statement.text not in planned:
                    planned[statement.text] = made.plan(statement.text, rows=_mean_rows(statement))
                after = planned.get(statement.text)
                one = _served(statement, access, proposal, made, before, after, page_cost, rates)
                if one is not None:
                    served.append(one)
                    if after is None:
                        checked = "estimated"
        out.append(_advice(database, proposal, table, served, checked, made))
    return out


def _served(
    statement: Statement,
    access: Access,
    proposal: Proposal,
    made: Made,
    before: Plan | None,
    after: Plan | None,
    page_cost: float,
    rates: price.Calibration,
) -> Served | None:
    """What an index does for one statement; None when it does not do enough."""
    if before is not None and after is not None:
        if proposal not in made.used(after):
            return None
        if before.cost is not None and after.cost is not None:
            if not price.falls(before.cost, after.cost):
                return None
            ms = price.saved(statement.mean_ms, before, after, calibration=rates, random_page_cost=page_cost)
            return _hourly(statement, before.cost, after.cost, ms)
    told = replace(proposal, before=0.0, after=0.0, accesses=())
    costs = _costs(access, told)
    if costs is None or not price.falls(*costs):
        return None
    return _hourly(statement, *costs, price.saved(statement.mean_ms, *costs, random_page_cost=page_cost))


def _costs(access: Access, proposal: Proposal) -> tuple[float, float] | None:
    """Cost by our own model, of a table without other indexes: that none of them serves is known already."""
    from ...linter.sql.access import best, through

    path = through(proposal.index(), access)
    return None if path is None else (best(Table(access.table), access).cost, path.cost)


def _hourly(statement: Statement, before: float, after: float, ms: Interval | None) -> Served:
    calls = statement.calls_per_hour
    seconds = price.hourly(ms, calls) if ms is not None and calls is not None else None
    return Served(statement, before, after, ms, seconds)


def _advice(
    database: Database, proposal: Proposal, table: Table, served: list[Served], checked: str, made: Made
) -> IndexAdvice:
    facts = database.facts_of(table)
    writes = facts.index_writes_per_hour
    keep = price.upkeep(writes) if writes is not None else None
    served = sorted(served, key=lambda one: -(one.seconds_per_hour.point if one.seconds_per_hour else 0.0))
    first = served[0] if served else None
    timed = [one for one in served if one.seconds_per_hour is not None]
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
        _statement(database, proposal, table),
        tuple(served),
        "hypothetical" if checked == "hypothetical" else "estimated",
        first.before if first else 0.0,
        first.after if first else 0.0,
        per_call,
        seconds,
        keep.point if keep is not None else None,
        _size(proposal, facts, made),
        facts.rows,
        tuple(dict.fromkeys(mark for one in served for mark in one.statement.findings)),
        tuple(_remarks(database, table, keep is not None)),
    )


def _statement(database: Database, proposal: Proposal, table: Table) -> str:
    return create_index(proposal, table, database.dialect, online=key(table) not in database.partitioned)


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


def _size(proposal: Proposal, facts: TableFacts, made: Made) -> int | None:
    told = next((made.bytes.get(name) for name, one in made.names.items() if one == proposal), None)
    if told is not None:
        return told
    if facts.rows is None or proposal.where:
        return None
    widths = [known.width if (known := facts.column(name)) and known.width else 8.0 for name in proposal.keys]
    return round(facts.rows * (sum(widths) + _ENTRY_BYTES) / _FULL)


def _pays(one: IndexAdvice) -> bool:
    """Whether it saves more than it costs; where nothing is timed, whether a prediction and the planner agree."""
    if not one.served:
        return False
    return one.seconds_per_hour is None or one.seconds_per_hour.point > 0


def _rank(one: IndexAdvice) -> tuple[float, float, str]:
    seconds = one.seconds_per_hour.point if one.seconds_per_hour is not None else -1.0
    return (-seconds, one.after / one.before if one.before else 1.0, key(one.table))


def _random_page_cost(connection: Connection) -> float:
    if connection.dialect.name != "postgresql":
        return 1.0
    return float(connection.exec_driver_sql("SELECT current_setting('random_page_cost')").scalar_one())


def _why_estimated(database: Database) -> str:
    if database.dialect == "postgresql":
        return "HypoPG is not installed here, so indexes are estimated by our model of a B-tree, not by the planner"
    return "this database cannot plan with an index that is not there: indexes are estimated by our model of a B-tree"
