"""A transaction per round of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.repeated("commit"):
        o = group.first
        yield finding(
            project,
            group,
            "commit-in-loop",
            "orm",
            f"a transaction is committed once per `{o.loops[-1].variable}`",
            subject=o.effect.subject,
            remedy="commit once after the loop, or once per batch of some hundred rows",
        )
