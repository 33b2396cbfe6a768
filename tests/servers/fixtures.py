"""Fixtures: servers live as long as the session, databases as long as a test. `tests/conftest.py` gives them to all.

`postgres_url`, `hypopg_url` and `mariadb_url` are SQLAlchemy URLs of a new, empty database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # the drivers are imported by those tests alone that need them
    from slowlint.tests.servers import mariadb, postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The newest PostgreSQL there is."""
    from slowlint.tests.servers import postgres
    from slowlint.tests.servers.process import UnavailableError

    manager = postgres.server()
    try:
        running = manager.__enter__()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    yield running
    manager.__exit__(None, None, None)


@pytest.fixture(scope="session")
def hypopg_server() -> Iterator[postgres.Server]:
    """A PostgreSQL with HypoPG."""
    from slowlint.tests.servers import postgres
    from slowlint.tests.servers.process import UnavailableError

    manager = postgres.server(hypopg=True)
    try:
        running = manager.__enter__()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    yield running
    manager.__exit__(None, None, None)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[mariadb.Server]:
    from slowlint.tests.servers import mariadb
    from slowlint.tests.servers.process import UnavailableError

    manager = mariadb.server()
    try:
        running = manager.__enter__()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    yield running
    manager.__exit__(None, None, None)


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
