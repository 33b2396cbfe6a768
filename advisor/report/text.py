"""The ranking for people: what to fix first, what it saves, how we know; then routes, the unmeasured and notes."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Advice, Ranked
from . import AdviceReport, _indexes
from ._figures import Paint, between, clean, duration, hourly, painter, where

_ROUTES_SHOWN = 3
_UNMEASURED_SHOWN = 10
_TABLE_ROUTES = 12
_WORTH_SHOWING = 0.0005
"""Share of a route below which its line says nothing."""


def write(report: AdviceReport) -> str:
    """Blocks separated by empty lines; without colour exactly the same words."""
    paint = painter(report.color)
    advice = report.advice
    blocks = ["\n".join(_entry(n, entry, report, paint)) for n, entry in enumerate(advice.ranked[: report.limit], 1)]
    if len(advice.ranked) > report.limit:
        blocks.append(f"… and {len(advice.ranked) - report.limit} more (see --output-format json)")
    blocks.extend("\n".join(block) for block in (_routes(advice, paint), _unmeasured(report, paint)) if block)
    if report.database is not None:
        known = {f.fingerprint: f for f in (*(entry.finding for entry in advice.ranked), *advice.unmeasured)}
        blocks.extend("\n".join(block) for block in _indexes.blocks(report.database, known, report.prefix, paint))
    if advice.routes or report.database is None:
        blocks.append("\n".join(_summary(advice, paint)))
    return "\n\n".join(blocks) + "\n"


def _entry(number: int, entry: Ranked, report: AdviceReport, paint: Paint) -> Iterator[str]:
    finding, cost = entry.finding, entry.cost
    vital = finding.fingerprint in report.advice.vital_few
    symbol = f"  {paint(clean(finding.symbol), 'dim')}" if finding.symbol else ""
    code = paint(finding.code, "bold red" if vital else "bold yellow")
    yield f"{number:>3}. {paint(where(finding.place, report.prefix), 'bold')}  {code}{symbol}"
    lines = report.sources.get(finding.place.path, "").splitlines()
    if 1 <= finding.place.line <= len(lines):
        yield f"     {paint('|', 'dim')} {clean(lines[finding.place.line - 1].strip())[:110]}"
    yield f"     {clean(finding.message)}"
    if cost.seconds_per_hour.high > 0:
        whose = "of the request" if len(cost.routes) == 1 else "of these requests"
        point = cost.seconds_per_hour.point
        amount = f"{hourly(point)} an hour" if point > 0 else f"up to {hourly(cost.seconds_per_hour.high)} an hour"
        yield (
            f"     {paint('saves', 'bold green')}  {paint(amount, 'bold')}: {between(cost.share)} {whose}, "
            f"{duration(cost.ms_per_request.point)} each"
        )
    else:
        yield f"     {paint('saves', 'dim')}  nothing that telemetry shows"
    if cost.routes:
        more = f" and {len(cost.routes) - _ROUTES_SHOWN} more" if len(cost.routes) > _ROUTES_SHOWN else ""
        # Who waits for a blocked event loop are the other requests of the service.
        on = "delays" if finding.code.startswith("blocking-") else "on    "
        yield f"     {paint(on, 'dim')} {clean(', '.join(cost.routes[:_ROUTES_SHOWN]))}{more}"
    yield f"     {paint('seen', 'dim')}   {clean(cost.evidence.detail)} [{cost.evidence.kind}; {cost.formula}]"
    if finding.remedy:
        yield f"     {paint('fix', 'bold green')}    {clean(finding.remedy)}"


def _routes(advice: Advice, paint: Paint) -> list[str]:
    rows = [saving for saving in advice.routes if saving.share.high >= _WORTH_SHOWING][:_TABLE_ROUTES]
    if not rows:
        return []
    names = [clean(f"{row.method} {row.route}".strip()) or "(no route)" for row in rows]
    width = min(60, max(len("route"), *map(len, names)))
    lines = [paint(f"{'route':<{width}}  requests      mean  everything fixed saves", "bold")]
    for name, row in zip(names, rows, strict=True):
        lines.append(
            f"{name[:width]:<{width}}  {row.requests:>8,.0f}  {duration(row.mean_ms):>8}  {between(row.share)}"
        )
    return lines


def _unmeasured(report: AdviceReport, paint: Paint) -> list[str]:
    answered: set[str] = set()  # by the database, in its own part
    if report.database is not None:
        answered.update(mark for one in report.database.indexes for mark in one.findings)
        answered.update(one.finding.fingerprint for one in report.database.refuted)
    findings = [finding for finding in report.advice.unmeasured if finding.fingerprint not in answered]
    if not findings:
        return []
    count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    words = f"{count} {'was' if len(findings) == 1 else 'were'} never seen running: not cheap, unmeasured"
    if report.database is not None and not report.advice.routes:
        words = f"{count} without a price: there is no telemetry"
    lines = [paint(words, "bold")]
    lines += [f"  {where(f.place, report.prefix)}  {f.code}  {clean(f.message)}" for f in findings[:_UNMEASURED_SHOWN]]
    if len(findings) > _UNMEASURED_SHOWN:
        lines.append(f"  … and {len(findings) - _UNMEASURED_SHOWN} more")
    return lines


def _summary(advice: Advice, paint: Paint) -> Iterator[str]:
    for note in advice.notes:
        yield f"{paint('note', 'dim')}: {clean(note)}"
    requests = sum(saving.requests for saving in advice.routes)
    seen = f"{requests:,.0f} requests on {len(advice.routes)} routes in {duration(advice.window_seconds * 1000)}"
    if not advice.ranked:
        yield f"{seen}: nothing slow that telemetry shows"
        return
    few = len(advice.vital_few)
    whole = hourly(sum(saving.requests * saving.ms.point for saving in advice.routes) * _per_hour(advice))
    yield (
        f"{seen}. Everything fixed saves {between(advice.saving)} of their time ({whole} an hour); "
        + (f"{_first(few, len(advice.ranked))} 80 % of it." if few else "no finding saves measurable time.")
    )


def _first(few: int, of: int) -> str:
    if few == of:
        return "the one finding holds" if of == 1 else "all findings are needed to hold"
    return f"the first of {of} holds" if few == 1 else f"the first {few} of {of} hold"


def _per_hour(advice: Advice) -> float:
    return 3.6 / advice.window_seconds if advice.window_seconds > 0 else 0.0
