"""A wait for another service, a program or the clock, while a database transaction is open."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Confidence, Finding
from ...linter.project.effects import Observation
from ...linter.project.holding import AUTOBEGIN, PERHAPS
from ...linter.project.project import Project
from ...linter.project.summaries import on_loop
from ...linter.project.telling import NEAR, finding, wait


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    groups = [group for group in told.of("transacted") if told.waits(group.first.effect)]
    seen = {o.effect.spot for group in groups for o in group.observations}
    for group in groups:
        effect = group.first.effect
        yield finding(
            project,
            group,
            "remote-call-in-transaction",
            "io",
            f"{wait(project, effect)} while a transaction is open: its locks and its connection are held as long",
            subject=effect.subject,
            remedy="call it before the transaction, or after it (`transaction.on_commit(...)`, a task that the commit "
            "starts)",
            confidence=_sure(group.first),
        )
    for group in told.entered(("request",), told.waits):
        if seen & {o.effect.spot for o in group.observations} or on_loop(project, group.first.function):
            continue
        if not any(f.encloses(project, group.first.function) for f in project.frameworks):
            continue
        yield finding(
            project,
            group,
            "remote-call-in-transaction",
            "io",
            f"{wait(project, group.first.effect)} in a request, all of which is one transaction (`ATOMIC_REQUESTS`)",
            subject=group.first.effect.subject,
            remedy="exempt the view (`transaction.non_atomic_requests`) and open a transaction around what needs one, "
            "or hand the call to a task that the commit starts",
            confidence="likely",
        )


def _sure(o: Observation) -> Confidence:
    if o.how == PERHAPS:
        return "possible"
    return "likely" if o.effect.assumed or len(o.effect.hops) > NEAR or o.how == AUTOBEGIN else "certain"
