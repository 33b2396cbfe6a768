"""What the linter gets wrong in the executed projects today. All lists are strict: they can only shrink."""

from __future__ import annotations

from .cases import DEFERRED, LOOP
from .cases_alchemy import EXPIRED

NOT_YET: dict[str, tuple[str, ...]] = {
    "catalog.repeated/key_left_out": (DEFERRED,),
    "catalog/every-row": ("unbounded-query",),
    "catalog.questions/shuffled": ("random-order",),
    "core.loops/immediate": (LOOP,),
    "core.writes/committed": (EXPIRED,),
}
"""Case -> codes of its marks that are missed alarms."""

FALSE_ALARMS: dict[str, set[tuple[str, str, str]]] = {
    "django_shop": {
        # Told where the rows are gone through; the queries are sent a line before, where the prefetch ties them
        ("catalog/repeated.py", "key_left_out", DEFERRED),
    },
    "web_shop": set(),
}
"""Project -> (path, symbol, code) of findings on lines that are not slow, or not by that name."""
