"""A relation that is fetched anew for each row of a query that did not load it."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.effects import COLUMNS
from ...linter.project.project import Project
from ...linter.project.telling import finding, remedy_for


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.repeated("load", setting=""):
        effect = group.first.effect
        if effect.how in COLUMNS:
            continue
        name = project.observations.name(effect)
        yield finding(
            project,
            group,
            "lazy-load-in-loop",
            "orm",
            f"relation `{name}` is loaded by a query of its own once per `{group.first.loops[-1].variable}`",
            subject=effect.path or effect.subject,
            remedy=remedy_for(project, effect),
        )
