"""A migration that builds an index while nobody may write to the table."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Confidence, Finding, fingerprint
from ...linter.project.migrations import Change, Migration, blocking, migrations, newest, on_postgresql, safer
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
        yield _finding(project, migration, change, message, safer(project, migration, change), confidence)
    for migration, change in refused:
        message = f"{_what(change, 'index')} on `{change.table}` is built concurrently inside a transaction, and "
        message += "PostgreSQL refuses that"
        likely: Confidence = "likely" if migration.path in last else "possible"
        yield _finding(project, migration, change, message, safer(project, migration, change), likely)


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
