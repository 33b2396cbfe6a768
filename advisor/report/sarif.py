"""SARIF 2.1.0 (OASIS standard) with `rank`: results in the order of what fixing them recovers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from ...linter.model import Finding, Place, Severity
from ..model import UNKNOWN_PATH, Cost
from . import AdviceReport, _sarif_indexes
from ._figures import between, duration, hourly, led_to
from .json import cost as cost_object

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final[Mapping[Severity, str]] = {"error": "error", "warning": "warning", "note": "note"}


def write(report: AdviceReport) -> str:
    """One run. Unmeasured findings come last, without a rank (SARIF's -1: unknown)."""
    advice = report.advice
    priced: list[tuple[Finding, Cost | None]] = [(entry.finding, entry.cost) for entry in advice.ranked]
    priced += [(finding, None) for finding in advice.unmeasured]
    families = {finding.code: finding.family for finding, _ in priced}
    if report.database is not None:
        families |= dict.fromkeys(_sarif_indexes.codes(report.database), "index")
    index = {code: number for number, code in enumerate(sorted(families))}
    dearest = max((price.seconds_per_hour.point for _, price in priced if price is not None), default=0.0)
    run = {
        "tool": {
            "driver": {
                "name": "slowlint",
                "version": report.version,
                "semanticVersion": report.version,
                "rules": [_rule(code, families[code]) for code in index],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            *(_result(finding, price, report.prefix, index, dearest) for finding, price in priced),
            *(_sarif_indexes.results(report.database, index) if report.database is not None else ()),
        ],
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {
                        "level": "warning",
                        "message": {"text": file.message},
                        "locations": [{"physicalLocation": _physical(file.place, report.prefix)}],
                    }
                    for file in advice.result.unreadable
                ],
            }
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str, family: str) -> dict[str, Any]:
    name = "".join(word.title() for word in code.split("-"))
    return {"id": code, "name": name, "properties": {"tags": ["performance", family]}}


def _result(
    finding: Finding, price: Cost | None, prefix: str, index: Mapping[str, int], dearest: float
) -> dict[str, Any]:
    text = [finding.message]
    if price is not None and price.seconds_per_hour.high > 0:
        saved = f"{between(price.share)} of the request, {duration(price.ms_per_request.point)} each"
        text.append(f"Saves {hourly(price.seconds_per_hour.point)} an hour: {saved}.")
    if finding.remedy:
        text.append(f"Fix: {finding.remedy}")
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n".join(text)},
        "rank": _rank(price, dearest),
        "relatedLocations": [
            {
                "id": number,
                "physicalLocation": _physical(step.place, prefix),
                "message": {"text": step.message},
            }
            for number, step in enumerate(finding.because, 1)
        ],
        "partialFingerprints": {"slowlint/v1": finding.fingerprint},
        "properties": {"confidence": finding.confidence, "routes": list(price.routes if price else finding.routes)},
    }
    if finding.place.path != UNKNOWN_PATH:
        location: dict[str, Any] = {"physicalLocation": _physical(finding.place, prefix)}
        if finding.symbol:
            location["logicalLocations"] = [{"fullyQualifiedName": finding.symbol}]
        result["locations"] = [location]
    if price is not None:
        result["properties"]["cost"] = cost_object(price)
    return result


def _rank(price: Cost | None, dearest: float) -> float:
    """0-100, larger is more important (SARIF 2.1.0 §3.27.25): recoverable time relative to the dearest finding."""
    if price is None:
        return -1.0
    return round(100.0 * price.seconds_per_hour.point / dearest, 2) if dearest > 0 else 0.0


def _physical(place: Place, prefix: str) -> dict[str, Any]:
    region: dict[str, int] = {"startLine": place.line, "startColumn": place.column}
    region["endLine"] = max(place.end_line, place.line)
    if place.end_column and (region["endLine"] > place.line or place.end_column >= place.column):
        region["endColumn"] = place.end_column
    return {"artifactLocation": {"uri": quote(led_to(place.path, prefix).encode(), safe="/")}, "region": region}
