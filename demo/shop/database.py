"""The engine, and a session per request."""

from __future__ import annotations

import os
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine(os.environ.get("SHOP_DATABASE", "sqlite:///shop.db"))
_sessions = sessionmaker(engine, expire_on_commit=False)


def session() -> Iterator[Session]:
    with _sessions() as opened:
        yield opened
