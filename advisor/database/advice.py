"""From what a database is asked to the indexes that would pay.

In: a `Database` and its connection. Out: `DatabaseAdvice`. Statements are read into accesses with the fractions that
the statistics tell, and each gets the index that it should have (`choose`), those that take most time first. What one
index can serve is merged, and all are judged together once more, so that an index counts only for what it adds to the
others; a statement that merging left without gets its own one back. Kept is what saves more than its upkeep (design:
what a finding costs, 4).
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ...linter.model import Finding
from ...linter.sql.access import Access, Proposal, merged
from ...linter.sql.read import accesses
from ...linter.sql.tables import Table
from ...linter.sql.write import dialect_name
from . import price
from .catalogue import by_name
from .choose import Choice, Gain, choose, gains
from .connect import gone
from .explain import explain, measured
from .hypothetical import Made, hypopg_schema, hypothetical
from .model import Database, DatabaseAdvice, IndexAdvice, Statement, key
from .plan import Plan
from .refuting import refuted
from .removals import removals
from .selectivity import Selectivity
from .survey import rows_of
from .worth import Rates, index_advice

_PLANS: Final = 3_000
"""Plans that the planner is asked for before the last round; a statement takes up to 26."""
_SECONDS: Final = 60.0  # … and how long
_ROUNDS: Final = 3
"""Together, without what does not pay, and with what merging took from a statement."""
_MEASURED: Final = 50
"""Statements that are run, when that is allowed."""
_VALUE: Final = re.compile(r"'(?:[^']|'')*'|(?<![\w$?:])\d+(?:\.\d+)?\b")
"""Literals. Servers and tracers leave them out, most of the time."""

_Kind = tuple[tuple[Access, ...], tuple[str, ...]]


@dataclass(slots=True)
class _Reading:
    """Statements as accesses."""

    asking: dict[_Kind, list[Statement]] = field(default_factory=lambda: defaultdict(list))
    """Statements that ask the same of their tables, with the same values."""
    understood: int = 0
    unknown: set[str] = field(default_factory=set)
    """Tables whose rows nobody has counted."""


@dataclass(frozen=True, slots=True)
class _Case:
    """Statements that one choice was made for, and their plans now, by their text."""

    choice: Choice
    statements: Sequence[Statement]
    plans: Mapping[str, Plan | None]


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
    notes: list[str] = []
    try:
        cases, judged = _indexes(connection, database, reading, tables, analyse, notes)
    except SQLAlchemyError as error:
        if not gone(error):
            raise
        notes.append("the connection was lost: what follows is estimated, without the database's planner")
        cases, judged = _indexes(None, database, reading, tables, False, notes)
    kept = [one for one in judged if _pays(one)]
    if reading.unknown:
        some = ", ".join(sorted(reading.unknown)[:3]) + (" and others" if len(reading.unknown) > 3 else "")
        notes.append(f"how many rows are in {some} is not known: nothing is said of what is asked there")
    settled = {mark for one in kept for mark in one.findings}
    rest = [one for one in findings if one.family == "index" and one.fingerprint not in settled]
    answers, open_ = refuted(database, tables, rest, _declined(cases, judged))
    return DatabaseAdvice(
        database,
        tuple(sorted(kept, key=_rank)),
        removals(database) if watched is None else removals(database, watched=watched),
        answers,
        open_,
        considered=reading.understood,
        unpriced=len(judged) - len(kept) + sum(1 for one in cases if one.choice.plans and not one.choice.proposals),
        notes=tuple(dict.fromkeys(notes)),
    )


def _declined(cases: Iterable[_Case], judged: Iterable[IndexAdvice]) -> dict[str, str]:
    """Why no index is advised for a finding, by its fingerprint."""
    out: dict[str, str] = {}
    for case in cases:
        judge = "the planner" if case.choice.checked == "hypothetical" else "our estimate"
        for mark in (mark for statement in case.statements for mark in statement.findings):
            out[mark] = f"with an index, {judge} does not save four fifths of its cost"
    unpaid = {mark for one in judged if not _pays(one) for mark in one.findings}
    return {**out, **dict.fromkeys(unpaid, "writing the index would take longer than it saves")}


def _indexes(
    connection: Connection | None,
    database: Database,
    reading: _Reading,
    tables: Mapping[str, Table],
    analyse: bool,
    notes: list[str],
) -> tuple[list[_Case], list[IndexAdvice]]:
    """What was chosen for statements, and what comes of it together. Errors of a connection that is gone pass."""
    rates = _rates(connection, database, analyse, notes)
    cases = _cases(connection, reading, tables, notes)
    chosen = [one for one in cases if one.choice.proposals]
    wanted = merged(proposal for case in chosen for proposal in case.choice.proposals)
    judged: list[IndexAdvice] = []
    unpaid: dict[Proposal, IndexAdvice] = {}
    for _ in range(_ROUNDS):
        with hypothetical(connection, wanted, tables) as made:
            helped: dict[Proposal, list[tuple[Statement, Gain]]] = {proposal: [] for proposal in wanted}
            without: list[Proposal] = []
            for case in chosen:
                for statement, found in _gains(case, made, wanted):
                    for gain in found or ():
                        helped[gain.proposal].append((statement, gain))
                    without += case.choice.proposals if found is None else ()
            sizes = {made.names[name]: size for name, size in made.bytes.items()}
            notes.extend(made.notes)
        judged = [
            index_advice(database, one, tables[one.table.lower()], helped[one], rates, sizes.get(one)) for one in wanted
        ]
        unpaid |= {one.proposal: one for one in judged if one.served and not _pays(one)}
        paying = [one for one in wanted if one not in unpaid]
        lost = [one for one in dict.fromkeys(without) if one not in wanted and one not in unpaid]
        if not lost and len(paying) == len(wanted):
            break
        wanted = [*paying, *lost]
    judged = [*(one for one in judged if one.proposal not in unpaid), *unpaid.values()]
    if connection is not None and any(case.choice.checked == "estimated" for case in chosen):
        notes.append(_why_estimated(database))
    return cases, judged


def _gains(case: _Case, made: Made, wanted: Sequence[Proposal]) -> Iterator[tuple[Statement, list[Gain] | None]]:
    """What is gained for each statement; those beyond the bound gain what the first one does."""
    known: dict[str, list[Gain] | None] = {}
    for statement in case.statements:
        one = statement if statement.text in case.plans else case.statements[0]
        if one.text not in known:
            before = case.plans[one.text]
            known[one.text] = gains(case.choice, before, made, wanted, one.text, rows=_mean_rows(one))
        yield statement, known[one.text]


def _cases(
    connection: Connection | None, reading: _Reading, tables: Mapping[str, Table], notes: list[str]
) -> list[_Case]:
    """Chooses for every kind of statement, those that take most time first, within bounds."""
    out: list[_Case] = []
    asking = sorted(reading.asking.items(), key=lambda item: -sum(one.total_ms or 0.0 for one in item[1]))
    asked, end = 0, time.monotonic() + _SECONDS
    for (wanted, _), statements in asking:
        if asked >= _PLANS or time.monotonic() > end:
            notes.append(
                f"of {len(asking)} kinds of statements, only the {len(out)} that take most time were considered"
            )
            break
        first = statements[0]
        before = _plan(connection, first, tables, notes)
        choice = choose(connection, first.text, wanted, tables, before, rows=_mean_rows(first))
        plans = {first.text: before}
        asked += choice.plans
        if choice.proposals and choice.plans:
            for statement in statements[1:]:
                if asked < _PLANS and statement.text not in plans:
                    plans[statement.text] = _plan(connection, statement, tables, notes)
                    asked += 1
        out.append(_Case(choice, statements, plans))
    return out


def _plan(
    connection: Connection | None, statement: Statement, tables: Mapping[str, Table], notes: list[str]
) -> Plan | None:
    """The plan now, where it is of use: only PostgreSQL and SQLite are asked about indexes that are not there."""
    if connection is None or not _plannable(connection):
        return None
    said: list[str] = []
    plan = explain(connection, statement.text, tables=tables, rows=_mean_rows(statement), notes=said)
    notes.extend(f"{why.partition('): ')[0]}): {statement.shown[:120]}" for why in said)
    return plan


def _plannable(connection: Connection) -> bool:
    """Whether the planner can be asked about an index that is not there."""
    return connection.dialect.name == "sqlite" or bool(hypopg_schema(connection))


def _rates(connection: Connection | None, database: Database, analyse: bool, notes: list[str]) -> Rates:
    if connection is None:
        return Rates()
    calibration = price.Calibration()
    if analyse:
        texts = [one.text for one in database.statements[:_MEASURED]]
        calibration = price.calibrated(plan for text in texts if (plan := measured(connection, text)) is not None)
        if not calibration.by_type:
            notes.append("no statement could be run to time it: they hold placeholders, or do more than read")
    if connection.dialect.name != "postgresql":
        return Rates(calibration, 1.0)
    asked = "SELECT current_setting('random_page_cost')"
    return Rates(calibration, float(connection.exec_driver_sql(asked).scalar_one()))


def _read(database: Database, tables: Mapping[str, Table]) -> _Reading:
    fraction = Selectivity(database.facts)
    out = _Reading()
    dialect = dialect_name(database.dialect)
    rows_by_name = {name: count for name, table in tables.items() if (count := rows_of(database, table)) is not None}
    schemas = tuple(one.lower() for one in database.schemas)
    for statement in database.statements:
        found = accesses(statement.text, tables, dialect=dialect, fraction=fraction, rows=rows_by_name, schemas=schemas)
        out.understood += bool(found)
        asked: dict[Access, None] = {}
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
            name = access.table.lower() if access.table.lower() in tables else named
            asked[replace(access, table=name, rows=rows)] = None
        if asked:
            out.asking[tuple(asked), tuple(_VALUE.findall(statement.text))].append(statement)
    return out


def _has(table: Table, access: Access) -> bool:
    """Whether a table has the columns: models and databases are not always of one version."""
    keys = (*(one.key for one in access.predicates), *(one.key for one in access.sort))
    return all("(" in name or table.column(name) is not None for name in keys)


def _mean_rows(statement: Statement) -> float | None:
    return statement.rows / statement.calls if statement.rows and statement.calls else None


def _pays(one: IndexAdvice) -> bool:
    """Whether it saves more than it costs; where nothing is timed, whether a prediction and the planner agree."""
    if not one.served:
        return False
    return one.seconds_per_hour is None or one.seconds_per_hour.point > 0


def _rank(one: IndexAdvice) -> tuple[float, float, str]:
    seconds = one.seconds_per_hour.point if one.seconds_per_hour is not None else -1.0
    return (-seconds, one.after / one.before if one.before else 1.0, key(one.table))


def _why_estimated(database: Database) -> str:
    if database.dialect == "postgresql":
        return "HypoPG is not installed here, so indexes are estimated by our model of a B-tree, not by the planner"
    return "this database cannot plan with an index that is not there: indexes are estimated by our model of a B-tree"
