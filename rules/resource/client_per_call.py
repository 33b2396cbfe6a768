"""A client that is made to keep connections, made anew for each request, task or round of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.frameworks import traits
from ...linter.model import Confidence, Finding
from ...linter.project.effects import CLIENT, SEARCH, Effect, Group
from ...linter.project.project import Project
from ...linter.project.telling import FAR, NEAR, finding


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    looped = told.repeated(CLIENT)
    seen = {o.effect.spot for group in looped for o in group.observations}
    for group in looped:
        kept = all(o.effect.spot.owner.endswith(".__init__") for o in group.observations)  # by an object of each round
        when = f"once per `{group.first.loops[-1].variable}`"
        few = all(o.loops[-1].kind == SEARCH or len(o.effect.hops) > FAR for o in group.observations)
        yield _finding(project, group, when, "possible" if kept or few or told.aside(group) else "likely")
    for kind in ("request", "middleware", "task"):
        for group in told.entered((kind,), _made):
            if seen & {o.effect.spot for o in group.observations}:
                continue
            seen |= {o.effect.spot for o in group.observations}
            known = traits.of(group.first.effect.subject)
            dear = known is not None and known.client is not None and known.client.dear
            if kind == "task":
                yield _finding(project, group, "for each task", "possible")
            else:
                near = len(group.first.effect.hops) <= NEAR
                yield _finding(project, group, "for each request", "certain" if dear and near else "likely")


def _made(effect: Effect) -> bool:
    return effect.kind == CLIENT


def _finding(project: Project, group: Group, when: str, sure: Confidence) -> Finding:
    effect = group.first.effect
    trait = traits.of(effect.subject)
    client = trait.client if trait is not None else None
    return finding(
        project,
        group,
        "client-per-call",
        "resource",
        f"{effect.how} is made {when}" + (f": {client.costs}" if client is not None else ""),
        subject=effect.subject,
        remedy=client.instead if client is not None else "make it once, and share it",
        confidence="possible" if effect.assumed else sure,
    )
