"""The first rows, or a page of them, by an order that no index gives."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.index_remedies import named, spelled
from ...linter.project.project import Project
from ...linter.project.telling_indexes import finding


def check(project: Project) -> Iterator[Finding]:
    for need in project.indexes.unsorted:
        within = [spelled(need, c.name) for c in need.columns[: len(need.columns) - need.sorted]]
        model = need.model.name.rpartition(".")[2]
        column = f"`{model}.{spelled(need, need.place.name)}`"
        what = f"the rows of one `{', '.join(within)}` are" if within else f"table `{need.model.table}` is"
        near = f" ({need.near} holds only some of the rows)" if need.near else ""
        yield finding(
            project,
            need,
            "unindexed-order-by",
            f"only some rows are asked for, but to find the first by {column} {what} read and sorted each time: "
            f"no index is in the order of `{named(need)}`{near}",
            sure=False,
        )
