"""A query that runs once per round of a loop, directly or through any chain of calls."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding, remedy_for


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.repeated("query", setting=""):
        o = group.first
        if o.effect.prefetched or o.invariant:
            continue
        yield finding(
            project,
            group,
            "query-in-loop",
            "orm",
            f"a query on `{project.observations.model_name(o.effect)}` runs once per `{o.loops[-1].variable}`",
            subject=o.effect.subject + o.effect.model,
            remedy=remedy_for(project, o.effect),
        )
