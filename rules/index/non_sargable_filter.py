"""A column that queries compare in a way that a plain index cannot serve: without case, by a part, by a function."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project import telling
from ...linter.project.index_remedies import named
from ...linter.project.needs import FOLDED, FUNCTION, GIN, NETWORK, TRIGRAM
from ...linter.project.project import Project
from ...linter.project.telling_indexes import finding

_WHY = {
    FOLDED: "`{column}` is compared without regard to case: the database computes `UPPER` or `LOWER` of every row of "
    "table `{table}`, and no index holds that",
    TRIGRAM: "`{column}` is searched for a part of it (`{lookup}`): a B-tree serves whole values and prefixes only, so "
    "each search reads all of table `{table}`",
    FUNCTION: "`{column}` is compared by its `{lookup}`: the database computes that for every row of table `{table}`, "
    "and an index on the column does not serve it",
    GIN: "`{column}` is asked for what it contains (`{lookup}`): without a GIN index each query reads all of table "
    "`{table}`",
    NETWORK: "`{column}` is asked for containment of networks (`{lookup}`): without a GiST index each query reads all "
    "of table `{table}`",
}


def check(project: Project) -> Iterator[Finding]:
    for need in project.indexes.unsargable:
        message = _WHY[need.kind].format(column=named(need), table=need.model.table, lookup=need.lookup)
        yield finding(project, need, "non-sargable-filter", message, sure=False)
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
