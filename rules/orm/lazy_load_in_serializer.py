"""A serializer that asks the database once per object that it renders."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import rendered


def check(project: Project) -> Iterator[Finding]:
    yield from rendered(project, "serializer", "lazy-load-in-serializer")
