"""A column that queries compare in a way that its index cannot serve: without regard to case."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.indexes import Need
from ...linter.project.project import Project
from ...linter.project.telling_indexes import finding, named


def check(project: Project) -> Iterator[Finding]:
    for need in project.indexes.folded:
        yield finding(
            project,
            need,
            "non-sargable-filter",
            f"`{named(need)}` is compared without regard to case: the database computes `UPPER` or `LOWER` "
            f"of every row of table `{need.model.table}`, and no index holds that",
            instead=_remedy(need),
            sure=False,
        )


def _remedy(need: Need) -> str:
    column = need.columns[0].name
    model = need.model.name.rpartition(".")[2]
    if need.model.dialect == "django":
        name = f"{model.lower()}_{column}_upper"[:30]
        return f'add `models.Index(Upper("{column}"), name="{name}")` to `Meta.indexes` of `{model}`'
    name = f"ix_{need.model.table}_{column}_lower"
    return (
        f'add `Index("{name}", func.lower({column}))` (or `upper`, as the query does) to `__table_args__` of `{model}`'
    )
