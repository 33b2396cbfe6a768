"""What the carrier charges: asked over HTTP, with the standard library's blocking client."""

from __future__ import annotations

import json
import os
import urllib.request

CARRIER = os.environ.get("SHOP_CARRIER", "http://127.0.0.1:9")


def quote(kilograms: int) -> int:
    """Cents for one parcel."""
    return int(_ask(f"/quote/{kilograms}")["cents"])


def _ask(path: str) -> dict[str, int]:
    with urllib.request.urlopen(CARRIER + path, timeout=5) as answer:
        found: dict[str, int] = json.load(answer)
    return found
