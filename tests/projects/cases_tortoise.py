"""The cases of `web_shop` that concern Tortoise ORM."""

from __future__ import annotations

from .cases import DEFEATED, LOOP, QUERY, WRITE, Case, silent, slow


def _slow(name: str, *codes: str, repaired: str = "") -> Case:
    return slow(f"diary.walks:{name}", *codes, repaired=f"diary.walks:{repaired}" if repaired else "")


CASES = [
    _slow("foreign_key", LOOP, repaired="foreign_key_prefetched"),
    _slow("foreign_key_of_a_stream", LOOP, repaired="foreign_key_prefetched"),
    _slow("reverse", LOOP, repaired="reverse_prefetched"),
    _slow("reverse_of_all", LOOP, repaired="reverse_prefetched"),
    _slow("nested_half", LOOP, repaired="nested_prefetched"),
    _slow("many_to_many", LOOP, repaired="many_to_many_prefetched"),
    _slow("prefetched_and_filtered", DEFEATED, repaired="many_to_many_prefetched"),
    _slow("looked_up", QUERY, repaired="looked_up_at_once"),
    _slow("first_of_each", QUERY),
    _slow("counted", QUERY, repaired="counted_at_once"),
    _slow("saved", WRITE, repaired="saved_at_once"),
    _slow("created", WRITE, repaired="created_at_once"),
    *(
        silent(f"diary.walks:{name}")
        for name in (
            "foreign_key_prefetched",
            "foreign_key_joined",
            "key_only",
            "reverse_prefetched",
            "nested_prefetched",
            "many_to_many_prefetched",
            "fetched_for_one_row",
            "looked_up_at_once",
            "counted_at_once",
            "saved_at_once",
            "created_at_once",
        )
    ),
]
