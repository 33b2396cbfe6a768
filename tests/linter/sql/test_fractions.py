"""Rules of thumb: they err to the side of silence."""

from __future__ import annotations

import pytest

from slowlint.linter.sql.access import EQUAL, IN, RANGE, Access, Predicate, proposed
from slowlint.linter.sql.fractions import few, thumb
from slowlint.linter.sql.tables import ForeignKey, Part, Table, TableColumn, TableIndex

COLUMNS = (
    TableColumn("id", "bigint"),
    TableColumn("shop_id", "integer"),
    TableColumn("state_id", "integer"),
    TableColumn("reference", "varchar(20)"),
    TableColumn("flags", "smallint"),
    TableColumn("ready", "boolean"),
    TableColumn("status", "text"),
    TableColumn("placed", "timestamp with time zone"),
    TableColumn("last_seen_ts", "bigint"),
    TableColumn("price", "numeric(10,2)"),
    TableColumn("unknown"),
)
ORDERS = Table(
    "orders",
    COLUMNS,
    (
        TableIndex((Part("id"),), unique=True, primary=True),
        TableIndex((Part("shop_id"),)),
        TableIndex((Part("reference"),), unique=True),
    ),
    (ForeignKey(("state_id",), "states"),),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("flags", True),
        ("ready", True),
        ("status", True),
        ("is_done", True),
        ("shop_id", False),
        ("state_id", False),  # a key of another table
        ("reference", False),
        ("price", False),
    ],
)
def test_columns_of_few_values(name: str, expected: bool) -> None:
    assert few(ORDERS, name) is expected


@pytest.mark.parametrize(
    ("name", "worth"),
    [("placed", True), ("last_seen_ts", True), ("unknown", True), ("price", False), ("flags", False)],
)
def test_ranges_of_what_passes_as_time_does(name: str, worth: bool) -> None:
    access = Access("orders", (Predicate(name, RANGE, thumb(ORDERS, name, RANGE)),))
    assert (proposed(ORDERS, access) is not None) is worth


@pytest.mark.parametrize("kind", [EQUAL, IN])
@pytest.mark.parametrize("name", ["shop_id", "reference", "id"])
def test_an_index_on_one_selective_column_is_enough(name: str, kind: str) -> None:
    more = Predicate("unknown", EQUAL, thumb(ORDERS, "unknown", EQUAL))
    access = Access("orders", (Predicate(name, kind, thumb(ORDERS, name, kind)), more))
    assert proposed(ORDERS, access) is None


def test_one_row_of_a_unique_column() -> None:
    assert thumb(ORDERS, "reference", EQUAL) < 1e-5 < thumb(ORDERS, "shop_id", EQUAL)
    assert thumb(ORDERS, "reference", IN) < 1e-5
