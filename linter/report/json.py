"""The JSON report: the contract in `findings.schema.json` beside this file. Paths are relative to the linted folder."""

from __future__ import annotations

import json
from typing import Any

from ..model import Unreadable
from . import Report


def document(report: Report) -> dict[str, Any]:
    """The contract's document, before it is written out."""
    return {
        "version": 1,
        "tool": {"name": "slowlint", "version": report.version},
        "findings": [
            {**finding.as_json(), "cost": report.costs.get(finding.fingerprint)} for finding in report.result.findings
        ],
        "files": report.result.files,
        "unreadable": [_unreadable(file) for file in report.result.unreadable],
    }


def write(report: Report) -> str:
    """One indented JSON document, pure ASCII, so that no terminal or pipe can spoil it."""
    return json.dumps(document(report), indent=2) + "\n"


def _unreadable(file: Unreadable) -> dict[str, Any]:
    return {"path": file.place.path, "line": file.place.line, "message": file.message}
