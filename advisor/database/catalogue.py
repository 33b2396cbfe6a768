"""What tables, columns, keys and indexes a live database holds. One question per kind of thing, never one per table.

In: a connection. Out: `linter.sql.tables.Table`s, and PostgreSQL's numbers of tables and indexes for `statistics`.
SQLAlchemy's inspector leaves out what decides whether an index serves (validity, operator classes, who owns an index)
and asks table by table on some databases, so the catalogues themselves are read: `postgres`, `mysql`, `sqlite` beside
this file. Views, foreign tables, and tables that belong to extensions are left out; partitions are tables like others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from ...linter.sql.tables import ForeignKey, Table, TableColumn, TableIndex
from .connect import dialect_of


@dataclass(slots=True)
class Catalogue:
    """Tables as they were found. Numbers are PostgreSQL's oids; other databases have none."""

    tables: list[Table] = field(default_factory=list)
    numbers: dict[int, Table] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    """Of a partition, the table that it is a part of."""
    notes: list[str] = field(default_factory=list)


def read(connection: Connection) -> Catalogue:
    """Everything that an index can be made on."""
    match dialect_of(connection):
        case "postgresql":
            from .postgres import catalogue
        case "sqlite":
            from .sqlite import catalogue
        case _:
            from .mysql import catalogue
    return catalogue(connection)


class Building:
    """Rows of catalogues, gathered by table; `Key` is whatever names a table in them."""

    def __init__(self) -> None:
        self.names: dict[object, tuple[str, str]] = {}
        self.columns: dict[object, list[TableColumn]] = defaultdict(list)
        self.indexes: dict[object, list[TableIndex]] = defaultdict(list)
        self.keys: dict[object, list[ForeignKey]] = defaultdict(list)

    def tables(self) -> Iterator[tuple[object, Table]]:
        for number, (schema, name) in self.names.items():
            yield (
                number,
                Table(
                    name,
                    tuple(self.columns[number]),
                    tuple(self.indexes[number]),
                    tuple(self.keys[number]),
                    schema=schema,
                ),
            )


def by_name(tables: Iterable[Table]) -> dict[str, Table]:
    """Tables as statements name them, in lower case: with their schema, and without it when that is the default one,
    or when no other schema has the name."""
    out: dict[str, Table] = {}
    bare: dict[str, list[Table]] = defaultdict(list)
    # Of names that differ only in case, the one that is written without quotes wins: it comes last.
    for table in sorted(tables, key=lambda one: (one.name == one.name.lower(), one.schema, one.name)):
        name = table.name.lower()
        if table.schema:
            out[f"{table.schema.lower()}.{name}"] = table
            bare[name].append(table)
        else:
            out[name] = table
    for name, same in bare.items():
        if name not in out and len(same) == 1:
            out[name] = same[0]
    return out
