"""A regular expression that is put together, and so compiled, anew in each round."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling_work import hot, per, strength, telling


def check(project: Project) -> Iterator[Finding]:
    for group in hot(project, "regex"):
        o = group.first
        nested = o.effect.detail == "nested"
        yield telling(
            project,
            group,
            "recompiled-regex",
            f"a pattern is put together {per(o)}"
            + (", and again in each round of the loop around it" if nested else ""),
            "compile the patterns once before the loops, or join them into one alternation",
            "likely" if nested and strength(o) else "possible",
        )
