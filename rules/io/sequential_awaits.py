"""Two awaits one after another, of which the second needs nothing of the first."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("sequential"):
        effect = group.first.effect
        yield finding(
            project,
            group,
            "sequential-awaits",
            "io",
            f"the wait for `{effect.subject}` begins only when an independent one has ended",
            subject=effect.subject,
            remedy="begin both at once: `await asyncio.gather(...)` or an `asyncio.TaskGroup`",
            confidence="likely" if effect.assumed else "certain",
        )
