"""What the linter gets wrong in `django_shop` today. All lists are strict: they can only shrink."""

from __future__ import annotations

from .cases import DEFERRED, LOOP

NOT_YET: dict[str, tuple[str, ...]] = {
    "catalog.repeated/key_left_out": (DEFERRED,),
    "catalog/every-row": ("unbounded-query",),
    "catalog.questions/shuffled": ("random-order",),
}
"""Case -> codes of its marks that are missed alarms."""

FALSE_ALARMS: set[tuple[str, str, str]] = {
    ("catalog/repeated.py", "column_left_out", LOOP),
    ("catalog/repeated.py", "column_put_off", LOOP),
}
"""(path, symbol, code) of findings on lines that are not slow, or not by that name."""

IN_VAIN = {"catalog.loops/nested"}
"""Cases that stay slow when all remedies are followed: `select_related` on children that another finding has
prefetched asks for them again."""
