"""Which statements a database is sent: its own records, those of telemetry, and what the linter predicts.

Out: `Statement`s, one per fingerprint, those that take most time first. A statement that several sources know keeps the
database's numbers, which are of all traffic, and gets the routes of the spans and the fingerprints of the findings.

PostgreSQL: https://www.postgresql.org/docs/current/pgstatstatements.html (columns were renamed in its version 1.8);
MySQL, MariaDB: performance_schema's digests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ...linter.model import Finding, Query
from .. import statements as sql
from ..model import StatementTraffic
from .connect import dialect_of, gone
from .model import Dialect, Statement

_MOST: Final = 2_000
"""Statements that are asked for: those that take most time."""
_LONGEST: Final = 50_000
_EXTENSION: Final = (
    "SELECT quote_ident(n.nspname), (SELECT array_agg(a.attname::text) FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = c.oid AND a.attnum > 0), "
    "EXISTS (SELECT 1 FROM pg_catalog.pg_class i "
    "WHERE i.relnamespace = n.oid AND i.relname = 'pg_stat_statements_info') "
    "FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
    "JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'pg_stat_statements' "
    "WHERE e.extname = 'pg_stat_statements'"
)
_DIGESTS: Final = (
    "SELECT digest_text, count_star, sum_timer_wait / 1e9, sum_rows_sent + sum_rows_affected, "
    "timestampdiff(SECOND, min(first_seen) OVER (), now()) FROM performance_schema.events_statements_summary_by_digest "
    f"WHERE schema_name = DATABASE() AND digest_text IS NOT NULL ORDER BY sum_timer_wait DESC LIMIT {_MOST}"
)
_HIDDEN: Final = "<insufficient privilege>"
_WORTH: Final = re.compile(
    r"\s*(?:/\*.*?\*/\s*|--[^\n]*\n\s*)*(?:select|with|update|delete)\b", re.IGNORECASE | re.DOTALL
)
_OWN: Final = re.compile(r"\b(?:pg_catalog|information_schema|performance_schema|hypopg_|pg_stat_)", re.IGNORECASE)


def recorded(connection: Connection, notes: list[str]) -> list[Statement]:
    """What the database itself counted; nothing, and a note, where it does not count or does not tell."""
    match dialect_of(connection):
        case "postgresql":
            found = _pg_stat_statements(connection, notes)
        case "sqlite":
            return []
        case _:
            found = _digests(connection, notes)
    return [one for one in found if _WORTH.match(one.text) and not _OWN.search(one.text)]


def _pg_stat_statements(connection: Connection, notes: list[str]) -> list[Statement]:
    row = connection.exec_driver_sql(_EXTENSION).first()
    if row is None:
        notes.append(
            "pg_stat_statements is not installed here: what the database is asked comes from telemetry and the linter "
            "alone (shared_preload_libraries, then CREATE EXTENSION pg_stat_statements)"
        )
        return []
    schema, columns, has_info = row
    time = "total_exec_time" if "total_exec_time" in columns else "total_time"
    since = f"(SELECT stats_reset FROM {schema}.pg_stat_statements_info)" if has_info else "NULL::timestamptz"
    if "stats_since" in columns:  # since 17 statements can be forgotten one by one: the oldest tells the window
        since = f"greatest({since}, min(min(s.stats_since)) OVER ())"
    asked = (
        f"SELECT s.query, sum(s.calls)::float8, sum(s.{time})::float8, sum(s.rows)::float8, "
        f"extract(epoch FROM now() - {since})::float8 FROM {schema}.pg_stat_statements s "
        "WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) "
        f"GROUP BY s.queryid, s.query ORDER BY 3 DESC LIMIT {_MOST}"
    )
    try:
        with connection.begin_nested():
            rows = list(connection.exec_driver_sql(asked))
    except SQLAlchemyError as error:
        if gone(error):
            raise
        said = str(getattr(error, "orig", error)).splitlines()[0]
        notes.append(f"pg_stat_statements cannot be read: {said}")
        return []
    hidden = sum(1 for one in rows if one[0] is None or _HIDDEN in one[0])
    if hidden:
        notes.append(
            f"the texts of {hidden} of {len(rows)} statements, sent by other roles, are hidden from this one: "
            "GRANT pg_read_all_stats shows it"
        )
    return [
        Statement(text, "pg_stat_statements", sql.fingerprint(text), calls, ms, count, seconds)
        for text, calls, ms, count, seconds in rows
        if text is not None and _HIDDEN not in text and len(text) <= _LONGEST
    ]


def _digests(connection: Connection, notes: list[str]) -> list[Statement]:
    try:
        rows = list(connection.exec_driver_sql(_DIGESTS))
    except SQLAlchemyError as error:
        if gone(error):
            raise
        notes.append("performance_schema's digests are not visible to this role: GRANT SELECT ON performance_schema.*")
        return []
    if not rows:
        notes.append("performance_schema holds no digests: it is off, or counts nothing yet")
    found = []
    for text, calls, ms, count, seconds in rows:
        plain = str(text).replace("(...)", "(?)").replace("...", "?")
        mark = sql.fingerprint(plain, system="mysql")
        figures = (float(calls), float(ms), float(count), None if seconds is None else float(seconds))
        found.append(Statement(plain, "performance_schema", mark, *figures))
    return found


def from_telemetry(traffic: Iterable[StatementTraffic], window_seconds: float) -> list[Statement]:
    """What spans saw of SQL databases, over all routes."""
    found: dict[str, Statement] = {}
    for one in traffic:
        if one.category != "db" or not _WORTH.match(one.statement):
            continue
        route = f"{one.method} {one.route}".strip()
        have = found.get(one.fingerprint)
        if have is None:
            have = Statement(one.statement, "telemetry", one.fingerprint, 0.0, 0.0, None, window_seconds or None)
        found[one.fingerprint] = replace(
            have,
            calls=(have.calls or 0.0) + one.calls,
            total_ms=(have.total_ms or 0.0) + one.total_ns / 1e6,
            routes=tuple(dict.fromkeys((*have.routes, route))) if route else have.routes,
        )
    return list(found.values())


def predicted(findings: Iterable[Finding], dialect: Dialect) -> Iterator[Statement]:
    """What the linter's findings about indexes say will be sent: how often is not known."""
    for finding in findings:
        if finding.family == "index" and finding.query is not None and finding.query.tables:
            text = spelled(finding.query, dialect)
            yield Statement(text, "predicted", sql.fingerprint(text), findings=(finding.fingerprint,))


def spelled(query: Query, dialect: Dialect) -> str:
    """A statement of the shape that a finding predicts: every filter an equality."""
    mark = "`" if dialect in ("mysql", "mariadb") else '"'

    def name(text: str) -> str:
        return ".".join(f"{mark}{part.replace(mark, mark * 2)}{mark}" for part in text.split("."))

    main = query.tables[0]

    def column(text: str) -> str:
        table, _, bare = text.rpartition(".")
        return name(bare) if table in ("", main) else ""

    filters = [column(one) for one in query.filters]
    order = [column(one.lstrip("-")) + (" DESC" if one.startswith("-") else "") for one in query.order]
    text = f"SELECT * FROM {name(main)}"
    if any(filters):
        text += " WHERE " + " AND ".join(f"{one} = ?" for one in filters if one)
    if order and all(one.removesuffix(" DESC") for one in order):
        text += f" ORDER BY {', '.join(order)} LIMIT 100"
    return text


def joined(sources: Sequence[Iterable[Statement]]) -> list[Statement]:
    """One statement per fingerprint; of what sources say, the first one's numbers."""
    found: dict[str, Statement] = {}
    for one in (statement for source in sources for statement in source):
        have = found.get(one.fingerprint)
        if have is None:
            found[one.fingerprint] = one
            continue
        same = have.source == one.source
        found[one.fingerprint] = replace(
            have,
            calls=_sum(have.calls, one.calls) if same else have.calls if have.calls is not None else one.calls,
            total_ms=_sum(have.total_ms, one.total_ms)
            if same
            else have.total_ms
            if have.calls is not None
            else one.total_ms,
            rows=_sum(have.rows, one.rows) if same else have.rows,
            since_seconds=have.since_seconds or one.since_seconds,
            routes=tuple(dict.fromkeys((*have.routes, *one.routes))),
            findings=tuple(dict.fromkeys((*have.findings, *one.findings))),
        )
    return sorted(found.values(), key=lambda one: (-(one.total_ms or 0.0), one.fingerprint))


def _sum(left: Any, right: Any) -> Any:
    return right if left is None else left if right is None else left + right
