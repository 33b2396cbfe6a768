"""Rows are counted or fetched, and then only "none or some" is asked."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding, remedy_for_existence


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("existence"):
        effect = group.first.effect
        name = project.observations.model_name(effect)
        does = "are fetched" if effect.subject == "rows" else "are counted"
        yield finding(
            project,
            group,
            "count-for-existence",
            "query",
            f"the `{name}` rows {does} only to learn whether there are any",
            subject=effect.model,
            remedy=remedy_for_existence(effect),
        )
