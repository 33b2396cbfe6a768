"""SQL scripts -> tables with their indexes.

In: the text of schema dumps and migrations (PostgreSQL, MySQL, SQLite), in the order that they are run. Out: a
`Script`: the tables that stand at the end, where each table and index is declared, and what could not be read. A
statement that is broken or foreign is one `Problem` with its line; the rest still counts. An index on a table that no
script makes is kept on a `Table` without columns: a model tells of those.

`changes` is what one file says by itself, to be kept between runs; `fold` puts files together. sqlglot is imported
here: ask `script.declares` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .changes import (
    AddColumn,
    AddForeignKey,
    AddIndex,
    Change,
    DropColumn,
    DropIndex,
    DropTable,
    MakeTable,
    Name,
    Problem,
    RenameColumn,
    RenameIndex,
    RenameTable,
)
from .declarations import acts
from .script import dialect_of, pieces
from .tables import Part, Table, TableColumn, TableIndex


@dataclass(frozen=True, slots=True)
class Script:
    """What scripts declare."""

    tables: tuple[Table, ...] = ()
    problems: tuple[Problem, ...] = ()
    places: Mapping[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """(table, index or "" for the table itself, both in lower case) -> (path, line)."""

    def place(self, table: Table, index: TableIndex | None = None) -> tuple[str, int] | None:
        """Where a table, or one of its named indexes, is declared."""
        key = Name(table.name, table.schema).key
        return self.places.get((key, index.name.lower() if index is not None else ""))


def read_script(text: str, path: str, dialect: str = "") -> Script:
    """The tables that one script declares. `dialect`: postgres, mysql, sqlite, or "" for what it looks like."""
    made, problems = changes(text, path, dialect)
    return fold([(path, made)], problems)


def changes(text: str, path: str, dialect: str = "") -> tuple[list[Change], list[Problem]]:
    """What one script changes, in order, and what could not be read. Never raises."""
    dialect = {"postgresql": "postgres", "mariadb": "mysql"}.get(dialect, dialect) or dialect_of(text)
    out: list[Change] = []
    problems: list[Problem] = []
    for piece in pieces(text, dialect):
        found = acts(piece.text, dialect)
        if found is None:
            head = " ".join(piece.text[:80].split())
            problems.append(Problem(path, piece.line, f"not understood: {head}"))
        else:
            out += [Change(act, piece.line) for act in found]
    return out, problems


def fold(files: Iterable[tuple[str, Iterable[Change]]], problems: Iterable[Problem] = ()) -> Script:
    """The tables that stand when all changes were made, in the order of their names."""
    schema = _Schema()
    for path, made in files:
        for change in made:
            schema.apply(change, path)
    tables = tuple(table for _, table in sorted(schema.tables.items()))
    return Script(tables, tuple(problems), schema.places)


class _Schema:
    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.places: dict[tuple[str, str], tuple[str, int]] = {}
        self.owners: dict[str, str] = {}
        """Lower-case name of an index -> key of its table."""

    def apply(self, change: Change, path: str) -> None:
        act, place = change.act, (path, change.line)
        match act:
            case MakeTable(table):
                self._make(table, place)
            case DropTable(name):
                self.tables.pop(self._key(name), None)
            case RenameTable(name, to):
                self._rename(self._key(name), to, place)
            case AddColumn(name, column):
                self._columns(name, column)
            case DropColumn(name, column):
                self._drop_column(name, column.lower())
            case RenameColumn(name, column, to):
                self._rename_column(name, column.lower(), to)
            case AddIndex(name, index, _):
                self._index(name, index, place)
            case DropIndex():
                self._drop_index(act)
            case RenameIndex(name, to, constraint):
                self._rename_index(name.lower(), to, constraint=constraint)
            case AddForeignKey(name, key):
                table = self._table(name)
                self._put(replace(table, foreign_keys=(*table.foreign_keys, key)))

    def _key(self, name: Name) -> str:
        return (
            name.key
            if name.key in self.tables or not name.schema
            else next((key for key in (name.key, name.name.lower()) if key in self.tables), name.key)
        )

    def _table(self, name: Name) -> Table:
        return self.tables.get(self._key(name)) or Table(name.name, schema=name.schema)

    def _put(self, table: Table) -> None:
        self.tables[Name(table.name, table.schema).key] = table

    def _make(self, table: Table, place: tuple[str, int]) -> None:
        key = Name(table.name, table.schema).key
        have = self.tables.get(key)
        if have is not None and have.columns:
            return  # IF NOT EXISTS, or a second script for another database
        self._put(replace(table, indexes=(*table.indexes, *(have.indexes if have is not None else ()))))
        self.places[key, ""] = place
        for index in table.indexes:
            self._note(key, index, place)

    def _note(self, key: str, index: TableIndex, place: tuple[str, int]) -> None:
        if index.name:
            self.places[key, index.name.lower()] = place
            self.owners[index.name.lower()] = key

    def _index(self, name: Name, index: TableIndex, place: tuple[str, int]) -> None:
        table = self._table(name)
        if index.name and any(have.name.lower() == index.name.lower() for have in table.indexes):
            return  # IF NOT EXISTS
        self._put(replace(table, indexes=(*table.indexes, index)))
        self._note(Name(table.name, table.schema).key, index, place)

    def _drop_index(self, act: DropIndex) -> None:
        name = act.index.lower()
        key = self._key(act.table) if act.table is not None else self.owners.get(name, "")
        table = self.tables.get(key)
        if table is not None:
            left = tuple(i for i in table.indexes if not (i.primary if act.primary else i.name.lower() == name))
            self._put(replace(table, indexes=left))
            self.places.pop((key, name), None)

    def _rename_index(self, name: str, to: str, *, constraint: bool) -> None:
        key = self.owners.pop(name, "")
        table = self.tables.get(key)
        if table is None:
            return
        renamed = (
            replace(i, name=to, constraint=i.constraint or constraint) if i.name.lower() == name else i
            for i in table.indexes
        )
        self._put(replace(table, indexes=tuple(renamed)))
        self.owners[to.lower()] = key
        if (key, name) in self.places:
            self.places[key, to.lower()] = self.places.pop((key, name))

    def _rename(self, key: str, to: str, place: tuple[str, int]) -> None:
        table = self.tables.pop(key, None)
        if table is None:
            return
        moved = replace(table, name=to)
        self._put(moved)
        new = Name(to, moved.schema).key
        self.places[new, ""] = self.places.pop((key, ""), place)
        for index in moved.indexes:
            self._note(new, index, self.places.pop((key, index.name.lower()), place))

    def _columns(self, name: Name, column: TableColumn) -> None:
        table = self._table(name)
        if not table.columns:
            return  # not made by a script: a model knows all of its columns
        others = tuple(have for have in table.columns if have.name.lower() != column.name.lower())
        self._put(replace(table, columns=(*others, column)))

    def _drop_column(self, name: Name, column: str) -> None:
        table = self._table(name)
        left = tuple(have for have in table.columns if have.name.lower() != column)
        indexes = tuple(index for index in table.indexes if column not in index.keys)
        keys = tuple(key for key in table.foreign_keys if column not in (c.lower() for c in key.columns))
        self._put(replace(table, columns=left, indexes=indexes, foreign_keys=keys))

    def _rename_column(self, name: Name, column: str, to: str) -> None:
        table = self._table(name)

        def part(have: Part) -> Part:
            return replace(have, column=to) if have.column.lower() == column else have

        self._put(
            replace(
                table,
                columns=tuple(replace(c, name=to) if c.name.lower() == column else c for c in table.columns),
                indexes=tuple(replace(i, parts=tuple(part(p) for p in i.parts)) for i in table.indexes),
            )
        )
