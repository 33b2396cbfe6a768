"""What the statements that the `query` rules tell of really cost, and what their remedies cost, counted by SQLite.

Work is counted in steps of its virtual machine, which do not depend on the machine or its load; memory in rows that are
alive at the same time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence

import pytest

ROWS = 4_000
_EVERY = 10  # steps between two calls of the handler that counts them


@pytest.fixture(scope="module")
def shop() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        """
        CREATE TABLE package (id INTEGER PRIMARY KEY, owner INTEGER, name TEXT);
        CREATE TABLE activity (id INTEGER PRIMARY KEY, object INTEGER, created INTEGER);
        CREATE TABLE image (id INTEGER PRIMARY KEY, package INTEGER);
        CREATE TABLE review (id INTEGER PRIMARY KEY, package INTEGER);
        CREATE INDEX package_owner ON package (owner);
        CREATE INDEX activity_object ON activity (object);
        CREATE INDEX activity_created ON activity (created);
        CREATE INDEX image_package ON image (package);
        CREATE INDEX review_package ON review (package);
        """
    )
    numbers = range(ROWS)
    connection.executemany("INSERT INTO package VALUES (?, ?, ?)", [(i, i % 500, f"package {i}") for i in numbers])
    connection.executemany("INSERT INTO activity VALUES (?, ?, ?)", [(i, i % 1_000 + 1, i) for i in numbers])
    for table in ("image", "review"):
        rows = [(i, i % 400) for i in numbers]  # ten for each of the first 400 packages
        connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
    connection.execute("ANALYZE")
    yield connection
    connection.close()


def steps(connection: sqlite3.Connection, sql: str, values: Sequence[object] = ()) -> int:
    """How many steps a statement takes, and that it takes any."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += _EVERY
        return 0

    connection.set_progress_handler(count, _EVERY)
    try:
        connection.execute(sql, values).fetchall()
    finally:
        connection.set_progress_handler(None, _EVERY)
    return taken


def test_a_page_costs_as_much_as_all_before_it(shop: sqlite3.Connection) -> None:
    page = "SELECT * FROM activity ORDER BY created LIMIT 10 OFFSET ?"
    first, last = (steps(shop, page, (offset,)) for offset in (0, ROWS - 10))
    keyset = steps(shop, "SELECT * FROM activity WHERE created > ? ORDER BY created LIMIT 10", (ROWS - 11,))
    assert last > 20 * first
    assert keyset < 2 * first + _EVERY


def test_a_random_order_reads_and_sorts_the_whole_table(shop: sqlite3.Connection) -> None:
    shuffled = steps(shop, "SELECT * FROM package ORDER BY random() LIMIT 1")
    drawn = steps(shop, "SELECT * FROM package WHERE id >= ? ORDER BY id LIMIT 1", (1_234,))
    assert shuffled > ROWS > 100 * drawn


def test_no_index_serves_an_or_across_a_join(shop: sqlite3.Connection) -> None:
    joined = """SELECT a.id FROM activity a LEFT JOIN package p ON p.id = a.object
        WHERE p.owner = 7 OR a.object = 7"""
    united = """SELECT a.id FROM activity a WHERE a.object = 7
        UNION SELECT a.id FROM package p JOIN activity a ON a.object = p.id WHERE p.owner = 7"""
    assert sorted(shop.execute(joined)) == sorted(shop.execute(united))
    assert steps(shop, joined) > 20 * steps(shop, united)


def test_two_joins_multiply_each_other(shop: sqlite3.Connection) -> None:
    joined = """SELECT p.id, count(DISTINCT i.id), count(DISTINCT r.id) FROM package p
        JOIN image i ON i.package = p.id JOIN review r ON r.package = p.id GROUP BY p.id"""
    asked = """SELECT p.id, (SELECT count(*) FROM image WHERE package = p.id),
        (SELECT count(*) FROM review WHERE package = p.id) FROM package p WHERE p.id < 400"""
    assert shop.execute(joined).fetchall() == shop.execute(asked).fetchall()
    assert steps(shop, joined) > 2 * steps(shop, asked)


def test_joined_rows_made_distinct_cost_more_than_asking_whether_there_are_any(shop: sqlite3.Connection) -> None:
    distinct = """SELECT DISTINCT p.* FROM package p JOIN image i ON i.package = p.id
        JOIN review r ON r.package = p.id"""
    exists = """SELECT p.* FROM package p WHERE EXISTS (SELECT 1 FROM image WHERE package = p.id)
        AND EXISTS (SELECT 1 FROM review WHERE package = p.id)"""
    assert sorted(shop.execute(distinct)) == sorted(shop.execute(exists))
    assert steps(shop, distinct) > 2 * steps(shop, exists)


def test_a_list_of_keys_is_refused_when_it_is_long(shop: sqlite3.Connection) -> None:
    """The subquery takes one statement, and no parameters at all."""
    limit = shop.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    shop.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, ROWS - 1)
    ids = [key for (key,) in shop.execute("SELECT id FROM package")]
    with pytest.raises(sqlite3.OperationalError, match="too many SQL variables"):
        shop.execute(f"SELECT count(*) FROM image WHERE package IN ({', '.join('?' * len(ids))})", ids)
    shop.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, limit)
    assert shop.execute("SELECT count(*) FROM image WHERE package IN (SELECT id FROM package)").fetchone() == (ROWS,)


class Alive:
    """Rows, and how many of them there are at the same time."""

    now = most = 0

    def __init__(self, cursor: sqlite3.Cursor, row: tuple[object, ...]) -> None:
        self.row = row
        Alive.now += 1
        Alive.most = max(Alive.most, Alive.now)

    def __del__(self) -> None:
        Alive.now -= 1


def _fetched(cursor: sqlite3.Cursor) -> Iterator[object]:
    yield from cursor.fetchall()


def _streamed(cursor: sqlite3.Cursor) -> Iterator[object]:
    yield from cursor


@pytest.mark.parametrize(("through", "most"), [(_fetched, ROWS), (_streamed, 2)])
def test_fetchall_holds_all_rows_at_once(
    shop: sqlite3.Connection, through: Callable[[sqlite3.Cursor], Iterator[object]], most: int
) -> None:
    cursor = shop.cursor()
    cursor.row_factory = Alive  # type: ignore[assignment]  # called as a factory is
    Alive.now = Alive.most = 0
    for row in through(cursor.execute("SELECT * FROM package")):
        assert row
    assert most <= ROWS
    assert Alive.most == most
