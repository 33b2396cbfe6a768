"""All rows are held in memory, though a loop takes one at a time."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Confidence, Finding
from ...linter.project.drained import GROWS
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    for group in told.of("drained"):
        effect = group.first.effect
        if told.requested(group) and effect.detail:
            continue  # a request that goes through a whole table is told of by `unbounded-query`
        match effect.how:
            case "django":
                remedy = "stream them: `.iterator(chunk_size=…)` keeps one chunk in memory"
            case "cursor":
                remedy = "go through the cursor itself, or `fetchmany(n)`; with a server-side cursor (psycopg: "
                remedy += "`connection.cursor(name=…)`) the driver does not hold them either"
            case _:
                remedy = "stream them: `.yield_per(1000)` and a loop over the result itself, without `.all()`"
        sure: Confidence = "likely" if effect.subject == GROWS else "possible"
        yield finding(
            project,
            group,
            "fetchall-in-memory",
            "query",
            f"all `{told.model_name(effect)}` rows are held in memory at once, for a loop that takes one at a time",
            subject=effect.model,
            remedy=remedy,
            confidence=sure,
        )
