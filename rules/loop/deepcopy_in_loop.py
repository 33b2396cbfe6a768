"""An object is copied with all that it refers to, once per round."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling_work import hot, per, telling


def check(project: Project) -> Iterator[Finding]:
    for group in hot(project, "copy"):
        o = group.first
        same = o.effect.detail == "same"
        what = f"the same `{o.effect.subject}`" if same else f"`{o.effect.subject}`, a row,"
        yield telling(
            project,
            group,
            "deepcopy-in-loop",
            f"`deepcopy` copies {what} with all that it refers to, {per(o)}",
            "copy only the level that is changed, or make the object anew with a function",
            "likely" if any(loop.known for loop in o.loops) else "possible",
        )
