"""What is reported out of what was found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slowlint.linter.config import Settings
from slowlint.linter.errors import ConfigError
from slowlint.linter.model import Because, Finding, LintResult, Place, Unreadable
from slowlint.linter.select import apply, check_codes, failing, wanted, within
from slowlint.linter.source import template_suppressions

FAMILIES = {"query-in-loop": "orm", "lazy-load-in-loop": "orm", "blocking-call-in-async": "io"}


def finding(code: str = "query-in-loop", path: str = "a.py", line: int = 1, **changes: object) -> Finding:
    base = Finding(
        code, FAMILIES[code], "slow", Place(path, line), "warning", "likely", fingerprint=f"{code}{path}{line}"
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def reported(settings: Settings, marked: dict[str, str], *findings: Finding) -> list[tuple[str, str, int]]:
    result = apply(LintResult(findings, 3), settings, FAMILIES, marked)
    return [(one.code, one.place.path, one.place.line) for one in result.findings]


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        (
            Settings(),
            {"query-in-loop", "lazy-load-in-loop", "blocking-call-in-async", "unused-ignore", "unreadable-file"},
        ),
        (Settings(select=("io",)), {"blocking-call-in-async"}),
        (Settings(select=("orm",), ignore=("query-in-loop",)), {"lazy-load-in-loop"}),
        (Settings(select=("query-in-loop",), ignore=("orm",)), {"query-in-loop"}),
        (Settings(ignore=("orm", "meta")), {"blocking-call-in-async"}),
    ],
)
def test_the_more_specific_mention_decides(settings: Settings, codes: set[str]) -> None:
    assert wanted(settings, FAMILIES) == codes


def test_unknown_codes_name_the_nearest() -> None:
    with pytest.raises(ConfigError, match="ignore: there is no rule or family 'query-in-lop'") as caught:
        check_codes(Settings(ignore=("query-in-lop",)), FAMILIES)
    assert caught.value.tip == "Did you mean 'query-in-loop'?"
    with pytest.raises(ConfigError, match=r"per-file-ignores\.'tests/\*'"):
        check_codes(Settings(per_file_ignores=(("tests/*", ("zzzzzz",)),)), FAMILIES)
    check_codes(Settings(select=("orm", "meta", "unused-ignore")), FAMILIES)


def test_thresholds_and_globs() -> None:
    assert reported(Settings(), {}, finding(confidence="possible")) == []
    assert reported(Settings(min_confidence="possible"), {}, finding(confidence="possible")) == [
        ("query-in-loop", "a.py", 1)
    ]
    settings = Settings(per_file_ignores=(("tests/", ("orm",)), ("*.py", ("lazy-load-in-loop",))))
    found = [finding(), finding(path="tests/x/a.py"), finding("lazy-load-in-loop"), finding("blocking-call-in-async")]
    assert reported(settings, {}, *found) == [("blocking-call-in-async", "a.py", 1), ("query-in-loop", "a.py", 1)]


@pytest.mark.parametrize("codes", ["[query-in-loop]", "[orm]", "", "[ orm , io ]"])
def test_a_comment_silences_code_family_or_everything(codes: str) -> None:
    both = [finding(), finding("blocking-call-in-async")]
    text = f"x = f()  # slowlint: ignore{codes} small table\n"
    left = [code for code, _, _ in reported(Settings(), {"a.py": text}, *both)]
    assert "query-in-loop" not in left
    assert ("blocking-call-in-async" in left) == ("io" not in codes and codes != "")
    assert "unused-ignore" not in left


def test_useless_comments_are_reported_with_what_to_do() -> None:
    text = (
        "a = 1  # slowlint: ignore[query-in-loop]\n"
        "b = 1  # slowlint: ignore[query-in-lop]\n"
        "c = 1  # slowlint: ingore[orm]\n"
        "d = 1  # slowlint: ignore\n"
        "e = f()  # slowlint: ignore[orm, io]\n"
        "f = 1  # slowlint: ignore[orm, unused-ignore]\n"
    )
    result = apply(LintResult((finding(line=5),), 1), Settings(), FAMILIES, {"a.py": text})
    assert [(one.code, one.place.line, one.message, one.remedy) for one in result.findings] == [
        (
            "unused-ignore",
            1,
            "`query-in-loop` is not found here, so this comment silences nothing.",
            "Remove `query-in-loop`.",
        ),
        ("unused-ignore", 2, "There is no rule or family `query-in-lop`.", "Did you mean 'query-in-loop'?"),
        ("unused-ignore", 3, "`slowlint: ingore` means nothing.", "Write `# slowlint: ignore[code] reason`."),
        ("unused-ignore", 4, "This comment silences nothing.", "Remove the comment."),
        ("unused-ignore", 5, "`io` is not found here, so this comment silences nothing.", "Remove `io`."),
    ]
    assert len({one.fingerprint for one in result.findings}) == 5


def test_a_comment_for_a_rule_that_does_not_run_is_left_alone() -> None:
    text = "a = 1  # slowlint: ignore[query-in-loop]\nb = 1  # slowlint: ignore\n"
    assert reported(Settings(ignore=("query-in-loop",)), {"a.py": text}) == []
    assert reported(Settings(select=("io",)), {"a.py": text}) == []


def test_a_comment_may_silence_what_a_threshold_would_hide() -> None:
    text = "a = 1  # slowlint: ignore[query-in-loop]\n"
    assert reported(Settings(), {"a.py": text}, finding(confidence="possible")) == []


def test_unreadable_files_are_findings_and_their_comments_are_not_judged() -> None:
    result = LintResult((), 2, (Unreadable(Place("a.py", 3, 7), "invalid syntax"),))
    kept = apply(result, Settings(), FAMILIES, {"a.py": "x = (  # slowlint: ignore[orm]\n"})
    assert [(one.code, one.place.line, one.message) for one in kept.findings] == [
        ("unreadable-file", 3, "This file could not be read: invalid syntax")
    ]
    assert kept.unreadable == result.unreadable


def test_within_keeps_what_happens_or_is_caused_there() -> None:
    caused = finding(path="views/a.py", because=(Because(Place("models/b.py", 3), "the query"),))
    assert within([caused], {"models/b.py"}) == (caused,)
    assert within([caused], {"views"}) == (caused,)
    assert within([caused], {"view"}) == ()
    assert within([caused], {""}) == (caused,)


def test_failing_needs_every_threshold() -> None:
    certain_note = finding(confidence="certain", severity="note")
    likely_error = finding(confidence="likely", severity="error")
    assert not failing([], [])
    assert failing([certain_note], [])
    assert failing([certain_note], ["certain"]) and not failing([likely_error], ["certain"])
    assert failing([likely_error], ["warning"]) and not failing([certain_note], ["warning"])
    assert not failing([certain_note, likely_error], ["certain", "error"])


def test_a_comment_in_a_template_covers_its_line() -> None:
    text = "{# slowlint: ignore[lazy-load-in-template] three rows #}{{ a }}\n"
    text += "{{ b }} {# slowlint: ignore[no-such-rule] #}\n"
    found = template_suppressions(text)
    assert [(s.line, s.codes, s.reason, s.first, s.last) for s in found] == [
        (1, ("lazy-load-in-template",), "three rows", 1, 1),
        (2, ("no-such-rule",), "", 2, 2),
    ]
    assert template_suppressions("{# slowlint #} slowlint: ignore") == ()
