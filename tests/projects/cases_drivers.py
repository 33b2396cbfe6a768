"""The cases of `web_shop` that send statements through a driver."""

from __future__ import annotations

from .cases import QUERY, WRITE, Case, silent, slow


def _slow(name: str, *codes: str, repaired: str = "") -> Case:
    return slow(f"ledger.statements:{name}", *codes, repaired=f"ledger.statements:{repaired}" if repaired else "")


CASES = [
    _slow("looked_up", QUERY, repaired="looked_up_at_once"),
    _slow("through_a_helper", QUERY, repaired="looked_up_at_once"),
    _slow("helper_with_a_constant", QUERY, repaired="looked_up_at_once"),
    _slow("one_of_another", QUERY, repaired="joined"),
    _slow("inserted", WRITE, repaired="inserted_at_once"),
    _slow("updated", WRITE, repaired="updated_at_once"),
    *(
        silent(f"ledger.statements:{name}")
        for name in (
            "looked_up_at_once",
            "joined",
            "inserted_at_once",
            "updated_at_once",
            "other_tables",
            "asked_once",
        )
    ),
]
