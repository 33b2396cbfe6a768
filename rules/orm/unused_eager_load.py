"""A relation that is loaded with the rows and never read."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("unused"):
        effect = group.first.effect
        name = f"{project.observations.model_name(effect)}.{effect.subject}"
        yield finding(
            project,
            group,
            "unused-eager-load",
            "orm",
            f"`{name}` is loaded with the rows, but nothing reads it",
            subject=name,
            remedy=f"leave `{effect.subject}` out of what the query loads with its rows",
        )
