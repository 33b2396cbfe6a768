"""The `database` object of the JSON report: the contract in `advice.schema.json`. Holds no values of the database."""

from __future__ import annotations

from typing import Any

from ..database.model import DatabaseAdvice, IndexAdvice, IndexRemoval, IndexVerification, Served
from ..model import Interval


def database(advice: DatabaseAdvice) -> dict[str, Any]:
    """Everything that was found out about one database."""
    known = advice.database
    return {
        "dialect": known.dialect,
        "version": ".".join(str(part) for part in known.version),
        "tables": len(known.tables),
        "statements": advice.considered,
        "not_worth_it": advice.unpriced,
        "indexes": [_index(one) for one in advice.indexes],
        "removals": [_removal(one) for one in advice.removals],
        "refuted": [{"fingerprint": one.finding.fingerprint, "reason": one.reason} for one in advice.refuted],
        "open": [finding.fingerprint for finding in advice.open],
        "notes": [*known.notes, *advice.notes],
    }


def verification(checked: IndexVerification) -> list[dict[str, Any]]:
    """What became of promised indexes."""
    return [
        {
            "table": one.table,
            "keys": list(one.keys),
            "ddl": one.ddl,
            "verdict": one.verdict,
            "statements": [
                {
                    "text": statement.text,
                    "calls": statement.calls,
                    "before_ms": _rounded(statement.before_ms),
                    "after_ms": _rounded(statement.after_ms),
                    "before_rows": _rounded(statement.before_rows),
                    "after_rows": _rounded(statement.after_rows),
                    "promised_ms": _interval(statement.promised),
                }
                for statement in one.statements
            ],
        }
        for one in checked.indexes
    ]


def _index(one: IndexAdvice) -> dict[str, Any]:
    return {
        "table": one.table.name,
        "schema": one.table.schema,
        "keys": list(one.proposal.keys),
        "where": one.proposal.where,
        "ddl": one.ddl,
        "checked": one.checked,
        "cost": {"before": _rounded(one.before), "after": _rounded(one.after)},
        "saving": {"ms_per_call": _interval(one.ms_per_call), "seconds_per_hour": _interval(one.seconds_per_hour)},
        "upkeep_seconds_per_hour": _rounded(one.upkeep_seconds_per_hour),
        "bytes": one.bytes,
        "rows": _rounded(one.rows),
        "statements": [_served(served) for served in one.served],
        "findings": list(one.findings),
        "notes": list(one.notes),
    }


def _served(one: Served) -> dict[str, Any]:
    statement = one.statement
    return {
        "text": statement.shown,
        "fingerprint": statement.fingerprint,
        "source": statement.source,
        "calls_per_hour": _rounded(statement.calls_per_hour),
        "mean_ms": _rounded(statement.mean_ms),
        "routes": list(statement.routes),
        "cost": {"before": _rounded(one.before), "after": _rounded(one.after)},
        "ms": _interval(one.ms),
    }


def _removal(one: IndexRemoval) -> dict[str, Any]:
    return {
        "table": one.table.name,
        "schema": one.table.schema,
        "index": one.index.name,
        "reason": one.reason,
        "detail": one.detail,
        "other": one.other,
        "ddl": one.ddl,
        "bytes": one.bytes,
        "writes_per_hour": _rounded(one.writes_per_hour),
    }


def _interval(value: Interval | None) -> dict[str, float] | None:
    if value is None:
        return None
    return {"point": round(value.point, 6), "low": round(value.low, 6), "high": round(value.high, 6)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
