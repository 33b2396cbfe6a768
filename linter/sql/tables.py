"""What a database holds: tables, their columns, keys and indexes, whatever source told of them.

Models, migrations, `.sql` scripts and a live catalogue all say the same things; this is the one spelling that indexes
are compared in. Names are the database's own, in the case that they were written in; `Table.column` and what compares
columns look at them without regard to case.
"""

from __future__ import annotations

from dataclasses import dataclass

BTREE = "btree"


@dataclass(frozen=True, slots=True)
class Part:
    """One column of an index, or an expression over columns. `descending` and `nulls_first` as they were written."""

    column: str = ""
    """Name of the column; "" for an expression."""
    expression: str = ""
    """`lower(email)`: function names in lower case, columns plain; "" for a column."""
    descending: bool = False
    nulls_first: bool | None = None
    """None: the database's default, which is first for descending parts on PostgreSQL."""
    opclass: str = ""
    """`text_pattern_ops`, `gin_trgm_ops` …; "" for the default one."""

    @property
    def key(self) -> str:
        """What predicates name it by."""
        return (self.column or self.expression).lower()


@dataclass(frozen=True, slots=True)
class TableIndex:
    """An index, a unique constraint, or a primary key."""

    parts: tuple[Part, ...]
    name: str = ""
    unique: bool = False
    primary: bool = False
    method: str = BTREE
    """btree | hash | gin | gist | spgist | brin | fulltext | spatial | …, in lower case."""
    include: tuple[str, ...] = ()
    """Columns that it holds besides its key."""
    where: str = ""
    """The condition of a partial index; "" for all rows."""
    constraint: bool = False
    """It belongs to a constraint, so that it cannot be dropped by itself."""
    valid: bool = True
    """False while, or after, CREATE INDEX CONCURRENTLY failed."""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(part.key for part in self.parts)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column. `type` as the source spells it."""

    name: str
    type: str = ""
    nullable: bool = True
    few: bool = False
    """Few distinct values: a boolean, an enumeration."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that point to another table's."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...] = ()
    cascades: bool = False
    """Deleting what it points to deletes or changes the row, so the database looks for it."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `schema` is "" for the default one."""

    name: str
    columns: tuple[TableColumn, ...] = ()
    indexes: tuple[TableIndex, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    schema: str = ""

    def column(self, name: str) -> TableColumn | None:
        folded = name.lower()
        return next((c for c in self.columns if c.name.lower() == folded), None)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Its columns in lower case; () when it has none."""
        return next((index.keys for index in self.indexes if index.primary), ())
