"""A statement that writes one row, once per round of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding, remedy_for


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.repeated("write"):
        o = group.first
        what = project.observations.written(o.effect)
        does = f"writes `{what}`" if o.effect.model or o.effect.how != "flush" else "sends what the session holds"
        message = f"`{o.effect.how}` {does} once per `{o.loops[-1].variable}`"
        if o.effect.how == "assignment":
            message = f"every `{what}` row is loaded and updated, though all get the same value"
        yield finding(
            project,
            group,
            "write-in-loop",
            "orm",
            message,
            subject=o.effect.subject + o.effect.model,
            remedy=remedy_for(project, o.effect),
        )
