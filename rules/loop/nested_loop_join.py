"""Two collections matched by equality: one is gone through for each item of the other."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling_work import hot, sure, telling


def check(project: Project) -> Iterator[Finding]:
    for group in hot(project, "join"):
        o = group.first
        name = o.effect.subject
        other = o.loops[-2] if len(o.loops) > 1 and not o.effect.hops else o.loops[-1]
        yield telling(
            project,
            group,
            "nested-loop-join",
            f"`{name}` is gone through to find the equal ones, once per `{other.variable}`",
            f"make a dict of `{name}` by that key before the loop, and look up in it",
            sure(group),
        )
