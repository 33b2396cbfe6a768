"""The same query with the same arguments in every round of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Confidence, Finding
from ...linter.project.effects import Effect
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.repeated("query"):
        o = group.first
        if o.effect.prefetched or not o.invariant:
            continue
        name = project.observations.model_name(o.effect)
        told: Confidence | None = "likely" if o.effect.hops else None  # what is called may read more than its arguments
        yield finding(
            project,
            group,
            "loop-invariant-query",
            "orm",
            f"the same query on `{name}` runs once per `{o.loops[-1].variable}`, with nothing in it that changes",
            subject=o.effect.subject + o.effect.model,
            remedy=_remedy(o.effect),
            confidence=told,
        )


def _remedy(effect: Effect) -> str:
    if not effect.hops:
        return "run it once, before the loop, and keep the result in a variable"
    name = effect.spot.owner.rpartition("::")[2].rpartition(".")[2]
    return f"run it once, before the loop: hand the result to `{name}`, or keep it on the object that asks"
