"""The report for people: findings with their code, the reasons and the remedy, and a summary line at the end.

In: findings in the order of their likely cost. Out: text, coloured when asked. Findings with one root cause (the same
remedy for the same reason) stand together. Whatever comes from source files is shown without control characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from ..model import Finding, Place, Query, Severity
from ..source import lines as split_lines
from . import Report

if TYPE_CHECKING:
    from rich.style import Style

Paint = Callable[[str, str], str]
WIDTH = 160
"""Source lines are cut after so many characters."""
REASONS = 8
"""So many steps of the because-chain are shown; the other formats have all."""
SNIPPET = 3
"""Ready texts of at most so many lines are shown; the JSON report has all."""
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_COLORS: Mapping[Severity, str] = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


def write(report: Report) -> str:
    """Every finding, then one line of counts."""
    paint = _rich if report.color else _plain
    cut = {path: split_lines(text) for path, text in report.sources.items()}
    blocks = ["\n".join(_group(group, report, cut, paint)) for group in _groups(report.result.findings)]
    return "\n\n".join([*blocks, _summary(report, paint)]) + "\n"


def _groups(findings: Sequence[Finding]) -> Iterator[list[Finding]]:
    """Findings of one root cause, in the order of the first of each."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        cause = finding.because[-1].place if finding.because else finding.place
        key = (finding.code, finding.remedy, cause) if finding.remedy else (finding.fingerprint, finding.place)
        groups.setdefault(key, []).append(finding)
    yield from groups.values()


def _group(group: Sequence[Finding], report: Report, cut: Mapping[str, Sequence[str]], paint: Paint) -> Iterator[str]:
    first = group[0]
    for finding in group:
        yield from _headline(finding, report.prefix, paint)
        yield from _excerpt(finding, cut.get(finding.place.path, ()), paint)
    reasons = list(dict.fromkeys(step for finding in group for step in finding.because))
    for number, step in enumerate(reasons[:REASONS]):
        label = paint("because", "dim") if number == 0 else " " * 7
        yield f"  {label}  {_where(step.place, report.prefix, paint)}  {_clean(step.message)}"
    if len(reasons) > REASONS:
        yield f"           and {len(reasons) - REASONS} more places"
    if first.query is not None:
        yield f"  {paint('query', 'dim')}    {_clean(_statement(first.query))}"
    routes = dict.fromkeys(route for finding in group for route in finding.routes)
    if routes:
        shown = [_clean(route) for route in list(routes)[:3]]
        more = f" and {len(routes) - 3} more" if len(routes) > 3 else ""
        yield f"  {paint('routes', 'dim')}   {', '.join(shown)}{more}"
    if first.remedy:
        yield f"  {paint('fix', 'bold green')}      {_clean(first.remedy)}"
    yield from _snippets(first, paint)


def _snippets(finding: Finding, paint: Paint) -> Iterator[str]:
    """Ready texts that are short; of longer ones, such as migrations, where they are to be had. What the remedy says,
    and a statement that a migration stands for as well, is left to the JSON report."""
    migrated = any(snippet.path for snippet in finding.snippets)
    for snippet in finding.snippets:
        lines = snippet.text.rstrip().splitlines()
        if (migrated and snippet.language == "sql") or snippet.text.strip().rstrip(",") in finding.remedy:
            continue
        if len(lines) <= SNIPPET:
            yield f"           {paint(f'{_clean(snippet.title)}:', 'dim')}"
            yield from (f"           {paint(_clean(line), 'green')}" for line in lines)
        else:
            where = f" ({_clean(snippet.path)})" if snippet.path else ""
            yield f"           {paint(f'{_clean(snippet.title)}{where}: text in --output-format json', 'dim')}"


def _headline(finding: Finding, prefix: str, paint: Paint) -> Iterator[str]:
    severity = paint(f"{finding.severity}[{finding.code}]", _COLORS[finding.severity])
    sure = finding.confidence if not finding.hot else f"{finding.confidence}, hot path"
    yield f"{_where(finding.place, prefix, paint, column=True)}: {severity} {paint(f'({sure})', 'dim')}"
    yield f"  {paint(_clean(finding.message), 'bold')}"


def _excerpt(finding: Finding, source: Sequence[str], paint: Paint) -> Iterator[str]:
    """The finding's first line, underlined."""
    place = finding.place
    if not 1 <= place.line <= len(source):
        return
    raw = source[place.line - 1]
    if not raw.strip():
        return
    start = min(max(place.column - 1, 0), len(raw))
    one_line = (place.end_line or place.line) == place.line
    end = min(max(place.end_column - 1 if one_line else len(raw.rstrip()), start + 1), max(len(raw), 1))
    lead, marked, rest = (_clean(part) for part in (raw[:start], raw[start:end], raw[end:]))
    trimmed = len(lead) - len(lead.lstrip()) if lead.strip() else len(lead)
    lead = lead[trimmed:]
    if len(lead) > WIDTH // 2:
        lead = "…" + lead[-(WIDTH // 2) :]
    marked = marked if len(marked) <= WIDTH else marked[: WIDTH - 1] + "…"
    room = max(0, WIDTH - len(lead) - len(marked))
    rest = rest if len(rest) <= room else rest[:room] + "…"
    number = str(place.line)
    gutter = " " * len(number)
    yield f"  {paint(f'{number} │', 'dim')} {lead}{marked}{rest}"
    carets = paint("^" * max(1, _cells(marked)), _COLORS[finding.severity])
    yield f"  {paint(f'{gutter} │', 'dim')} {' ' * _cells(lead)}{carets}"


def _where(place: Place, prefix: str, paint: Paint, column: bool = False) -> str:
    tail = f":{place.line}:{place.column}" if column else f":{place.line}"
    return paint(_clean(prefix + place.path) + tail, "bold" if column else "cyan")


def _statement(query: Query) -> str:
    parts = [query.verb, ", ".join(query.tables)]
    if query.filters:
        parts.append(f"by {', '.join(query.filters)}")
    if query.order:
        parts.append(f"ordered by {', '.join(query.order)}")
    return " ".join(parts)


def _summary(report: Report, paint: Paint) -> str:
    findings = report.result.findings
    files = _count(report.result.files, "file")
    broken = len(report.result.unreadable)
    unread = f"; {_count(broken, 'file')} could not be read" if broken else ""
    if not findings:
        return paint("Nothing slow found", "bold green") + f" in {files}{unread}."
    sure = Counter(finding.confidence for finding in findings)
    kinds = ", ".join(f"{sure[name]} {name}" for name in ("certain", "likely", "possible") if sure[name])
    places = len({finding.place.path for finding in findings})
    codes = Counter(finding.code for finding in findings)
    listed = ", ".join(f"{code} {number}" for code, number in codes.most_common())
    found = paint(_count(len(findings), "finding"), "bold")
    return f"{found} ({kinds}) in {places} of {files}{unread}: {listed}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _clean(text: str) -> str:
    """Nothing that could move the cursor, recolour the terminal or reorder the line; a tab is four blanks."""
    text = text.replace("\t", "    ").encode("utf-8", "backslashreplace").decode("utf-8")
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}" if ord(found[0]) < 256 else "", text)


def _cells(text: str) -> int:
    """Width on a terminal: East Asian wide characters take two cells, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _plain(text: str, style: str) -> str:
    return text


def _rich(text: str, style: str) -> str:
    from rich.color import ColorSystem

    return _style(style).render(text, color_system=ColorSystem.STANDARD)


@lru_cache
def _style(style: str) -> Style:
    from rich.style import Style

    return Style.parse(style)
