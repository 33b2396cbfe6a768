"""What a database answers to the linter's findings about indexes that no advice settles.

In: findings with the statement they predict, tables and their facts. Out: those that are refuted, with the reason, and
those that stay open because the database does not know their table or their columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ...linter.model import Finding
from ...linter.sql.access import EQUAL, Access, Predicate, Sort, best, proposed
from ...linter.sql.tables import Table
from .model import Database, Refuted
from .selectivity import Selectivity
from .survey import rows_of

_SMALL: Final = 2_000
_BROAD: Final = 0.05
"""Of the rows: an equality that leaves more is cheaper by a scan."""


def refuted(
    database: Database, tables: Mapping[str, Table], findings: Iterable[Finding], declined: Mapping[str, str]
) -> tuple[tuple[Refuted, ...], tuple[Finding, ...]]:
    """(answered, still open). `declined`: why no index is advised for a finding, by its
    fingerprint."""
    answers, still = [], []
    for finding in findings:
        reason = _reason(database, tables, finding, declined.get(finding.fingerprint, ""))
        if reason:
            answers.append(Refuted(finding, reason))
        else:
            still.append(finding)
    return tuple(answers), tuple(still)


def _reason(database: Database, tables: Mapping[str, Table], finding: Finding, declined: str) -> str:
    query = finding.query
    table = tables.get(query.tables[0].lower()) if query is not None and query.tables else None
    if query is None or table is None:
        return ""
    rows = rows_of(database, table)
    if rows is None:
        return ""
    if rows <= _SMALL:
        return f"{table.name} has {rows:,.0f} rows: reading all of them is as quick"
    names = [_column(one, query.tables[0]) for one in query.filters]
    order = [(_column(one.lstrip("-"), query.tables[0]), one.startswith("-")) for one in query.order]
    if not names and not order:
        return ""
    if any(not name or table.column(name) is None for name in (*names, *(name for name, _ in order))):
        return ""
    fraction = Selectivity(database.facts)
    access = Access(
        table.name.lower(),
        tuple(Predicate(name, EQUAL, fraction(table, name, EQUAL, "")) for name in names),
        tuple(Sort(name, down) for name, down in order),
        100.0 if order else 0.0,
        rows,
    )
    way = best(table, access)
    if way.index is not None and proposed(table, access) is None:
        columns = ", ".join(part.column or part.expression for part in way.index.parts)
        return f"{way.index.name or 'its primary key'} ({columns}) serves it"
    left = 1.0
    for predicate in access.predicates:
        left *= predicate.fraction
    if not order and left > _BROAD:
        return f"{' and '.join(names)} leaves {left:.0%} of {rows:,.0f} rows: an index would not be used"
    if proposed(table, replace(access)) is None:
        return f"at {rows:,.0f} rows no index makes it five times cheaper"
    return declined


def _column(text: str, main: str) -> str:
    table, _, name = text.rpartition(".")
    return name.lower() if table in ("", main) else ""
