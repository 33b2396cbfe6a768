"""The cases of `web_shop` that concern Peewee."""

from __future__ import annotations

from .cases import LOOP, QUERY, WRITE, Case, silent, slow


def _slow(name: str, *codes: str, repaired: str = "") -> Case:
    return slow(f"posts.{name}", *codes, repaired=f"posts.{repaired}" if repaired else "")


CASES = [
    _slow("loops:foreign_key", LOOP, repaired="loops:foreign_key_selected"),
    _slow("loops:joined_without_selecting", LOOP, repaired="loops:foreign_key_selected"),
    _slow("loops:deferred_key", LOOP),
    _slow("loops:nested", LOOP, repaired="loops:nested_selected"),
    _slow("loops:nested_half", LOOP, repaired="loops:nested_selected"),
    _slow("loops:back_reference", LOOP, repaired="loops:back_reference_prefetched"),
    _slow("loops:prefetched_half", LOOP, repaired="loops:back_reference_prefetched_by_method"),
    _slow("loops:back_reference_counted", LOOP, repaired="loops:counted_in_the_query"),
    _slow("loops:parent_of_children", LOOP, LOOP),
    _slow("loops:many_to_many", LOOP),
    _slow("loops:property_of_rows", LOOP, repaired="loops:property_of_joined_rows"),
    _slow("loops:dictionaries", LOOP, repaired="loops:flat_dictionaries"),
    *(
        silent(f"posts.loops:{name}")
        for name in (
            "foreign_key_selected",
            "foreign_key_columns_selected",
            "key_only",
            "key_not_lazy",
            "nested_selected",
            "switched",
            "joined_from",
            "back_reference_prefetched",
            "back_reference_prefetched_by_method",
            "counted_in_the_query",
            "alias_joined",
            "plain_rows",
            "property_of_joined_rows",
            "flat_dictionaries",
        )
    ),
    _slow("queries:looked_up", QUERY, repaired="queries:looked_up_at_once"),
    _slow("queries:looked_up_in_a_helper", QUERY, repaired="queries:looked_up_at_once"),
    _slow("queries:looked_up_by_id", QUERY, repaired="queries:looked_up_at_once"),
    _slow("queries:counted", QUERY, repaired="queries:counted_at_once"),
    _slow("queries:filtered_back_reference", QUERY),
    _slow("queries:saved", WRITE, repaired="queries:saved_at_once"),
    _slow("queries:created", WRITE, repaired="queries:created_at_once"),
    _slow("queries:inserted_in_a_transaction", WRITE, repaired="queries:created_at_once"),
    _slow("queries:updated", WRITE, repaired="queries:updated_at_once"),
    _slow("queries:deleted", WRITE, repaired="queries:deleted_at_once"),
    _slow("queries:got_or_created", QUERY),
    *(
        silent(f"posts.queries:{name}")
        for name in (
            "looked_up_at_once",
            "counted_at_once",
            "saved_at_once",
            "created_at_once",
            "updated_at_once",
            "deleted_at_once",
            "built_in_a_loop",
            "gone_through_twice",
        )
    ),
]
