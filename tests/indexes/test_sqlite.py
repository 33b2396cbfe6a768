"""Advice for SQLite, proved by executing it: the model of a B-tree decides, and SQLite's planner has to agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from slowlint.advisor.database.explain import raw
from slowlint.tests.indexes.advice import Known, known_of
from slowlint.tests.indexes.data import statements
from slowlint.tests.indexes.proof import prove
from slowlint.tests.indexes.shapes import SHAPES, Shape


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Known]]:
    file: Path = tmp_path_factory.mktemp("indexes") / "filled.sqlite"
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        for setting in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -400000"):
            raw(connection, f"PRAGMA {setting}")
        for statement in statements("sqlite"):
            raw(connection, statement)
        connection.commit()
        yield connection, known_of(connection)
        connection.rollback()
    engine.dispose()
    file.unlink()


@pytest.mark.parametrize("shape", [pytest.param(s, id=s.name) for s in SHAPES if s.only in ("", "sqlite")])
def test_advice_is_true_and_silence_is_right(filled: tuple[Connection, Known], shape: Shape) -> None:
    connection, known = filled
    try:
        prove(connection, known, shape)
    finally:
        connection.rollback()
