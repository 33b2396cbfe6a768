"""Rows are counted exactly for every page that is shown."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    for group in told.of("recounted"):
        effect = group.first.effect
        yield finding(
            project,
            group,
            "cached-count-missing",
            "query",
            f"the `{told.model_name(effect)}` rows are counted here and once more by the paginator",
            subject=effect.model,
            remedy="read `paginator.count`, or the page's `total`: the paginator keeps it",
            confidence="likely",
        )
    for group in told.of("paged"):
        effect = group.first.effect
        if not told.requested(group):
            continue
        yield finding(
            project,
            group,
            "cached-count-missing",
            "query",
            f"each page that is shown counts all these `{told.model_name(effect)}` rows",
            subject=effect.model,
            remedy="ask for one row more than the page holds to know whether there is a next page, keep the number in "
            "a cache, or show an estimate",
            confidence="possible",
        )
