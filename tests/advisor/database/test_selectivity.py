"""Ranges by values that were drawn from all over a table, where a database keeps no statistics of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from slowlint.advisor.database import catalogue
from slowlint.advisor.database.explain import raw
from slowlint.advisor.database.model import ColumnFacts, TableFacts
from slowlint.advisor.database.sampling import sampled, sqlite_tables
from slowlint.advisor.database.selectivity import Selectivity
from slowlint.linter.sql.access import RANGE
from slowlint.linter.sql.tables import Table, TableColumn

ROWS = 50_000


@pytest.fixture
def filled() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        numbers = f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {ROWS})"
        raw(connection, "CREATE TABLE event (id INTEGER PRIMARY KEY, number INT, day TEXT, sparse INT)")
        raw(connection, "CREATE TABLE plain (name TEXT PRIMARY KEY, number INT) WITHOUT ROWID")
        sparse = "CASE WHEN n % 2 THEN n END"
        raw(connection, f"INSERT INTO event {numbers} SELECT n * 7, n, date(n * 3600, 'unixepoch'), {sparse} FROM s")
        raw(connection, f"INSERT INTO plain {numbers} SELECT 'n' || n, n FROM s")
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    ("column", "constant", "share"),
    [
        ("number", "> 49500", 0.01),
        ("number", "< 500", 0.01),
        ("number", "between 10000 and 20000", 0.2),
        ("day", "> '1975-09-01'", 0.007),
        ("day", "between '1970-06-01' and '1970-07-01 04:00'", 0.0144),
        ("sparse", ">= 25000", 0.25),
        ("number", "> 'x'", 0.33),
        ("number", "", 0.33),
    ],
)
def test_ranges(filled: Connection, column: str, constant: str, share: float) -> None:
    found = catalogue.read(filled)
    facts = sampled(filled, found.tables, sqlite_tables(filled, found), [])
    event, plain = catalogue.by_name(found.tables)["event"], catalogue.by_name(found.tables)["plain"]
    assert Selectivity(facts)(event, column, RANGE, constant) == pytest.approx(share, rel=0.25)
    assert Selectivity(facts)(plain, "number", RANGE, "> 49500") == pytest.approx(0.33)


def test_a_range_that_holds_none_of_them_is_not_empty() -> None:
    table = Table("event", (TableColumn("number"),))
    known = ColumnFacts("number", 0.0, bounds=tuple(float(n) for n in range(1000)))
    fraction = Selectivity({"event": TableFacts("event", rows=1e6, columns={"number": known})})
    assert fraction(table, "number", RANGE, "> 5000") == pytest.approx(0.0005)
    assert "999" not in repr(known), "values are private"
