"""Rows are fetched, and then only their number is used."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding, remedy_for_counting


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("counting"):
        effect = group.first.effect
        yield finding(
            project,
            group,
            "fetch-to-count",
            "query",
            f"all `{project.observations.model_name(effect)}` rows are fetched only to be counted",
            subject=effect.model,
            remedy=remedy_for_counting(effect),
        )
