"""The same text is parsed again and again."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling_work import hot, per, telling


def check(project: Project) -> Iterator[Finding]:
    for group in hot(project, "parse"):
        o = group.first
        name = o.effect.detail
        told = project.catalogue.work(name)
        yield telling(
            project,
            group,
            "repeated-parse",
            f"`{name}` parses the same `{o.effect.subject}` {per(o)}",
            told.instead if told is not None and not o.loops else "parse it once before the loop",
            "likely",
        )
