"""The engine, and a session per request.

SQLite answers inside the process; a shop's database stands across a network. Every statement therefore waits for a
round trip of one millisecond, as between two zones of a data centre (SHOP_ROUND_TRIP_MS=0 switches that off).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, sessionmaker

ROUND_TRIP = float(os.environ.get("SHOP_ROUND_TRIP_MS", "1")) / 1000

engine = create_engine(os.environ.get("SHOP_DATABASE", "sqlite:///shop.db"))
_sessions = sessionmaker(engine, expire_on_commit=False)


@event.listens_for(engine, "before_cursor_execute")
def _network(*_: object) -> None:
    if ROUND_TRIP:
        time.sleep(ROUND_TRIP)


def session() -> Iterator[Session]:
    with _sessions() as opened:
        yield opened
