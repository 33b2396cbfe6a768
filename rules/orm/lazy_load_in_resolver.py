"""A GraphQL resolver that asks the database once per row. Never certain: the client chooses the fields.

The relations that a type has as fields are one finding: what is missing is one optimiser, not one loader for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...linter.model import Finding
from ...linter.project.effects import Group
from ...linter.project.project import Project
from ...linter.project.telling import shown_per_row


def check(project: Project) -> Iterator[Finding]:
    together: dict[object, list[Group]] = {}
    for group in project.observations.repeated("load", "query", setting="resolver"):
        effect = group.first.effect
        declared = effect.kind == "load" and project.class_def(effect.spot.owner) is not None
        together.setdefault(group.first.loops[-1].spot if declared and group.first.loops else group.first, []).append(
            group
        )
    for groups in together.values():
        whole = Group(tuple(o for group in groups for o in group.observations))
        found = shown_per_row(project, whole, "lazy-load-in-resolver", more=len(groups) - 1)
        if found is not None:
            yield replace(found, confidence="likely", severity="warning")
