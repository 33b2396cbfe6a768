"""Rows are sorted by a random number."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("random"):
        if not group.first.effect.model:
            continue
        name = project.observations.model_name(group.first.effect)
        yield finding(
            project,
            group,
            "random-order",
            "query",
            f"the database computes a random number for each `{name}` row and sorts by it",
            subject=group.first.effect.model,
            remedy="fetch the keys with `.values_list('pk', flat=True)`, choose among them with `random.sample()`, and "
            "fetch the chosen rows by key",
            confidence="likely" if project.observations.hot(group) else "possible",
        )
