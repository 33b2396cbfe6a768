"""A wait for something slow while a lock is held that others wait for."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding, wait


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    for group in told.of("awaited"):
        yield finding(
            project,
            group,
            "lock-across-io",
            "io",
            "a coroutine gives up the event loop while it holds a lock of threads: the next one to take it stops the "
            "event loop, for ever if the lock is held by a coroutine",
            subject="await",
            remedy="use an `asyncio.Lock`, or give the lock back before the `await`",
            confidence="certain",
        )
    for group in told.of("locked"):
        effect = group.first.effect
        own = "." not in effect.subject.partition(".")[2] and not effect.hops  # of a module: no client to be guarded
        likely = group.first.how == "thread" and own and told.hot(group)
        yield finding(
            project,
            group,
            "lock-across-io",
            "io",
            f"{wait(project, effect)} while a lock is held: whoever else needs it waits as long",
            subject=effect.subject,
            remedy="do it before taking the lock, and hold the lock only to keep what it gave",
            confidence="likely" if likely else "possible",
        )
