"""Which index serves an access, and which one would: the rules of every B-tree."""

from __future__ import annotations

import pytest

from slowlint.linter.sql.access import (
    EQUAL,
    IN,
    NULL,
    RANGE,
    Access,
    Predicate,
    Proposal,
    Sort,
    best,
    merged,
    proposed,
    through,
)
from slowlint.linter.sql.tables import Part, Table, TableIndex

PRIMARY = TableIndex((Part("id"),), "orders_pkey", unique=True, primary=True)


def index(*names: str, where: str = "", unique: bool = False, method: str = "btree") -> TableIndex:
    parts = tuple(Part(n.lstrip("-"), descending=n.startswith("-")) for n in names)
    return TableIndex(parts, where=where, unique=unique, method=method)


def orders(*indexes: TableIndex) -> Table:
    return Table("orders", indexes=(PRIMARY, *indexes))


def asks(*predicates: Predicate, sort: str = "", limit: float = 0) -> Access:
    order = tuple(Sort(s.lstrip("-"), s.startswith("-")) for s in sort.split())
    return Access("orders", predicates, order, limit)


REFERENCE = Predicate("reference", EQUAL, 1e-6)
SHOP = Predicate("shop_id", EQUAL, 0.001)
STATUS = Predicate("status", EQUAL, 0.3)
QUEUED = Predicate("status", EQUAL, 0.001, "'queued'")
SINCE = Predicate("placed", RANGE, 0.01)


@pytest.mark.parametrize(
    ("access", "keys", "where"),
    [
        (asks(REFERENCE), ("reference",), ""),
        (asks(SINCE), ("placed",), ""),
        (asks(sort="-placed", limit=20), ("placed",), ""),
        (asks(STATUS, sort="-placed", limit=20), ("placed",), ""),
        (asks(Predicate("shop_id", EQUAL, 0.02), sort="-placed", limit=20), ("shop_id", "placed"), ""),
        (asks(Predicate("shop_id", EQUAL, 0.0004), Predicate("placed", RANGE, 0.01)), ("shop_id",), ""),
        (asks(Predicate("shop_id", EQUAL, 0.04), Predicate("placed", RANGE, 0.01)), ("shop_id", "placed"), ""),
        (asks(QUEUED, sort="placed", limit=10), ("placed",), "status = 'queued'"),
    ],
)
def test_what_is_proposed(access: Access, keys: tuple[str, ...], where: str) -> None:
    found = proposed(orders(), access)
    assert found is not None
    assert (found.keys, found.where) == (keys, where)


@pytest.mark.parametrize(
    "access",
    [
        asks(),
        asks(STATUS),
        asks(sort="placed"),  # all rows are wanted
        asks(limit=20),
        asks(Predicate("name", "like", 0.001)),
        asks(Predicate("id", EQUAL, 1e-6), REFERENCE),
        asks(Predicate("placed", RANGE, 0.4)),
    ],
)
def test_where_none_would_help(access: Access) -> None:
    assert proposed(orders(), access) is None


@pytest.mark.parametrize(
    "existing",
    [
        index("shop_id"),
        index("shop_id", "status"),
        index("shop_id", method="hash"),
        index("shop_id", "reference", unique=True),
    ],
)
def test_an_index_that_begins_with_the_column_serves_it(existing: TableIndex) -> None:
    assert proposed(orders(existing), asks(SHOP)) is None


@pytest.mark.parametrize(
    "existing",
    [index("status", "shop_id"), index("shop_id", method="gin"), index("shop_id", where="status = 'queued'")],
)
def test_another_index_does_not(existing: TableIndex) -> None:
    found = proposed(orders(existing), asks(Predicate("shop_id", EQUAL, 0.002)))
    assert found is not None and found.keys == ("shop_id",)


def test_a_partial_index_serves_what_says_its_condition() -> None:
    partial = index("placed", where="status = 'queued'")
    assert best(orders(partial), asks(QUEUED, sort="placed", limit=5)).index is partial
    assert best(orders(partial), asks(SINCE)).index is None
    assert through(index("shop_id", where="shop_id IS NOT NULL"), asks(SHOP)) is not None


@pytest.mark.parametrize(
    ("parts", "sort", "serves"),
    [
        (("placed", "id"), "placed id", True),
        (("placed", "id"), "-placed -id", True),
        (("placed", "id"), "-placed id", False),
        (("-placed", "id"), "-placed id", True),
        (("shop_id", "placed"), "placed", True),
        (("status", "placed"), "placed", False),
        (("shop_id", "placed"), "shop_id placed", True),
    ],
)
def test_an_index_gives_an_order(parts: tuple[str, ...], sort: str, serves: bool) -> None:
    path = through(index(*parts), asks(SHOP, sort=sort, limit=10))
    assert (path is not None and path.sorted) is serves


def test_a_list_of_values_gives_no_order() -> None:
    path = through(index("shop_id", "placed"), asks(Predicate("shop_id", IN, 0.01), sort="placed", limit=10))
    assert path is not None and not path.sorted


def test_a_null_is_found_by_an_index_that_is_no_hash() -> None:
    null = Predicate("sent", NULL, 0.001)
    assert through(index("sent"), asks(null)) is not None
    assert through(index("sent", method="hash"), asks(null)) is None


def test_one_index_serves_several_accesses() -> None:
    found = merged(
        [
            Proposal("orders", ("shop_id", "reference"), accesses=(asks(SHOP, REFERENCE),)),
            Proposal("orders", ("reference",), accesses=(asks(REFERENCE),)),
            Proposal("orders", ("reference",), (Sort("placed"),), accesses=(asks(REFERENCE, sort="placed"),)),
            Proposal("lines", ("shop_id",)),
        ]
    )
    assert [(p.table, p.keys, len(p.accesses)) for p in found] == [
        ("lines", ("shop_id",), 0),
        ("orders", ("reference", "placed"), 2),
        ("orders", ("shop_id", "reference"), 1),
    ]


def test_a_range_stands_among_single_values_of_another_access() -> None:
    table = orders()
    pair = asks(Predicate("shop_id", EQUAL, 0.04), Predicate("placed", EQUAL, 0.04))
    ranged = asks(SINCE)
    both = [p for p in (proposed(table, pair), proposed(table, ranged)) if p is not None]
    assert [p.keys for p in merged(both)] == [("placed", "shop_id")]
    shop = Proposal("orders", ("shop_id",), accesses=(asks(SHOP),))
    assert [p.keys for p in merged([*both, shop])] == [("placed", "shop_id"), ("shop_id",)]  # none begins with both


def test_strings_of_a_condition_keep_their_case() -> None:
    paid = Predicate("status", EQUAL, 0.001, "'Paid (AND sent)'")
    found = proposed(orders(), asks(paid, sort="placed", limit=10))
    assert found is not None and found.where == "status = 'Paid (AND sent)'"
    partial = index("placed", where="(Status = 'Paid (AND sent)') AND Active")
    active = Predicate("active", EQUAL, 0.5, "TRUE")
    assert through(partial, asks(paid, active, sort="placed", limit=10)) is not None
    assert through(partial, asks(Predicate("status", EQUAL, 0.001, "'paid (AND sent)'"), active)) is None


def test_an_order_that_equalities_have_settled_needs_no_further_part() -> None:
    """`WHERE reference = ? ORDER BY reference`: the index has nothing left to be read in order."""
    path = through(index("reference"), asks(REFERENCE, sort="reference", limit=10))
    assert path is not None and path.sorted
