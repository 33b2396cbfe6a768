"""EXPLAIN on real servers: PostgreSQL (generic plans both ways), MariaDB, SQLite; nothing is run or left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from slowlint.advisor.database.explain import explain, measured, raw
from slowlint.advisor.database.literals import literal
from slowlint.advisor.database.placeholders import prepared
from slowlint.advisor.database.plan import Plan, of_mysql
from slowlint.linter.sql.tables import Table, TableColumn

FILLED = """CREATE TABLE item (id int PRIMARY KEY, owner int NOT NULL, name varchar(40), made timestamp, data text)"""
INDEXED = "CREATE INDEX item_owner ON item (owner)"
GENERATED = (
    "INSERT INTO item SELECT n, n % 2000, 'name' || n, timestamp '2020-01-01' + n * interval '1 minute', 'x' "
    "FROM generate_series(1, 20000) AS n"
)


def _connected(url: str, *statements: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.connect() as connection:
        for statement in statements:
            raw(connection, statement)
        connection.commit()
        yield connection
    engine.dispose()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Connection]:
    yield from _connected(postgres_url, FILLED, INDEXED, GENERATED, "ANALYZE item")


@pytest.fixture
def older(hypopg_url: str) -> Iterator[Connection]:
    """A PostgreSQL before 16, where the system has one."""
    yield from _connected(hypopg_url, FILLED, INDEXED, GENERATED, "ANALYZE item")


@pytest.fixture
def mariadb(mariadb_url: str) -> Iterator[Connection]:
    yield from _connected(
        mariadb_url, FILLED, INDEXED,
        "INSERT INTO item SELECT seq, seq % 2000, CONCAT('name', seq), '2020-01-01', 'x' FROM seq_1_to_20000",
        "ANALYZE TABLE item",
    )  # fmt: skip


@pytest.fixture
def sqlite() -> Iterator[Connection]:
    yield from _connected("sqlite://", FILLED, INDEXED)


def _plan(connection: Connection, text: str) -> Plan:
    notes: list[str] = []
    plan = explain(connection, text, notes=notes)
    assert plan is not None, notes
    return plan


NORMALISED = (
    "SELECT * FROM item WHERE owner = $1",
    "SELECT * FROM item WHERE owner IN ($1 /*, ... */)",
    "SELECT * FROM item WHERE owner = $1 AND made > now() - INTERVAL $2 LIMIT $3",
    "SELECT * FROM item WHERE owner = $1 AND extract($2 FROM made) = $3",
    "SELECT $1 FROM item WHERE owner = $2 ORDER BY id LIMIT $3 OFFSET $4",
    "UPDATE item SET name = $1 WHERE owner = $2",
    "DELETE FROM item WHERE owner = $1",
    "SELECT * FROM item WHERE owner = %(owner)s",
    "SELECT * FROM item WHERE owner = :owner AND name <> 'who? :me %%'",
    "SELECT name FROM item WHERE owner = ? FOR UPDATE;",
)


@pytest.mark.parametrize("text", NORMALISED)
def test_generic_plans(postgres: Connection, text: str) -> None:
    plan = _plan(postgres, text)
    assert plan.generic and plan.indexes == {"item_owner"} and plan.cost


@pytest.mark.parametrize("text", NORMALISED)
def test_generic_plans_by_prepare(older: Connection, text: str) -> None:
    plan = _plan(older, text)
    assert plan.generic and plan.indexes == {"item_owner"} and plan.cost
    assert older.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar() == 0


def test_values_are_planned_with(postgres: Connection) -> None:
    plan = _plan(postgres, "SELECT * FROM item WHERE name LIKE 'name1%' AND id < 10")
    assert not plan.generic and "item_pkey" in plan.indexes
    scan = _plan(postgres, "SELECT * FROM item WHERE name = 'x'")
    assert [(node.type, node.table) for node in scan.nodes] == [("Seq Scan", "item")]


def test_the_same_statement_many_times(postgres: Connection) -> None:
    """psycopg prepares what it sends often, which a generic plan would not survive."""
    assert all(explain(postgres, "SELECT * FROM item WHERE owner = ?") for _ in range(12))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT * FROM nowhere WHERE a = $1", "nowhere"),
        ("SELECT 1; DROP TABLE item", "more than one statement"),
        ("SELEC 1", "SELEC has no plan"),
        ("SELECT * FROM item WHERE owner = (", "syntax error"),
        ("SELECT * FROM item WHERE $1 IS NULL", ""),
    ],
)
def test_what_cannot_be_planned_is_one_note(postgres: Connection, text: str, reason: str) -> None:
    notes: list[str] = []
    plan = explain(postgres, text, notes=notes)
    assert plan is not None or (len(notes) == 1 and reason in notes[0])
    assert reason == "" or plan is None
    assert _plan(postgres, "SELECT * FROM item WHERE owner = 1").indexes  # and the connection lives on
    assert postgres.exec_driver_sql("SHOW statement_timeout").scalar() == "0"


def test_a_locked_table_is_one_note(postgres: Connection, postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as other:
        postgres.commit()
        other.exec_driver_sql("LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
        notes: list[str] = []
        assert explain(postgres, "SELECT * FROM item WHERE owner = ?", notes=notes) is None
        assert "lock timeout" in notes[0]
    engine.dispose()


def test_a_connection_that_is_gone_is_told(postgres: Connection, postgres_url: str) -> None:
    process = postgres.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    engine = create_engine(postgres_url)
    with engine.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({process})")
    engine.dispose()
    with pytest.raises(DBAPIError) as raised:
        explain(postgres, "SELECT * FROM item WHERE owner = ?")
    assert raised.value.connection_invalidated


def test_measured_only_what_reads(postgres: Connection) -> None:
    plan = measured(postgres, "SELECT count(*) FROM item WHERE name = 'x'")
    assert plan is not None and plan.root.ms is not None
    assert sum(ms for _, _, ms in plan.own()) == pytest.approx(plan.root.ms, rel=0.2)
    for text in (
        "DELETE FROM item",
        "WITH gone AS (DELETE FROM item RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copy FROM item",
        "SELECT * FROM item FOR UPDATE",
        "SELECT pg_sleep(1)",
        "SELECT pg_advisory_lock(1)",
        "SELECT * FROM item WHERE owner = ?",
    ):
        notes: list[str] = []
        assert measured(postgres, text, notes=notes) is None and len(notes) == 1
    assert postgres.exec_driver_sql("SELECT count(*) FROM item").scalar() == 20_000
    assert postgres.exec_driver_sql("SHOW transaction_read_only").scalar() == "off"


ITEM = Table("item", (TableColumn("owner", "int"), TableColumn("name", "varchar(40)"), TableColumn("made", "datetime")))


def test_mariadb(mariadb: Connection) -> None:
    tables = {"item": ITEM}
    plan = explain(mariadb, "SELECT * FROM item WHERE owner = %s AND name = %s LIMIT %s", tables=tables)
    assert plan is not None and plan.indexes == {"item_owner"} and plan.cost
    scan = explain(mariadb, "SELECT * FROM item i WHERE name = %s", tables=tables)
    assert scan is not None and [node.type for node in scan.nodes] == ["query", "ALL"]
    assert scan.cost is not None and scan.cost > 10 * plan.cost
    notes: list[str] = []
    assert explain(mariadb, "SELECT * FROM nowhere", notes=notes) is None and "nowhere" in notes[0]


def test_values_of_the_columns_types() -> None:
    statement = prepared(
        "SELECT * FROM item i WHERE i.name IN (?, ?) AND made BETWEEN ? AND ? AND owner=? AND f(x) > ?"
    )
    assert literal(statement, {"item": ITEM}) == {
        1: "'m'", 2: "'m'", 3: "'2020-01-01 00:00:00'", 4: "'2020-01-01 00:00:00'", 5: "1",
    }  # fmt: skip


def test_both_formats_of_mysql() -> None:
    first = json.dumps(
        {"query_block": {"cost_info": {"query_cost": "7.5"}, "nested_loop": [
            {"table": {"table_name": "a", "access_type": "ALL", "rows_examined_per_scan": 9,
                       "cost_info": {"prefix_cost": "1.15"}}},
            {"table": {"table_name": "b", "access_type": "ref", "key": "b_a", "rows_examined_per_scan": 1}}]}}
    )  # fmt: skip
    second = json.dumps(
        {"query_plan": {"operation": "Nested loop", "estimated_total_cost": 7.5, "inputs": [
            {"access_type": "table", "table_name": "a", "estimated_rows": 9.0},
            {"access_type": "index", "table_name": "b", "index_name": "b_a", "estimated_rows": 1.0}]}}
    )  # fmt: skip
    for answer in (first, second):
        plan = of_mysql(answer, cost=7.5)
        assert plan.cost == 7.5
        assert [(node.table, node.index, node.rows) for node in plan.nodes[1:]] == [("a", "", 9.0), ("b", "b_a", 1.0)]


def test_sqlite(sqlite: Connection) -> None:
    plan = _plan(sqlite, "SELECT * FROM item AS i WHERE owner = %s ORDER BY made LIMIT %s")
    assert plan.indexes == {"item_owner"} and plan.cost is None
    assert [node.type for node in plan.nodes] == ["query", "SEARCH INDEX", "USE TEMP B-TREE FOR ORDER BY"]
    scan = _plan(sqlite, "SELECT * FROM item WHERE name = :name")
    assert [(node.type, node.table) for node in scan.nodes[1:]] == [("SCAN", "item")]
    assert _plan(sqlite, "SELECT * FROM item WHERE id = ?1").indexes == {"sqlite_autoindex_item_1"}
    notes: list[str] = []
    assert explain(sqlite, "SELECT * FROM nowhere", notes=notes) is None and "nowhere" in notes[0]
