"""The same query is sent twice by one function, where its rows could have been kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...linter.model import Because, Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("twice"):
        effect = group.first.effect
        name = project.observations.model_name(effect)
        kind, _, prop = effect.subject.partition(":")
        what = (
            f"property `{prop}` asks for `{name}` rows with each read, and" if prop else f"the same query on `{name}`"
        )
        alone = bool(effect.detail)  # a number, one row: nothing that a queryset would keep
        lost = "its answer was" if alone else "its rows were"
        found = finding(
            project,
            group,
            "query-evaluated-twice",
            "query",
            f"{what} {'was read above already' if prop else f'was sent above already, and {lost} not kept'}",
            subject=f"{effect.model}.{prop}",
            remedy="keep the result in a variable"
            + (
                ", or make it a `cached_property`"
                if kind == "property"
                else ""
                if kind == "one"
                else ": a queryset keeps its rows, `.all()` of it does not"
            ),
            confidence="likely",
        )
        first = effect.origin.spot if effect.origin is not None else None
        if first is not None:
            found = replace(found, because=(Because(project.place(first), "first asked here"),))
        yield found
