"""A call of another machine that waits for ever when no answer comes."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.frameworks import traits
from ...linter.model import Confidence, Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding

_CONFIDENCES: dict[str, Confidence] = {"": "certain", "none": "likely", "passed": "possible"}


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    for group in told.of("endless"):
        effect = group.first.effect
        trait = traits.of(effect.subject)
        known = trait.endless if trait is not None else None
        if known is None or (known.socket and told.sockets_limited):
            continue
        yield finding(
            project,
            group,
            "missing-timeout",
            "io",
            f"`{effect.subject}` waits for ever when the other side does not answer",
            subject=effect.subject,
            remedy=known.advice,
            confidence="possible" if told.aside(group) else _CONFIDENCES[group.first.how],
        )
