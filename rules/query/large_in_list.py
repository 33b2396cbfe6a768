"""Keys are fetched by one query, only to be sent back in another one."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Confidence, Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    scattered = any(framework.scatters(project) for framework in project.frameworks)
    for group in told.of("listed"):
        effect = group.first.effect
        sure: Confidence = "possible" if effect.subject or scattered else "likely"
        how = (
            "give the query itself to the filter (`pk__in=queryset.values(...)`): it becomes a subquery"
            if effect.how == "django"
            else "give the `select()` of the column itself to `in_()`, or join"
        )
        yield finding(
            project,
            group,
            "large-in-list",
            "query",
            f"values of all these `{told.model_name(effect)}` rows are fetched, only to be sent back to the database "
            "in an `IN (…)` list",
            subject=effect.model + effect.detail,
            remedy=f"{how}: one statement, and no list that grows with the table",
            confidence=sure,
        )
