"""Which findings the user wants to see.

In: raw findings, the settings, the suppression comments of the sources. Out: the findings to report, in stable order,
with `unreadable-file` and `unused-ignore` among them. Runs no rules and reads no files itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from .config import Settings, nearest
from .errors import ConfigError
from .files import patterns
from .meta import FAMILY, UNREADABLE, UNUSED_IGNORE, unreadable, unused_ignore
from .model import CONFIDENCES, SEVERITIES, Finding, LintResult, Place, sorted_findings
from .source import Suppression, suppressions, template_suppressions

Families = Mapping[str, str]
"""code -> family of every rule there is."""
META: Families = {UNREADABLE: FAMILY, UNUSED_IGNORE: FAMILY}
THRESHOLDS: tuple[str, ...] = (*CONFIDENCES, *SEVERITIES)


def check_codes(settings: Settings, families: Families) -> None:
    """Raise ConfigError when a setting names a code or family that does not exist."""
    known = _known(families)
    named = [("select", settings.select), ("ignore", settings.ignore)]
    named += [(f"per-file-ignores.{glob!r}", codes) for glob, codes in settings.per_file_ignores]
    for setting, codes in named:
        for code in codes:
            if code not in known:
                raise ConfigError(f"{setting}: there is no rule or family {code!r}.", _near(code, known))


def wanted(settings: Settings, families: Families) -> frozenset[str]:
    """Codes that `select` and `ignore` leave over; the most specific mention of a rule decides."""

    def keeps(code: str, family: str) -> bool:
        if code in settings.ignore:
            return False
        if code in settings.select:
            return True
        if family in settings.ignore:
            return False
        return not settings.select or family in settings.select

    return frozenset(code for code, family in {**families, **META}.items() if keeps(code, family))


def apply(result: LintResult, settings: Settings, families: Families, marked: Mapping[str, str]) -> LintResult:
    """Raw result in, the result to report out.

    `marked` maps the path of every file that holds the text `slowlint:` to its text. Order: suppression comments
    (against findings of every confidence, so that a comment is not called unused because of a threshold), then
    `select`/`ignore`, `per-file-ignores` and `min-confidence`.
    """
    comments = {path: found for path, text in marked.items() if (found := _comments(path, text))}
    used: set[tuple[str, int, int, str]] = set()
    open_findings = [finding for finding in result.findings if not _silenced(finding, comments, used)]
    codes = wanted(settings, families)
    files = {place.path for place in (finding.place for finding in open_findings)}
    open_findings += [unreadable(file) for file in result.unreadable]
    # A file that could not be parsed has no findings, so its comments are not known to be useless.
    broken = {file.place.path for file in result.unreadable}
    readable = {path: found for path, found in comments.items() if path not in broken}
    open_findings += _useless(readable, used, settings, families, codes)
    files |= set(comments) | broken
    per_file = _per_file(settings, files)
    least = CONFIDENCES.index(settings.min_confidence)
    kept = [
        finding
        for finding in open_findings
        if finding.code in codes
        and not {finding.code, finding.family} & per_file.get(finding.place.path, frozenset())
        and CONFIDENCES.index(finding.confidence) >= least
    ]
    return LintResult(sorted_findings(kept), result.files, result.unreadable)


def _comments(path: str, text: str) -> tuple[Suppression, ...]:
    return suppressions(text) if path.endswith(".py") else template_suppressions(text)


def within(findings: Iterable[Finding], scope: Collection[str]) -> tuple[Finding, ...]:
    """Findings that happen in, or are explained by, one of the files or folders of `scope` (relative; "" is all)."""
    if "" in scope:
        return tuple(findings)
    exact = frozenset(scope)
    folders = tuple(f"{path}/" for path in scope)

    def inside(path: str) -> bool:
        return path in exact or path.startswith(folders)

    return tuple(
        finding
        for finding in findings
        if inside(finding.place.path) or any(inside(step.place.path) for step in finding.because)
    )


def failing(findings: Iterable[Finding], thresholds: Sequence[str]) -> bool:
    """Whether a finding reaches every threshold (confidences and severities); without any, whether there is one."""

    def reaches(finding: Finding) -> bool:
        for threshold in thresholds:
            if threshold in CONFIDENCES:
                order: Sequence[str] = CONFIDENCES
                value: str = finding.confidence
            else:
                order, value = SEVERITIES, finding.severity
            if order.index(value) < order.index(threshold):
                return False
        return True

    return any(reaches(finding) for finding in findings)


def _silenced(
    finding: Finding, comments: Mapping[str, Sequence[Suppression]], used: set[tuple[str, int, int, str]]
) -> bool:
    silenced = False
    for comment in comments.get(finding.place.path, ()):
        if comment.verb != "ignore" or not comment.first <= finding.place.line <= comment.last:
            continue
        for name in comment.codes or ("",):
            if name in ("", finding.code, finding.family):
                used.add((finding.place.path, comment.line, comment.column, name))
                silenced = True
    return silenced


def _useless(
    comments: Mapping[str, Sequence[Suppression]],
    used: Collection[tuple[str, int, int, str]],
    settings: Settings,
    families: Families,
    codes: Collection[str],
) -> Iterator[Finding]:
    known = _known(families)
    running = {name for code in codes for name in (code, known[code])}
    seen: Counter[tuple[str, str]] = Counter()
    for path, found in comments.items():
        for comment in found:
            if {UNUSED_IGNORE, FAMILY} & set(comment.codes):
                continue
            for message, remedy, subject in _complaints(path, comment, used, settings, known, running):
                nth = seen[path, subject]
                seen[path, subject] += 1
                place = Place(path, comment.line, comment.column, comment.line, comment.end_column)
                yield unused_ignore(place, message, subject, nth, remedy)


def _complaints(
    path: str,
    comment: Suppression,
    used: Collection[tuple[str, int, int, str]],
    settings: Settings,
    known: Mapping[str, str],
    running: Collection[str],
) -> Iterator[tuple[str, str, str]]:
    """(message, remedy, subject) of everything that is wrong with one comment."""
    if comment.verb != "ignore":
        yield (
            f"`slowlint: {comment.verb}` means nothing.",
            "Write `# slowlint: ignore[code] reason`.",
            comment.verb,
        )
        return
    if not comment.codes:
        if (path, comment.line, comment.column, "") not in used and not settings.select and not settings.ignore:
            yield ("This comment silences nothing.", "Remove the comment.", "")
        return
    for name in comment.codes:
        if name not in known:
            yield f"There is no rule or family `{name}`.", _near(name, known), name
        elif name in running and (path, comment.line, comment.column, name) not in used:
            yield f"`{name}` is not found here, so this comment silences nothing.", f"Remove `{name}`.", name


def _per_file(settings: Settings, files: Collection[str]) -> Mapping[str, frozenset[str]]:
    judges = [
        (patterns([glob], f"per-file-ignores.{glob!r}"), frozenset(codes)) for glob, codes in settings.per_file_ignores
    ]
    if not judges:
        return {}
    return {path: frozenset().union(*(codes for judge, codes in judges if judge(path))) for path in files}


def _known(families: Families) -> dict[str, str]:
    """Every code and family a user may name, with the family it belongs to."""
    every = {**families, **META}
    return {**{family: family for family in every.values()}, **every}


def _near(word: str, known: Mapping[str, str]) -> str:
    tip = nearest(word, known)
    return tip if tip.startswith("Did") else "`slowlint rules` lists them."
