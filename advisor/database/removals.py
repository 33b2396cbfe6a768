"""Indexes that cost more than they give: unused, duplicate, covered by another one, or invalid.

In: a `Database`. Out: `IndexRemoval`s, those that cost most first. Only what the database itself says is used: an index
of a constraint is never named, an unused one only after weeks of counting, and never from a replica's counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ...linter.sql.tables import BTREE, Part, Table, TableIndex
from .model import Database, Dialect, IndexRemoval, TableFacts

_WEEKS: Final = 14 * 86_400.0
"""Counted for at least so long before an index is called unused: what runs monthly is not seen, and that is said."""
_SMALL: Final = 1_000_000
"""Bytes below which an index that is not used costs next to nothing."""

Shape = tuple[Part, ...]


def removals(database: Database, *, watched: float = _WEEKS) -> tuple[IndexRemoval, ...]:
    """Every index that could go. `watched`: seconds of counting before an index is called unused."""
    found: list[IndexRemoval] = []
    for table in database.tables:
        facts = database.facts_of(table)
        said: set[str] = set()
        for one in (*_invalid(database, table), *_covered(table), *_unused(database, table, facts, watched)):
            if one.index.name not in said:
                said.add(one.index.name)
                known = facts.indexes.get(one.index.name)
                found.append(
                    replace(
                        one,
                        ddl=one.ddl or drop_index(one.index, table, database.dialect),
                        bytes=known.bytes if known else None,
                        writes_per_hour=facts.index_writes_per_hour,
                    )
                )
    return tuple(sorted(found, key=lambda one: (-(one.writes_per_hour or 0.0), -(one.bytes or 0), one.index.name)))


def _invalid(database: Database, table: Table) -> Iterator[IndexRemoval]:
    for index in table.indexes:
        if not index.valid and not index.constraint and database.dialect == "postgresql":
            detail = "CREATE INDEX CONCURRENTLY failed or is still running: it is written, and never read"
            yield IndexRemoval(table, index, "invalid", detail, "")


def _covered(table: Table) -> Iterator[IndexRemoval]:
    """Duplicates, and indexes that another one begins with."""
    usable = [index for index in table.indexes if index.valid and index.parts]
    same: dict[tuple[object, ...], list[TableIndex]] = defaultdict(list)
    longer: dict[tuple[object, ...], TableIndex] = {}
    for index in usable:
        same[_shape(index.parts), index.method, index.where, index.include].append(index)
        if index.method == BTREE and not index.where:
            for length in range(1, len(index.parts)):
                start = _shape(index.parts[:length])
                have = longer.get(start)
                if have is None or len(index.parts) < len(have.parts):
                    longer[start] = index
    gone: set[str] = set()
    for alike in same.values():
        if len(alike) > 1:
            kept = max(alike, key=lambda one: (one.primary, one.constraint, one.unique, -len(one.name), one.name))
            for index in alike:
                if index is not kept and not index.constraint and not (index.unique and not kept.unique):
                    gone.add(index.name)
                    yield IndexRemoval(
                        table, index, "duplicate", f"the same columns as {kept.name}", "", other=kept.name
                    )
    for index in usable:
        if index.unique or index.constraint or index.where or index.method != BTREE or index.name in gone:
            continue
        other = longer.get(_shape(index.parts))
        if other is None:  # a unique index on the same columns serves as well
            held = [one for one in same[_shape(index.parts), BTREE, "", ()] if one is not index and one.unique]
            other = held[0] if held else None
        if other is not None and set(index.include) <= {*other.keys, *other.include}:
            columns = ", ".join(part.column or part.expression for part in other.parts)
            yield IndexRemoval(
                table, index, "redundant", f"{other.name} ({columns}) begins with its columns", "", other=other.name
            )


def _shape(parts: Shape) -> Shape:
    """Columns and directions; a B-tree is read in both directions, so the first part is always ascending."""
    flip = parts[0].descending
    return tuple(
        replace(
            part,
            column=part.column.lower(),
            descending=part.descending != flip,
            nulls_first=(not part.nulls_first if flip else part.nulls_first) if part.nulls_first is not None else None,
        )
        for part in parts
    )


def _unused(database: Database, table: Table, facts: TableFacts, watched: float) -> Iterator[IndexRemoval]:
    if database.replica or facts.since_seconds is None or facts.since_seconds < watched:
        return
    days = facts.since_seconds / 86_400
    keys = {tuple(column.lower() for column in key.columns) for key in table.foreign_keys if key.cascades}
    for index in table.indexes:
        known = facts.indexes.get(index.name)
        if index.unique or index.constraint or not index.valid or known is None or known.scans != 0:
            continue
        if (known.bytes or 0) < _SMALL:
            continue
        detail = f"never used in {days:.0f} days of counting"
        if database.replicas:
            detail += f" on this server; ask its {database.replicas} replicas too"
        elif database.replicas is None:
            detail += " on this server; ask its replicas, if it has any"
        if any(index.keys[: len(key)] == key for key in keys):
            detail += "; deleting a row that its foreign key points to would then read the whole table"
        yield IndexRemoval(table, index, "unused", detail, "")


def drop_index(index: TableIndex, table: Table, dialect: Dialect) -> str:
    """The statement that removes it, without stopping writers."""
    if dialect in ("mysql", "mariadb"):
        table_name, name = (text.replace("`", "``") for text in (table.name, index.name))
        return f"ALTER TABLE `{table_name}` DROP INDEX `{name}`, ALGORITHM=INPLACE, LOCK=NONE"
    quoted = ['"' + text.replace('"', '""') + '"' for text in (table.schema, index.name) if text]
    return f"DROP INDEX {'CONCURRENTLY ' if dialect == 'postgresql' else ''}{'.'.join(quoted)}"
