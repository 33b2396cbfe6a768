"""What is in the tables, and how they are used: rows, sizes, distributions, scans and writes.

In: a connection and its catalogue. Out: `TableFacts` by `model.key`. Tables and indexes are counted all at once;
distributions of columns are read only for the tables that somebody asks about (`columns`), since their frequent values
are both large and private. What a role may not see is left out and noted.

PostgreSQL: https://www.postgresql.org/docs/current/monitoring-stats.html and …/view-pg-stats.html.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection

from ...linter.sql.tables import Table
from .catalogue import Catalogue
from .connect import dialect_of
from .model import ColumnFacts, IndexFacts, TableFacts, key

_TABLES: Final = (
    "SELECT c.oid::bigint, c.reltuples::float8, c.relpages::bigint * current_setting('block_size')::bigint, "
    "s.n_live_tup, s.seq_scan, s.n_tup_ins, s.n_tup_upd, s.n_tup_hot_upd, s.n_tup_del, "
    "has_any_column_privilege(c.oid, 'SELECT') FROM pg_catalog.pg_class c "
    "LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid WHERE c.relkind IN ('r', 'p') "
    "AND c.relnamespace <> 'pg_catalog'::regnamespace"
)
_INDEXES: Final = (
    "SELECT i.indrelid::bigint, x.relname, x.relpages::bigint * current_setting('block_size')::bigint, s.idx_scan, {} "
    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid "
    "LEFT JOIN pg_catalog.pg_stat_all_indexes s ON s.indexrelid = i.indexrelid "
    "WHERE x.relnamespace <> 'pg_catalog'::regnamespace"
)
_SINCE: Final = (
    "SELECT extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time()))::float8 "
    "FROM pg_catalog.pg_stat_database WHERE datname = current_database()"
)
_COLUMNS: Final = (
    "SELECT schemaname, tablename, attname, null_frac::float8, avg_width, n_distinct::float8, "
    "most_common_vals::text::text[], most_common_freqs::float8[], correlation::float8, inherited "
    "FROM pg_catalog.pg_stats WHERE tablename = ANY(%(tables)s) ORDER BY inherited"
)
_PART: Final = 500  # tables asked about in one question
_VALUE: Final = 200  # characters of a frequent value that are kept


def read(connection: Connection, catalogue: Catalogue, notes: list[str]) -> dict[str, TableFacts]:
    """Rows, sizes, scans and writes of every table and index."""
    match dialect_of(connection):
        case "postgresql":
            return _postgresql(connection, catalogue, notes)
        case "sqlite":
            from .sampling import sqlite_tables

            return sqlite_tables(connection, catalogue)
        case _:
            from .mysql_statistics import tables

            return tables(connection, catalogue, notes)


def columns(
    connection: Connection, tables: Iterable[Table], facts: Mapping[str, TableFacts], notes: list[str]
) -> dict[str, TableFacts]:
    """The facts of some tables, with those of their columns; all others as they are."""
    wanted = list(tables)
    if dialect_of(connection) == "postgresql":
        return {**facts, **_pg_stats(connection, wanted, facts, notes)}
    from .sampling import sampled

    return {**facts, **sampled(connection, wanted, facts, notes)}


def _postgresql(connection: Connection, catalogue: Catalogue, notes: list[str]) -> dict[str, TableFacts]:
    since = connection.exec_driver_sql(_SINCE).scalar()
    version = connection.dialect.server_version_info or (0,)
    last = "extract(epoch FROM now() - s.last_idx_scan)::float8" if version >= (16,) else "NULL"
    indexes: dict[int, dict[str, IndexFacts]] = defaultdict(dict)
    for number, name, size, scans, idle in connection.exec_driver_sql(_INDEXES.format(last)):
        if number in catalogue.numbers:
            indexes[number][name] = IndexFacts(name, size, scans, idle)
    found: dict[int, TableFacts] = {}
    hidden = unknown = 0
    for number, rows, size, live, scans, *writes, visible in connection.exec_driver_sql(_TABLES):
        table = catalogue.numbers.get(number)
        if table is None:
            continue
        # Never analysed: -1 since PostgreSQL 14, 0 without pages before.
        known = rows if rows > 0 or (rows == 0 and size) else live or None
        inserts, updates, hot, deletes = writes
        hidden += not visible
        found[number] = TableFacts(
            table.name, table.schema, known, False, size, {}, indexes[number], scans, inserts, updates, hot, deletes,
            since,
        )  # fmt: skip
        unknown += known is None and bool(inserts)
    inner = set(catalogue.parents.values())
    for number in inner & found.keys():  # holds no rows of its own; ANALYZE may have counted those of its partitions
        found[number] = replace(found[number], rows=None, bytes=None)
    for number, parent in catalogue.parents.items():
        top = parent
        while top in catalogue.parents:
            top = catalogue.parents[top]
        if top in found and number in found and number not in inner:
            found[top] = _sum(found[top], found[number])
    if hidden:
        notes.append(
            f"the role may not read {hidden} of {len(found)} tables, so their statistics are not visible to it: "
            "GRANT SELECT on them, or pg_read_all_data, shows them"
        )
    if unknown:
        notes.append(f"of {unknown} of {len(found)} tables it is not known how many rows they hold (ANALYZE tells)")
    return {key(catalogue.numbers[number]): facts for number, facts in found.items()}


def _sum(whole: TableFacts, part: TableFacts) -> TableFacts:
    def both(left: Any, right: Any) -> Any:
        return right if left is None else left if right is None else left + right

    return replace(
        whole,
        rows=part.rows if whole.rows is None else max(whole.rows, 0) + (part.rows or 0),
        bytes=both(whole.bytes, part.bytes),
        scans=both(whole.scans, part.scans),
        inserts=both(whole.inserts, part.inserts),
        updates=both(whole.updates, part.updates),
        hot_updates=both(whole.hot_updates, part.hot_updates),
        deletes=both(whole.deletes, part.deletes),
    )


def _pg_stats(
    connection: Connection, wanted: list[Table], facts: Mapping[str, TableFacts], notes: list[str]
) -> dict[str, TableFacts]:
    visible = connection.exec_driver_sql("SELECT current_schemas(false)").scalar() or []
    named: dict[tuple[str, str], str] = {}
    for table in sorted(wanted, key=lambda one: not one.schema):  # what names its schema is nobody else's
        for schema in [table.schema] if table.schema else visible:
            named.setdefault((schema, table.name), key(table))
    gathered: dict[str, dict[str, ColumnFacts]] = defaultdict(dict)
    names = sorted({table.name for table in wanted})
    for at in range(0, len(names), _PART):
        for row in connection.exec_driver_sql(_COLUMNS, {"tables": names[at : at + _PART]}):
            schema, table_name, name, nulls, width, distinct, values, shares, correlation, _ = row
            which = named.get((schema, table_name))
            if which is None or which not in facts:
                continue
            rows = facts[which].rows or 0.0
            gathered[which][name.lower()] = ColumnFacts(
                name,
                nulls,
                -distinct * rows if distinct < 0 else distinct or None,
                {str(value)[:_VALUE]: share for value, share in zip(values or (), shares or (), strict=False)},
                correlation=correlation,
                width=width,
            )
    blind = [which for which in named.values() if which in facts and not gathered[which] and facts[which].rows]
    if blind:
        notes.append(
            f"no statistics of the columns of {', '.join(sorted(blind)[:3])}"
            f"{' and others' if len(blind) > 3 else ''}: never analysed, or not visible to this role; "
            "rules of thumb instead"
        )
    return {which: replace(facts[which], columns=found) for which, found in gathered.items() if found}
