"""Hypothetical indexes: HypoPG's plans, SQLite's by an empty copy, and that nothing is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from slowlint.advisor.database.explain import raw
from slowlint.advisor.database.hypothetical import hypopg_schema, hypothetical
from slowlint.linter.sql.access import EQUAL, Access, Predicate, Proposal, Sort
from slowlint.linter.sql.tables import Part, Table, TableColumn, TableIndex

NAMES = ("id", "owner", "name", "made", "done")
EVENT = Table(
    "Event", tuple(TableColumn(name) for name in NAMES), (TableIndex((Part("id"),), "Event_pkey", primary=True),)
)
TABLES = {"event": EVENT}
CREATED = 'CREATE TABLE "Event" (id int PRIMARY KEY, owner int, name text, made timestamp, done boolean)'
BY_OWNER = 'SELECT * FROM "Event" WHERE owner = $1'
ACCESS = Access("event", (Predicate("owner", EQUAL, 0.0005),), rows=20_000)
OWNER = Proposal("event", ("owner",), accesses=(ACCESS,))
NEWEST = Proposal("event", ("owner",), (Sort("made", descending=True),), accesses=(ACCESS,))
LOWER = Proposal("event", ("lower(name)",))
OPEN = Proposal("event", ("owner",), where="not done")


@pytest.fixture
def postgres(hypopg_url: str) -> Iterator[Connection]:
    engine = create_engine(hypopg_url)
    with engine.connect() as connection:
        raw(connection, CREATED)
        raw(
            connection,
            "INSERT INTO \"Event\" SELECT n, n % 2000, 'n' || n, timestamp '2020-01-01' + n * interval '1 s', "
            "n % 50 > 0 FROM generate_series(1, 20000) AS n",
        )
        raw(connection, 'ANALYZE "Event"')
        connection.commit()
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    ("proposal", "text"),
    [
        (OWNER, BY_OWNER),
        (NEWEST, BY_OWNER + " ORDER BY made DESC LIMIT 5"),
        (LOWER, "SELECT * FROM \"Event\" WHERE lower(name) = 'n7'"),
        (OPEN, BY_OWNER + " AND NOT done"),
    ],
)
def test_a_plan_uses_it_and_costs_less(postgres: Connection, proposal: Proposal, text: str) -> None:
    with hypothetical(postgres, (), TABLES) as made:
        before = made.plan(text)
    with hypothetical(postgres, [proposal], TABLES) as made:
        after = made.plan(text)
        assert made.checked == "hypothetical" and made.used(after) == (proposal,)
        assert next(iter(made.bytes.values())) > 8_000
    assert before is not None and after is not None and before.cost is not None and after.cost is not None
    assert after.cost < 0.4 * before.cost and not made.used(before)
    assert raw(postgres, "SELECT count(*) FROM hypopg()").scalar() == 0
    assert raw(postgres, "SELECT count(*) FROM pg_indexes WHERE tablename = 'Event'").scalar() == 1


def test_one_that_the_database_refuses_is_a_note(postgres: Connection) -> None:
    wrong = Proposal("event", ("nowhere(name)",))
    with hypothetical(postgres, [wrong, OWNER], TABLES) as made:
        assert made.used(made.plan(BY_OWNER)) == (OWNER,)
    assert len(made.notes) == 1 and "nowhere" in made.notes[0]


def test_nothing_stays_after_an_error(postgres: Connection) -> None:
    with pytest.raises(RuntimeError), hypothetical(postgres, [OWNER], TABLES):
        raise RuntimeError
    assert raw(postgres, "SELECT count(*) FROM hypopg()").scalar() == 0


def test_a_role_that_may_only_read(postgres: Connection, hypopg_url: str) -> None:
    raw(postgres, "CREATE SCHEMA tools; ALTER EXTENSION hypopg SET SCHEMA tools")
    raw(postgres, "CREATE ROLE reader LOGIN PASSWORD 'x'")
    raw(postgres, 'GRANT SELECT ON "Event" TO reader')
    postgres.commit()
    engine = create_engine(hypopg_url.replace("postgres@", "reader:x@"))
    try:
        with engine.connect() as reader:
            assert hypopg_schema(reader) == ""
            with hypothetical(reader, [OWNER], TABLES) as made:
                assert (made.checked, made.plan(BY_OWNER)) == ("estimated", None)
            raw(postgres, "GRANT USAGE ON SCHEMA tools TO reader")
            postgres.commit()
            raw(reader, "SET TRANSACTION READ ONLY")
            with hypothetical(reader, [OWNER], TABLES) as made:
                assert made.used(made.plan(BY_OWNER)) == (OWNER,)
    finally:
        engine.dispose()
        raw(postgres, "DROP OWNED BY reader; DROP ROLE reader")
        postgres.commit()


def test_without_hypopg_nothing_is_claimed(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection, hypothetical(connection, [OWNER], TABLES) as made:
        assert made.checked == "estimated" and made.plan(BY_OWNER) is None and made.used(None) == ()
    engine.dispose()


@pytest.mark.parametrize("analysed", [False, True])
def test_sqlite_by_a_copy_of_its_schema(analysed: bool) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        raw(connection, CREATED)
        raw(connection, "CREATE INDEX Event_done ON Event (done)")
        numbers = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) "
        raw(connection, f"INSERT INTO Event {numbers} SELECT n, n % 2000, 'n' || n, n, n % 2 FROM s")
        if analysed:
            raw(connection, "ANALYZE")
        text = 'SELECT * FROM "Event" WHERE owner = ? AND done = ?'
        with hypothetical(connection, [OWNER], TABLES) as made:
            assert made.checked == "hypothetical"
            # Without statistics, a column of two values looks as good to SQLite as one of thousands.
            assert made.used(made.plan(text)) == (OWNER,) or not analysed
            assert made.used(made.plan('SELECT * FROM "Event" WHERE owner = ?')) == (OWNER,)
            assert made.used(made.plan('SELECT * FROM "Event" WHERE name = ?')) == ()
        assert raw(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'index'").scalar() == 2
    engine.dispose()
