"""Drivers used directly (PEP 249): `connection.commit()` ends a transaction whatever the driver is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..project.values import External, ExternalInstance, Spot, Value
from . import catalogue
from .base import Arguments, Framework, Keywords

if TYPE_CHECKING:
    from ..project.run import Run


class DbApi(Framework):
    name = "dbapi"

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, External) and callee.name.endswith(".commit") and isinstance(callee.of, ExternalInstance):
            entry = catalogue.load().lookup(callee.name)
            if entry is not None and entry.kind == "database":
                run.commit(spot, "commit", blocks=False)  # that it waits is the catalogue's to say
        return None
