"""A wait for another service, a program or the clock, while a database transaction is open."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding, wait


def check(project: Project) -> Iterator[Finding]:
    for group in project.observations.of("transacted"):
        effect = group.first.effect
        yield finding(
            project,
            group,
            "remote-call-in-transaction",
            "io",
            f"{wait(effect)} while a transaction is open: its locks and its connection are held as long",
            subject=effect.subject,
            remedy="call it before the transaction, or after it (`transaction.on_commit(...)`, a task that the commit "
            "starts)",
        )
