"""What one statement of a script changes, as plain values.

They are kept between runs and folded into tables later, for an index may be made in another file than its table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .tables import ForeignKey, Table, TableColumn, TableIndex


@dataclass(frozen=True, slots=True)
class Name:
    """A table's, as it is written. `schema` is "" for the default one."""

    name: str
    schema: str = ""

    @property
    def key(self) -> str:
        return f"{self.schema}.{self.name}".lower() if self.schema else self.name.lower()


@dataclass(frozen=True, slots=True)
class MakeTable:
    table: Table


@dataclass(frozen=True, slots=True)
class DropTable:
    table: Name


@dataclass(frozen=True, slots=True)
class RenameTable:
    table: Name
    to: str


@dataclass(frozen=True, slots=True)
class AddColumn:
    """Or what a column becomes."""

    table: Name
    column: TableColumn


@dataclass(frozen=True, slots=True)
class DropColumn:
    """With the indexes that it is in."""

    table: Name
    column: str


@dataclass(frozen=True, slots=True)
class RenameColumn:
    table: Name
    column: str
    to: str


@dataclass(frozen=True, slots=True)
class AddIndex:
    """`concurrently`: without keeping writers out, on PostgreSQL."""

    table: Name
    index: TableIndex
    concurrently: bool = False


@dataclass(frozen=True, slots=True)
class DropIndex:
    """Or a constraint, or a foreign key. `table` is None where a statement only names the index."""

    table: Name | None
    index: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class RenameIndex:
    index: str
    to: str
    constraint: bool = False
    """It becomes a constraint's."""


@dataclass(frozen=True, slots=True)
class AddForeignKey:
    table: Name
    key: ForeignKey


Act: TypeAlias = (
    MakeTable | DropTable | RenameTable | AddColumn | DropColumn | RenameColumn | AddIndex | DropIndex | RenameIndex
    | AddForeignKey
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    act: Act
    line: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A statement that declares something and could not be read."""

    path: str
    line: int
    message: str
