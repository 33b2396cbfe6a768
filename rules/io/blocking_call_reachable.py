"""A call that makes its thread wait, in a function that a coroutine calls through any chain of sync functions."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import blocking_words, finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.blocking():
        if not group.first.effect.hops:
            continue
        what, remedy = blocking_words(project, group.first.effect)
        yield finding(
            project,
            group,
            "blocking-call-reachable",
            "io",
            f"{what} holds up the event loop: the coroutine `{group.first.name}` gets here",
            subject=group.first.effect.subject + group.first.effect.model,
            remedy=remedy,
        )
