"""Rows are sorted by a random number."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("random"):
        effect = group.first.effect
        if not effect.model and effect.query is None:
            continue
        name = project.observations.model_name(effect)
        yield finding(
            project,
            group,
            "random-order",
            "query",
            f"the database computes a random number for each `{name}` row and sorts by it",
            subject=effect.model or name,
            remedy=_remedy(effect.how),
            confidence="likely" if effect.subject and project.observations.hot(group) else "possible",
        )


def _remedy(how: str) -> str:
    if how == "django":
        keys = "fetch the keys with `.values_list('pk', flat=True)`, choose among them with `random.sample()`"
    elif how == "sql":
        keys = "choose keys first (a random key between the smallest and the largest, `TABLESAMPLE`)"
    else:
        keys = "fetch the keys with a `select()` of the primary key, choose among them with `random.sample()`"
    return f"{keys}, and fetch the chosen rows by key"
