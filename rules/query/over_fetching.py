"""Whole rows are fetched, and then one column of each is read."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding, remedy_for_column


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("columns"):
        effect = group.first.effect
        name = project.observations.model_name(effect)
        column = "the primary key" if effect.subject == "pk" else f"`{effect.subject}`"
        yield finding(
            project,
            group,
            "over-fetching",
            "query",
            f"all columns of the `{name}` rows are fetched, but only {column} of each is read",
            subject=f"{effect.model}.{effect.subject}",
            remedy=remedy_for_column(effect),
        )
    for group in project.observations.of("one"):
        effect = group.first.effect
        name = project.observations.model_name(effect)
        yield finding(
            project,
            group,
            "over-fetching",
            "query",
            f"all columns of a `{name}` row are fetched, but it is only used to follow its relations or for its key",
            subject=f"{effect.model}.pk",
            remedy="ask for what hangs on it with a filter across the relation, or fetch the key alone: "
            '`.values_list("pk", flat=True).first()`',
        )
    for group in project.observations.of("wildcard"):
        effect = group.first.effect
        name = project.observations.model_name(effect)
        yield finding(
            project,
            group,
            "over-fetching",
            "query",
            f"all {effect.subject} relations of the `{name}` rows are loaded with them, and all that hangs on those",
            subject=f"{effect.model}.*",
            remedy="name the relations that are read: `selectinload(Model.relation)`; `raiseload('*')` shows which are",
            confidence="possible" if project.observations.offline(group) else "likely",
        )
