"""A synchronous request handler waits for another service, a program, a mail server or the clock."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.holding import waits
from ...linter.project.project import Project
from ...linter.project.summaries import on_loop
from ...linter.project.telling import finding, wait

_QUEUED = ("mail", "sleep", "subprocess")  # what an answer seldom depends on


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    for group in told.entered(("request", "middleware"), waits):
        o = group.first
        if on_loop(project, o.function):
            continue
        routes = len(told.routes(group))
        whose = f"{routes} routes wait" if routes > 1 else "a request waits"
        yield finding(
            project,
            group,
            "sync-io-in-request",
            "io",
            f"{wait(o.effect)} in a request handler: {whose}, and so does a worker",
            subject=o.effect.subject,
            remedy="hand it to a task queue"
            if o.effect.detail in _QUEUED
            else "hand it to a task queue, keep the answer in a cache, or ask before the request",
            confidence="likely" if o.effect.detail in _QUEUED else "possible",
        )
