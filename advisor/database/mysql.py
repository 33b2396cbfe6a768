"""The catalogue of MySQL 8 and MariaDB: https://dev.mysql.com/doc/refman/8.4/en/information-schema.html,
https://mariadb.com/kb/en/information-schema-tables/. Of the database that the URL names.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from sqlalchemy import Connection

from ...linter.sql.tables import ForeignKey, Part, TableColumn, TableIndex
from .catalogue import Building, Catalogue
from .connect import dialect_of

_TABLES: Final = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' "
    "ORDER BY table_name"
)
_COLUMNS: Final = (
    "SELECT table_name, column_name, column_type, is_nullable = 'YES', data_type IN ('enum', 'bool', 'set') "
    "OR column_type = 'tinyint(1)' FROM information_schema.columns WHERE table_schema = DATABASE() "
    "ORDER BY table_name, ordinal_position"
)
_INDEXES: Final = (
    "SELECT table_name, index_name, non_unique, column_name, collation, sub_part, index_type, {} "
    "FROM information_schema.statistics WHERE table_schema = DATABASE() "
    "ORDER BY table_name, index_name, seq_in_index"
)
_KEYS: Final = (
    "SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, "
    "r.delete_rule IN ('CASCADE', 'SET NULL') FROM information_schema.key_column_usage k "
    "JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema "
    "AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name "
    "WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL "
    "ORDER BY k.table_name, k.constraint_name, k.ordinal_position"
)


def catalogue(connection: Connection) -> Catalogue:
    """See `catalogue.read`."""
    found, building = Catalogue(), Building()
    for (name,) in connection.exec_driver_sql(_TABLES):
        building.names[name] = ("", name)
    for table, name, kind, nullable, few in connection.exec_driver_sql(_COLUMNS):
        if table in building.names:
            building.columns[table].append(TableColumn(name, _text(kind), bool(nullable), bool(few)))
    pointing: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in connection.exec_driver_sql(_KEYS):
        pointing[row[0], row[1]].append(row)
    for (table, _), held in pointing.items():
        if table in building.names:
            here, there = tuple(row[2] for row in held), tuple(row[4] for row in held)
            building.keys[table].append(ForeignKey(here, held[0][3], there, bool(held[0][5])))
    expressions = dialect_of(connection) == "mysql"
    rows: dict[tuple[str, str], list[Any]] = defaultdict(list)
    asked = _INDEXES.format("expression, is_visible = 'YES'" if expressions else "NULL, ignored = 'NO'")
    for row in connection.exec_driver_sql(asked):
        if row[0] in building.names:
            rows[row[0], row[1]].append(row)
    for (table, name), held in rows.items():
        parts = tuple(
            Part(
                column=row[3] or "",
                expression="" if row[3] else _text(row[7]).replace("`", "").lower(),
                descending=row[4] == "D",
                opclass=f"({row[5]})" if row[5] else "",
            )
            for row in held
        )
        unique, primary = not held[0][2], name == "PRIMARY"
        building.indexes[table].append(
            TableIndex(
                parts,
                name,
                unique,
                primary,
                _text(held[0][6]).lower(),
                constraint=primary or unique or _supports(parts, building.keys[table]),
                valid=bool(held[0][8]),
            )
        )
    found.tables.extend(table for _, table in building.tables())
    return found


def _supports(parts: tuple[Part, ...], keys: list[ForeignKey]) -> bool:
    """Whether a foreign key may need the index: InnoDB wants one that begins with its columns."""
    names = tuple(part.key for part in parts)
    return any({*names[: len(key.columns)]} == {column.lower() for column in key.columns} for key in keys)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
