"""A column that queries look up by, and that no index begins with."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.index_remedies import named
from ...linter.project.indexes import is_key
from ...linter.project.project import Project
from ...linter.project.telling_indexes import finding


def check(project: Project) -> Iterator[Finding]:
    for need in project.indexes.needs:
        if not is_key(need):
            what = f"`{named(need)}` {'are' if len(need.columns) > 1 else 'is'} looked up without an index"
            yield finding(
                project,
                need,
                "unindexed-filter",
                f"{what}: each lookup reads all of table `{need.model.table}`",
            )
    for need in project.indexes.queues:
        yield finding(
            project,
            need,
            "unindexed-filter",
            f"`{need.model.name.rpartition('.')[2]}.{need.place.name}` says what is left to be done, and is looked up "
            f"without an index: each time all of table `{need.model.table}` is read to find the few rows where "
            f"`{need.where}`",
            sure=False,
        )
