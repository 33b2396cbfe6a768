"""Annotations for GitHub Actions: one workflow command per finding.

Format and escapes: docs.github.com, "Workflow commands for GitHub Actions", and `command.ts` of actions/toolkit.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..model import Finding, Severity
from . import Report

_COMMANDS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def write(report: Report) -> str:
    """One line per finding; the because-chain and the remedy are further lines of its message."""
    return "".join(_annotation(finding, report.prefix) + "\n" for finding in report.result.findings)


def _annotation(finding: Finding, prefix: str) -> str:
    place = finding.place
    properties = {
        "file": prefix + place.path,
        "line": str(place.line),
        "endLine": str(place.end_line or place.line),
        "title": f"{finding.code} ({finding.confidence})",
    }
    if (place.end_line or place.line) == place.line:  # GitHub refuses columns on several lines
        properties["col"] = str(place.column)
        properties["endColumn"] = str(place.end_column or place.column)
    message = [finding.message]
    message += [f"{prefix}{step.place.path}:{step.place.line}: {step.message}" for step in finding.because]
    if finding.remedy:
        message.append(f"Fix: {finding.remedy}")
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(chr(10).join(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
