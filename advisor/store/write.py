"""Batches in, rows in DuckDB out, one transaction each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from ..ingest.batch import Shape, SpanBatch, StackBatch
from .schema import SHAPE_COLUMNS

_ARROW = {"INTEGER": pa.int32(), "BOOLEAN": pa.bool_(), "VARCHAR": pa.string()}
_SHAPE_SCHEMA = pa.schema([("id", pa.uint64()), *((name, _ARROW[kind]) for name, kind in SHAPE_COLUMNS.items())])
# A span known already may come back from another format whose times are rounded to microseconds or milliseconds.
_SLACK_NS = 1_000_000_000


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: an exception inside undoes everything since the start."""
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def spans(connection: duckdb.DuckDBPyConnection, batch: SpanBatch) -> int:
    """Store the batch's spans that are not in the store yet; how many were new."""
    table = _span_table(batch)
    repeated = len(set(zip(batch.span, batch.trace, strict=True))) < len(batch.span)
    source = (
        "(SELECT * FROM batch QUALIFY row_number() OVER (PARTITION BY trace_hi, trace_lo, span) = 1)"
        if repeated
        else "batch"
    )
    with transaction(connection):
        if batch.shapes:
            _write_shapes(connection, batch.shapes)
        connection.register("batch", table)
        try:
            # The range of start times lets DuckDB skip the parts of the table that cannot hold a duplicate.
            row = connection.execute(
                f"INSERT INTO spans SELECT b.* FROM {source} b WHERE NOT EXISTS ("
                "SELECT 1 FROM spans s WHERE s.start_ns BETWEEN ? AND ? "
                "AND s.span = b.span AND s.trace_lo = b.trace_lo AND s.trace_hi = b.trace_hi)",
                [min(batch.start) - _SLACK_NS, max(batch.start) + _SLACK_NS],
            ).fetchone()
        finally:
            connection.unregister("batch")
    return int(row[0]) if row else 0


def _span_table(batch: SpanBatch) -> pa.Table:
    count = len(batch.span)

    def numbers(parts: list[bytes]) -> pa.Array:
        return pa.Array.from_buffers(pa.uint64(), count, [None, pa.py_buffer(b"".join(parts))])

    return pa.table(
        {
            "trace_hi": numbers([trace[:8] for trace in batch.trace]),
            "trace_lo": numbers([trace[8:] for trace in batch.trace]),
            "span": numbers(batch.span),
            "parent": numbers(batch.parent),
            "start_ns": pa.array(batch.start, pa.int64()),
            "end_ns": pa.array(batch.end, pa.int64()),
            "shape": pa.array(batch.shape, pa.uint64()),
            "weight": pa.array(batch.weight, pa.float64()),
            "calls": pa.array(batch.calls, pa.int32()),
        }
    )


def _write_shapes(connection: duckdb.DuckDBPyConnection, shapes: dict[int, Shape]) -> None:
    columns: list[list[object]] = [list(shapes), *(list(column) for column in zip(*shapes.values(), strict=True))]
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns, _SHAPE_SCHEMA, strict=True)]
    connection.register("new_shapes", pa.table(arrays, schema=_SHAPE_SCHEMA))
    try:
        connection.execute(
            f"INSERT INTO shapes SELECT id, {', '.join(SHAPE_COLUMNS)} FROM new_shapes n "
            "WHERE NOT EXISTS (SELECT 1 FROM shapes s WHERE s.id = n.id)"
        )
    finally:
        connection.unregister("new_shapes")


def profile(
    connection: duckdb.DuckDBPyConnection,
    fill: Callable[[Callable[[StackBatch], None]], tuple[str, str]],
    *,
    source: str,
    route: str,
) -> bool:
    """Store one profile in one transaction; False when its content is in the store already."""
    row = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM profiles").fetchone()
    number = int(row[0]) if row else 1
    connection.execute("BEGIN")
    try:
        digest, unit = fill(lambda batch: _write_stacks(connection, number, batch))
        known = connection.execute("SELECT id FROM profiles WHERE digest = ?", [digest]).fetchone()
        if known is not None:
            connection.execute("ROLLBACK")
            if route:
                connection.execute("UPDATE profiles SET route = ? WHERE id = ?", [route, known[0]])
            return False
        connection.execute("INSERT INTO profiles VALUES (?, ?, ?, ?, ?)", [number, digest, source, unit, route])
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return True


def _write_stacks(connection: duckdb.DuckDBPyConnection, number: int, batch: StackBatch) -> None:
    frames = pa.table(
        {
            "id": pa.array(list(batch.frames), pa.uint64()),
            "function": pa.array([frame.function for frame in batch.frames.values()], pa.string()),
            "path": pa.array([frame.path for frame in batch.frames.values()], pa.string()),
            "line": pa.array([frame.line for frame in batch.frames.values()], pa.int32()),
        }
    )
    stacks = pa.table(
        {
            "frames": pa.array(batch.stacks, pa.list_(pa.uint64())),
            "weight": pa.array(batch.weights, pa.float64()),
        }
    )
    connection.register("new_frames", frames)
    connection.register("new_stacks", stacks)
    try:
        connection.execute(
            "INSERT INTO frames SELECT * FROM new_frames n WHERE NOT EXISTS (SELECT 1 FROM frames f WHERE f.id = n.id)"
        )
        connection.execute("INSERT INTO stacks SELECT ?, frames, weight FROM new_stacks", [number])
    finally:
        connection.unregister("new_frames")
        connection.unregister("new_stacks")
