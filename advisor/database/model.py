"""What the advisor knows of a live database, and what it advises: plain values between its stages.

`linter.sql.tables.Table` says what a table is made of; the facts here say what is in it and how it is used. Counts are
totals since `since_seconds` ago; `None` always means that the database did not tell, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ...linter.model import Finding
from ...linter.sql.access import Proposal
from ...linter.sql.tables import Table, TableIndex
from ..model import Interval
from ..statements import normalise

Dialect = Literal["postgresql", "mysql", "mariadb", "sqlite"]

HOUR = 3600.0
"""Less than an hour of counting is taken as an hour: what a few minutes hold (a load, a test) is no rate."""

Source = Literal["pg_stat_statements", "performance_schema", "telemetry", "predicted"]
"""Who says that a statement is sent: the database's own statistics, spans, or the linter (calls unknown)."""

Checked = Literal["hypothetical", "estimated"]
"""By what an index was judged: the database's planner with a hypothetical index, or our model of a B-tree."""


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What statistics say of one column."""

    name: str
    null_fraction: float | None = None
    distinct: float | None = None
    """Number of different values, already multiplied out where the database keeps a fraction of the rows."""
    common: Mapping[str, float] = field(default_factory=dict, repr=False)
    """Frequent values, as text, with the fraction of rows that hold them. Private data: used, never shown or kept."""
    bounds: Sequence[float] | Sequence[str] = field(default=(), repr=False)
    """Values of rows drawn evenly, in their order. As private as frequent ones."""
    correlation: float | None = None
    """Between the order of the values and that of the rows on disk, -1 to 1."""
    width: float | None = None
    """Mean bytes of a value."""


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What one index takes and gives."""

    name: str
    bytes: int | None = None
    scans: int | None = None
    """How often it was used since the statistics were reset."""
    idle_seconds: float | None = None
    """Since it was last used (PostgreSQL 16 and later)."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What is in one table and what happens to it."""

    name: str
    schema: str = ""
    rows: float | None = None
    counted: bool = False
    """Counted by us, not estimated by the database."""
    bytes: int | None = None
    """Of the rows alone, without indexes."""
    columns: Mapping[str, ColumnFacts] = field(default_factory=dict)
    """By lower-case name."""
    indexes: Mapping[str, IndexFacts] = field(default_factory=dict)
    """By name as the database spells it."""
    scans: int | None = None
    """Whole-table scans."""
    inserts: int | None = None
    updates: int | None = None
    hot_updates: int | None = None
    """Updates that touched no index (PostgreSQL's heap-only tuples)."""
    deletes: int | None = None
    since_seconds: float | None = None

    def column(self, name: str) -> ColumnFacts | None:
        return self.columns.get(name.lower())

    @property
    def index_writes_per_hour(self) -> float | None:
        """Entries that each index of the table gets in an hour: inserts, and updates that are not heap-only."""
        if self.inserts is None or self.since_seconds is None:
            return None
        moved = max((self.updates or 0) - (self.hot_updates or 0), 0)
        return (self.inserts + moved) * HOUR / max(self.since_seconds, HOUR)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as evidence that it is sent. `text` as its source spells it, with placeholders for values."""

    text: str
    source: Source
    fingerprint: str = ""
    """`statements.fingerprint`: what statements of different sources are compared by."""
    calls: float | None = None
    total_ms: float | None = None
    rows: float | None = None
    """Rows that it returned or changed, over all calls."""
    since_seconds: float | None = None
    routes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    """Fingerprints of the linter's findings that predict it."""
    waited: float | None = None
    """Part of its time that requests wait for it, where traces tell."""

    @property
    def shown(self) -> str:
        """Without literals: PostgreSQL keeps those of a statement that it forgot while it ran."""
        return normalise(self.text, system="mysql" if self.source == "performance_schema" else "")

    @property
    def mean_ms(self) -> float | None:
        return self.total_ms / self.calls if self.calls and self.total_ms is not None else None

    @property
    def calls_per_hour(self) -> float | None:
        if self.calls is None or self.since_seconds is None:
            return None
        return self.calls * HOUR / max(self.since_seconds, HOUR)


@dataclass(frozen=True, slots=True)
class Database:
    """One database as it was found."""

    dialect: Dialect
    version: tuple[int, ...]
    name: str
    tables: tuple[Table, ...] = ()
    facts: Mapping[str, TableFacts] = field(default_factory=dict)
    """By `key(table)`."""
    statements: tuple[Statement, ...] = ()
    replica: bool = False
    """It replays another server's changes."""
    replicas: int | None = None
    """Servers that follow this one; what they do with its indexes is not seen here. None: not known."""
    partitioned: frozenset[str] = frozenset()
    """Tables whose rows are in partitions, by `key(table)`."""
    notes: tuple[str, ...] = ()
    """What could not be seen, and why."""
    schemas: tuple[str, ...] = ()
    """Where the tables stand whose schema is ""; () when that is not known."""

    def facts_of(self, table: Table) -> TableFacts:
        return self.facts.get(key(table)) or TableFacts(table.name, table.schema)


def key(table: Table) -> str:
    """How facts name a table: `schema.name`, or `name` in the default schema; exactly as the database spells them."""
    return f"{table.schema}.{table.name}" if table.schema else table.name


@dataclass(frozen=True, slots=True)
class Served:
    """One statement that an index helps. Costs in the unit of whoever checked them."""

    statement: Statement
    before: float
    after: float
    ms: Interval | None = None
    """Milliseconds that one call saves; None when nothing says how long it takes now."""
    seconds_per_hour: Interval | None = None


@dataclass(frozen=True, slots=True)
class IndexAdvice:
    """An index worth making."""

    proposal: Proposal
    table: Table
    ddl: str
    """The statement that makes it, safe for a table that is being written."""
    served: tuple[Served, ...]
    """Most saving first."""
    checked: Checked
    before: float
    after: float
    """Cost of the first statement it serves, in the unit of whoever checked it."""
    ms_per_call: Interval | None = None
    """Saved per call, over all calls that it serves; None when no statement says how long it takes."""
    seconds_per_hour: Interval | None = None
    """Saved in an hour of the watched traffic, upkeep subtracted."""
    upkeep_seconds_per_hour: float | None = None
    """What writing its entries costs; None when writes are not counted."""
    bytes: int | None = None
    """How large it would be, about."""
    rows: float | None = None
    findings: tuple[str, ...] = ()
    """Fingerprints of the linter's findings that it settles."""
    notes: tuple[str, ...] = ()


RemovalReason = Literal["unused", "duplicate", "redundant", "invalid"]


@dataclass(frozen=True, slots=True)
class IndexRemoval:
    """An index that costs more than it gives."""

    table: Table
    index: TableIndex
    reason: RemovalReason
    detail: str
    """Why, in words a user can check."""
    ddl: str
    other: str = ""
    """The index that does its work."""
    bytes: int | None = None
    writes_per_hour: float | None = None


@dataclass(frozen=True, slots=True)
class Refuted:
    """A finding of the linter that the database answers: why its table needs no index there."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class DatabaseAdvice:
    """The whole answer about one database. `indexes` by seconds saved per hour, most first."""

    database: Database
    indexes: tuple[IndexAdvice, ...] = ()
    removals: tuple[IndexRemoval, ...] = ()
    refuted: tuple[Refuted, ...] = ()
    open: tuple[Finding, ...] = ()
    """Findings about indexes that the database neither confirms nor refutes."""
    considered: int = 0
    """Statements that were understood."""
    unpriced: int = 0
    """Indexes that were considered and are not worth their upkeep, or that the planner would not use."""
    notes: tuple[str, ...] = ()


IndexVerdict = Literal["came", "did not come", "not made", "too little to judge"]


@dataclass(frozen=True, slots=True)
class StatementCheck:
    """One statement before and after: means per call. `calls`: of the side that has fewer."""

    text: str
    before_ms: float
    after_ms: float
    before_rows: float
    after_rows: float
    calls: int
    promised: Interval
    """ms that a call was to save."""


@dataclass(frozen=True, slots=True)
class IndexCheck:
    """One index that was promised to pay."""

    table: str
    keys: tuple[str, ...]
    ddl: str
    statements: tuple[StatementCheck, ...]
    verdict: IndexVerdict


@dataclass(frozen=True, slots=True)
class IndexVerification:
    """What became of promised indexes. `failed` when one was made and what it promised did not come."""

    indexes: tuple[IndexCheck, ...]
    failed: bool
    notes: tuple[str, ...] = ()
