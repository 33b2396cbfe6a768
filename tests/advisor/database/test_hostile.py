"""Databases that do not want to: refused, silent, locked, cut off, huge, oddly named, damaged."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, make_url

from slowlint.advisor.database import advice as advice_module
from slowlint.advisor.database import command
from slowlint.advisor.database.advice import advise
from slowlint.advisor.database.connect import DatabaseError, Limits, connected, target
from slowlint.advisor.database.explain import explain
from slowlint.advisor.database.model import DatabaseAdvice, key
from slowlint.advisor.database.survey import survey
from slowlint.advisor.model import StatementTraffic
from slowlint.advisor.statements import fingerprint
from slowlint.advisor.store import Store
from slowlint.tests.readme import FILE as README
from slowlint.tests.servers import postgres

PASSWORD = "s3cr&t/pass"
SPELLED = "s3cr%26t%2Fpass"
QUICK = Limits(connect=2.0, statement=2.0, lock=0.5)


@pytest.fixture
def database(postgres_server: postgres.Server) -> Iterator[str]:
    with postgres_server.database() as name:
        yield name


@pytest.fixture
def weak(postgres_server: postgres.Server, database: str) -> Iterator[str]:
    """URL of a role that may log in and nothing else."""
    with postgres_server.connect(database) as admin:
        admin.execute(f"CREATE ROLE weak LOGIN PASSWORD '{PASSWORD}'")
        yield postgres_server.url(database, "weak", SPELLED)
        admin.execute("DROP OWNED BY weak")
        admin.execute("DROP ROLE weak")


def table(line: psycopg.Connection, name: str = "event", rows: int = 60_000) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    line.execute(f"CREATE TABLE {quoted} (id int PRIMARY KEY, owner int, note text)".encode())
    line.execute(f"INSERT INTO {quoted} SELECT n, n % 5000, 'n' FROM generate_series(1, {rows}) n".encode())
    line.execute(f"ANALYZE {quoted}".encode())


def sent(text: str) -> StatementTraffic:
    """Telemetry of it: 500 times an hour, 20 ms each."""
    return StatementTraffic(
        "shop", "/events", "GET", "db", "postgresql", fingerprint(text), text, 1000, 1000.0, 20_000 * 1e6
    )


def asked(url: str, *statements: str, limits: Limits = QUICK) -> DatabaseAdvice:
    with connected(target(url), limits) as connection:
        return advise(connection, survey(connection, traffic=map(sent, statements), window_seconds=7200.0))


def refusal(url: str, limits: Limits = QUICK) -> str:
    began = time.monotonic()
    with pytest.raises(DatabaseError) as caught, Store.open() as store:
        command.asked(url, [], store, tell=print, needed=True, limits=limits)
    assert time.monotonic() - began < 20
    said = f"{caught.value} {caught.value.tip} {caught.value.__cause__}"
    assert PASSWORD not in said and SPELLED not in said
    return str(caught.value)


def test_a_wrong_password(postgres_server: postgres.Server, weak: str) -> None:
    said = refusal(weak.replace(SPELLED, "wrong" + SPELLED))
    assert "password authentication failed" in said and f"postgresql://weak@127.0.0.1:{postgres_server.port}/" in said


def test_no_such_host() -> None:
    assert "nowhere.invalid" in refusal(f"postgresql://u:{SPELLED}@nowhere.invalid/x")


def test_no_such_port() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for kind in ("postgresql", "mysql"):
        assert f"{kind}://u@127.0.0.1:{port}/x cannot be opened" in refusal(f"{kind}://u:{SPELLED}@127.0.0.1:{port}/x")


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_server_that_never_answers(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert "does not answer" in refusal(f"{kind}://u:{SPELLED}@127.0.0.1:{port}/x")


def test_a_url_that_is_none() -> None:
    for text in (f"u:{SPELLED}@host", f"oracle://u:{SPELLED}@host/x", "postgresql://u@host:port/x"):
        refusal(text)


def test_a_role_without_rights(postgres_server: postgres.Server, database: str, weak: str) -> None:
    with postgres_server.connect(database) as admin:
        table(admin)
        for _ in range(3):
            admin.execute("SELECT * FROM event WHERE owner = 5")
    told = asked(weak, "SELECT * FROM event WHERE owner = $1")
    notes = " ".join(told.database.notes)
    assert "may not read 1 of 1 tables" in notes and "hidden from this one" in notes
    assert [one.proposal.keys for one in told.indexes] == [("owner",)]  # by a rule of thumb
    assert told.indexes[0].checked == "estimated"


GRANTS = re.findall(r"```sql\n(GRANT .*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
BLIND = ("may not read", "not visible", "hidden from", "cannot be read", "could not be read", "no statistics of")


def test_what_readme_grants_is_enough(postgres_server: postgres.Server, database: str, weak: str) -> None:
    with postgres_server.connect(database) as admin:
        table(admin)
        admin.execute("SELECT * FROM event WHERE owner = 5")
        admin.execute(GRANTS[0].replace("reader", "weak").encode())
        told = asked(weak, "SELECT * FROM event WHERE owner = $1")
    assert [one.proposal.keys for one in told.indexes] == [("owner",)]
    notes = (*told.database.notes, *told.notes)
    assert not [note for note in notes if any(word in note for word in BLIND)], notes


def test_what_readme_grants_is_enough_on_mariadb(mariadb_url: str) -> None:
    name = mariadb_url.rpartition("/")[2]
    engine = create_engine(mariadb_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        admin.exec_driver_sql("CREATE TABLE event (id int PRIMARY KEY, owner int)")
        admin.exec_driver_sql("INSERT INTO event SELECT seq, mod(seq, 5000) FROM seq_1_to_60000")
        admin.exec_driver_sql("ANALYZE TABLE event")
        admin.exec_driver_sql("CREATE USER reader IDENTIFIED BY 'p'")
        try:
            for grant in GRANTS[1].replace("shop.", f"{name}.").split(";"):
                if grant.strip():
                    admin.exec_driver_sql(grant)
            url = make_url(mariadb_url).set(username="reader", password="p")
            told = asked(url.render_as_string(hide_password=False), "SELECT * FROM event WHERE owner = ?")
        finally:
            admin.exec_driver_sql("DROP USER reader")
    engine.dispose()
    assert [one.proposal.keys for one in told.indexes] == [("owner",)]
    notes = (*told.database.notes, *told.notes)
    assert not [note for note in notes if any(word in note for word in BLIND)], notes


def test_without_pg_stat_statements(postgres_server: postgres.Server, database: str) -> None:
    with postgres_server.connect(database) as admin:
        admin.execute("DROP EXTENSION pg_stat_statements")
    told = asked(postgres_server.url(database))
    assert any("pg_stat_statements is not installed" in note for note in told.database.notes)


def test_a_locked_table(postgres_server: postgres.Server, database: str) -> None:
    with postgres_server.connect(database) as holder:
        table(holder)
        with holder.transaction():
            holder.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
            began = time.monotonic()
            told = asked(postgres_server.url(database), "SELECT * FROM event WHERE owner = $1")
            assert time.monotonic() - began < 15
    assert [one.table.name for one in told.indexes] == ["event"]


CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'slowlint'"


@pytest.mark.parametrize("name", ["postgres_server", "hypopg_server"])
def test_a_connection_that_is_cut(request: pytest.FixtureRequest, name: str) -> None:
    """After everything was read: what is left is estimated."""
    server: postgres.Server = request.getfixturevalue(name)
    with server.database() as database, server.connect(database) as admin:
        table(admin)
        with connected(target(server.url(database)), QUICK) as connection:
            traffic = [sent("SELECT * FROM event WHERE owner = $1")]
            found = survey(connection, traffic=traffic, window_seconds=7200.0)
            admin.execute(CUT)
            told = advise(connection, found)
    assert [(one.table.name, one.checked) for one in told.indexes] == [("event", "estimated")]
    assert any("connection was lost" in note for note in told.notes)


def test_cut_between_two_plans(
    hypopg_server: postgres.Server, hypopg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some statements were planned as they are, none with the index."""
    with hypopg_server.connect(hypopg_url.rpartition("/")[2]) as admin:
        table(admin)

        def cutting(*arguments: Any, **options: Any) -> Any:
            plan = explain(*arguments, **options)
            admin.execute(CUT)
            return plan

        monkeypatch.setattr(advice_module, "explain", cutting)
        told = asked(hypopg_url, "SELECT * FROM event WHERE owner = $1", "SELECT id FROM event WHERE owner = $1")
    assert [(one.table.name, one.checked) for one in told.indexes] == [("event", "estimated")]
    assert len(told.indexes[0].served) == 2


def test_cut_while_reading(postgres_server: postgres.Server, database: str) -> None:
    where = target(postgres_server.url(database))
    with (
        postgres_server.connect(database) as admin,
        pytest.raises(DatabaseError) as caught,
        connected(where, QUICK) as connection,
    ):
        admin.execute(CUT)
        survey(connection)
    assert f"127.0.0.1:{postgres_server.port}" in str(caught.value)


def test_odd_names(postgres_server: postgres.Server, database: str) -> None:
    names = ["Select", 'with "quotes"', "naïve tàble", "x" * 63, "percent %s"]
    with postgres_server.connect(database) as admin:
        for name in names:
            table(admin, name)
        quoted = [name.replace('"', '""') for name in names]
        told = asked(postgres_server.url(database), *(f'SELECT * FROM "{name}" WHERE owner = $1' for name in quoted))
        assert {one.table.name for one in told.indexes} == set(names)
        for one in told.indexes:
            admin.execute(one.ddl.encode())


@pytest.mark.parametrize("name", ["postgres_server", "hypopg_server"])
def test_partitions_and_schemas(request: pytest.FixtureRequest, name: str) -> None:
    server: postgres.Server = request.getfixturevalue(name)
    with server.database() as database:
        with server.connect(database) as admin:
            admin.execute("CREATE TABLE log (at date, owner int) PARTITION BY RANGE (at)")
            for year in (2024, 2025):
                admin.execute(
                    f"CREATE TABLE log_{year} PARTITION OF log FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')"
                )
            admin.execute(
                "INSERT INTO log SELECT date '2024-01-01' + n % 700, n % 5000 FROM generate_series(1, 80000) n"
            )
            admin.execute("CREATE SCHEMA other")
            admin.execute("CREATE TABLE other.thing (id int PRIMARY KEY, owner int)")
            admin.execute("INSERT INTO other.thing SELECT n, n % 5000 FROM generate_series(1, 60000) n")
            admin.execute("CREATE TABLE thing (id int PRIMARY KEY, owner int)")  # of the same name, and small
            admin.execute("CREATE VIEW other.log AS SELECT * FROM log")
            admin.execute("CREATE VIEW seen AS SELECT * FROM log")
            admin.execute("ANALYZE")
        told = asked(
            server.url(database),
            "SELECT * FROM log WHERE owner = $1",
            "SELECT * FROM other.thing WHERE owner = $1",
            "SELECT * FROM public.thing WHERE owner = $1",
            "SELECT * FROM other.log WHERE at = $1",  # not ours to index
        )
    found = {(one.schema, one.name) for one in told.database.tables}
    assert found == {("", "log"), ("", "log_2024"), ("", "log_2025"), ("", "thing"), ("other", "thing")}
    assert told.database.facts["log"].rows == pytest.approx(80_000)
    made = {(key(one.table), *one.proposal.keys) for one in told.indexes}
    assert made == {("log", "owner"), ("other.thing", "owner")}
    assert {one.checked for one in told.indexes} == {"hypothetical" if server.hypopg else "estimated"}
    assert any("ON other.thing (owner)" in one.ddl for one in told.indexes)


def test_ten_thousand_tables(postgres_server: postgres.Server, database: str) -> None:
    with postgres_server.connect(database) as admin:
        for start in range(0, 10_000, 1_000):  # a transaction holds locks on all of its tables
            admin.execute(
                f"DO $$ BEGIN FOR n IN {start}..{start + 999} LOOP EXECUTE format("
                "'CREATE TABLE t%s (id int%s)', n, CASE WHEN n % 10 = 0 THEN ' PRIMARY KEY' END); END LOOP; END $$"
            )
        table(admin)
    with connected(target(postgres_server.url(database))) as connection:
        began = time.process_time(), time.monotonic()
        found = survey(connection, traffic=[sent("SELECT * FROM event WHERE owner = $1")], window_seconds=7200.0)
        told = advise(connection, found)
        took = time.process_time() - began[0], time.monotonic() - began[1]
    assert len(found.tables) == 10_001
    assert [one.table.name for one in told.indexes] == ["event"]
    print(f"10,000 tables: {took[0]:.1f} s of our processor, {took[1]:.1f} s in all")
    assert took[0] < 5, "and the server's time is not ours to bound on a busy machine"


def test_damaged_files(tmp_path: Path) -> None:
    damaged, text = tmp_path / "damaged.sqlite", tmp_path / "text.sqlite"
    line = sqlite3.connect(damaged)
    line.execute("CREATE TABLE a (id int)")
    line.executemany("INSERT INTO a VALUES (?)", ((n,) for n in range(5000)))
    line.commit()
    line.close()
    content = bytearray(damaged.read_bytes())
    content[100:900] = os.urandom(800)
    damaged.write_bytes(content)
    text.write_text("no database at all " * 100)
    for file in (damaged, text, tmp_path / "missing.sqlite"):
        assert str(file) in refusal(f"sqlite:///{file}")
    assert not (tmp_path / "missing.sqlite").exists()


def run(project: Path, url: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slowlint", "advise", str(project), "--no-cache", *more]
    environment = {**os.environ, "SLOWLINT_DATABASE_URL": url}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)


def test_the_findings_are_given_anyway(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '1'\n")
    (tmp_path / "app.py").write_text(
        "import time\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/')\nasync def home():\n"
        "    time.sleep(1)\n"
    )
    url = f"postgresql://u:{SPELLED}@127.0.0.1:1/x"
    done = run(tmp_path, url)
    assert done.returncode == 1
    assert "app.py:9" in done.stdout and "without the database" in done.stderr
    assert "127.0.0.1:1" in done.stderr and SPELLED not in done.stdout + done.stderr and "Traceback" not in done.stderr
    (tmp_path / "app.py").write_text("x = 1\n")
    assert run(tmp_path, url).returncode == 2


def test_a_server_that_stops_answering(postgres_server: postgres.Server, database: str) -> None:
    """A line that swallows everything after the first questions were answered."""
    limits = Limits(connect=2.0, statement=1.0, lock=0.5)
    with _Relay(postgres_server.port) as relay:
        url = f"postgresql://postgres@127.0.0.1:{relay.port}/{database}"
        began = time.monotonic()
        with (
            pytest.raises(DatabaseError, match="stopped answering"),
            connected(target(url), limits) as connection,
        ):
            relay.silent = True
            survey(connection)
        assert time.monotonic() - began < 20


class _Relay:
    """Passes bytes on, until it is silent."""

    def __init__(self, port: int) -> None:
        self._target, self.silent = port, False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> _Relay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                other = socket.create_connection(("127.0.0.1", self._target))
                for pair in ((line, other), (other, line)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self.silent:
                    target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)
