"""Rows that a commit has expired, fetched again one by one when they are read."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.effects import EXPIRED
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.repeated("load"):
        effect = group.first.effect
        if effect.how != EXPIRED:
            continue
        name = project.observations.model_name(effect)
        yield finding(
            project,
            group,
            "expired-attribute-load",
            "orm",
            f"a commit has expired the `{name}` rows: each is fetched again by a query of its own, once per "
            f"`{group.first.loops[-1].variable}`",
            subject=f"{effect.model}.{effect.path}",
            remedy="read what is needed before the commit, ask for the rows once more with one query after it, or make "
            "the session with `expire_on_commit=False`",
        )
