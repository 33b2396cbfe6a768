"""The same query with the same arguments in every round of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.repeated("query"):
        o = group.first
        if o.effect.prefetched or not o.invariant:
            continue
        name = project.observations.model_name(o.effect)
        yield finding(
            project,
            group,
            "loop-invariant-query",
            "orm",
            f"the same query on `{name}` runs once per `{o.loops[-1].variable}`, with nothing in it that changes",
            subject=o.effect.subject + o.effect.model,
            remedy="run it once, before the loop, and keep the result in a variable",
        )
