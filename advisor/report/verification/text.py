"""Predicted against measured, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...model import FindingCheck, FixStatus, RouteCheck, Verdict, Verification
from .._figures import Paint, between, clean, duration, painter, where
from . import VerificationReport

_STATUS: Mapping[FixStatus, str] = {"fixed": "bold green", "reduced": "yellow", "remains": "dim", "not run": "dim"}
_VERDICT: Mapping[Verdict, tuple[str, str]] = {
    "came": ("the saving came", "bold green"),
    "more than promised": ("more than promised", "bold green"),
    "did not come": ("the saving did not come", "bold red"),
    "too little to judge": ("too little to judge", "dim"),
    "nothing fixed": ("nothing was fixed here", "dim"),
}
_JUDGED = ("came", "more than promised", "did not come")


def write(report: VerificationReport) -> str:
    """Findings, then routes, then one line; without colour exactly the same words."""
    paint = painter(report.color)
    found = report.verification
    blocks = ["\n".join(_finding(check, report.prefix, paint) for check in found.findings)]
    blocks += ["\n".join(_route(check, paint)) for check in found.routes if check.fixed]
    if found.appeared:
        lines = [f"  {where(f.place, report.prefix)}  {f.code}  {f.message}" for f in found.appeared]
        blocks.append("\n".join([paint("seen for the first time", "bold"), *map(clean, lines)]))
    blocks.append("\n".join(_summary(found, paint)))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _finding(check: FindingCheck, prefix: str, paint: Paint) -> str:
    calls = f"{check.calls_before:.0f} → {check.calls_after:.0f} calls a request"
    status = paint(f"{check.status:<8}", _STATUS[check.status])
    words = f"{status} {where(check.finding.place, prefix)}  {check.finding.code}"
    return words + ("" if check.status == "not run" else f"  {calls}")


def _route(check: RouteCheck, paint: Paint) -> Iterator[str]:
    name = clean(f"{check.method} {check.route}".strip()) or "(no route)"
    yield f"{paint(name, 'bold')}  {duration(check.before_ms)} → {duration(check.after_ms)}"
    yield f"  promised {between(check.predicted)}"
    words, style = _VERDICT[check.verdict]
    yield f"  measured {between(check.measured)}, {check.error:.0f} points apart: {paint(words, style)}"


def _summary(found: Verification, paint: Paint) -> Iterator[str]:
    for note in found.notes:
        yield f"{paint('note', 'dim')}: {clean(note)}"
    judged = [check for check in found.routes if check.verdict in _JUDGED]
    if not judged:
        yield "No promise could be checked."
        return
    missed = sum(check.verdict == "did not come" for check in judged)
    error = sum(check.error for check in judged) / len(judged)
    counted = "1 route" if len(judged) == 1 else f"{len(judged)} routes"
    yield (
        f"Over all compared traffic: promised {between(found.predicted)}, measured {between(found.measured)}; "
        f"mean error {error:.1f} points on {counted}; "
        + (paint(f"on {missed} the saving did not come", "bold red") if missed else "every promised saving came")
    )
