"""The JSON report: the contract in `advice.schema.json` beside this file. Paths are relative to the linted folder.

Findings stand in their order of rank, with `cost`; after them the unmeasured ones, with `cost` null.
"""

from __future__ import annotations

import json
from typing import Any

from ...linter.model import Unreadable
from ..model import Cost, Interval, RouteSaving
from . import AdviceReport
from ._indexes_json import database


def document(report: AdviceReport) -> dict[str, Any]:
    """The contract's document, before it is written out."""
    advice = report.advice
    return {
        "version": 1,
        "tool": {"name": "slowlint", "version": report.version},
        "findings": [
            *({**entry.finding.as_json(), "cost": cost(entry.cost)} for entry in advice.ranked),
            *(finding.as_json() for finding in advice.unmeasured),
        ],
        "files": advice.result.files,
        "unreadable": [_unreadable(file) for file in advice.result.unreadable],
        "routes": [_route(saving) for saving in advice.routes],
        "vital_few": list(advice.vital_few),
        "traffic": {
            "requests": sum(saving.requests for saving in advice.routes),
            "window_seconds": _rounded(advice.window_seconds),
            "saving": {"share": interval(advice.saving)},
            "instrumentation": {
                "ms_per_span": _rounded(advice.instrumentation.ns_per_span / 1e6),
                "share": _rounded(advice.instrumentation.share),
                "basis": advice.instrumentation.basis,
            },
        },
        "notes": list(advice.notes),
        "database": database(report.database) if report.database is not None else None,
    }


def write(report: AdviceReport) -> str:
    """One indented JSON document, pure ASCII, so that no terminal or pipe can spoil it."""
    return json.dumps(document(report), indent=2) + "\n"


def cost(price: Cost) -> dict[str, Any]:
    """The `cost` object of a finding."""
    return {
        "saving": {
            "share": interval(price.share),
            "ms_per_request": interval(price.ms_per_request),
            "seconds_per_hour": interval(price.seconds_per_hour),
        },
        "routes": list(price.routes),
        "per_route": {route: interval(share) for route, share in price.per_route.items()},
        "evidence": {"kind": price.evidence.kind, "detail": price.evidence.detail, "spans": price.evidence.spans},
        "formula": price.formula,
        "requests": _rounded(price.requests),
    }


def interval(value: Interval) -> dict[str, float]:
    """`{"point", "low", "high"}`."""
    return {"point": _rounded(value.point), "low": _rounded(value.low), "high": _rounded(value.high)}


def _rounded(value: float) -> float:
    return round(value, 6)


def _route(saving: RouteSaving) -> dict[str, Any]:
    return {
        "service": saving.service,
        "method": saving.method,
        "route": saving.route,
        "requests": _rounded(saving.requests),
        "mean_ms": _rounded(saving.mean_ms),
        "saving": {"share": interval(saving.share), "ms": interval(saving.ms)},
    }


def _unreadable(file: Unreadable) -> dict[str, Any]:
    return {"path": file.place.path, "line": file.place.line, "message": file.message}
