"""Catalogues of real databases: what an index is made of, odd names, partitions, schemas, and ten thousand tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pymysql
import pytest
from sqlalchemy import create_engine, make_url

from slowlint.advisor.database import catalogue
from slowlint.advisor.database.catalogue import Catalogue, by_name
from slowlint.advisor.database.connect import connected, target
from slowlint.advisor.database.model import Database
from slowlint.advisor.database.postgres import condition, plain
from slowlint.advisor.database.survey import survey
from slowlint.linter.sql.tables import ForeignKey, Part, Table, TableIndex

ODD = 'sélect "from" where'
LONG = "ü" * 31 + "x"  # 63 bytes


def ran(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    engine.dispose()


def found(url: str) -> Catalogue:
    with connected(target(url)) as connection:
        return catalogue.read(connection)


def surveyed(url: str) -> Database:
    with connected(target(url)) as connection:
        return survey(connection)


def index(table: Table, name: str) -> TableIndex:
    return next(one for one in table.indexes if one.name == name)


def test_postgres_indexes_whole(postgres_url: str) -> None:
    ran(
        postgres_url,
        "CREATE TABLE owner (id serial PRIMARY KEY, email varchar(80) UNIQUE, active bool NOT NULL)",
        "CREATE TYPE state AS ENUM ('new', 'done')",
        "CREATE TABLE job (id serial PRIMARY KEY, owner_id int REFERENCES owner ON DELETE CASCADE, state state,"
        " kind varchar(9), made timestamptz, body jsonb)",
        "CREATE INDEX ordered ON job (made DESC, owner_id DESC NULLS LAST) INCLUDE (state)",
        "CREATE INDEX lowered ON job (lower(kind)) WHERE kind = 'a where b' AND made IS NOT NULL",
        "CREATE INDEX patterns ON job (kind varchar_pattern_ops)",
        "CREATE INDEX inside ON job USING gin (body)",
        "CREATE VIEW seen AS SELECT * FROM job",
    )
    tables = {table.name: table for table in found(postgres_url).tables}
    assert set(tables) == {"owner", "job"}
    job = tables["job"]
    assert index(job, "ordered") == TableIndex(
        (Part("made", descending=True), Part("owner_id", descending=True, nulls_first=False)),
        "ordered",
        include=("state",),
    )
    lowered = index(job, "lowered")
    assert lowered.parts == (Part(expression="lower(kind)"),)
    assert lowered.where == "(kind = 'a where b') AND (made IS NOT NULL)"
    assert index(job, "patterns").parts[0].opclass == "varchar_pattern_ops"
    assert index(job, "inside").method == "gin"
    assert job.primary_key == ("id",) and index(job, "job_pkey").constraint
    assert index(tables["owner"], "owner_email_key").constraint and index(tables["owner"], "owner_email_key").unique
    assert job.foreign_keys == (ForeignKey(("owner_id",), "owner", ("id",), cascades=True),)
    assert [column.name for column in job.columns if column.few] == ["state"]
    assert not tables["owner"].column("active").nullable  # type: ignore[union-attr]


def test_an_invalid_index_and_partitions(postgres_url: str) -> None:
    ran(
        postgres_url,
        "CREATE TABLE twice (a int)",
        "INSERT INTO twice VALUES (1), (1)",
        "CREATE TABLE log (ts date NOT NULL, kind int) PARTITION BY RANGE (ts)",
        "CREATE TABLE log_20 PARTITION OF log FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
        "CREATE TABLE log_21 PARTITION OF log FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
        "CREATE INDEX log_ts ON log (ts)",
        "INSERT INTO log SELECT date '2020-01-01' + i, i FROM generate_series(1, 700) i",
        "ANALYZE",
    )
    with pytest.raises(Exception, match="could not create unique index"):
        ran(postgres_url, "CREATE UNIQUE INDEX CONCURRENTLY broken ON twice (a)")
    database = surveyed(postgres_url)
    tables = {table.name: table for table in database.tables}
    assert not index(tables["twice"], "broken").valid
    assert set(tables) == {"twice", "log", "log_20", "log_21"}
    assert not index(tables["log"], "log_ts").constraint
    assert all(one.constraint for one in tables["log_20"].indexes), "it belongs to the parent's"
    assert database.facts_of(tables["log"]).rows == 700


def test_schemas_and_names_that_nobody_should_give(postgres_url: str) -> None:
    quoted = '"' + ODD.replace('"', '""') + '"'
    ran(
        postgres_url,
        f'CREATE TABLE {quoted} ("Ünï 💥 %s" int PRIMARY KEY, "select" text)',
        f'CREATE INDEX "i{LONG[1:]}" ON {quoted} (upper("select"), "Ünï 💥 %s")',
        f'CREATE TABLE "{LONG}" ("{LONG}" int)',
        "CREATE SCHEMA other; CREATE TABLE other.t (a int); CREATE TABLE other.u (a int); CREATE TABLE t (b int)",
        'CREATE TABLE "Case" (a int); CREATE TABLE "case" (b int)',
        f"INSERT INTO {quoted} SELECT i, 'x' FROM generate_series(1, 100) i",
        "ANALYZE",
    )
    database = surveyed(postgres_url)
    tables = by_name(database.tables)
    odd = tables[ODD.lower()]
    assert [column.name for column in odd.columns] == ["Ünï 💥 %s", "select"]
    assert index(odd, "i" + LONG[1:]).parts[1].column == "Ünï 💥 %s"
    assert database.facts_of(odd).rows == 100
    assert tables[LONG].columns[0].name == LONG
    assert (tables["t"].schema, tables["other.t"].schema, tables["u"].schema) == ("", "other", "other")
    assert tables["case"].columns[0].name == "b"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("CREATE INDEX i ON t USING btree (a)", ""),
        ("CREATE INDEX i ON t USING btree (a) WITH (fillfactor='50') WHERE (b = 'x'::text)", "(b = 'x'::text)"),
        ("CREATE INDEX \" WHERE \" ON t USING btree ((a || ' WHERE '::text)) WHERE c", "c"),
    ],
)
def test_the_condition_of_a_definition(text: str, where: str) -> None:
    assert condition(text) == where


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("lower((email)::text)", "lower(email)"),
        ("lower(email::text)", "lower(email)"),
        ("((status)::text = 'it''s::text'::text)", "status = 'it''s::text'"),
        ("(NOT done)", "NOT done"),
        ("(active = true)", "active"),
        ("(made > '2020-01-01 00:00:00+00'::timestamp with time zone)", "made > '2020-01-01 00:00:00+00'"),
        ("((a IS NULL) AND (b IS NOT NULL))", "(a IS NULL) AND (b IS NOT NULL)"),
        ('"Mixed"', '"Mixed"'),
    ],
)
def test_casts_that_postgres_adds_are_left_out(text: str, short: str) -> None:
    assert plain(text) == short


@pytest.fixture
def sqlite(tmp_path: Path) -> Callable[[Sequence[str]], str]:
    def make(statements: Sequence[str]) -> str:
        file = tmp_path / "x.db"
        with sqlite3.connect(file) as made:
            for statement in statements:
                made.execute(statement)
        made.close()
        return f"sqlite:///{file}"

    return make


def test_sqlite(sqlite: Callable[[Sequence[str]], str]) -> None:
    url = sqlite(
        [
            "CREATE TABLE owner (id integer PRIMARY KEY, email text UNIQUE)",
            "CREATE TABLE job (id integer PRIMARY KEY, owner integer REFERENCES owner ON DELETE CASCADE, kind text)",
            "CREATE INDEX lowered ON job (LOWER(kind), owner DESC) WHERE kind = 'a) WHERE b'",
            "CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b)) WITHOUT ROWID",
            "CREATE VIRTUAL TABLE texts USING fts5(body)",
            "CREATE VIEW seen AS SELECT * FROM job",
            'CREATE TABLE "odd ""name" ("se lect" int)',
        ]
    )
    tables = {table.name: table for table in found(url).tables}
    assert set(tables) == {"owner", "job", "pairs", 'odd "name'}
    lowered = index(tables["job"], "lowered")
    assert lowered.parts == (Part(expression="lower(kind)"), Part("owner", descending=True))
    assert lowered.where == "kind = 'a) WHERE b'"
    assert tables["job"].primary_key == ("id",) and tables["pairs"].primary_key == ("a", "b")
    assert tables["job"].foreign_keys == (ForeignKey(("owner",), "owner", (), cascades=True),)
    assert index(tables["owner"], "sqlite_autoindex_owner_1").constraint
    assert tables['odd "name'].columns[0].name == "se lect"


def test_mariadb(mariadb_url: str) -> None:
    where = make_url(mariadb_url)
    with pymysql.connect(host=where.host, port=where.port, user="root", database=where.database) as made:
        with made.cursor() as cursor:
            for statement in (
                "CREATE TABLE owner (id int AUTO_INCREMENT PRIMARY KEY, email varchar(80) UNIQUE, active bool)",
                "CREATE TABLE job (id int AUTO_INCREMENT PRIMARY KEY, owner int, kind varchar(9), made datetime,"
                " `se``lect %s` int, KEY `odd ``name` (kind(3), made DESC),"
                " FOREIGN KEY (owner) REFERENCES owner (id) ON DELETE CASCADE)",
                "CREATE VIEW seen AS SELECT * FROM job",
                "INSERT INTO job (kind, made) SELECT seq % 7, now() FROM seq_1_to_5000",
                "ANALYZE TABLE job",
            ):
                cursor.execute(statement)
        made.commit()
    database = surveyed(mariadb_url)
    tables = {table.name: table for table in database.tables}
    assert set(tables) == {"owner", "job"}
    odd = index(tables["job"], "odd `name")
    assert odd.parts == (Part("kind", opclass="(3)"), Part("made", descending=True)) and not odd.constraint
    assert index(tables["job"], "owner").constraint, "the foreign key needs it"
    assert tables["job"].foreign_keys == (ForeignKey(("owner",), "owner", ("id",), cascades=True),)
    assert [column.name for column in tables["owner"].columns if column.few] == ["active"]
    assert database.dialect == "mariadb"
    assert 4_000 < (database.facts_of(tables["job"]).rows or 0) < 6_000
