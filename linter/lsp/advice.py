"""What the last `slowlint advise` measured, for the hover.

In: `.slowlint/advice.json` under the root: the documented JSON contract, with `cost` filled. Out: `Priced` places.
Knows only that contract; a missing, half-written or foreign file is no advice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(".slowlint") / "advice.json"
MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Priced:
    """One finding with what fixing it would save, as Markdown."""

    path: str
    line: int
    fingerprint: str
    message: str
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """Every priced finding of a project."""

    priced: Sequence[Priced] = ()

    def at(self, path: str, line: int, fingerprints: Sequence[str]) -> list[Priced]:
        """What is known of a line: by the fingerprints of the findings there, else by the line itself."""
        named = [item for item in self.priced if item.fingerprint in fingerprints]
        return named or [item for item in self.priced if (item.path, item.line) == (path, line)]


def read(root: Path) -> Advice:
    """The advice of the project, empty when there is none."""
    file = root / FILE
    try:
        if file.stat().st_size > MAX_BYTES:
            return Advice()
        document = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return Advice()
    findings = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(findings, list):
        return Advice()
    return Advice([priced for finding in findings if (priced := _priced(finding)) is not None])


def _priced(finding: object) -> Priced | None:
    if not isinstance(finding, dict):
        return None
    cost, path, line = finding.get("cost"), finding.get("path"), finding.get("line")
    if not isinstance(cost, dict) or not isinstance(path, str) or not isinstance(line, int):
        return None
    text = _words(cost)
    if not text:
        return None
    return Priced(path, line, str(finding.get("fingerprint", "")), str(finding.get("message", "")), text)


def _words(cost: Mapping[str, object]) -> str:
    """ "**Measured:** fixing this saves 31 % of the request …" from a `cost` object; "" when it says nothing."""
    saving = cost.get("saving")
    if not isinstance(saving, dict):
        return ""
    parts = []
    share, low, high = _numbers(saving.get("share"))
    if share is not None:
        interval = f" ({100 * low:.0f}–{100 * high:.0f} %)" if low is not None and high is not None else ""
        parts.append(f"{100 * share:.0f} %{interval} of the request")
    per_request, _, _ = _numbers(saving.get("ms_per_request"))
    if per_request is not None:
        parts.append(f"{per_request:,.1f} ms per request")
    per_hour, _, _ = _numbers(saving.get("seconds_per_hour"))
    if per_hour is not None:
        parts.append(f"{per_hour:,.1f} s per hour of traffic")
    if not parts:
        return ""
    routes = cost.get("routes")
    names = [_route(route) for route in routes[:3]] if isinstance(routes, list) else []
    on = f" on {', '.join(f'`{name}`' for name in names)}" if names else ""
    evidence = cost.get("evidence")
    kind = evidence.get("kind") if isinstance(evidence, dict) else evidence
    proof = f" Evidence: {kind}." if isinstance(kind, str) and kind else ""
    return f"**Measured:** fixing this saves {', '.join(parts)}{on}.{proof}"


def _route(route: object) -> str:
    return str(route.get("route", "")) if isinstance(route, dict) else str(route)


def _numbers(value: object) -> tuple[float | None, float | None, float | None]:
    """(point, low, high) of a number or of an interval object."""
    if isinstance(value, dict):
        point, low, high = (_number(value.get(key)) for key in ("point", "low", "high"))
        return point, low, high
    return _number(value), None, None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
