"""Findings as the editor shows them.

In: findings, texts of the files they name. Out: LSP diagnostics with positions in the client's units (UTF-16 unless
agreed otherwise), and the Markdown of a hover. Reads nothing, sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lsprotocol import types
from pygls.workspace import PositionCodec

from ..model import Finding, Place, Severity
from ..report import RulePage
from .advice import Priced

Lines = Callable[[str], Sequence[str]]
"""Path relative to the root -> lines of that file as the editor sees it; () when there is none."""
_SEVERITIES: Mapping[Severity, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}


def diagnostic(
    finding: Finding, root: Path, lines: Lines, codec: PositionCodec, pages: Mapping[str, RulePage]
) -> types.Diagnostic:
    """One finding at its place, with every reason as related information and the rule's page behind its code."""
    message = finding.message if not finding.remedy else f"{finding.message}\n{finding.remedy}"
    page = pages.get(finding.code)
    link = types.CodeDescription(href=Path(page.file).as_uri()) if page and page.file else None
    return types.Diagnostic(
        range=text_range(finding.place, lines(finding.place.path), codec),
        message=message,
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=link,
        source="slowlint",
        related_information=[
            types.DiagnosticRelatedInformation(
                location=types.Location(
                    uri=(root / step.place.path).as_uri(),
                    range=text_range(step.place, lines(step.place.path), codec),
                ),
                message=step.message,
            )
            for step in finding.because
        ],
        data={"fingerprint": finding.fingerprint, "confidence": finding.confidence},
    )


def text_range(place: Place, lines: Sequence[str], codec: PositionCodec) -> types.Range:
    """A place (lines from 1, columns in characters from 1) as a range in the client's units, inside the document."""

    def position(line: int, column: int) -> types.Position:
        if not lines:
            return types.Position(max(line - 1, 0), max(column - 1, 0))
        row = min(max(line - 1, 0), len(lines) - 1)
        return types.Position(row, codec.client_num_units(lines[row][: max(column - 1, 0)]))

    start = position(place.line, place.column)
    end_line = max(place.end_line, place.line)
    if place.end_column:
        end = position(end_line, place.end_column)
    else:  # only the line is known
        end = position(end_line, len(lines[end_line - 1]) + 1 if end_line <= len(lines) else 1)
    return types.Range(start, max(start, end, key=lambda at: (at.line, at.character)))


def hover(findings: Sequence[Finding], priced: Sequence[Priced], pages: Mapping[str, RulePage]) -> str:
    """Markdown for one line: each finding with its remedy and measured cost, then the pages of the rules once."""
    parts = []
    costs = {item.fingerprint: item for item in priced}
    for finding in findings:
        cost = costs.pop(finding.fingerprint, None)
        remedy = f"\n\n{finding.remedy}" if finding.remedy else ""
        measured = f"\n\n{cost.text}" if cost else ""
        parts.append(f"**{finding.code}** ({finding.confidence}): {finding.message}{remedy}{measured}")
    parts += [f"{item.message}\n\n{item.text}" for item in costs.values()]
    codes = dict.fromkeys(finding.code for finding in findings)
    parts += [pages[code].text for code in codes if code in pages]
    return "\n\n---\n\n".join(parts)
