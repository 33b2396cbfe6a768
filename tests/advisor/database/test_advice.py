"""From a workload on a real server to advice: what pays, what does not, what findings become, what is not visible."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import create_engine

from slowlint.advisor.database.advice import advise
from slowlint.advisor.database.connect import Limits, connected, target
from slowlint.advisor.database.model import Database, DatabaseAdvice, TableFacts
from slowlint.advisor.database.selectivity import Selectivity
from slowlint.advisor.database.survey import survey
from slowlint.advisor.report._indexes import blocks
from slowlint.advisor.report._indexes_json import database as as_json
from slowlint.linter.model import Finding, Place, Query
from slowlint.linter.sql.fractions import thumb
from slowlint.tests.servers import postgres

TABLES = (
    "CREATE TABLE owner (id int PRIMARY KEY, name text)",
    "CREATE TABLE job (id int PRIMARY KEY, owner int, kind text, secret text, made timestamptz)",
    "CREATE INDEX job_made ON job (made)",
    "CREATE INDEX job_made_again ON job (made)",
    "INSERT INTO owner SELECT i, 'n' || i FROM generate_series(1, 300) i",
    "INSERT INTO job SELECT i, mod(i, 10000), CASE mod(i, 3) WHEN 0 THEN 'a' ELSE 'b' END, 'confidential-' ||"
    " mod(i, 4), timestamptz '2020-01-01' + i * interval '1 min' FROM generate_series(1, 100000) i",
    "ANALYZE owner, job",
)
RESET = ("SELECT pg_stat_reset()", "SELECT pg_stat_statements_reset()")


def finding(name: str, table: str, *filters: str) -> Finding:
    query = Query("SELECT", (table,), filters)
    return Finding("unindexed-filter", "index", "m", Place("a.py", 1), "warning", "likely", "", name, query=query)


FINDINGS = (
    finding("confirmed", "job", "owner"),
    finding("tiny", "owner", "name"),
    finding("there", "job", "made"),
    finding("broad", "job", "kind"),
    finding("elsewhere", "nowhere", "kind"),
)


def prepared(url: str) -> str:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in TABLES:
            connection.exec_driver_sql(statement)
    engine.dispose()  # the server hears of what a connection wrote when it ends
    with engine.connect() as connection:
        for _ in range(100):
            if connection.exec_driver_sql("SELECT n_tup_ins FROM pg_stat_all_tables WHERE relname = 'job'").scalar():
                break
            time.sleep(0.05)
        for statement in RESET:
            connection.exec_driver_sql(statement)
        for number in range(40):
            connection.exec_driver_sql(f"SELECT * FROM job WHERE owner = {number * 7}").all()
            connection.exec_driver_sql("SELECT * FROM job WHERE kind = 'a' AND secret = 'confidential-1' LIMIT 5").all()
            connection.exec_driver_sql(f"SELECT name FROM owner WHERE name = 'n{number}'").all()
    engine.dispose()
    return url


def asked(url: str) -> DatabaseAdvice:
    with connected(target(url)) as connection:
        return advise(connection, survey(connection, findings=FINDINGS), FINDINGS)


@pytest.fixture(scope="module", params=["postgres_server", "hypopg_server"])
def advice(request: pytest.FixtureRequest) -> Iterator[DatabaseAdvice]:
    server: postgres.Server = request.getfixturevalue(request.param)
    with server.database() as name:
        yield asked(prepared(server.url(name)))


def test_the_index_that_pays_and_what_findings_become(advice: DatabaseAdvice) -> None:
    (one,) = advice.indexes
    assert (one.table.name, one.proposal.keys) == ("job", ("owner",))
    assert one.ddl.startswith("CREATE INDEX CONCURRENTLY")
    assert one.findings == ("confirmed",)
    assert one.ms_per_call is not None and one.seconds_per_hour is not None
    assert 0 < one.ms_per_call.low <= one.ms_per_call.point <= one.ms_per_call.high
    assert one.after <= one.before / 5
    assert one.rows == 100_000
    reasons = {answer.finding.fingerprint: answer.reason for answer in advice.refuted}
    assert set(reasons) == {"tiny", "there", "broad"}
    assert "300 rows" in reasons["tiny"] and "job_made" in reasons["there"] and "%" in reasons["broad"]
    assert [one.fingerprint for one in advice.open] == ["elsewhere"]
    assert [(one.index.name, one.reason) for one in advice.removals] == [("job_made_again", "duplicate")]
    hypothetical = any("hypopg" in note.lower() for note in advice.notes)
    assert one.checked == ("estimated" if hypothetical else "hypothetical")


def test_values_are_neither_shown_nor_kept(advice: DatabaseAdvice) -> None:
    known = advice.database.facts["job"].column("secret")
    assert known is not None and known.common, "they are used"
    shown = json.dumps(as_json(advice)) + "\n".join(
        line for block in blocks(advice, {}, "", lambda text, style: text) for line in block
    )
    assert "confidential" not in shown + repr(advice)


def test_the_database_is_as_before(postgres_server: postgres.Server, postgres_url: str) -> None:
    prepared(postgres_url)
    changed = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_all_tables"
    counted = f"SELECT (SELECT count(*) FROM pg_class), ({changed})"
    name = postgres_url.rpartition("/")[2]
    with postgres_server.connect(name) as admin:
        before = admin.execute(counted).fetchone()
        asked(postgres_url)
        assert admin.execute(counted).fetchone() == before


def test_a_role_that_may_see_little(postgres_server: postgres.Server, postgres_url: str) -> None:
    prepared(postgres_url)
    name = postgres_url.rpartition("/")[2]
    with postgres_server.connect(name) as admin:
        admin.execute("CREATE ROLE little LOGIN PASSWORD 'p'")
        try:
            found = asked(postgres_server.url(name, "little", "p"))
        finally:
            admin.execute("DROP ROLE little")
    notes = " ".join((*found.database.notes, *found.notes))
    assert "may not read 2 of 2 tables" in notes
    assert "hidden from this one" in notes
    assert {table.name for table in found.database.tables} == {"owner", "job"}


def test_without_pg_stat_statements(postgres_server: postgres.Server, postgres_url: str) -> None:
    prepared(postgres_url)
    with postgres_server.connect(postgres_url.rpartition("/")[2]) as admin:
        admin.execute("DROP EXTENSION pg_stat_statements")
    found = asked(postgres_url)
    assert any("pg_stat_statements is not installed" in note for note in found.database.notes)
    assert [one.findings for one in found.indexes] == [("confirmed",)]
    assert found.indexes[0].seconds_per_hour is None


def test_a_table_that_somebody_holds(postgres_url: str) -> None:
    prepared(postgres_url)
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as holder:
        holder.execute("LOCK TABLE job IN ACCESS EXCLUSIVE MODE")
        with connected(target(postgres_url), Limits(5, 5, 0.2)) as connection:
            found = advise(connection, survey(connection, findings=FINDINGS), FINDINGS)
    assert {table.name for table in found.database.tables} == {"owner", "job"}
    assert [one.index.name for one in found.removals] == ["job_made_again"]


def test_sqlite_and_mariadb_speak_the_same(mariadb_url: str) -> None:
    engine = create_engine(mariadb_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (
            "CREATE TABLE job (id int AUTO_INCREMENT PRIMARY KEY, owner int, kind varchar(9))",
            "INSERT INTO job (owner, kind) SELECT seq MOD 5000, if(seq MOD 2, 'a', 'b') FROM seq_1_to_100000",
            "ANALYZE TABLE job",
        ):
            connection.exec_driver_sql(statement)
        for number in range(300):
            connection.exec_driver_sql(f"SELECT * FROM job WHERE owner = {number}").all()
    engine.dispose()
    with connected(target(mariadb_url)) as connection:
        database = survey(connection, findings=FINDINGS)
        quiet = {"job": TableFacts("job", rows=1e5, columns=database.facts["job"].columns)}  # nothing is written
        found = advise(
            connection, Database("mariadb", (10,), "x", database.tables, quiet, database.statements), FINDINGS
        )
    assert [one.proposal.keys for one in found.indexes] == [("owner",)]
    assert found.indexes[0].findings == ("confirmed",)
    assert "ALGORITHM=INPLACE" in found.indexes[0].ddl and '"' not in found.indexes[0].ddl


def test_a_partitioned_table(postgres_url: str) -> None:
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (
            "CREATE TABLE log (ts date NOT NULL, owner int) PARTITION BY RANGE (ts)",
            "CREATE TABLE log_20 PARTITION OF log FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
            "CREATE TABLE log_21 PARTITION OF log FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
            "INSERT INTO log SELECT date '2020-01-01' + mod(i, 700), mod(i, 20000) FROM generate_series(1, 60000) i",
            "ANALYZE log",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    wanted = (finding("log", "log", "owner"),)
    with connected(target(postgres_url)) as connection:
        database = survey(connection, findings=wanted)
        statements = [one for one in database.statements if one.source == "predicted"]
        (one,) = advise(connection, replace(database, statements=tuple(statements)), wanted).indexes
    assert one.ddl.startswith("CREATE INDEX ") and "CONCURRENTLY" not in one.ddl
    assert any("ATTACH PARTITION" in note for note in one.notes)
    assert one.rows == 60_000


def test_fractions_follow_the_statistics(postgres_url: str) -> None:
    prepared(postgres_url)
    with connected(target(postgres_url)) as connection:
        database = survey(connection, findings=FINDINGS)
    fraction = Selectivity(database.facts)
    job = next(table for table in database.tables if table.name == "job")
    assert fraction(job, "owner", "=", "") == pytest.approx(1 / 10_000, rel=0.2)
    assert fraction(job, "kind", "=", "'a'") == pytest.approx(1 / 3, rel=0.1)
    assert fraction(job, "kind", "=", "'never'") == 0.0
    assert fraction(job, "kind", "null", "") == 0.0
    assert fraction(job, "kind", "not null", "") == 1.0
    assert fraction(job, "lower(kind)", "=", "") == thumb(job, "lower(kind)", "=")
