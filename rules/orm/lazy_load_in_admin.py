"""An admin page that asks the database once per row that it lists, edits or offers."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import rendered


def check(project: Project) -> Iterator[Finding]:
    yield from rendered(project, "admin", "lazy-load-in-admin")
