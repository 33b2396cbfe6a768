"""What a project's migrations do to indexes and tables.

In: files that a framework knows as migrations. Out: `Migration`s with their `Change`s in order, and which of them are
the newest of their chain. Knows no spelling of any framework.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .memo import Question
from .values import Spot

if TYPE_CHECKING:
    from .project import Project

INDEX, DROP, TABLE, FIELD, ALTERED = "index", "drop", "table", "field", "altered"
UNIQUE = (  # what is done in place of a unique constraint that is made at once
    "build the index, `CREATE UNIQUE INDEX CONCURRENTLY`, then `ALTER TABLE … ADD CONSTRAINT … UNIQUE USING INDEX`, "
    "which is quick"
)
_POSTGRESQL = ("psycopg", "asyncpg", "django.contrib.postgres", "sqlalchemy.dialects.postgresql", "psqlextra", "pg8000")
_FILE = "SQLite"
_CHOSEN = ("dj_database_url", "environ", "django_environ", "environs")  # the environment names the database
_OTHERS = ("MySQLdb", "pymysql", "mysql", "aiomysql", "sqlalchemy.dialects.mysql")


@dataclass(frozen=True, slots=True)
class Change:
    """One step. `does`: INDEX makes an index, DROP drops one, TABLE makes a table, FIELD adds a column, ALTERED changes
    one. `table` as the framework names it, in lower case: a database name, or the name of a model."""

    does: str
    table: str
    spot: Spot
    columns: tuple[str, ...] = ()
    name: str = ""
    unique: bool = False
    how: str = ""
    """What spells it: `AddIndex`, `op.create_index`, `RunSQL`."""
    concurrently: bool = False
    outside: bool = False
    """Outside of a transaction."""
    indexed: bool = False
    """Of a field: it has an index, by itself or as a unique one."""
    of_database: bool = False
    """`table` is the database's name, and no model tells of the index."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration. `chain`: what it belongs to, such as an app; `after`: names of those that come before it."""

    path: str
    dialect: str
    chain: str
    name: str
    after: tuple[str, ...]
    changes: tuple[Change, ...]
    label: str = ""
    """What the project calls the chain, where that is not its folder's name."""


def migrations(project: Project) -> list[Migration]:
    """Every migration, by path."""
    project.memo.read_input(("tree",))
    if not project.with_hook("migration"):
        return []
    found = (project.memo.ask(QUESTIONS["migration"], path) for path in project.modules.paths)
    return [migration for migration in found if migration is not None]


def last(every: list[Migration]) -> dict[str, list[Migration]]:
    """By chain: its newest ones, in the order of their names. More than one where it forks, or where one that stands
    for several is not followed yet."""
    heads = newest(every)
    out: dict[str, list[Migration]] = {}
    for migration in sorted(every, key=lambda m: (m.chain, m.name)):
        if migration.path in heads:
            out.setdefault(migration.chain, []).append(migration)
    return out


def newest(every: list[Migration]) -> set[str]:
    """The paths of those that no other one of their chain comes after."""
    followed = {(migration.chain, name) for migration in every for name in migration.after}
    return {migration.path for migration in every if (migration.chain, migration.name) not in followed}


def blocking(every: list[Migration]) -> Iterator[tuple[Migration, Change]]:
    """The indexes that are built while nobody may write to a table that was there before.

    A field that is changed has an index made only when it is known to have had none.
    """
    indexed: dict[tuple[str, str, tuple[str, ...]], bool] = {}
    for migration in sorted(every, key=lambda m: (m.chain, m.name)):
        made: set[str] = set()
        for change in migration.changes:
            field = (migration.chain, change.table, change.columns)
            if change.does == TABLE:
                made.add(change.table)
            elif change.does == FIELD:
                indexed[field] = change.indexed
                if not change.unique:  # any other index of a new column holds nothing yet
                    continue
            elif change.does == ALTERED:
                before, indexed[field] = indexed.get(field, True), change.indexed
                if before or not change.indexed:
                    continue
            elif change.does != INDEX:
                continue
            if change.does != TABLE and not change.concurrently and not _among(change.table, made):
                yield migration, change


def _among(table: str, made: set[str]) -> bool:
    """Whether a table is one of those that were made: SQL says `shop_order` where a framework says `order`."""
    return table in made or any(table.endswith(f"_{name}") for name in made)


def on_postgresql(project: Project) -> bool:
    """Whether the project's database is PostgreSQL, by its settings or by the drivers that it imports."""
    named = _servers(project)
    if any(name != _FILE for name in named if name):
        return "PostgreSQL" in named
    imported = _imported(project)
    return any(ref.startswith(_POSTGRESQL) for ref in imported) and not any(ref.startswith(_OTHERS) for ref in imported)


def dialect(project: Project) -> str:
    """`mysql` or `sqlite`, where settings or drivers say that it is this one and not PostgreSQL; else `postgres`."""
    named = _servers(project)
    if "PostgreSQL" in named:
        return "postgres"
    if "MySQL" in named:
        return "mysql"
    imported = _imported(project)
    if any(ref.startswith(_POSTGRESQL) for ref in imported):
        return "postgres"
    if any(ref.startswith(_OTHERS) for ref in imported):
        return "mysql"
    chosen = any(ref.startswith(_CHOSEN) for ref in imported)
    return "sqlite" if named and set(named) == {_FILE} and not chosen else "postgres"


def _servers(project: Project) -> list[str]:
    found = [database for framework in project.frameworks for database in framework.databases(project)]
    return [_FILE if database.engine.startswith("sqlite") else database.server for database in found]


def _imported(project: Project) -> set[str]:
    """What all files import from elsewhere."""
    project.memo.read_input(("tree",))
    scopes = (project.scope(path) for path in project.modules.paths)
    return {binding.ref for scope in scopes for binding in scope.names.values() if binding.kind == "external"}


def safer(project: Project, migration: Migration, change: Change) -> str:
    """How its framework makes the index without keeping writers out."""
    told = (framework.safer(migration, change) for framework in project.with_hook("safer"))
    return next((words for words in told if words), "")


def _migration(project: Project, path: str) -> Migration | None:
    for framework in project.with_hook("migration"):
        found = framework.migration(project, path)
        if found is not None:
            return found
    return None


QUESTIONS: dict[str, Question[Any]] = {"migration": Question("migration", _migration, lambda: None)}
