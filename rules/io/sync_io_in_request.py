"""A synchronous request handler waits for another service, a program, a mail server or the clock."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.effects import Effect, Observation
from ...linter.project.project import Project
from ...linter.project.summaries import on_loop
from ...linter.project.telling import finding, wait


def _seldom_needed(effect: Effect) -> bool:
    """Whether an answer seldom depends on it: mail that is sent, a pause."""
    return effect.detail == "sleep" or (effect.detail == "mail" and "send" in effect.subject.lower())


def _tries(o: Observation) -> bool:
    """Whether somebody asked for just this: to see whether mail can be sent."""
    way = [spot.owner.rpartition("::")[2].lower() for spot in (o.effect.spot, *o.effect.hops)]
    return any(word in name for name in way for word in ("test", "check"))


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    for group in told.entered(("request", "middleware"), told.waits):
        o = group.first
        if on_loop(project, o.function):
            continue
        aside = _seldom_needed(o.effect)
        routes = len(told.routes(group))
        whose = f"{routes} routes wait" if routes > 1 else "a request waits"
        yield finding(
            project,
            group,
            "sync-io-in-request",
            "io",
            f"{wait(project, o.effect)} in a request handler: {whose}, and so does a worker",
            subject=o.effect.subject,
            remedy="hand it to a task queue"
            if aside
            else "hand it to a task queue, keep the answer in a cache, or ask before the request",
            confidence="likely" if aside and routes and not _tries(o) else "possible",
        )
