"""A migration that builds an index while nobody may write to the table."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Confidence, Finding, fingerprint
from ...linter.project.migrations import Change, Migration, blocking, migrations, newest, on_postgresql
from ...linter.project.project import Project


def check(project: Project) -> Iterator[Finding]:
    every = migrations(project)
    built = list(blocking(every))
    refused = [(m, c) for m in every for c in m.changes if c.concurrently and not c.outside]
    if not (built or refused) or not on_postgresql(project):
        return
    last = newest(every)
    for migration, change in built:
        what = "unique constraint" if change.unique else "index"
        message = (
            f"{_what(change, what)} on `{change.table}` is built while nobody can write to the table: "
            "`CREATE INDEX` without `CONCURRENTLY` locks it until every row is read"
        )
        confidence: Confidence = "likely" if migration.path in last else "possible"
        yield _finding(project, migration, change, message, _remedy(migration, change), confidence)
    for migration, change in refused:
        message = f"{_what(change, 'index')} on `{change.table}` is built concurrently inside a transaction, and "
        message += "PostgreSQL refuses that"
        likely: Confidence = "likely" if migration.path in last else "possible"
        yield _finding(project, migration, change, message, _outside(migration), likely)


def _finding(
    project: Project, migration: Migration, change: Change, message: str, remedy: str, confidence: Confidence
) -> Finding:
    place = project.place(change.spot)
    symbol = change.spot.owner.rpartition("::")[2]
    subject = f"{change.table}:{change.name or '+'.join(change.columns)}"
    return Finding(
        code="blocking-index-creation",
        family="index",
        message=message,
        place=place,
        severity="warning",
        confidence=confidence,
        symbol=symbol,
        fingerprint=fingerprint("blocking-index-creation", place.path, symbol, subject),
        remedy=remedy,
        weight=2.0,
    )


def _what(change: Change, kind: str) -> str:
    name = f" `{change.name}`" if change.name else ""
    return f"the {kind}{name}" if name or not change.columns else f"the {kind} of `{', '.join(change.columns)}`"


def _outside(migration: Migration) -> str:
    if migration.dialect == "django":
        return "set `atomic = False` on the `Migration` class, and leave nothing else in it"
    return "put the call into `with op.get_context().autocommit_block():`"


def _remedy(migration: Migration, change: Change) -> str:
    if change.unique:
        first = "add the column without `unique`, then " if change.how.endswith(("AddField", "add_column")) else ""
        return (
            f"{first}build the index, `CREATE UNIQUE INDEX CONCURRENTLY`, then `ALTER TABLE … ADD CONSTRAINT … UNIQUE "
            f"USING INDEX`, which is quick; {_outside(migration)}"
        )
    if migration.dialect == "alembic":
        return (
            "`with op.get_context().autocommit_block():` around it, and `postgresql_concurrently=True, "
            "if_not_exists=True` in the call"
        )
    if change.how in ("AddField", "AlterField"):
        return (
            "leave `db_index` out, add an `Index` to `Meta.indexes`, and make it by `AddIndexConcurrently` in a "
            "migration with `atomic = False`"
        )
    if change.how == "RunSQL":
        return "`CREATE INDEX CONCURRENTLY IF NOT EXISTS …`, and `atomic = False` on the migration"
    return (
        "`AddIndexConcurrently` of `django.contrib.postgres.operations`, and `atomic = False` on the `Migration` class"
    )
