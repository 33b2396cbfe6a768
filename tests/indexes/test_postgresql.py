"""Advice for PostgreSQL with HypoPG, proved by executing it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from slowlint.advisor.database.explain import raw
from slowlint.tests.indexes.advice import Known, known_of
from slowlint.tests.indexes.data import statements
from slowlint.tests.indexes.proof import prove, prove_together
from slowlint.tests.indexes.shapes import SHAPES, Shape
from slowlint.tests.servers import postgres


@pytest.fixture(scope="module")
def filled(hypopg_server: postgres.Server) -> Iterator[tuple[Connection, Known]]:
    with hypopg_server.database() as name:
        engine = create_engine(hypopg_server.url(name))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements("postgresql"):
                raw(connection, statement)
        with engine.connect() as connection:
            raw(connection, "SET max_parallel_workers_per_gather = 0")  # times that do not depend on idle cores
            connection.commit()
            yield connection, known_of(connection)
            connection.rollback()
        engine.dispose()


MINE = [shape for shape in SHAPES if shape.only in ("", "postgresql")]


@pytest.mark.parametrize("shape", [pytest.param(s, id=s.name) for s in MINE])
def test_advice_is_true_and_silence_is_right(filled: tuple[Connection, Known], shape: Shape) -> None:
    connection, known = filled
    try:
        prove(connection, known, shape)
    finally:
        connection.rollback()


def test_all_together(filled: tuple[Connection, Known]) -> None:
    """Asked all of these statements, a few indexes serve every one that one serves alone, and promises hold."""
    connection, known = filled
    try:
        prove_together(connection, known, MINE)
    finally:
        connection.rollback()
