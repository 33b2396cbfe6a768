"""A join multiplies the rows, and then they are folded again."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.effects import Group
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("joined"):
        effect = group.first.effect
        name = project.observations.model_name(effect)
        paths = " and ".join(f"`{path}`" for path in effect.detail.split(", "))
        if effect.how != "django":
            yield _of_joins(project, group, paths, name)
            continue
        if effect.subject == "several":
            message = (
                f"the joins of {paths} multiply each other: each `{name}` becomes a row per pair, before it is counted"
            )
        else:
            message = (
                f"the join of {paths} makes several rows of each `{name}`, which are grouped, and then made distinct"
            )
        folded = "" if effect.subject == "several" else "leave out `distinct()` if nothing else joins, or "
        yield finding(
            project,
            group,
            "join-multiplied-distinct",
            "query",
            message,
            subject=f"{effect.model}.{effect.detail}",
            remedy=f"{folded}aggregate in a subquery: `annotate(n=Subquery(….filter(parent=OuterRef('pk'))"
            ".values('parent').annotate(n=Count('pk')).values('n')))`, which also runs for the rows of one page only",
        )


def _of_joins(project: Project, group: Group, paths: str, name: str) -> Finding:
    """A statement that joins by itself."""
    pairs = group.first.effect.subject == "pairs"
    row = "a row per pair" if pairs else "several rows"
    effect = group.first.effect
    return finding(
        project,
        group,
        "join-multiplied-distinct",
        "query",
        f"{'the joins' if pairs else 'the join'} of {paths} {'make' if pairs else 'makes'} {row} of each `{name}`, and "
        "`distinct()` compares them column by column to fold them again",
        subject=f"{effect.model}.{effect.detail}",
        remedy="ask whether there is such a row instead of joining: `.where(Model.relation.any(…))`, an `EXISTS` that "
        "multiplies nothing",
        confidence="likely" if pairs else "possible",
    )
