"""A foreign key without an index, that queries look up, join or cascade on."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.index_remedies import named, spelled
from ...linter.project.indexes import is_key
from ...linter.project.project import Project
from ...linter.project.telling_indexes import finding


def check(project: Project) -> Iterator[Finding]:
    for need in project.indexes.needs:
        if is_key(need):
            model = need.model.name.rpartition(".")[2]
            whole = f" of the pair `{named(need)}`" if len(need.columns) > 1 else ""
            message = (
                f"the foreign key `{model}.{spelled(need, need.place.name)}`{whole} has no index: "
                f"finding the rows of one parent reads all of table `{need.model.table}`"
            )
            yield finding(project, need, "unindexed-foreign-key", message)
