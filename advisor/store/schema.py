"""The tables of a store and their version."""

from __future__ import annotations

from ..ingest.batch import Shape

VERSION = "1"
_SPECIAL = {"status": "INTEGER", "code_line": "INTEGER", "error": "BOOLEAN"}
SHAPE_COLUMNS = {name: _SPECIAL.get(name, "VARCHAR") for name in Shape._fields}

TABLES = (
    "CREATE TABLE meta (key VARCHAR, value VARCHAR)",
    # What repeats about spans, once, by content address.
    "CREATE TABLE shapes (id UBIGINT, " + ", ".join(f"{name} {kind}" for name, kind in SHAPE_COLUMNS.items()) + ")",
    # Ids as little-endian integers: compared several times faster than blobs. parent 0: none.
    "CREATE TABLE spans (trace_hi UBIGINT, trace_lo UBIGINT, span UBIGINT, parent UBIGINT, "
    "start_ns BIGINT, end_ns BIGINT, shape UBIGINT, weight DOUBLE, calls INTEGER)",
    "CREATE TABLE profiles (id INTEGER, digest VARCHAR, source VARCHAR, unit VARCHAR, route VARCHAR)",
    "CREATE TABLE frames (id UBIGINT, function VARCHAR, path VARCHAR, line INTEGER)",
    "CREATE TABLE stacks (profile INTEGER, frames UBIGINT[], weight DOUBLE)",
)
