"""Statements of several sources made one list; telemetry's and predicted ones; a window that has just begun."""

from __future__ import annotations

from slowlint.advisor.database.model import Statement, TableFacts
from slowlint.advisor.database.workload import from_telemetry, joined, predicted, spelled
from slowlint.advisor.model import StatementTraffic
from slowlint.advisor.statements import fingerprint
from slowlint.linter.model import Finding, Place, Query

TEXT = "SELECT * FROM job WHERE owner = ?"


def traffic(route: str, statement: str = TEXT, calls: float = 10, category: str = "db") -> StatementTraffic:
    return StatementTraffic(
        "shop", route, "GET", category, "postgresql", fingerprint(statement), statement, 5, calls, calls * 2e6
    )  # type: ignore[arg-type]


def test_telemetry_over_all_routes() -> None:
    (one,) = from_telemetry(
        [traffic("/a"), traffic("/b", calls=30), traffic("/c", "GET key", category="cache"), traffic("/d", "COMMIT")],
        7200,
    )
    assert (one.calls, one.total_ms, one.routes) == (40, 80, ("GET /a", "GET /b"))
    assert one.mean_ms == 2 and one.calls_per_hour == 20


def test_the_database_counts_and_telemetry_adds_routes() -> None:
    recorded = Statement("SELECT * FROM job WHERE owner = $1", "pg_stat_statements", fingerprint(TEXT), 100, 900, 5, 60)
    (one,) = joined([[recorded], from_telemetry([traffic("/a")], 3600)])
    assert (one.source, one.calls, one.total_ms, one.routes) == ("pg_stat_statements", 100, 900, ("GET /a",))


def test_minutes_of_counting_are_no_rate() -> None:
    assert Statement(TEXT, "telemetry", calls=60, since_seconds=60).calls_per_hour == 60
    assert TableFacts("t", inserts=60, updates=50, hot_updates=40, since_seconds=60).index_writes_per_hour == 70
    assert TableFacts("t", inserts=60, since_seconds=7200).index_writes_per_hour == 30
    assert TableFacts("t", since_seconds=7200).index_writes_per_hour is None


def test_literals_are_not_shown() -> None:
    one = Statement("SELECT * FROM job WHERE name = 'private' AND n = 5", "pg_stat_statements")
    assert one.shown == "SELECT * FROM job WHERE name = ? AND n = ?"
    assert Statement('SELECT * FROM job WHERE name = "private"', "performance_schema").shown.endswith("name = ?")


def test_two_roles_that_send_the_same_are_added() -> None:
    mark = fingerprint(TEXT)
    one = Statement(TEXT, "pg_stat_statements", mark, 10, 50, 1, 60)
    (both,) = joined([[one, Statement(TEXT, "pg_stat_statements", mark, 5, 50, 2, 60)]])
    assert (both.calls, both.total_ms, both.rows) == (15, 100, 3)


def test_what_the_linter_predicts() -> None:
    query = Query("SELECT", ("job", "owner"), ("job.kind", "made"), ("-made",))
    found = Finding("x", "index", "m", Place("a.py", 1), "note", "likely", fingerprint="f", query=query)
    (one,) = predicted([found, Finding("x", "orm", "m", Place("a.py", 1), "note", "likely", query=query)], "postgresql")
    assert one.text == 'SELECT * FROM "job" WHERE "kind" = ? AND "made" = ? ORDER BY "made" DESC LIMIT 100'
    assert one.findings == ("f",) and one.calls is None and one.mean_ms is None
    assert spelled(Query("SELECT", ("o`dd",), ("a",)), "mysql") == "SELECT * FROM `o``dd` WHERE `a` = ?"
