"""What a project's settings say of a database: how its framework connects."""

from __future__ import annotations

from dataclasses import dataclass

from .values import Spot


@dataclass(frozen=True, slots=True)
class Database:
    """`server`: its name, when it is one that is connected to; `reused`: whether a connection outlives a request, None
    when that is not known; `atomic`: each request is a transaction;
    `engine`: as settings spell it."""

    spot: Spot
    alias: str
    server: str
    reused: bool | None
    atomic: bool
    engine: str = ""
