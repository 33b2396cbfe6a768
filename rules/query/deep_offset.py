"""The client says how many rows the database shall read and throw away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...linter.model import Confidence, Finding
from ...linter.project.effects import CPU
from ...linter.project.offsets import GROWS, OFFSET
from ...linter.project.project import Project
from ...linter.project.telling import finding

_STAFF = re.compile(r"\b(?:admin|backoffice|staff|internal|manage)\b")  # who looks there turns few pages


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    chosen = told.entered(("request",), lambda effect: effect.kind == CPU and effect.detail == OFFSET)
    seen = set()
    groups = (*told.of(OFFSET), *chosen, *told.of("paged"))
    for group in sorted(groups, key=lambda group: not any(o.effect.subject == GROWS for o in group.observations)):
        effect = next((o.effect for o in group.observations if o.effect.subject == GROWS), group.first.effect)
        if effect.spot in seen or not told.requested(group):
            continue
        seen.add(effect.spot)
        routes = told.routes(group)
        aside = bool(routes) and all(_STAFF.search(route) for route in routes)
        sure: Confidence = "likely" if effect.subject == GROWS and not aside else "possible"
        yield finding(
            project,
            group,
            "deep-offset",
            "query",
            f"the client chooses a page of the `{told.model_name(effect)}` rows by number: the database reads all rows "
            "before it and throws them away",
            subject=effect.model,
            remedy="begin a page after the last row of the page before (`WHERE (created, id) < (?, ?) ORDER BY created "
            "DESC, id DESC LIMIT n`: keyset or cursor pagination), or refuse page numbers above a limit",
            confidence=sure,
        )
