"""All items of a list are moved by one place, once per round."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling_work import hot, per, sure, telling


def check(project: Project) -> Iterator[Finding]:
    for group in hot(project, "front"):
        o = group.first
        call = "pop(0)" if o.effect.detail == "pop" else "insert(0, …)"
        instead = "popleft()" if o.effect.detail == "pop" else "appendleft()"
        yield telling(
            project,
            group,
            "list-pop-front",
            f"`{o.effect.subject}.{call}` moves all that the list holds, {per(o)}",
            f"use a `collections.deque` and `.{instead}`",
            "likely" if sure(group) == "certain" else "possible",
        )
