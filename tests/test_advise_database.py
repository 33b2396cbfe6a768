"""`advise --database-url` and `verify` on statistics as a user runs them: real servers, and hostile ones."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from slowlint.tests.servers import postgres

pytest.importorskip("sqlalchemy")

MODELS = """\
from django.db import models


class Owner(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        db_table = "owner"


class Job(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE, db_index=False)

    class Meta:
        db_table = "job"
"""

VIEWS = """\
from django.http import JsonResponse
from models import Job


def jobs(request, pk):
    return JsonResponse(list(Job.objects.filter(owner_id=pk)), safe=False)
"""
URLS = """\
import views
from django.urls import path

urlpatterns = [path("jobs/<int:pk>", views.jobs)]
"""


def slowlint(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slowlint", *arguments]
    return subprocess.run(
        command, cwd=project, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "manage.py").write_text("")
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "views.py").write_text(VIEWS)
    (tmp_path / "urls.py").write_text(URLS)
    return tmp_path


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text("x = 1\n")
    return tmp_path


@pytest.fixture
def busy(postgres_server: postgres.Server, postgres_url: str) -> str:
    with postgres_server.connect(postgres_url.rpartition("/")[2]) as admin:
        admin.execute("CREATE TABLE owner (id int PRIMARY KEY, name text)")
        admin.execute("CREATE TABLE job (id int PRIMARY KEY, owner_id int)")
        admin.execute("INSERT INTO job SELECT i, mod(i, 10000) FROM generate_series(1, 100000) i")
        admin.execute("ANALYZE")
    with postgres_server.connect(postgres_url.rpartition("/")[2]) as admin:
        for _ in range(100):  # the server hears of what a connection wrote when it ends
            if admin.execute("SELECT n_tup_ins FROM pg_stat_all_tables WHERE relname = 'job'").fetchone() != (0,):
                break
            time.sleep(0.05)
        admin.execute("SELECT pg_stat_reset()")
        admin.execute("SELECT pg_stat_statements_reset()")
        ask(admin)
    return postgres_url


def ask(admin: object) -> None:
    for number in range(30):
        admin.execute(f"SELECT * FROM job WHERE owner_id = {number}")  # type: ignore[attr-defined]


def validated(text: str) -> dict[str, object]:
    document = json.loads(text)
    schema = json.loads((resources.files("slowlint.advisor.report") / "advice.schema.json").read_text())
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    return document  # type: ignore[no-any-return]


def test_advise_then_build_then_verify(project: Path, busy: str, postgres_server: postgres.Server) -> None:
    before, after = str(project / "before.json"), str(project / "after.json")
    done = slowlint(project, "advise", "--no-cache", "--database-url", busy, "--save-statistics", before)
    assert done.returncode == 1, done.stderr
    assert "job (owner_id)" in done.stdout and "1 index would pay" in done.stdout
    assert "models.py" in done.stdout and "CREATE INDEX CONCURRENTLY" in done.stdout
    saved = json.loads(Path(before).read_text())
    with postgres_server.connect(busy.rpartition("/")[2]) as admin:
        for _ in range(10):  # the promise is broken: nothing is faster
            ask(admin)
    again = ("advise", "--no-cache", "--save-statistics", after)
    slowlint(project, *again, SLOWLINT_DATABASE_URL=busy)
    told = slowlint(project, "verify", "--before", before, "--after", after)
    assert told.returncode == 0 and "was not made" in told.stdout, told.stderr
    with postgres_server.connect(busy.rpartition("/")[2]) as admin:
        admin.execute(saved["promises"][0]["ddl"])
        for _ in range(30):
            ask(admin)
    done = slowlint(project, *again, SLOWLINT_DATABASE_URL=busy)
    assert "no index that would pay is missing" in done.stdout, done.stdout
    assert "serves it" in done.stdout, "the finding is refuted now"
    told = slowlint(project, "verify", "--before", before, "--after", after, "--output-format", "json")
    (check,) = json.loads(told.stdout)["indexes"]
    (statement,) = check["statements"]
    assert statement["calls"] == 30 and statement["after_ms"] < statement["before_ms"]
    # another index than the promised one does not keep the promise
    broken = json.loads(Path(after).read_text())
    for one in broken["statements"]:
        one["total_ms"] = one["calls"] * 1000.0
    Path(after).write_text(json.dumps(broken))
    told = slowlint(project, "verify", "--before", before, "--after", after)
    assert told.returncode == 1 and "did not come" in told.stdout


@pytest.mark.parametrize("output_format", ["json", "sarif"])
def test_machines_read_it(project: Path, busy: str, output_format: str) -> None:
    done = slowlint(project, "advise", "--no-cache", "--database-url", busy, "--output-format", output_format)
    assert done.returncode == 1, done.stderr
    if output_format == "json":
        database = validated(done.stdout)["database"]
        assert [one["keys"] for one in database["indexes"]] == [["owner_id"]]  # type: ignore[index]
    else:
        (run,) = json.loads(done.stdout)["runs"]
        told = [one for one in run["results"] if one["ruleId"] == "missing-database-index"]
        assert len(told) == 1 and "owner_id" in told[0]["message"]["text"]
        assert run["tool"]["driver"]["rules"][told[0]["ruleIndex"]]["id"] == "missing-database-index"


def test_statements_that_only_read_may_be_run(project: Path, busy: str, postgres_server: postgres.Server) -> None:
    with postgres_server.connect(busy.rpartition("/")[2]) as admin:
        admin.execute("SELECT count(*) FROM job")
        admin.execute("CREATE SEQUENCE counter; SELECT nextval('counter') FROM job LIMIT 1")
        done = slowlint(project, "advise", "--no-cache", "--database-url", busy, "--explain-analyze")
        assert admin.execute("SELECT last_value FROM counter").fetchone() == (1,)
    assert done.returncode == 1 and "job (owner_id)" in done.stdout, done.stderr


def test_a_database_that_is_not_there_leaves_the_findings(project: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"postgresql://me:very%2Fsecret@127.0.0.1:{probe.getsockname()[1]}/x"
    done = slowlint(project, "advise", "--no-cache", "--database-url", url)
    assert done.returncode == 1
    assert "unindexed-foreign-key" in done.stdout
    assert "error: postgresql://me@127.0.0.1" in done.stderr and "without the database" in done.stderr
    assert "secret" not in done.stdout + done.stderr


def test_it_is_an_error_when_nothing_else_can_be_said(empty: Path) -> None:
    done = slowlint(empty, "advise", "--no-cache", "--database-url", "sqlite:///nowhere.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no file" in done.stderr and "tip:" in done.stderr
    done = slowlint(empty, "advise", "--no-cache", "--database-url", "no url with a s3cret")
    assert done.returncode == 2 and "s3cret" not in done.stderr and "Traceback" not in done.stderr


def test_a_damaged_sqlite_file(project: Path) -> None:
    file = project / "x.db"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE job (id integer PRIMARY KEY, owner_id int, pad text)")
        made.executemany("INSERT INTO job VALUES (?, ?, ?)", [(n, n % 7, "x" * 200) for n in range(20_000)])
    made.close()
    data = bytearray(file.read_bytes())
    data[4096:400_000] = b"\xff" * (400_000 - 4096)
    file.write_bytes(data)
    done = slowlint(project, "advise", "--no-cache", "--database-url", f"sqlite:///{file}")
    assert done.returncode == 1 and "unindexed-foreign-key" in done.stdout
    assert "Traceback" not in done.stderr
    assert "malformed" in done.stdout + done.stderr


def test_sqlite_confirms_by_its_own_planner(project: Path) -> None:
    file = project / "x.db"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE owner (id integer PRIMARY KEY, name text)")
        made.execute("CREATE TABLE job (id integer PRIMARY KEY, owner_id int)")
        made.executemany("INSERT INTO job VALUES (?, ?)", [(n, n % 5000) for n in range(50_000)])
    made.close()
    done = slowlint(project, "advise", "--no-cache", "--database-url", f"sqlite:///{file}")
    assert done.returncode == 1, done.stderr
    assert "job (owner_id)" in done.stdout and "by the planner" in done.stdout
    assert "predicted" in done.stdout


def test_files_that_cannot_be_compared(project: Path) -> None:
    kept = project / "a.json"
    kept.write_text('{"kind": "slowlint statement statistics", "version": 1}')
    done = slowlint(project, "verify", "--before", str(kept), "--after", str(kept))
    assert done.returncode == 2 and "cannot be read as statistics" in done.stderr
    (project / "spans.json").write_text("{}")
    done = slowlint(project, "verify", "--before", str(kept), "--after", str(project / "spans.json"))
    assert done.returncode == 2 and "no spans" in done.stderr
