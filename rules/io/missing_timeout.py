"""A call of another machine that waits for ever when no answer comes."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.frameworks import traits
from ...linter.model import Finding
from ...linter.project.observations import by_hand
from ...linter.project.project import Project
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    limited = told.sockets_limited
    for group in told.of("endless"):
        effect = group.first.effect
        trait = traits.of(effect.subject)
        known = trait.endless if trait is not None else None
        if known is None or (known.socket and limited):
            continue
        entries = [e for o in group.observations for e in told.entries_of(o.function)]
        aside = all(e.kind == "command" for e in entries) if entries else by_hand(effect.spot.path)
        yield finding(
            project,
            group,
            "missing-timeout",
            "io",
            f"`{effect.subject}` waits for ever when the other side does not answer",
            subject=effect.subject,
            remedy=known.advice,
            confidence="possible" if aside else "likely" if group.first.how == "none" else "certain",
        )
