"""What the linter says: places, queries, findings. Imports nothing of ours; everything else may import it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Confidence = Literal["certain", "likely", "possible"]
Severity = Literal["error", "warning", "note"]
CONFIDENCES: tuple[Confidence, ...] = ("possible", "likely", "certain")  # weakest first
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")  # mildest first


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of source. `path` is relative to the linted folder, with `/`; lines and columns count from 1,
    columns in characters; `end_column` is the column after the last character."""

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True)
class Because:
    """One step of the reason for a finding: the loop, a hop of the call path, the query, the model field."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Query:
    """The shape of a statement the code will send: what telemetry's SQL is compared with.

    `verb` is SELECT, INSERT, UPDATE or DELETE; `tables` are database names, the main one first;
    `filters` and `order` are `column` or `table.column` (a leading `-` in `order` means descending).
    """

    verb: str
    tables: tuple[str, ...]
    filters: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `place` by `text`."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A rewrite that repairs a finding; `safe` when it cannot change what the program computes."""

    message: str
    edits: tuple[Edit, ...]
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """Ready text that repairs a finding and stands in a file of its own, or is run: a migration, an SQL statement.

    `title` says what it is, `path` where it belongs ("" for nowhere in the project), `language` is `python` or `sql`.
    """

    title: str
    path: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One root cause. `place` is where the slow thing happens; `because` says why, nearest reason first."""

    code: str
    family: str
    message: str
    place: Place
    severity: Severity
    confidence: Confidence
    symbol: str = ""
    fingerprint: str = ""
    because: tuple[Because, ...] = ()
    routes: tuple[str, ...] = ()
    query: Query | None = None
    remedy: str = ""
    fix: Fix | None = None
    hot: bool = False
    """Reachable from a request, task, consumer or middleware entry."""
    weight: float = 0.0
    """Order without telemetry: how much it is likely to cost, larger first; no unit."""
    snippets: tuple[Snippet, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The `findings[]` object of the documented JSON contract; `cost` is null until the advisor fills it."""
        return {
            "code": self.code,
            "family": self.family,
            "message": self.message,
            **_place_json(self.place),
            "severity": self.severity,
            "confidence": self.confidence,
            "symbol": self.symbol,
            "fingerprint": self.fingerprint,
            "because": [{**_place_json(step.place), "message": step.message} for step in self.because],
            "routes": list(self.routes),
            "query": None
            if self.query is None
            else {
                "verb": self.query.verb,
                "tables": list(self.query.tables),
                "filters": list(self.query.filters),
                "order": list(self.query.order),
            },
            "remedy": self.remedy,
            "fix": None
            if self.fix is None
            else {
                "message": self.fix.message,
                "safe": self.fix.safe,
                "edits": [{**_place_json(edit.place), "text": edit.text} for edit in self.fix.edits],
            },
            "snippets": [
                {"title": one.title, "path": one.path, "language": one.language, "text": one.text}
                for one in self.snippets
            ],
            "cost": None,
        }


def _place_json(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line or place.line,
        "end_column": place.end_column or place.column,
    }


def fingerprint(code: str, path: str, symbol: str, subject: str, nth: int = 0) -> str:
    """Name a finding so that the name survives moved lines.

    `subject` says what of `symbol` is meant (a relation path, a callee, a column), `nth` tells apart several
    of the same subject in one symbol. 16 hexadecimal digits.
    """
    return hashlib.blake2b("\0".join((code, path, symbol, subject, str(nth))).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be understood, and where it stopped making sense."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class LintResult:
    """What one run of the linter found. `files` counts the files read; `unreadable` those that could not be."""

    findings: tuple[Finding, ...]
    files: int
    unreadable: tuple[Unreadable, ...] = ()


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One stable order: likely cost first, then place and code."""
    return tuple(sorted(findings, key=lambda f: (-f.weight, f.place, f.code, f.fingerprint)))
