"""Predicted against measured, for machines."""

from __future__ import annotations

import json
from typing import Any

from ...model import FindingCheck, RouteCheck
from ..json import interval
from . import VerificationReport


def document(report: VerificationReport) -> dict[str, Any]:
    """The document, before it is written out."""
    found = report.verification
    return {
        "version": 1,
        "tool": {"name": "slowlint", "version": report.version},
        "failed": found.failed,
        "predicted": {"share": interval(found.predicted)},
        "measured": {"share": interval(found.measured)},
        "findings": [_finding(check) for check in found.findings],
        "routes": [_route(check) for check in found.routes],
        "appeared": [finding.as_json() for finding in found.appeared],
        "notes": list(found.notes),
    }


def write(report: VerificationReport) -> str:
    """One indented JSON document, pure ASCII."""
    return json.dumps(document(report), indent=2) + "\n"


def _finding(check: FindingCheck) -> dict[str, Any]:
    return {
        **check.finding.as_json(),
        "status": check.status,
        "predicted": {"ms_per_request": interval(check.predicted)},
        "calls_per_request": {"before": round(check.calls_before, 3), "after": round(check.calls_after, 3)},
    }


def _route(check: RouteCheck) -> dict[str, Any]:
    return {
        "service": check.service,
        "method": check.method,
        "route": check.route,
        "requests": {"before": check.requests_before, "after": check.requests_after},
        "mean_ms": {"before": round(check.before_ms, 3), "after": round(check.after_ms, 3)},
        "predicted": {"share": interval(check.predicted)},
        "measured": {"share": interval(check.measured)},
        "error_points": round(check.error, 2),
        "fixed": list(check.fixed),
        "verdict": check.verdict,
    }
