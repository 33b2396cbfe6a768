"""A column that queries compare in a way that its index cannot serve: without regard to case."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
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
