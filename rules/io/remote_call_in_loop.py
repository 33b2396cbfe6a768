"""A round trip to another service, once per round of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding, remedy_for_remote


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.repeated("remote"):
        o = group.first
        yield finding(
            project,
            group,
            "remote-call-in-loop",
            "io",
            f"`{o.effect.subject.removesuffix('.__iter__')}` makes a round trip once per `{o.loops[-1].variable}`",
            subject=o.effect.subject,
            remedy=remedy_for_remote(project, o.effect),
            confidence="possible" if project.observations.tools(group) else None,
        )
