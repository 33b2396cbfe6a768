"""A relation is prefetched, and then asked in a way that a prefetch cannot answer."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.repeated("query"):
        o = group.first
        if not o.effect.prefetched:
            continue
        name = project.observations.relation_name(o.effect)
        yield finding(
            project,
            group,
            "prefetch-defeated",
            "orm",
            f"`{name}` is prefetched, but this asks the database again once per `{o.loops[-1].variable}`",
            subject=o.effect.subject,
            remedy=f"work on the rows of `.all()` in Python, or prefetch exactly these with "
            f'`Prefetch("{name.rpartition(".")[2]}", queryset=…, to_attr=…)`',
        )
