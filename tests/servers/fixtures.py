"""Fixtures: servers live as long as the session, databases as long as a test. `tests/conftest.py` gives them to all.

`postgres_url`, `hypopg_url` and `mariadb_url` are SQLAlchemy URLs of a new, empty database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:  # the drivers are imported by those tests alone that need them
    from slowlint.tests.servers import mariadb, postgres


T = TypeVar("T")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The newest PostgreSQL there is."""
    from slowlint.tests.servers import postgres

    yield from running(postgres.server())


@pytest.fixture(scope="session")
def hypopg_server() -> Iterator[postgres.Server]:
    """A PostgreSQL with HypoPG."""
    from slowlint.tests.servers import postgres

    yield from running(postgres.server(hypopg=True))


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[mariadb.Server]:
    from slowlint.tests.servers import mariadb

    yield from running(mariadb.server())


def running(server: AbstractContextManager[T]) -> Iterator[T]:
    """A server until the session ends; without one that can be started here, its tests are skipped with the reason."""
    from slowlint.tests.servers.process import UnavailableError

    with ExitStack() as stack:
        try:
            started = stack.enter_context(server)
        except UnavailableError as reason:
            pytest.skip(str(reason))
        yield started


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    with postgres_server.database() as name:
        yield postgres_server.url(name)


@pytest.fixture
def hypopg_url(hypopg_server: postgres.Server) -> Iterator[str]:
    with hypopg_server.database() as name:
        yield hypopg_server.url(name)


@pytest.fixture
def mariadb_url(mariadb_server: mariadb.Server) -> Iterator[str]:
    with mariadb_server.database() as name:
        yield mariadb_server.url(name)
