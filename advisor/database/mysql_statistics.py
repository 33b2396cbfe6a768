"""Rows, sizes, scans and writes of MySQL and MariaDB, as far as the role may see them.

https://dev.mysql.com/doc/refman/8.4/en/performance-schema-table-wait-summary-tables.html and
…/innodb-persistent-stats.html (whose figures information_schema.statistics repeats as CARDINALITY).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from .catalogue import Catalogue
from .connect import gone
from .model import ColumnFacts, IndexFacts, TableFacts, key

_TABLES: Final = (
    "SELECT table_name, table_rows, data_length FROM information_schema.tables "
    "WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
)
_DISTINCT: Final = (
    "SELECT table_name, column_name, max(cardinality) FROM information_schema.statistics "
    "WHERE table_schema = DATABASE() AND seq_in_index = 1 AND column_name IS NOT NULL GROUP BY table_name, column_name"
)
_WRITES: Final = (
    "SELECT object_name, count_insert, count_update, count_delete "
    "FROM performance_schema.table_io_waits_summary_by_table WHERE object_schema = DATABASE()"
)
_USED: Final = (
    "SELECT object_name, index_name, count_fetch FROM performance_schema.table_io_waits_summary_by_index_usage "
    "WHERE object_schema = DATABASE()"
)
_SIZES: Final = (
    "SELECT table_name, index_name, stat_value * @@innodb_page_size FROM mysql.innodb_index_stats "
    "WHERE database_name = DATABASE() AND stat_name = 'size'"
)


def tables(connection: Connection, catalogue: Catalogue, notes: list[str]) -> dict[str, TableFacts]:
    """See `statistics.read`."""

    def asked(question: str, what: str) -> list[Any]:
        try:
            return list(connection.exec_driver_sql(question))
        except SQLAlchemyError as error:
            if gone(error):
                raise
            notes.append(f"{what} not visible to this role")
            return []

    watched = bool(connection.exec_driver_sql("SELECT @@performance_schema").scalar())
    if not watched:
        notes.append("performance_schema is off: how often indexes are used and rows written is not known")
    uptime = next((float(row[1]) for row in asked("SHOW GLOBAL STATUS LIKE 'Uptime'", "the server's uptime is")), None)
    held = {row[0]: row for row in asked(_TABLES, "tables are")}
    writes = {row[0]: row for row in asked(_WRITES, "writes are")} if watched else {}
    scans: dict[str, dict[str, int]] = defaultdict(dict)
    whole: dict[str, int] = {}
    for table, index, count in asked(_USED, "use of indexes is") if watched else ():
        if index is None:
            whole[table] = int(count)
        else:
            scans[table][index] = int(count)
    sizes = {(row[0], row[1]): int(row[2]) for row in asked(_SIZES, "sizes of indexes are")}
    columns: dict[str, dict[str, ColumnFacts]] = defaultdict(dict)
    for table, column, distinct in asked(_DISTINCT, "distinct values are"):
        if distinct:
            columns[table][column.lower()] = ColumnFacts(column, distinct=float(distinct))
    out = {}
    for table in catalogue.tables:
        name = table.name
        _, rows, size = held.get(name, (name, None, None))
        _, inserts, updates, deletes = writes.get(name, (name, None, None, None))
        out[key(table)] = TableFacts(
            name,
            rows=None if rows is None else float(rows),
            bytes=None if size is None else int(size),
            columns=columns[name],
            indexes={
                index.name: IndexFacts(index.name, sizes.get((name, index.name)), scans[name].get(index.name))
                for index in table.indexes
            },
            scans=whole.get(name),
            inserts=None if inserts is None else int(inserts),
            # InnoDB changes the entries of the indexes whose columns change: an update counts as one of them in two.
            updates=None if updates is None else int(updates) // 2,
            deletes=None if deletes is None else int(deletes),
            since_seconds=uptime,
        )
    return out
