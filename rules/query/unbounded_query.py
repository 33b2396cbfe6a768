"""A request goes through all rows of a table."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding

_DJANGO = (
    "show a page of them (`Paginator`, a slice, the API's `pagination_class`), filter, or let the database compute "
    "what is needed; to send all of them, stream with `.iterator()`"
)
_OTHERS = (
    "show a page of them (`.limit(n)`), filter, or let the database compute what is needed; to send all of them, "
    "stream with `yield_per`"
)


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    for group in told.of("unbounded"):
        if not told.requested(group):
            continue
        effect = group.first.effect
        yield finding(
            project,
            group,
            "unbounded-query",
            "query",
            f"a request fetches all `{told.model_name(effect)}` rows: it gets slower with each row of the table",
            subject=effect.model,
            remedy=_DJANGO if effect.how == "django" else _OTHERS,
            confidence="likely" if effect.subject == "grows" else "possible",
        )
