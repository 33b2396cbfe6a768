"""MariaDB for tests: the system's `mariadbd`, or Debian's package unpacked into the user's cache."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pymysql

from slowlint.tests.servers import debian
from slowlint.tests.servers.process import Process, UnavailableError, folder, free_port, give, run

_LIBRARIES = (("libaio1t64", "libaio1"), ("libnuma1",), ("liburing2",))
"""What the server needs and small systems lack; the first name that the distribution has."""


@dataclass(slots=True)
class Server:
    """A running MariaDB. `root` needs no password from here."""

    process: Process
    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str = "mysql", user: str = "root", password: str = "") -> str:
        """SQLAlchemy's URL."""
        secret = f":{password}" if password else ""
        return f"mysql+pymysql://{user}{secret}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Name of a new database; dropped at the end."""
        name = f"t{next(self._numbers)}"
        self._told(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            self._told(f"DROP DATABASE {name}")

    def _told(self, statement: str) -> None:
        with pymysql.connect(host="127.0.0.1", port=self.port, user="root") as admin, admin.cursor() as cursor:
            cursor.execute(statement)


@contextmanager
def server() -> Iterator[Server]:
    """Runs one. Raises `UnavailableError`."""
    if sys.platform != "linux":
        raise UnavailableError("MariaDB is taken from Debian's packages")
    home = folder()
    try:
        base, libraries = _files(home)
        running = _started(home, base, libraries)
        try:
            yield running
        finally:
            running.process.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _started(home: Path, base: Path, libraries: Path | None) -> Server:
    data, log, port = home / "data", home / "log", free_port()
    data.mkdir()
    give(data)
    log.touch()
    environment = {"LD_LIBRARY_PATH": str(libraries)} if libraries else {}
    run([base / "bin/mariadb-install-db", "--no-defaults", f"--basedir={base}", f"--datadir={data}",
         "--auth-root-authentication-method=normal", "--skip-test-db"], log=log, environment=environment)  # fmt: skip

    def answers() -> bool:
        try:  # its greeting comes when it is ready
            with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
                return bool(probe.recv(1))
        except OSError:
            return False

    process = Process(
        [base / "sbin/mariadbd", "--no-defaults", f"--basedir={base}", f"--datadir={data}", f"--port={port}",
         "--bind-address=127.0.0.1", f"--socket={data}/s", f"--pid-file={data}/pid", "--skip-name-resolve",
         "--innodb-flush-log-at-trx-commit=0", "--innodb-use-native-aio=0", "--innodb-buffer-pool-size=256M",
         "--performance-schema=ON"],
        log=log, answers=answers, stop_signal=signal.SIGTERM, environment=environment,
    )  # fmt: skip
    return Server(process, port)


def _files(home: Path) -> tuple[Path, Path | None]:
    """(base folder, folder of the libraries that the system lacks)."""
    if Path("/usr/sbin/mariadbd").is_file() and Path("/usr/bin/mariadb-install-db").is_file():
        return Path("/usr"), None
    names = ["mariadb-server-core", "mariadb-client-core", *(_first(choice) for choice in _LIBRARIES)]
    tree = debian.unpacked(*names) / "usr"
    if os.geteuid() == 0:  # the user it runs as may not see root's cache
        tree = Path(shutil.copytree(tree, home / "usr", symlinks=True))
    return tree, next(tree.glob("lib/*-linux-gnu"), None)


def _first(names: tuple[str, ...]) -> str:
    for name in names:
        try:
            debian.candidate(name)
        except UnavailableError:
            continue
        return name
    raise UnavailableError(f"apt knows no package {' or '.join(names)}")
