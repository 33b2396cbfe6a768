"""The servers that other tests stand on: they answer, they have what is promised, and nothing of them is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from slowlint.tests.servers import mariadb, postgres
from slowlint.tests.servers.process import UnavailableError

sqlalchemy = pytest.importorskip("sqlalchemy")


def _asked(url: str, *statements: str) -> list[object]:
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        answers = [connection.exec_driver_sql(statement).scalar() for statement in statements]
    engine.dispose()
    return answers


def test_postgres_counts_statements(postgres_url: str) -> None:
    version, counted = _asked(postgres_url, "SHOW server_version_num", "SELECT count(*) FROM pg_stat_statements")
    assert int(str(version)) >= 130000
    assert isinstance(counted, int)


def test_hypopg_makes_an_index_that_is_none(hypopg_url: str) -> None:
    assert _asked(
        hypopg_url,
        "SELECT count(*) FROM (SELECT 1) AS one",
        "SELECT count(*) FROM hypopg_create_index('CREATE INDEX ON pg_class (relpages)')",
    ) == [1, 1]


def test_mariadb_answers(mariadb_url: str) -> None:
    assert "MariaDB" in str(_asked(mariadb_url, "SELECT version()")[0])


def test_databases_are_apart(postgres_server: postgres.Server) -> None:
    with postgres_server.database() as one, postgres_server.database() as two:
        with postgres_server.connect(one) as connection:
            connection.execute("CREATE TABLE here (id int)")
        with postgres_server.connect(two) as connection:
            assert connection.execute("SELECT to_regclass('here')").fetchone() == (None,)


@pytest.mark.parametrize("killed", [False, True])
def test_nothing_is_left(killed: bool) -> None:
    code = (
        "import sys\nfrom slowlint.tests.servers import postgres\n"
        "with postgres.server() as running:\n"
        "    print(running.process.pid, running.data, flush=True)\n"
        "    sys.stdin.read()\n"
        "    raise RuntimeError('a test failed')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as session:
        assert session.stdout is not None
        line = session.stdout.readline().split()
        if not line:
            pytest.skip("no PostgreSQL here")
        pid, data = int(line[0]), Path(line[1])
        if killed:
            session.send_signal(signal.SIGKILL)
        session.communicate()
    _gone(pid)
    if killed:  # the folder stays until the next session starts a server
        with postgres.server():
            pass
    assert not data.exists()
    assert not list(Path(tempfile.gettempdir()).glob(f"slowlint-server-{session.pid}-*"))


def _gone(pid: int) -> None:
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} still runs")


def test_a_server_that_is_not_there_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(postgres, "_SYSTEM", Path("/nowhere"))
    with pytest.raises(UnavailableError, match="no PostgreSQL"), postgres.server(hypopg=True):
        pass
    assert mariadb.Server.__doc__
