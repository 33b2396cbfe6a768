"""Rows in DuckDB in, weighted totals, sampled requests and profile stacks out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import duckdb

from ..ingest.batch import Shape
from ..model import Frame, RouteTraffic, Sample, StatementTraffic, Trace
from .assemble import Node, Row, request_of, requests_of_trace
from .schema import SHAPE_COLUMNS

_CHUNK = 500
_PAUSE_NS = 15 * 60 * 1_000_000_000


def _requests(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table `requests`: every request's root, with the route of its inner report when its own is
    empty. Made once and again when spans were added."""
    row = connection.execute("SELECT count(*) FROM spans").fetchone()
    now = int(row[0]) if row else 0
    made = connection.execute(
        "SELECT comment FROM duckdb_tables() WHERE temporary AND table_name = 'requests'"
    ).fetchone()
    if made is not None and made[0] == str(now):
        return
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE requests AS "
        "SELECT s.trace_hi, s.trace_lo, s.span, s.start_ns, s.end_ns, s.weight, h.service, h.route, h.method "
        "FROM spans s JOIN shapes h ON s.shape = h.id WHERE h.kind IN ('server', 'consumer')"
    )
    _join_double_roots(connection)
    connection.execute(f"COMMENT ON TABLE temp.requests IS '{now}'")


def _join_double_roots(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "WITH several AS (SELECT DISTINCT trace_hi, trace_lo FROM requests "
        "GROUP BY trace_hi, trace_lo, service HAVING count(*) > 1) "
        "SELECT s.trace_hi, s.trace_lo, s.span, s.parent, h.kind, h.service, h.route, h.method FROM spans s "
        "JOIN several USING (trace_hi, trace_lo) JOIN shapes h ON s.shape = h.id ORDER BY s.trace_hi, s.trace_lo"
    ).fetchall()
    inner: list[tuple[int, int, int]] = []
    told: list[tuple[str, str, int, int, int]] = []
    for (hi, lo), group in itertools.groupby(rows, key=lambda row: (row[0], row[1])):
        spans = list(group)
        owners = request_of({row[2]: Node(row[3], row[4], row[5]) for row in spans})
        for _, _, span, _, kind, _, route, method in spans:
            owner = owners[span]
            if kind in ("server", "consumer") and owner not in (span, 0):
                inner.append((hi, lo, span))
                told.append((route, method, hi, lo, owner))
    if inner:
        connection.executemany("DELETE FROM requests WHERE trace_hi = ? AND trace_lo = ? AND span = ?", inner)
        connection.executemany(
            "UPDATE requests SET route = if(route = '', $1, route), method = if(method = '', $2, method) "
            "WHERE trace_hi = $3 AND trace_lo = $4 AND span = $5",
            told,
        )


def routes(connection: duckdb.DuckDBPyConnection) -> list[RouteTraffic]:
    """See `Store.routes`."""
    _requests(connection)
    rows = connection.execute(
        "SELECT service, route, method, sum(weight), sum(weight * (end_ns - start_ns)) / sum(weight) FROM requests "
        "GROUP BY ALL ORDER BY sum(weight * (end_ns - start_ns)) DESC, service, route, method"
    ).fetchall()
    return [RouteTraffic(*row) for row in rows]


def window_seconds(connection: duckdb.DuckDBPyConnection) -> float:
    """See `Store.window_seconds`."""
    _requests(connection)
    row = connection.execute(
        "WITH gaps AS (SELECT start_ns, end_ns, "
        "start_ns - max(end_ns) OVER (ORDER BY start_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS gap "
        "FROM requests) "
        "SELECT max(end_ns) - min(start_ns) - coalesce(sum(gap) FILTER (gap > ?), 0) FROM gaps",
        [_PAUSE_NS],
    ).fetchone()
    return float(row[0]) / 1e9 if row and row[0] is not None else 0.0


def traces(connection: duckdb.DuckDBPyConnection, *, per_route: int, seed: int) -> Iterator[Trace]:
    """See `Store.traces`."""
    _requests(connection)
    chosen = connection.execute(
        "WITH drawn AS (SELECT *, sum(weight) OVER route_ AS traffic, row_number() OVER "
        "(PARTITION BY service, route, method ORDER BY md5(concat_ws('/', trace_lo, trace_hi, span, ?))) AS n "
        "FROM requests WINDOW route_ AS (PARTITION BY service, route, method)) "
        "SELECT trace_hi, trace_lo, span, route, method, weight * traffic / sum(weight) OVER "
        "(PARTITION BY service, route, method) FROM drawn WHERE n <= ? ORDER BY start_ns, span",
        [seed, per_route],
    ).fetchall()
    shapes: dict[int, Shape] = {}
    for at in range(0, len(chosen), _CHUNK):
        part = chosen[at : at + _CHUNK]
        built = {}
        for rows in _traces_rows(connection, {(row[0], row[1]) for row in part}):
            _load_shapes(connection, shapes, {row.shape for row in rows})
            for span, request in requests_of_trace(rows, shapes).items():
                built[rows[0].trace_hi, rows[0].trace_lo, span] = request
        for hi, lo, span, route, method, weight in part:
            root, spans = built[hi, lo, span]
            yield Trace(replace(root, route=route, method=method), spans, weight)


def _traces_rows(connection: duckdb.DuckDBPyConnection, ids: set[tuple[int, int]]) -> Iterator[list[Row]]:
    connection.execute("CREATE OR REPLACE TEMP TABLE wanted (trace_hi UBIGINT, trace_lo UBIGINT)")
    his, los = zip(*ids, strict=True)
    connection.execute("INSERT INTO wanted SELECT unnest(?::UBIGINT[]), unnest(?::UBIGINT[])", [list(his), list(los)])
    rows = connection.execute(
        "SELECT s.* FROM spans s JOIN wanted USING (trace_hi, trace_lo) ORDER BY s.trace_hi, s.trace_lo, s.start_ns"
    ).fetchall()
    for _, group in itertools.groupby(rows, key=lambda row: row[:2]):
        yield [Row(*row) for row in group]


def _load_shapes(connection: duckdb.DuckDBPyConnection, shapes: dict[int, Shape], ids: set[int]) -> None:
    missing: Sequence[int] = [number for number in ids if number not in shapes]
    if missing:
        columns = ", ".join(SHAPE_COLUMNS)
        rows = connection.execute(
            f"SELECT id, {columns} FROM shapes WHERE id IN (SELECT unnest(?::UBIGINT[]))", [missing]
        ).fetchall()
        shapes.update((row[0], Shape(*row[1:])) for row in rows)


def code_paths(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every path that spans and profile frames name, sorted."""
    named = "SELECT code_path FROM shapes UNION SELECT path FROM frames"
    return sorted(row[0] for row in connection.execute(named).fetchall() if row[0])


def samples(connection: duckdb.DuckDBPyConnection) -> Iterator[Sample]:
    """See `Store.samples`."""
    frames = {row[0]: Frame(row[1], row[2], row[3]) for row in connection.execute("SELECT * FROM frames").fetchall()}
    rows = connection.execute(
        "SELECT p.route, s.frames, sum(s.weight) AS total FROM stacks s JOIN profiles p ON s.profile = p.id "
        "GROUP BY ALL ORDER BY total DESC, p.route, s.frames"
    ).fetchall()
    for route, stack, weight in rows:
        yield Sample(tuple(frames[number] for number in stack), weight, route)


def statements(connection: duckdb.DuckDBPyConnection, *, per_route: int, seed: int) -> list[StatementTraffic]:
    """See `Store.statements`."""
    totals: dict[tuple[str, ...], list[float]] = {}
    about: dict[tuple[str, ...], StatementTraffic] = {}
    for trace in traces(connection, per_route=per_route, seed=seed):
        seen = set()
        for span in trace.spans:
            if not span.fingerprint:
                continue
            key = (trace.root.service, trace.root.route, trace.root.method, span.fingerprint)
            if key not in about:
                about[key] = StatementTraffic(
                    *key[:3], span.category, span.system, span.fingerprint, span.statement or span.name, 0, 0, 0
                )
                totals[key] = [0.0, 0.0, 0.0]
            total = totals[key]
            total[0] += 0 if key in seen else trace.weight
            total[1] += trace.weight * span.count
            total[2] += trace.weight * (span.end - span.start)
            seen.add(key)
    result = [replace(about[key], requests=r, calls=c, total_ns=t) for key, (r, c, t) in totals.items()]
    return sorted(result, key=lambda item: (-item.total_ns, item.route, item.fingerprint))
