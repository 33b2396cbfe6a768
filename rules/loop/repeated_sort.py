"""The same list is sorted again in each round."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling_work import hot, per, sure, telling


def check(project: Project) -> Iterator[Finding]:
    for group in hot(project, "sort"):
        o = group.first
        name = o.effect.subject
        if o.effect.detail == "sort":
            message, remedy = (
                f"`{name}` is sorted after each addition, {per(o)}",
                "sort once after the loop, or `bisect.insort`",
            )
        else:
            message, remedy = (
                f"`{name}` is sorted again {per(o)}, always with the same result",
                "sort it once before the loop",
            )
        yield telling(project, group, "repeated-sort", message, remedy, sure(group))
