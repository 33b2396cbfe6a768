"""A relation that an asynchronous session did not load, read as a plain attribute: it raises, or blocks the loop."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding, remedy_for


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("unawaited"):
        effect = group.first.effect
        name = project.observations.name(effect)
        yield finding(
            project,
            group,
            "lazy-load-in-async",
            "orm",
            f"`{name}` was not loaded by the asynchronous session: reading it raises `MissingGreenlet`",
            subject=effect.path or effect.subject,
            remedy=f"{remedy_for(project, effect)}; for a single row `await row.awaitable_attrs."
            f"{effect.subject}` of `AsyncAttrs` will do",
        )
