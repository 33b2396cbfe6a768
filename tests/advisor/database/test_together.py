"""Several statements at once: one index for many, their own where merging takes it away, and a bound on questions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from slowlint.advisor.database import advice
from slowlint.advisor.database.advice import advise
from slowlint.advisor.database.explain import raw
from slowlint.advisor.database.model import DatabaseAdvice
from slowlint.advisor.database.survey import survey
from slowlint.advisor.model import StatementTraffic
from slowlint.advisor.statements import fingerprint

OWNER = "SELECT * FROM event WHERE owner = $1"
NEWEST = "SELECT * FROM event WHERE owner = $1 ORDER BY made DESC LIMIT 10"
NAMED = "SELECT id FROM event WHERE name = $1"
BROAD = "SELECT * FROM event WHERE kind = $1"


@pytest.fixture(params=["hypopg_url", "postgres_url"])
def filled(request: pytest.FixtureRequest) -> Iterator[Connection]:
    engine = create_engine(request.getfixturevalue(request.param))
    with engine.connect() as connection:
        raw(connection, "CREATE TABLE event (id int PRIMARY KEY, owner int, name text, made int, kind int)")
        values = "n, n * 7919 % 2000, 'n' || n, n, n % 3"
        raw(connection, f"INSERT INTO event SELECT {values} FROM generate_series(1, 100000) AS n")
        raw(connection, "ANALYZE event")
        connection.commit()
        yield connection
    engine.dispose()


def asked(connection: Connection, *statements: str) -> DatabaseAdvice:
    traffic = [
        StatementTraffic("", "/", "GET", "db", "", fingerprint(text), text, 1000, 1000.0, 1000.0 * (30 - at) * 1e6)
        for at, text in enumerate(statements)
    ]
    return advise(connection, survey(connection, traffic=traffic, window_seconds=3600.0))


def test_one_index_for_two_statements(filled: Connection) -> None:
    found = asked(filled, OWNER, NEWEST, NAMED, BROAD)
    served = {one.proposal.keys: {each.statement.text for each in one.served} for one in found.indexes}
    assert served[("name",)] == {NAMED}
    owners = [keys for keys in served if keys[0] == "owner"]
    assert len(served) == 2 and set().union(*(served[keys] for keys in owners)) == {OWNER, NEWEST}


def test_the_planner_is_asked_within_bounds(filled: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advice, "_PLANS", 1)
    found = asked(filled, NAMED, OWNER)
    planned = any(one.checked == "hypothetical" for one in found.indexes)
    assert [one.proposal.keys for one in found.indexes][:1] == [("name",)]
    assert len(found.indexes) == (1 if planned else 2)
    assert any("of 2 kinds of statements, only the 1 that take most time" in note for note in found.notes) == planned
