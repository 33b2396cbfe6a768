"""A column that `only()` or `defer()` left out, fetched anew for each row."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding, remedy_for


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.repeated("load"):
        effect = group.first.effect
        if effect.how != "column":
            continue
        name = project.observations.name(effect)
        yield finding(
            project,
            group,
            "deferred-column-load",
            "orm",
            f"column `{name}` was not loaded with the rows: a query of its own fetches it once per "
            f"`{group.first.loops[-1].variable}`",
            subject=effect.path or effect.subject,
            remedy=remedy_for(project, effect),
        )
