"""The store: batches in, weighted traffic, sampled traces and profile stacks out.

One DuckDB file (or memory). Every write is one transaction; a span is known by its trace and span id, a profile by
the digest of its content, so that repeating an ingest changes nothing. Formats are `ingest`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from ...linter.errors import InputError, SlowlintError
from ..ingest.batch import SpanBatch, StackBatch
from ..model import RouteTraffic, Sample, StatementTraffic, Trace
from . import read, write
from .schema import TABLES, VERSION

MEMORY = "1GB"
"""What DuckDB may keep in memory; beyond that it uses a temporary folder beside the store."""


class Store:
    """Telemetry of one application (or several: the service is kept)."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path | None = None, *, read_only: bool = False) -> Self:
        """The store in the file `path`, made when missing; in memory without a path.

        Raises SlowlintError when another process holds the file, or it is not a store of this version.
        """
        try:
            if path is not None and not read_only:
                path.parent.mkdir(parents=True, exist_ok=True)
            connection = duckdb.connect(str(path) if path is not None else ":memory:", read_only=read_only)
        except (duckdb.Error, OSError) as error:
            raise _cannot_open(path, error) from None
        try:
            _prepare(connection, path, read_only)
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def write_spans(self, batch: SpanBatch) -> int:
        """Store the spans that are not there yet, in one transaction; how many were new."""
        return write.spans(self._connection, batch)

    def write_profile(
        self, fill: Callable[[Callable[[StackBatch], None]], tuple[str, str]], *, source: str, route: str
    ) -> bool:
        """Store one profile, whole or not at all; False when its content is in the store already."""
        return write.profile(self._connection, fill, source=source, route=route)

    def routes(self) -> list[RouteTraffic]:
        """What each route did, weighted by 1 / sampling probability; busiest (requests times mean) first."""
        return read.routes(self._connection)

    def traces(self, *, per_route: int = 400, seed: int = 0) -> Iterator[Trace]:
        """Up to `per_route` requests of every route, drawn evenly; their weights add up to the route's traffic.

        The same store and seed give the same traces in the same order. Do not write while iterating.
        """
        return read.traces(self._connection, per_route=per_route, seed=seed)

    def samples(self) -> Iterator[Sample]:
        """Every different stack of the profiles, with its total weight, per route, heaviest first."""
        return read.samples(self._connection)

    def statements(self, *, per_route: int = 400, seed: int = 0) -> list[StatementTraffic]:
        """What each statement, cache command and remote call cost each route, estimated from `traces`;
        most time first."""
        return read.statements(self._connection, per_route=per_route, seed=seed)

    def code_paths(self) -> list[str]:
        """Every path that spans and profile frames name, as reported, sorted."""
        return read.code_paths(self._connection)

    def span_count(self) -> int:
        """How many spans the store holds."""
        row = self._connection.execute("SELECT count(*) FROM spans").fetchone()
        return int(row[0]) if row else 0

    def window_seconds(self) -> float:
        """How long traffic was watched: first to last request, without pauses of more than 15 minutes."""
        return read.window_seconds(self._connection)


def _prepare(connection: duckdb.DuckDBPyConnection, path: Path | None, read_only: bool) -> None:
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not tables and not read_only:
        with write.transaction(connection):
            for statement in TABLES:
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('version', ?)", [VERSION])
        return
    if "meta" not in tables:
        raise SlowlintError(f"{path} is a database, but no telemetry store", "name another file")
    row = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    if row is None or row[0] != VERSION:
        raise SlowlintError(
            f"{path} was written by another version of slowlint", "name another file and ingest the telemetry again"
        )


def _cannot_open(path: Path | None, error: Exception) -> SlowlintError:
    if "lock" in str(error).lower():
        return SlowlintError(
            f"{path} is in use by another process",
            "wait until it has finished, or name another store file",
        )
    if path is not None and not path.exists():
        return InputError(f"{path} does not exist", "make it with `slowlint ingest`")
    return InputError(f"{path} cannot be opened as a telemetry store: {str(error).splitlines()[0]}")
