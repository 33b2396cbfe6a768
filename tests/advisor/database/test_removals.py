"""Indexes that could go, and those that must stay: duplicates, prefixes, unused ones; plain values."""

from __future__ import annotations

import pytest

from slowlint.advisor.database.model import Database, IndexFacts, TableFacts
from slowlint.advisor.database.removals import drop_index, removals
from slowlint.linter.sql.tables import ForeignKey, Part, Table, TableIndex

DAY = 86_400.0


def on(*columns: str, name: str = "", unique: bool = False, constraint: bool = False, where: str = "") -> TableIndex:
    parts = tuple(Part(column.lstrip("-"), descending=column.startswith("-")) for column in columns)
    return TableIndex(parts, name or "_".join(columns), unique, constraint=constraint, where=where)


def said(*indexes: TableIndex, days: float = 30, scans: int | None = 1, **more: object) -> list[tuple[str, str, str]]:
    facts = TableFacts(
        "t", rows=1e6, indexes={one.name: IndexFacts(one.name, 20_000_000, scans) for one in indexes},
        inserts=1000, since_seconds=days * DAY,
    )  # fmt: skip
    keys = (ForeignKey(("owner",), "owner", ("id",), cascades=True),)
    database = Database("postgresql", (16,), "x", (Table("t", (), indexes, keys),), {"t": facts}, **more)  # type: ignore[arg-type]
    return [(one.index.name, one.reason, one.other) for one in removals(database)]


def test_duplicates() -> None:
    assert said(on("a", "b", name="one"), on("a", "b", name="second")) == [("second", "duplicate", "one")]
    assert said(on("a", name="plain"), on("a", name="key", unique=True, constraint=True)) == [
        ("plain", "duplicate", "key")
    ]
    assert said(on("-a", name="down"), on("a", name="up")) == [("down", "duplicate", "up")]


def test_an_index_that_another_begins_with() -> None:
    assert said(on("a"), on("a", "b")) == [("a", "redundant", "a_b")]
    assert said(on("a", "-b"), on("-a", "b", "c", name="long")) == [("a_-b", "redundant", "long")]


@pytest.mark.parametrize(
    "indexes",
    [
        (on("a"), on("b", "a")),
        (on("a", unique=True, name="u"), on("a", "b")),
        (on("a", constraint=True, name="c"), on("a", "b")),
        (on("a"), on("a", "b", where="b > 0", name="partial")),
        (on("a", where="b > 0", name="partial"), on("a", "b")),
        (on("a", "b"), on("a", "-b", "c", name="other-direction")),
        (on("a", unique=True, constraint=True, name="x"), on("a", unique=True, constraint=True, name="y")),
        (TableIndex((Part("a", opclass="text_pattern_ops"),), "like"), on("a", "b")),
        (TableIndex((Part("a"),), "g", method="gin"), on("a", "b")),
        (TableIndex((Part("a"),), "covering", include=("z",)), on("a", "b")),
    ],
)
def test_indexes_that_stay(indexes: tuple[TableIndex, ...]) -> None:
    assert said(*indexes) == []


def test_unused_only_after_weeks_and_never_by_a_replicas_counts() -> None:
    assert said(on("a"), scans=0) == [("a", "unused", "")]
    assert said(on("a"), scans=0, days=3) == []
    assert said(on("a"), scans=0, replica=True) == []
    assert said(on("a"), scans=None) == []
    assert said(on("a", unique=True), scans=0) == []
    assert said(on("a", constraint=True), scans=0) == []


def test_what_unused_means_is_said() -> None:
    facts = TableFacts("t", rows=1e6, indexes={"owner": IndexFacts("owner", 9_000_000, 0)}, since_seconds=20 * DAY)
    table = Table("t", (), (on("owner"),), (ForeignKey(("owner",), "owner", ("id",), cascades=True),))
    (one,) = removals(Database("postgresql", (16,), "x", (table,), {"t": facts}, replicas=2))
    assert "20 days" in one.detail and "2 replicas" in one.detail and "foreign key" in one.detail


def test_an_invalid_index() -> None:
    broken = TableIndex((Part("a"),), "broken", valid=False)
    assert said(broken, on("a", "b")) == [("broken", "invalid", "")]


def test_the_statements() -> None:
    table, index = Table('o"dd', schema="s"), on("a", name="i`x")
    assert drop_index(index, table, "postgresql") == 'DROP INDEX CONCURRENTLY "s"."i`x"'
    assert drop_index(index, table, "mysql") == 'ALTER TABLE `o"dd` DROP INDEX `i``x`, ALGORITHM=INPLACE, LOCK=NONE'
    assert drop_index(index, Table("t"), "sqlite") == 'DROP INDEX "i`x"'
