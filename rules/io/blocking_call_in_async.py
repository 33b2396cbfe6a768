"""A call that makes its thread wait, directly in a coroutine: the whole event loop waits with it."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import blocking_words, finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.blocking():
        if group.first.effect.hops:
            continue
        what, remedy = blocking_words(project, group.first.effect)
        yield finding(
            project,
            group,
            "blocking-call-in-async",
            "io",
            f"{what} holds up the event loop",
            subject=group.first.effect.subject + group.first.effect.model,
            remedy=remedy,
        )
