"""SARIF 2.1.0 (OASIS standard), for GitHub code scanning and every editor that reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..model import Confidence, Finding, Place, Severity, Unreadable
from . import Report, RulePage

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "note": "note"}
_BASE_RANK: Mapping[Confidence, float] = {"possible": 0.0, "likely": 30.0, "certain": 60.0}
_PRECISION: Mapping[Confidence, str] = {"possible": "medium", "likely": "high", "certain": "very-high"}


def write(report: Report) -> str:
    """One run; `rank` orders the results: by measured saving when there is one, else by confidence and weight."""
    findings = report.result.findings
    codes = sorted({finding.code for finding in findings} | set(report.pages))
    index = {code: number for number, code in enumerate(codes)}
    families = {finding.code: finding.family for finding in findings}
    heaviest = max((finding.weight for finding in findings), default=0.0)
    run = {
        "tool": {
            "driver": {
                "name": "slowlint",
                "version": report.version,
                "semanticVersion": report.version,
                "rules": [_rule(code, report.pages.get(code), families.get(code, "")) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, report, index, heaviest) for finding in findings],
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(file, report) for file in report.result.unreadable],
            }
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str, page: RulePage | None, family: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": code, "name": "".join(word.title() for word in code.split("-"))}
    if page is not None:
        rule["shortDescription"] = {"text": page.summary}
        rule["fullDescription"] = {"text": page.summary}
        rule["help"] = {"text": page.text, "markdown": page.text}
    rule["properties"] = {"tags": ["performance", page.family if page else family], "problem.severity": "warning"}
    return rule


def _result(finding: Finding, report: Report, index: Mapping[str, int], heaviest: float) -> dict[str, Any]:
    text = finding.message if not finding.remedy else f"{finding.message}\nFix: {finding.remedy}"
    location: dict[str, Any] = {"physicalLocation": _physical(finding.place, report.prefix)}
    if finding.symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.symbol}]
    cost = report.costs.get(finding.fingerprint)
    properties: dict[str, Any] = {"confidence": finding.confidence, "precision": _PRECISION[finding.confidence]}
    if finding.routes:
        properties["routes"] = list(finding.routes)
    if cost is not None:
        properties["cost"] = dict(cost)
    return {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "rank": _rank(finding, heaviest, cost),
        "locations": [location],
        "relatedLocations": [
            {
                "id": number,
                "physicalLocation": _physical(step.place, report.prefix),
                "message": {"text": step.message},
            }
            for number, step in enumerate(finding.because, 1)
        ],
        "partialFingerprints": {"slowlint/v1": finding.fingerprint},
        "properties": properties,
    }


def _rank(finding: Finding, heaviest: float, cost: Mapping[str, Any] | None) -> float:
    """0-100, larger is more important (SARIF 2.1.0 §3.27.25). Priced by telemetry: the percentage of the request that
    would be saved. Otherwise 0, 30 or 60 for the confidence, plus 0-40 for the weight relative to the heaviest."""
    base = _BASE_RANK[finding.confidence] + (40.0 * finding.weight / heaviest if heaviest > 0 else 0.0)
    if cost is None:
        return round(min(base, 100.0), 2)
    share = cost.get("saving", {}).get("share", 0.0)
    point = share.get("point", 0.0) if isinstance(share, Mapping) else share
    return round(min(100.0, 100.0 * float(point)), 2)


def _physical(place: Place, prefix: str) -> dict[str, Any]:
    region: dict[str, int] = {"startLine": place.line, "startColumn": place.column}
    region["endLine"] = max(place.end_line, place.line)
    if place.end_column and (region["endLine"] > place.line or place.end_column >= place.column):
        region["endColumn"] = place.end_column
    uri = quote((prefix + place.path).encode(errors="surrogateescape"), safe="/")
    return {"artifactLocation": {"uri": uri}, "region": region}


def _notification(file: Unreadable, report: Report) -> dict[str, Any]:
    return {
        "level": "warning",
        "message": {"text": file.message},
        "locations": [{"physicalLocation": _physical(file.place, report.prefix)}],
    }
