"""The whole of it on real servers: what is made, what is dropped, what is refuted, and what is left alone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from slowlint.advisor.database import command
from slowlint.advisor.database.model import DatabaseAdvice
from slowlint.advisor.store import Store
from slowlint.linter.model import Finding, Place, Query

ROWS = 120_000
COLUMNS = "id, author_id, title, status, created"
SCHEMA = (
    "CREATE TABLE author (id int PRIMARY KEY, name varchar(40))",
    "CREATE TABLE book (id int PRIMARY KEY, author_id int NOT NULL, title varchar(40), status varchar(8), "
    "created timestamp)",
    "CREATE INDEX title_one ON book (title)",
    "CREATE INDEX title_two ON book (title)",
    "CREATE INDEX title_and_status ON book (title, status)",
)
POSTGRES_ROWS = (
    "INSERT INTO author SELECT n, 'a' || n FROM generate_series(1, 1000) n",
    "INSERT INTO book SELECT n, mod(n, 1000), 't' || n, 's' || mod(n, 3), "
    f"timestamp '2024-01-01' + n * interval '1 min' FROM generate_series(1, {ROWS}) n",
    "ANALYZE",
)
ASKED = (
    "SELECT * FROM book WHERE author_id = 17",
    "SELECT * FROM book WHERE status = 's1'",  # a third of the rows
    "SELECT * FROM book WHERE title = 't5'",  # has an index
    "SELECT * FROM book ORDER BY created DESC LIMIT 20",
    "SELECT * FROM author WHERE name = 'a5'",  # of a small table
    "UPDATE book SET status = 's2' WHERE author_id = 18",
)


def finding(table: str, column: str) -> Finding:
    place = Place("app/models.py", 7)
    query = Query("SELECT", (table,), (column,))
    return Finding(
        "unindexed-filter", "index", f"`{column}`", place, "warning", "likely", "", f"{table}-{column}", query=query
    )


FINDINGS = [
    finding("book", "author_id"),
    finding("book", "status"),
    finding("book", "title"),
    finding("author", "name"),
    finding("nowhere", "name"),
]


def advice(url: str) -> DatabaseAdvice:
    with Store.open() as store:
        found = command.asked(url, FINDINGS, store, tell=print, needed=True)
    assert found is not None
    return found


def made(found: DatabaseAdvice) -> dict[tuple[str, ...], str]:
    return {(one.table.name, *one.proposal.keys): one.checked for one in found.indexes}


POSTGRES_WRITTEN = "SELECT coalesce(sum(n_tup_ins), 0) FROM pg_stat_user_tables"
POSTGRES_RESET = ("SELECT pg_stat_reset()", "SELECT pg_stat_statements_reset()")
MARIADB_RESET = (
    "TRUNCATE performance_schema.table_io_waits_summary_by_table",
    "TRUNCATE performance_schema.events_statements_summary_by_digest",
)


def filled(url: str, *rows: str, reset: Sequence[str], written: str = "") -> str:
    """A database whose counting begins when its rows are there, and that has been asked since."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (*SCHEMA, *rows):
            connection.exec_driver_sql(statement)
    engine.dispose()  # the server hears of what a connection wrote when it ends
    with engine.connect() as connection:
        for _ in range(100):
            if not written or (connection.exec_driver_sql(written).scalar() or 0) >= ROWS:
                break
            time.sleep(0.05)
        for statement in reset:
            connection.exec_driver_sql(statement)
        for _ in range(5):
            for statement in ASKED:
                connection.exec_driver_sql(statement)
    engine.dispose()
    return url


@pytest.fixture
def postgres(postgres_url: str) -> str:
    return filled(postgres_url, *POSTGRES_ROWS, reset=POSTGRES_RESET, written=POSTGRES_WRITTEN)


@pytest.fixture
def hypopg(hypopg_url: str) -> str:
    return filled(hypopg_url, *POSTGRES_ROWS, reset=POSTGRES_RESET, written=POSTGRES_WRITTEN)


@pytest.fixture
def mariadb(mariadb_url: str) -> str:
    return filled(
        mariadb_url,
        "INSERT INTO author SELECT seq, concat('a', seq) FROM seq_1_to_1000",
        "INSERT INTO book SELECT seq, mod(seq, 1000), concat('t', seq), concat('s', mod(seq, 3)), "
        f"timestamp '2024-01-01 00:00:00' + INTERVAL seq MINUTE FROM seq_1_to_{ROWS}",
        "ANALYZE TABLE author, book",
        reset=MARIADB_RESET,
    )


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[str]:
    file = tmp_path / "shop.sqlite"
    line = sqlite3.connect(file)
    for statement in SCHEMA:
        line.execute(statement)
    line.executemany("INSERT INTO author VALUES (?, ?)", ((n, f"a{n}") for n in range(1, 1001)))
    line.executemany(
        "INSERT INTO book VALUES (?, ?, ?, ?, ?)",
        ((n, n % 1000, f"t{n}", f"s{n % 3}", f"2024-01-01 {n:09}") for n in range(1, ROWS + 1)),
    )
    line.commit()
    line.close()
    yield f"sqlite:///{file}"


def test_postgres(postgres: str) -> None:
    found = advice(postgres)
    assert made(found) == {("book", "author_id"): "estimated", ("book", "created"): "estimated"}
    one = next(one for one in found.indexes if one.proposal.keys == ("author_id",))
    assert one.findings == ("book-author_id",)
    assert {served.statement.text for served in one.served} >= {"SELECT * FROM book WHERE author_id = $1"}
    assert one.seconds_per_hour is not None and one.seconds_per_hour.low <= one.seconds_per_hour.point
    assert one.ddl == "CREATE INDEX CONCURRENTLY book_author_id_idx ON book (author_id);"
    _others(found)


def _others(found: DatabaseAdvice) -> None:
    """What holds whatever judged the indexes."""
    assert {(one.index.name, one.reason) for one in found.removals} == {
        ("title_one", "duplicate"),
        ("title_two", "redundant"),
    }
    reasons = {one.finding.fingerprint: one.reason for one in found.refuted}
    assert reasons.keys() == {"book-status", "book-title", "author-name"}
    assert "33%" in reasons["book-status"]
    assert "title_" in reasons["book-title"] and "serves it" in reasons["book-title"]
    assert "1,000 rows" in reasons["author-name"]
    assert [one.fingerprint for one in found.open] == ["nowhere-name"]


def test_hypopg(hypopg: str) -> None:
    found = advice(hypopg)
    assert made(found) == {("book", "author_id"): "hypothetical", ("book", "created"): "hypothetical"}
    _others(found)


def test_mariadb(mariadb: str) -> None:
    found = advice(mariadb)
    assert made(found).get(("book", "author_id")) == "estimated"
    assert ("book", "status") not in made(found)
    assert "LOCK=NONE" in found.indexes[0].ddl
    _others(found)


def test_sqlite_is_told_by_the_linter_alone(sqlite: str) -> None:
    found = advice(sqlite)
    assert list(made(found)) == [("book", "author_id")]
    assert found.indexes[0].seconds_per_hour is None
    _others(found)


def test_nothing_is_written(postgres: str) -> None:
    engine = create_engine(postgres)
    asked = text(
        "SELECT (SELECT count(*) FROM pg_class), "
        "(SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables)"
    )
    with engine.connect() as connection:  # sessions tell of what they wrote when they end, a while later
        before, same = connection.execute(asked).one(), 0
        while same < 5:
            time.sleep(0.2)
            connection.rollback()
            now = connection.execute(asked).one()
            before, same = now, same + 1 if now == before else 0
    advice(postgres)
    with engine.connect() as connection:
        assert connection.execute(asked).one() == before
    engine.dispose()
