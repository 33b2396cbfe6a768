"""A promised index, built for real: what it was to save against what the same statements take afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest

from slowlint.advisor.database import snapshot
from slowlint.advisor.database.advice import advise
from slowlint.advisor.database.connect import connected, target
from slowlint.advisor.database.model import DatabaseAdvice
from slowlint.advisor.database.survey import survey
from slowlint.tests.servers import postgres

OFTEN = 0
"""The owner of half of the rows: no index helps those who ask for it."""
TABLES = (
    "CREATE TABLE job (id int PRIMARY KEY, owner int, kind int, note text)",
    f"INSERT INTO job SELECT n, CASE WHEN mod(n, 2) = 0 THEN {OFTEN} ELSE mod(n, 9999) + 1 END, mod(n, 20000), 'n' "
    "FROM generate_series(1, 100000) n",
    "ANALYZE job",
)


def ask(admin: psycopg.Connection, owners: Iterable[int]) -> None:
    for owner in owners:
        admin.execute(f"SELECT * FROM job WHERE owner = {owner}".encode()).fetchall()


def kept(url: str, file: Path) -> DatabaseAdvice:
    with connected(target(url)) as connection:
        found = advise(connection, survey(connection))
    file.write_bytes(snapshot.written(found))
    return found


def verify(before: Path, after: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slowlint", "verify", "--before", str(before), "--after", str(after), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=before.parent)


@pytest.fixture(params=["postgres_server", "hypopg_server"])
def server(request: pytest.FixtureRequest) -> postgres.Server:
    running: postgres.Server = request.getfixturevalue(request.param)
    return running


def test_promised_and_measured(server: postgres.Server, tmp_path: Path) -> None:
    early, before, few, after, worse = (
        tmp_path / f"{name}.json" for name in ("early", "before", "few", "after", "worse")
    )
    with server.database() as name:
        url = server.url(name)
        with server.connect(name) as admin:
            for statement in TABLES:
                admin.execute(statement.encode())
        with server.connect(name) as admin:
            for _ in range(100):  # the server hears of what a connection wrote when it ends
                row = admin.execute("SELECT sum(n_tup_ins) FROM pg_stat_user_tables").fetchone()
                if row is not None and row[0]:
                    break
                time.sleep(0.05)
            admin.execute("SELECT pg_stat_reset(), pg_stat_statements_reset()")
            ask(admin, range(1, 41))
            kept(url, early)
            ask(admin, range(41, 81))
            (one,) = kept(url, before).indexes
            judged = "hypothetical" if server.hypopg else "estimated"
            assert (one.proposal.keys, one.checked) == (("owner",), judged)
            admin.execute(one.ddl.encode())
            ask(admin, (1, 3))
            kept(url, few)
            ask(admin, range(81, 121))
            assert kept(url, after).indexes == ()
            ask(admin, [OFTEN] * 100)
            kept(url, worse)

    (unmade,) = snapshot.verified([early], [before]).indexes
    assert unmade.verdict == "not made"
    (young,) = snapshot.verified([before], [few]).indexes
    assert young.verdict == "too little to judge"

    kept_promise = verify(before, after, "--output-format", "json")
    assert kept_promise.returncode == 0, kept_promise.stdout + kept_promise.stderr
    (check,) = json.loads(kept_promise.stdout)["indexes"]
    (statement,) = check["statements"]
    assert (check["verdict"], statement["calls"]) == ("came", 42)
    saved, promised = statement["before_ms"] - statement["after_ms"], statement["promised_ms"]
    print(f"promised {promised['low']:.2f} to {promised['high']:.2f} ms, measured {saved:.2f} ms")
    assert promised["low"] <= saved <= promised["high"] * 1.2, "the plan may be better than the best that was foretold"

    broken = verify(before, worse)
    assert broken.returncode == 1 and "did not come" in broken.stdout, broken.stdout + broken.stderr
    assert "right before building" in " ".join(broken.stdout.split())
    nothing = verify(after, worse)
    assert nothing.returncode == 0 and "nothing was promised" in nothing.stdout
