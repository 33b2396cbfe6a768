"""How values are spread where a database keeps no statistics that a reader may see: SQLite, MySQL, MariaDB.

In: a connection and the tables of interest. Out: their facts. Rows are counted up to a bound; columns are looked at in
rows all over the table (SQLite), or in the first ones, which say nothing of ranges. Both stop at the connection's time
limits. Values that were read are used and forgotten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ...linter.sql.tables import Table
from .catalogue import Catalogue
from .connect import gone
from .explain import raw, reason_of
from .model import ColumnFacts, IndexFacts, TableFacts, key

_ROWS: Final = 5_000_000  # counted up to here, in SQLite
_SAMPLE: Final = 20_000
_COMMON: Final = 50
_STRIDE: Final = 2_654_435_761  # between rows of a sample: nothing in the data repeats at it
_BOUNDS: Final = 2_000
_TEXT: Final = 40
_TABLES: Final = 200
"""Tables that are counted or sampled: what a workload is about is fewer; a catalogue can be very large."""


def sqlite_tables(connection: Connection, catalogue: Catalogue) -> dict[str, TableFacts]:
    """Rows as ANALYZE counted them (https://www.sqlite.org/fileformat2.html#stat1tab)."""
    held: dict[str, float] = {}
    if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'").scalar():
        for table, stat in connection.exec_driver_sql("SELECT tbl, stat FROM sqlite_stat1"):
            number = str(stat).split()[0]
            if number.isdigit():
                held[table] = max(held.get(table, 0.0), float(number))
    return {
        key(table): TableFacts(
            table.name,
            rows=held.get(table.name),
            indexes={index.name: IndexFacts(index.name) for index in table.indexes},
        )
        for table in catalogue.tables
    }


def sampled(
    connection: Connection, tables: Iterable[Table], facts: Mapping[str, TableFacts], notes: list[str]
) -> dict[str, TableFacts]:
    """The facts of these tables with those of their columns."""
    out: dict[str, TableFacts] = {}
    wanted = list(tables)
    if len(wanted) > _TABLES:
        notes.append(f"only {_TABLES} of {len(wanted)} tables were sampled")
    for table in wanted[:_TABLES]:
        known = facts.get(key(table)) or TableFacts(table.name, table.schema)
        try:
            out[key(table)] = _table(connection, table, known)
        except SQLAlchemyError as error:
            if gone(error):
                raise
            notes.append(f"{table.name} could not be sampled: {reason_of(error)}")
    return out


def _table(connection: Connection, table: Table, known: TableFacts) -> TableFacts:
    quote = connection.dialect.identifier_preparer.quote_identifier
    name, rows, counted = quote(table.name), known.rows, known.counted
    if connection.dialect.name == "sqlite" and rows is None:
        asked = f"SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {_ROWS})"
        rows, counted = float(raw(connection, asked).scalar_one()), True
    if not rows or not table.columns:
        return replace(known, rows=rows, counted=counted)
    listed = ", ".join(quote(column.name) for column in table.columns)
    seen = _spread(connection, table, listed, name) if connection.dialect.name == "sqlite" else []
    spread = bool(seen)
    seen = seen or [list(row) for row in raw(connection, f"SELECT {listed} FROM {name} LIMIT {_SAMPLE}")]
    if not seen:
        return replace(known, rows=rows, counted=counted)
    columns = dict(known.columns)
    for at, column in enumerate(table.columns):
        values = [row[at] for row in seen]
        found = _column(column.name, values, rows)
        found = replace(found, bounds=_bounds(values)) if spread else found
        told = columns.get(column.name.lower())
        columns[column.name.lower()] = (
            replace(found, distinct=told.distinct) if told is not None and told.distinct else found
        )
    return replace(known, rows=rows, counted=counted, columns=columns)


def _spread(connection: Connection, table: Table, listed: str, name: str) -> list[list[object]]:
    """Rows from all over the table, the same ones each time; [] where rows have no numbers (WITHOUT ROWID)."""
    if table.column("rowid") is not None:
        return []
    ends = f"SELECT (SELECT min(rowid) FROM {name}), (SELECT max(rowid) FROM {name})"
    try:
        first, last = raw(connection, ends).one()
    except SQLAlchemyError as error:
        if gone(error) or "rowid" not in str(error):
            raise
        return []
    if first is None or last - first < _SAMPLE:
        return []
    numbers = f"WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {_SAMPLE - 1})"
    place = f"{first} + n * {_STRIDE} % {last - first + 1}"
    found = f"SELECT (SELECT min(rowid) FROM {name} WHERE rowid >= {place}) FROM s"
    return [list(row) for row in raw(connection, f"{numbers} SELECT {listed} FROM {name} WHERE rowid IN ({found})")]


def _bounds(values: list[object]) -> tuple[float, ...] | tuple[str, ...]:
    numbers = sorted(float(value) for value in values if isinstance(value, int | float))
    texts = sorted(value[:_TEXT] for value in values if isinstance(value, str))
    step = max((len(numbers) or len(texts)) // _BOUNDS, 1)
    return tuple(numbers[::step]) if not texts else tuple(texts[::step]) if not numbers else ()


def _column(name: str, values: list[object], rows: float) -> ColumnFacts:
    held = Counter(str(value)[:200] for value in values if value is not None)
    filled = sum(held.values())
    once = sum(1 for times in held.values() if times == 1)
    # Duj1 (Haas and Stokes 1998), which PostgreSQL's ANALYZE uses too.
    bottom = filled - once + once * filled / max(rows, 1.0)
    distinct = filled * len(held) / bottom if bottom > 0 else float(len(held))
    common = {value: times / len(values) for value, times in held.most_common(_COMMON) if times > 1}
    if common and len(common) == _COMMON and max(common.values()) < 2.0 / max(len(held), 1):
        common = {}  # evenly spread
    return ColumnFacts(
        name,
        1.0 - filled / len(values),
        min(max(distinct, float(len(held))), max(rows, 1.0)),
        common,
    )
