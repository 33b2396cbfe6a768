"""Asks a database what it would do if an index were there.

In: a connection and proposed indexes. Out, for as long as the `with` lasts: plans of statements as if they were built,
and which of them a plan uses. Writes nothing: HypoPG keeps its indexes in the memory of one connection
(https://hypopg.readthedocs.io/en/rel1_stable/hypothetical_indexes.html); SQLite is asked through an empty copy of its
schema in memory, with the statistics that ANALYZE left (https://www.sqlite.org/fileformat2.html#stat1tab). Any other
database gives no plans, and what is said then rests on our own model of a B-tree (`linter.sql.access`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ...linter.sql.access import EQUAL, IN, NULL, Proposal
from ...linter.sql.tables import Table
from ...linter.sql.write import create_index
from .explain import explain, raw, reason_of, rolled_back
from .placeholders import UnplannableError, prepared
from .plan import Plan, of_sqlite

_MEMORY = "hypothetical_"


@dataclass(slots=True)
class Made:
    """Indexes that are there for now."""

    checked: Literal["hypothetical", "estimated"] = "estimated"
    """"hypothetical": the database's planner is asked; "estimated": it cannot be."""
    names: dict[str, Proposal] = field(default_factory=dict)
    """By the name that plans call them."""
    bytes: dict[str, int] = field(default_factory=dict)
    """About how large each would be, where the database says so."""
    notes: list[str] = field(default_factory=list)
    """Proposals that the database would not take, and why."""
    _connection: Connection | None = None
    _copy: sqlite3.Connection | None = None

    def plan(self, text: str, *, rows: float | None = None, notes: list[str] | None = None) -> Plan | None:
        """The plan of a statement with them; None when it cannot be asked."""
        if self._copy is not None:
            return _of_copy(self._copy, text)
        if self._connection is None:
            return None
        return explain(self._connection, text, rows=rows, notes=notes)

    def used(self, plan: Plan | None) -> tuple[Proposal, ...]:
        """Those that a plan uses."""
        return tuple(self.names[name] for name in sorted(plan.indexes & self.names.keys())) if plan else ()


@contextmanager
def hypothetical(
    connection: Connection | None, proposals: Iterable[Proposal], tables: Mapping[str, Table]
) -> Iterator[Made]:
    """Makes them for a while. `tables` by lower-case name; without a connection, nobody can be asked."""
    wanted = [(proposal, tables[proposal.table.lower()]) for proposal in proposals if proposal.table.lower() in tables]
    if connection is None:
        yield Made()
        return
    if connection.dialect.name == "sqlite":
        copy = _copied(connection)
        try:
            yield _in_copy(copy, wanted)
        finally:
            copy.close()
        return
    schema = hypopg_schema(connection)
    if not schema:
        yield Made()
        return
    try:
        yield _in_hypopg(connection, schema, wanted)
    finally:
        if not connection.invalidated and not connection.closed:
            with rolled_back(connection):
                raw(connection, f"SELECT {schema}.hypopg_reset()")


def hypopg_schema(connection: Connection) -> str:
    """The quoted name of the schema that HypoPG's functions stand in; "" when they are not there, or not for us."""
    if connection.dialect.name != "postgresql":
        return ""
    asked = (
        "SELECT quote_ident(n.nspname) FROM pg_catalog.pg_extension e "
        "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'hypopg' "
        "AND has_schema_privilege(n.oid, 'USAGE')"
    )
    return str(raw(connection, asked).scalar() or "")


def _in_hypopg(connection: Connection, schema: str, wanted: Iterable[tuple[Proposal, Table]]) -> Made:
    made = Made("hypothetical", _connection=connection)
    for proposal, table in wanted:
        text = create_index(proposal, table, online=False)
        quoted = "'" + text.replace("'", "''") + "'"
        asked = (
            f"SELECT indexname, {schema}.hypopg_relation_size(indexrelid) FROM {schema}.hypopg_create_index({quoted})"
        )
        try:
            with rolled_back(connection):  # what it made stays: it is no part of a transaction
                name, size = raw(connection, asked).one()
        except SQLAlchemyError as error:
            if getattr(error, "connection_invalidated", False):
                raise
            made.notes.append(f"no hypothetical index ({reason_of(error)}): {text}")
            continue
        made.names[name] = proposal
        made.bytes[name] = int(size)
    return made


def _copied(connection: Connection) -> sqlite3.Connection:
    """Schema and statistics of a SQLite database, without its rows."""
    copy = sqlite3.connect(":memory:")
    kinds = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'index'"
    for (text,) in list(raw(connection, kinds)):
        try:
            copy.execute(text)
        except sqlite3.Error:  # a virtual table, a function of the application
            continue
    copy.execute("ANALYZE")
    if raw(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'").scalar():
        copy.execute("DELETE FROM sqlite_stat1")
        rows = [tuple(row) for row in raw(connection, "SELECT tbl, idx, stat FROM sqlite_stat1")]
        copy.executemany("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", rows)
        copy.execute("ANALYZE sqlite_master")  # reads them
    return copy


def _in_copy(copy: sqlite3.Connection, wanted: Iterable[tuple[Proposal, Table]]) -> Made:
    made = Made("hypothetical", _copy=copy)
    for number, (proposal, table) in enumerate(wanted, 1):
        name = f"{_MEMORY}{number}"
        text = create_index(proposal, table, "sqlite", name)
        try:
            copy.execute(text)
        except sqlite3.Error as error:
            made.notes.append(f"no hypothetical index ({error}): {text}")
            continue
        made.names[name] = proposal
        copy.execute("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table.name, name, _statistics(proposal)))
    copy.execute("ANALYZE sqlite_master")
    return made


def _statistics(proposal: Proposal) -> str:
    """The rows of the table, then the mean rows for each value of the first part, of the first two …"""
    rows = max((access.rows for access in proposal.accesses), default=1_000_000.0)
    by_key = {
        predicate.key: predicate.fraction
        for access in proposal.accesses
        for predicate in access.predicates
        if predicate.kind in (EQUAL, IN, NULL)
    }
    held = rows
    for access in proposal.accesses[:1]:  # a partial index holds fewer
        for predicate in access.predicates:
            if proposal.where and predicate.key not in proposal.keys and predicate.key in proposal.where:
                held *= predicate.fraction
    out, left = [max(held, 1.0)], max(held, 1.0)
    for key in proposal.keys:
        left = max(left * by_key.get(key, 0.1), 1.0)
        out.append(left)
    return " ".join(str(round(number)) for number in out)


def _of_copy(copy: sqlite3.Connection, text: str) -> Plan | None:
    try:
        statement = prepared(text)
        asked = f"EXPLAIN QUERY PLAN {statement.spelled(lambda number: f'?{number}')}"
        answer = copy.execute(asked, (None,) * statement.holes).fetchall()
    except (UnplannableError, sqlite3.Error):
        return None
    return of_sqlite(((row[0], row[1], row[3]) for row in answer), generic=bool(statement.holes))
