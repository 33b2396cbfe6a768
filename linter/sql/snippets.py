"""Ready texts for findings about an index, nearest to the project's own way first.

In: an index, its table, and what the project calls things. Out: `Snippet`s: the line for the model, the migration with
the file that it belongs into, the SQL statement. What a framework cannot say is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..model import Snippet
from .tables import Table, TableIndex
from .write import create_index, dialect_name, index_name, unsupported
from .write_python import (
    DJANGO_NAME,
    alembic_migration,
    django_index,
    django_migration,
    needs_trigrams,
    sqlalchemy_index,
)

_NAMES: Final = {"postgres": "PostgreSQL", "mysql": "MySQL", "sqlite": "SQLite"}


def statement(index: TableIndex, table: Table, dialect: str, name: str = "") -> Snippet:
    """The SQL that makes it; what the database cannot do is said in the title."""
    server = "MariaDB" if dialect == "mariadb" else _NAMES.get(dialect_name(dialect), dialect)
    lacks = unsupported(index, dialect)
    title = f"SQL for {server}" + (f" ({lacks})" if lacks else "")
    before = "CREATE EXTENSION IF NOT EXISTS pg_trgm;\n" if needs_trigrams(index) else ""
    return Snippet(title, "", "sql", f"{before}{create_index(index, table, dialect, name)}\n")


def django(
    index: TableIndex,
    table: Table,
    fields: Mapping[str, str],
    *,
    app: str,
    model: str,
    folder: str,
    leaf: str,
    dialect: str = "postgres",
) -> tuple[Snippet, ...]:
    """For Django. `folder`: of the app's migrations, "" for none; `leaf`: the last of them, without `.py`."""
    made = django_index(index, table, fields)
    migration = django_migration(index, table, fields, app=app, model=model, leaf=leaf, dialect=dialect)
    out: list[Snippet] = []
    if made is not None and migration is not None:
        out.append(Snippet(f"in {model}.Meta.indexes", "", "python", f"{made},\n"))
        if folder:
            out.append(Snippet("migration", f"{folder}/{migration.name}", "python", migration.text))
    return (*out, statement(index, table, dialect, index.name or index_name(index, table, DJANGO_NAME)))


def sqlalchemy(
    index: TableIndex, table: Table, *, model: str, folder: str = "", down: str = "", dialect: str = "postgres"
) -> tuple[Snippet, ...]:
    """For SQLAlchemy, with an Alembic revision where the project has them. `folder`: of its revisions, "" for none."""
    out = [Snippet(f"in {model}.__table_args__", "", "python", f"{sqlalchemy_index(index, table)},\n")]
    if folder:
        revision = alembic_migration(index, table, down=down, dialect=dialect)
        out.append(Snippet("Alembic revision", f"{folder}/{revision.name}", "python", revision.text))
    return (*out, statement(index, table, dialect))
