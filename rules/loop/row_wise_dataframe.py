"""A data frame is worked on row by row in Python."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling_work import hot, per, telling


def check(project: Project) -> Iterator[Finding]:
    for group in hot(project, "frame"):
        o = group.first
        how = o.effect.detail
        message = {
            "iterrows": "`iterrows()` makes a `Series` of each row",
            "apply": "`apply(axis=1)` calls a function with a `Series` of each row",
        }.get(how, f"`{o.effect.subject}.{how}[…] = …` sets one cell {per(o)}")
        remedy = "work on whole columns, or go through `itertuples()`"
        if how not in ("iterrows", "apply"):
            remedy = "collect the values and set the whole column once"
        yield telling(project, group, "row-wise-dataframe", message, remedy, "likely")
