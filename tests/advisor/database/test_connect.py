"""URLs as settings spell them, secrets that stay secret, and databases that cannot be opened or stop answering."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from slowlint.advisor.database.connect import DatabaseError, Limits, connected, dialect_of, target
from slowlint.tests.servers import postgres

SECRET = "s3cret/p@ss"
QUOTED = "s3cret%2Fp%40ss"


SHORT = Limits(3, 3, 1)


def refused(url: str, limits: Limits = SHORT) -> DatabaseError:
    with pytest.raises(DatabaseError) as caught, connected(target(url), limits):
        pass
    return caught.value


@pytest.mark.parametrize(
    ("url", "driver", "place"),
    [
        ("postgres://u@db.example:5433/shop", "postgresql+psycopg", "postgres://u@db.example:5433/shop"),
        ("postgresql+asyncpg://u:x@db/shop", "postgresql+psycopg", "postgresql://u@db/shop"),
        ("mysql://u:x@db/shop", "mysql+pymysql", "mysql://u@db/shop"),
        ("mysql+aiomysql://db/shop", "mysql+pymysql", "mysql://db/shop"),
        ("mariadb+mariadbconnector://db/shop", "mysql+pymysql", "mariadb://db/shop"),
        ("sqlite+aiosqlite:///some/file.db", "sqlite", "sqlite:some/file.db"),
        ("postgresql:///shop?host=/run/postgresql", "postgresql+psycopg", "postgresql:///run/postgresql/shop"),
    ],
)
def test_urls_of_applications_are_understood(url: str, driver: str, place: str) -> None:
    found = target(url)
    assert found.url.drivername == driver
    assert found.place == place


@pytest.mark.parametrize(
    "url", [f"nonsense {SECRET}", f"oracle://u:{QUOTED}@db/x", f"postgresql://u:{QUOTED}@db:port/x", ""]
)
def test_what_is_no_url_is_not_repeated(url: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        target(url)
    assert "s3cret" not in f"{caught.value} {caught.value.tip} {caught.value.__cause__}"


def test_a_driver_that_repeats_the_password_is_cleaned() -> None:
    found = target(f"postgresql://u:{QUOTED}@db/x?sslpassword=other")
    assert found.said(ValueError(f"bad dsn {SECRET} {QUOTED} other")) == "bad dsn *** *** ***"


def test_wrong_password(postgres_server: postgres.Server) -> None:
    with postgres_server.connect() as admin:
        admin.execute("CREATE ROLE wrong LOGIN PASSWORD 'right'")
        try:
            error = refused(postgres_server.url("postgres", "wrong", QUOTED))
        finally:
            admin.execute("DROP ROLE wrong")
    assert "password authentication failed" in str(error)
    assert "wrong@127.0.0.1" in str(error)
    assert "s3cret" not in f"{error!r} {error} {error.tip}"
    assert error.__cause__ is None and error.__suppress_context__


def test_no_such_database(postgres_server: postgres.Server) -> None:
    assert 'database "nowhere" does not exist' in str(refused(postgres_server.url("nowhere")))


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_no_such_host_and_no_such_port(scheme: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert "cannot be opened" in str(refused(f"{scheme}://u@127.0.0.1:{port}/x"))
    error = refused(f"{scheme}://u:{QUOTED}@no-such-host.invalid/x")
    assert "no-such-host.invalid" in str(error) and "s3cret" not in str(error)


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(server.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
        for one in held:
            one.close()


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_server_that_never_answers(silent: int, scheme: str) -> None:
    start = time.monotonic()
    error = refused(f"{scheme}://u@127.0.0.1:{silent}/x", Limits(2, 1, 1))
    assert "does not answer" in str(error)
    assert time.monotonic() - start < 20


def test_a_connection_that_is_cut(postgres_server: postgres.Server, postgres_url: str) -> None:
    with pytest.raises(DatabaseError) as caught, connected(target(postgres_url)) as connection:
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with postgres_server.connect() as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (number,))
        time.sleep(0.2)
        connection.exec_driver_sql("SELECT 1")
    assert "127.0.0.1" in str(caught.value)


def test_a_server_that_stops_in_the_middle(postgres_url: str) -> None:
    """The line is cut from our side: the server is never heard of again."""
    start = time.monotonic()
    limits = Limits(statement=0.0)  # no limit to PostgreSQL, five seconds to us
    with pytest.raises(DatabaseError, match="stopped answering"), connected(target(postgres_url), limits) as connection:
        connection.exec_driver_sql("SELECT pg_sleep(60)")
    assert time.monotonic() - start < 15


def test_statement_and_lock_timeouts(postgres_server: postgres.Server, postgres_url: str) -> None:
    with (
        pytest.raises(DatabaseError, match="statement timeout"),
        connected(target(postgres_url), Limits(5, 0.2, 1)) as c,
    ):
        c.exec_driver_sql("SELECT pg_sleep(5)")
    name = postgres_url.rpartition("/")[2]
    with postgres_server.connect(name) as admin, admin.transaction():
        admin.execute("CREATE TABLE held (id int)")
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as holder:
        holder.execute("LOCK TABLE held IN ACCESS EXCLUSIVE MODE")
        with (
            pytest.raises(DatabaseError, match="lock timeout"),
            connected(target(postgres_url), Limits(5, 5, 0.2)) as c,
        ):
            c.exec_driver_sql("SELECT * FROM held")


@pytest.mark.parametrize("fixture", ["postgres_url", "mariadb_url"])
def test_nothing_can_be_written(request: pytest.FixtureRequest, fixture: str) -> None:
    url = request.getfixturevalue(fixture)
    with connected(target(url)) as connection:
        assert dialect_of(connection) in ("postgresql", "mariadb")
        with pytest.raises(SQLAlchemyError, match=r"(?i)read.only"):
            connection.exec_driver_sql("CREATE TABLE written (id int)")


def test_postgres_sees_who_asks(postgres_url: str) -> None:
    with connected(target(postgres_url)) as connection:
        assert connection.exec_driver_sql("SHOW application_name").scalar() == "slowlint"
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"


def test_sqlite_is_opened_read_only(tmp_path: Path) -> None:
    file = tmp_path / "odd name %20 ?#.db"
    with contextlib.closing(sqlite3.connect(file)) as made:
        made.execute("CREATE TABLE t (a)")
    before = file.read_bytes()
    url = URL.create("sqlite", database=str(file)).render_as_string()
    with connected(target(url)) as connection, pytest.raises(SQLAlchemyError, match="readonly"):
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_sqlite_files_that_are_none(tmp_path: Path) -> None:
    assert "is no file" in str(refused(f"sqlite:///{tmp_path}/missing.db"))
    (tmp_path / "text.db").write_text("not a database at all, only text that is long enough to be read " * 30)
    error = refused(f"sqlite:///{tmp_path}/text.db")
    assert "not a database" in str(error) and error.tip
