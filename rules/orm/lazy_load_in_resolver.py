"""A GraphQL resolver that asks the database once per row. Never certain: the client chooses the fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import rendered


def check(project: Project) -> Iterator[Finding]:
    for found in rendered(project, "resolver", "lazy-load-in-resolver"):
        yield replace(found, confidence="likely", severity="warning")
