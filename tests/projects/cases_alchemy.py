"""The cases of `web_shop` that concern SQLAlchemy and SQLModel alone."""

from __future__ import annotations

from .cases import DEFERRED, LOOP, QUERY, WRITE, Case, silent, slow

EXPIRED = "expired-attribute-load"


def _loops(name: str, *codes: str, repaired: str = "") -> Case:
    return slow(f"core.loops:{name}", *codes, repaired=f"core.loops:{repaired}" if repaired else "")


LOOPS = [
    _loops("many_to_one", LOOP, repaired="many_to_one_joined"),
    _loops("one_to_many", LOOP, repaired="one_to_many_loaded"),
    _loops("many_to_many", LOOP, repaired="many_to_many_loaded"),
    _loops("association_proxy", LOOP, repaired="association_proxy_loaded"),
    _loops("one_to_one", LOOP, repaired="one_to_one_joined"),
    _loops("nested", LOOP, LOOP, repaired="nested_loaded"),
    _loops("nested_half", LOOP, repaired="nested_loaded"),
    _loops("joined_without_loading", LOOP, repaired="joined_and_contained"),
    _loops("mapper_overruled", LOOP, repaired="mapper_loads"),
    _loops("immediate", LOOP, repaired="many_to_one_joined"),
    _loops("from_a_mixin", LOOP, repaired="from_a_mixin_joined"),
    _loops("sort_key", LOOP),
    _loops("sort_key_by_name", LOOP),
    _loops("dynamic", QUERY),
    _loops("write_only", QUERY),
    _loops("dynamic_backref", QUERY),
    _loops("two_entities", LOOP, repaired="two_entities_loaded"),
    _loops("hybrid_in_python", LOOP),
    _loops("lists_and_dicts", LOOP),
    _loops("dictionaries_of_rows", LOOP, repaired="joined_dictionaries_of_rows"),
    _loops("text_of_rows", LOOP),
    _loops("in_partitions", LOOP, repaired="many_to_one_joined"),
    _loops("property_of_rows", LOOP, repaired="property_of_joined_rows"),
    *(
        _loops(name)
        for name in (
            "many_to_one_joined",
            "one_to_many_loaded",
            "subquery_loaded",
            "many_to_many_loaded",
            "association_proxy_loaded",
            "one_to_one_joined",
            "nested_loaded",
            "nested_by_default",
            "load_object",
            "options_of_an_option",
            "joined_and_contained",
            "mapper_loads",
            "mapper_raises",
            "from_a_mixin_joined",
            "self_referential",
            "back_reference",
            "key_only",
            "assigned",
            "two_entities_loaded",
            "columns_only",
            "one_row",
            "hybrid_in_sql",
            "counted_by_the_mapper",
            "joined_dictionaries_of_rows",
            "property_of_joined_rows",
            "both_entities",
        )
    ),
]
QUERIES = [
    slow("core.queries:looked_up", QUERY, repaired="core.queries:looked_up_at_once"),
    silent("core.queries:looked_up_at_once"),
    slow("core.queries:got", QUERY, repaired="core.queries:looked_up_at_once"),
    silent("core.queries:got_again"),
    silent("core.queries:read_again"),
    slow("core.queries:counted", QUERY, repaired="core.queries:counted_at_once"),
    silent("core.queries:counted_at_once"),
    slow("core.queries:tested", QUERY),
    slow("core.queries:aliased_rows", QUERY),
    slow("core.queries:core_select", QUERY),
    slow("core.queries:core_text", QUERY),
    slow("core.queries:driver_sql", QUERY),
    slow("core.queries:core_insert", WRITE, repaired="core.queries:core_insert_at_once"),
    silent("core.queries:core_insert_at_once"),
    silent("core.queries:core_update_at_once"),
    silent("core.queries:in_batches"),
    silent("core.queries:some_constants"),
    silent("core.queries:remembered"),
    slow("core.queries:invariant", "loop-invariant-query", repaired="core.queries:invariant_hoisted"),
    silent("core.queries:invariant_hoisted"),
    slow("core.queries:session_per_item", QUERY),
    slow("core.queries:in_a_helper", QUERY),
    slow("core.queries:first_of_each", QUERY),
    slow("core.queries:tree", LOOP),
    silent("core.queries:in_another_mode"),
]
WRITES = [
    slow("core.writes:committed", "commit-in-loop", EXPIRED, repaired="core.writes:committed_once"),
    silent("core.writes:committed_once"),
    slow("core.writes:flushed", WRITE, repaired="core.writes:added"),
    silent("core.writes:added"),
    slow("core.writes:updated", WRITE, repaired="core.writes:updated_at_once"),
    silent("core.writes:updated_at_once"),
    silent("core.writes:updated_by_key"),
    slow("core.writes:removed", WRITE),
    slow("core.writes:upserted", WRITE, repaired="core.writes:upserted_at_once"),
    silent("core.writes:upserted_at_once"),
    slow("core.writes:got_or_created", QUERY),
    slow("core.writes:merged", QUERY),
    slow("core.writes:deleted_with_children", LOOP),
]
SESSIONS = [
    slow("core.sessions:expired", EXPIRED, repaired="core.sessions:not_expired"),
    silent("core.sessions:not_expired"),
    silent("core.sessions:read_before"),
    silent("core.sessions:asked_anew"),
    slow("core.sessions:refreshed", QUERY),
    silent("core.sessions:refreshed_once"),
    slow("core.sessions:deferred_column", DEFERRED, repaired="core.sessions:deferred_column_asked_for"),
    silent("core.sessions:deferred_column_asked_for"),
    slow("core.sessions:left_out", DEFERRED, repaired="core.sessions:read_what_was_loaded"),
    slow("core.sessions:put_off", DEFERRED, repaired="core.sessions:read_what_was_loaded"),
    silent("core.sessions:read_what_was_loaded"),
    slow("core.sessions:columns_of_subclasses", DEFERRED, repaired="core.sessions:columns_of_subclasses_loaded"),
    silent("core.sessions:columns_of_subclasses_loaded"),
    silent("core.sessions:columns_of_the_subclass"),
    silent("core.sessions:columns_of_all_classes"),
    slow("core.sessions:rows_of_several_parents", LOOP, repaired="core.loops:back_reference"),
    slow("core.sessions:rows_of_one_parent_or_another", LOOP, repaired="core.loops:back_reference"),
    silent("core.sessions:rows_of_one_parent"),
    silent("core.sessions:rows_of_one_parent_by_backref"),
    silent("core.sessions:rows_of_one_parent_by_name"),
]
ASYNCHRONOUS = [
    slow("core.asynchronous:awaited", LOOP, repaired="core.asynchronous:awaited_and_loaded"),
    silent("core.asynchronous:awaited_and_loaded"),
    silent("core.asynchronous:loaded"),
    slow("core.asynchronous:got", QUERY),
    silent("core.asynchronous:streamed"),
    slow("core.asynchronous:streamed_with_queries", QUERY),
    slow("core.asynchronous:gathered", QUERY),
    slow("core.asynchronous:in_sync_code", LOOP, repaired="core.asynchronous:in_sync_code_loaded"),
    silent("core.asynchronous:in_sync_code_loaded"),
]
LEGACY = [
    slow("core.legacy:queried", LOOP, repaired="core.legacy:queried_and_joined"),
    silent("core.legacy:queried_and_joined"),
    slow("core.legacy:queried_all", LOOP, repaired="core.legacy:queried_all_loaded"),
    silent("core.legacy:queried_all_loaded"),
    slow("core.legacy:got", QUERY),
    slow("core.legacy:filtered", QUERY),
    slow("core.legacy:counted", QUERY),
    silent("core.legacy:counted_once"),
    slow("core.legacy:updated", WRITE, repaired="core.legacy:updated_at_once"),
    silent("core.legacy:updated_at_once"),
    silent("core.legacy:paged"),
]
REPOSITORY = [
    slow("core.repository:lazily", LOOP, repaired="core.repository:loaded"),
    silent("core.repository:loaded"),
    slow("core.repository:one_by_one", QUERY, repaired="core.repository:at_once"),
    silent("core.repository:at_once"),
    slow("core.repository:through_a_service", LOOP),
]
HEROES = [
    slow("core.heroes:teams_of_heroes", LOOP, repaired="core.heroes:wildcard"),
    slow("core.heroes:heroes_of_teams", LOOP, repaired="core.heroes:heroes_of_teams_loaded"),
    silent("core.heroes:heroes_of_teams_loaded"),
    slow("core.heroes:looked_up", QUERY),
    silent("core.heroes:tuples"),
    silent("core.heroes:wildcard"),
]
CASES = [*LOOPS, *QUERIES, *WRITES, *SESSIONS, *ASYNCHRONOUS, *LEGACY, *REPOSITORY, *HEROES]
