"""A column that queries compare in a way that its index cannot serve: without regard to case."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project import telling
from ...linter.project.project import Project
from ...linter.project.telling_indexes import finding, named, remedy_folded


def check(project: Project) -> Iterator[Finding]:
    for need in project.indexes.folded:
        yield finding(
            project,
            need,
            "non-sargable-filter",
            f"`{named(need)}` is compared without regard to case: the database computes `UPPER` or `LOWER` "
            f"of every row of table `{need.model.table}`, and no index holds that",
            instead=remedy_folded(need),
            sure=False,
        )
    told = project.observations
    for group in told.of("across"):
        effect = group.first.effect
        yield telling.finding(
            project,
            group,
            "non-sargable-filter",
            "index",
            f"this OR compares columns of two joined tables: no index serves it, and the join is made for all "
            f"`{told.model_name(effect)}` rows",
            subject=f"{effect.model}.across",
            remedy="ask for each side by itself and join the answers (`UNION`), or turn the side across the join into "
            "an `EXISTS`, so that each side can use an index",
            confidence="likely" if effect.subject and not told.offline(group) else "possible",
        )
