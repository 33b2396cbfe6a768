"""Alembic's migrations: which indexes and tables they make.

In: files that assign `revision` and `down_revision` and define `upgrade()`. Out: `Migration`s; tables by their names in
the database. Source: alembic.sqlalchemy.org, "Operation Reference", "Cookbook".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.migrations import DROP, INDEX, TABLE, UNIQUE, Change, Migration
from ..project.shapes import constant, keyword, operands, string, strings
from ..project.values import Spot
from .base import Framework
from .django_migrations import scripted
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project

_MAX_DEPTH = 8
_POSTGRESQL, _OTHERS = "postgresql", {"sqlite", "mysql", "mariadb", "oracle", "mssql"}


class Alembic(Framework):
    name = "alembic"

    def migration(self, project: Project, path: str) -> Migration | None:
        if not project.defines(path, "value", "down_revision") or not project.defines(path, "function", "upgrade"):
            return None
        upgrade = project.function(f"{path}::upgrade")
        if upgrade is None:
            return None
        named = {name: [v for v, _ in project.module_values(path, name)] for name in ("revision", "down_revision")}
        before = [name for value in named["down_revision"] for name in strings(value)]
        revision = next((string(value) for value in named["revision"]), "")
        walk = _Walk(f"{path}::upgrade")
        made = walk.block(upgrade.core[ir.C_BODY], {}, False, 0)
        changes = tuple(replace(change, of_database=True) for change in made)
        return Migration(path, "alembic", path.rpartition("/")[0], revision, tuple(before), changes)

    def safer(self, migration: Migration, change: Change) -> str:
        if migration.dialect != self.name:
            return ""
        alone = "put the call into `with op.get_context().autocommit_block():`"
        if change.concurrently:
            return alone
        if change.unique:
            first = "add the column without `unique`, then " if change.how == "op.add_column" else ""
            return f"{first}{UNIQUE}; {alone}"
        return (
            "`with op.get_context().autocommit_block():` around it, and `postgresql_concurrently=True, "
            "if_not_exists=True` in the call"
        )


class _Walk:
    """The statements of `upgrade()`, with what `batch_alter_table` gives and where no transaction is open."""

    def __init__(self, owner: str) -> None:
        self.owner = owner

    def block(self, body: Sequence[Any], batches: Mapping[str, str], outside: bool, depth: int) -> Iterator[Change]:
        if depth > _MAX_DEPTH:
            return
        for s in body:
            op = s[0]
            if op == ir.EXPRESSION:
                yield from self.call(s[1], batches, outside)
            elif op == ir.ASSIGN:
                yield from self.call(s[2], batches, outside)
            elif op == ir.WITH:
                inside, free = dict(batches), outside
                for context, target in s[1]:
                    name = last_name(context)
                    free = free or name == "autocommit_block"
                    if name == "batch_alter_table" and isinstance(target, str):
                        inside[target] = string(keyword(context, "table_name", 0)).lower()
                yield from self.block(s[2], inside, free, depth + 1)
            elif op == ir.IF:
                named = _constants(s[1])  # a test of the dialect's name: what PostgreSQL does not run is left out
                if not named & _OTHERS:
                    after = s[3] if _POSTGRESQL not in named else ()
                    yield from self.block((*s[2], *after), batches, outside, depth + 1)
            elif op == ir.FOR:
                yield from self.block(s[3], batches, outside, depth + 1)
            elif op == ir.TRY:
                yield from self.block((*s[1], *s[3], *s[4]), batches, outside, depth + 1)

    def call(self, call: Any, batches: Mapping[str, str], outside: bool) -> Iterator[Change]:
        if not isinstance(call, tuple) or call[0] != ir.CALL or not isinstance(call[1], tuple) or call[1][0] != ir.ATTR:
            return
        base, name = call[1][1], call[1][2]
        batch = batches.get(base) if isinstance(base, str) else None
        if batch is None and not (isinstance(base, str) and base == "op") and last_name(base) != "op":
            return
        spot = Spot(self.owner, *call[4:8])
        first = 1 if batch is not None else 2  # where the columns stand; a batch knows its table
        table = batch if batch is not None else string(keyword(call, "table_name", 1)).lower()
        how = f"op.{name}"
        if name == "create_table":
            yield Change(TABLE, string(keyword(call, "table_name", 0)).lower(), spot, how=how)
        elif name in ("create_index", "create_unique_constraint"):
            columns = tuple(strings(keyword(call, "columns", first)))
            unique = name == "create_unique_constraint" or constant(keyword(call, "unique")) is True
            concurrently = constant(keyword(call, "postgresql_concurrently")) is True
            index = string(keyword(call, "index_name", 0)) or string(keyword(call, "constraint_name", 0))
            if table:
                yield Change(INDEX, table, spot, columns, index, unique, how, concurrently, outside)
        elif name in ("drop_index", "drop_constraint"):
            yield Change(DROP, table, spot, name=string(keyword(call, "index_name", 0)), how=how)
        elif name == "add_column":
            yield from self.column(call, spot, batch)
        elif name == "execute" and call[2]:
            for change in scripted(spot, call[2][0], how):
                yield Change(
                    change.does, change.table, spot, change.columns, change.name, change.unique, how,
                    change.concurrently, outside,
                )  # fmt: skip

    def column(self, call: Any, spot: Spot, batch: str | None) -> Iterator[Change]:
        """A new column with a unique index of its own."""
        place = 0 if batch is not None else 1
        made = call[2][place] if len(call[2]) > place else None
        table = batch if batch is not None else string(keyword(call, "table_name", 0)).lower()
        if not isinstance(made, tuple) or made[0] != ir.CALL or not table:
            return
        if constant(keyword(made, "unique")) is True:  # any other index of a new column holds nothing yet
            yield Change(
                INDEX, table, spot, tuple(strings(made[2][0]) if made[2] else ()), unique=True, how="op.add_column"
            )


def _constants(expr: Any) -> set[Any]:
    """The constants that a test mentions."""
    out: set[Any] = set()
    pending = [expr]
    while pending:
        part = pending.pop()
        if isinstance(part, tuple):
            if part[0] == ir.CONST:
                out.add(part[1])
            else:
                pending += operands(part)
    return out
