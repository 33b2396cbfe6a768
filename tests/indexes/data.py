"""Tables of a million rows, the same on PostgreSQL and SQLite, filled by the database itself.

Values come from multiplicative hashes of the row number, so that every run has the same ones. What matters of a column
is said beside it: how many values it has, how they are spread, and whether they follow the order of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator

ROWS = 1_000_000

# (column, type, expression of n): h1, h2, h3 are hashes of n between 0 and a million, independent of each other
_EVENT = (
    ("id", "integer", "n"),
    ("owner_id", "integer", "h1 % 2000 + 1"),  # 500 rows each
    ("kind", "text", "CASE WHEN h2 % 1000 < 900 THEN 'view' WHEN h2 % 1000 < 990 THEN 'click' "
                     "WHEN h2 % 1000 < 999 THEN 'error' ELSE 'fraud' END"),
    ("status", "integer", "h3 % 4"),
    ("created", "timestamp", "{time}(n * 30)"),  # follows the rows
    ("due", "timestamp", "{time}(h2 * 30)"),  # does not
    ("score", "integer", "h3"),
    ("email", "text", "'User' || n || '@Example.com'"),
    ("code", "text", "'C' || h1"),
    ("processed", "timestamp", "CASE WHEN h1 % 1000 = 0 THEN NULL ELSE {time}(n * 30 + 60) END"),
    ("parent_id", "integer", "CASE WHEN h2 % 20 = 0 THEN h1 % 50000 + 1 END"),  # 95 % NULL
    ("country", "text", "'c' || (h3 * h3 / 1000003 / 5000)"),  # 200 values, 7 % to 0.25 %
    ("city", "text", "'c' || (h3 * h3 / 1000003 / 5000) || '-' || (h2 % 10)"),  # says its country
    ("active", "boolean", "h1 % 100 > 0"),
    ("flag", "boolean", "h2 % 2 = 0"),
    ("amount", "real", "(h3 % 100000) / 100.0"),
    ("note", "text", "'a note that is the same for every row, long as notes are'"),
)  # fmt: skip
_LINE = (
    ("id", "integer", "n"),
    ("event_id", "integer", "h1 % 1000000 + 1"),
    ("product_id", "integer", "h2 % 10000 + 1"),  # 100 rows each
    ("qty", "integer", "h3 % 100"),
    ("warehouse", "integer", "h3 % 20"),
    ("sku", "text", "'S' || (h2 % 50000)"),  # 20 rows each
    ("added", "timestamp", "{time}(n * 30)"),
)
_ACCOUNT = (
    ("id", "integer", "n"),
    ("email", "text", "'u' || n || '@example.com'"),
    ("tenant_id", "integer", "h1 % 500 + 1"),  # 2000 rows each
    ("created", "timestamp", "{time}(n * 30)"),
    ("name", "text", "'name' || (h2 % 100000)"),
    ("plan", "text", "CASE WHEN h3 % 100 < 80 THEN 'free' WHEN h3 % 100 < 99 THEN 'paid' ELSE 'gold' END"),
    ("deleted", "boolean", "h2 % 50 = 0"),
    ("last_login", "timestamp", "{time}(h3 * 30)"),
    ("external_id", "text", "CASE WHEN h1 % 10 = 0 THEN 'x' || h1 END"),
)
_OWNER = (
    ("id", "integer", "n"),
    ("name", "text", "'owner' || n"),
    ("country", "text", "'c' || (n % 200)"),
)
_SETTING = (
    ("id", "integer", "n"),
    ("name", "text", "'setting' || n"),
    ("value", "text", "'on'"),
)
TABLES = {
    "event": (_EVENT, ROWS),
    "line": (_LINE, ROWS),
    "account": (_ACCOUNT, ROWS),
    "owner": (_OWNER, 2_000),
    "setting": (_SETTING, 40),
}
INDEXES = (
    "CREATE INDEX line_event ON line (event_id)",
    "CREATE INDEX line_product ON line (product_id, qty)",
    "CREATE UNIQUE INDEX account_email ON account (email)",
    "CREATE INDEX account_tenant ON account (tenant_id, created)",
    "CREATE INDEX account_name ON account (name) WHERE NOT deleted",
)

_HASHED = "n * 2654435761 % 1000003 AS h1, n * 40503023 % 1000033 AS h2, n * 7368787 % 1000039 AS h3"


def statements(dialect: str) -> Iterator[str]:
    """What makes and fills everything, statistics included."""
    time = "timestamp '2020-01-01' + interval '1 second' * " if dialect == "postgresql" else "at"
    for name, (columns, rows) in TABLES.items():
        declared = ", ".join(
            f"{column} {kind}" + (" PRIMARY KEY" if column == "id" else "") for column, kind, _ in columns
        )
        yield f"CREATE TABLE {name} ({declared})"
        if dialect == "postgresql":
            numbers = f"SELECT n, {_HASHED} FROM generate_series(1, {rows}::bigint) AS n"
        else:
            counted = f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows})"
            numbers = f"{counted} SELECT n, {_HASHED} FROM s"
        values = ", ".join(expression.replace("{time}", time) for _, _, expression in columns)
        if dialect != "postgresql":
            values = _sqlite_times(values)
        yield f"INSERT INTO {name} SELECT {values} FROM ({numbers}) AS hashed"
    yield from INDEXES
    if dialect == "postgresql":
        yield from (f"VACUUM ANALYZE {name}" for name in TABLES)
    else:
        yield "ANALYZE"


def _sqlite_times(values: str) -> str:
    """`at(…)` spelled as SQLite knows it. Its dates are texts."""
    out = values
    while "at(" in out:
        start = out.index("at(")
        end = out.index(")", start)
        out = f"{out[:start]}datetime(1577836800 + {out[start + 3 : end]}, 'unixepoch'){out[end + 1 :]}"
    return out
