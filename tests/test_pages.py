"""The reader of rule pages: what it takes from a page, what it refuses, and how it compares."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowlint.linter.model import Edit, Finding, Fix, Place
from slowlint.tests.pages import Page, apply_edits, compare, compare_diff, parse
from slowlint.tests.pages_plugin import read_page

RULES = Path(__file__).parent.parent / "rules"
PAGES = sorted(RULES.glob("*/*.md"))

GOOD = """# slow-thing

It is slow.

## A case over two files

The second file has a name.

```python
slow()  # error: [slow-thing] "`slow`"
fast()
```

`shop/views.py`:

```python
x = 1

slow()  # error: [slow-thing]
```

```toml
[tool.slowlint]
select = ["slow-thing"]
```

## Not when it is fast

Silent.

```python
fast()
## not a heading
```
"""


def finding(path: str, line: int, message: str = "`slow` is slow", code: str = "slow-thing") -> Finding:
    return Finding(code, "query", message, Place(path, line), "warning", "certain")


def messages(page: Page) -> list[str]:
    problems = [*page.problems, *(problem for section in page.sections for problem in section.problems)]
    return [f"{problem.line}: {problem.message}" for problem in problems]


def test_reads_files_expectations_and_configuration() -> None:
    page = parse(GOOD, "slow-thing", [])
    assert messages(page) == []
    assert page.summary == "It is slow."
    first, second = page.sections
    assert [(file.path, file.page_line) for file in first.files] == [("app.py", 10), ("shop/views.py", 17)]
    assert [(e.path, e.line, e.part, e.page_line) for e in first.expectations] == [
        ("app.py", 1, "`slow`", 10),
        ("shop/views.py", 3, "", 19),
    ]
    assert first.config == '[tool.slowlint]\nselect = ["slow-thing"]\n'
    assert (second.title, second.line, second.files[0].text) == (
        "Not when it is fast",
        27,
        "fast()\n## not a heading\n",
    )


def test_agreement_is_silent() -> None:
    section = parse(GOOD, "slow-thing", []).sections[0]
    found = [finding("shop/views.py", 3), finding("app.py", 1), finding("app.py", 2, code="other")]
    assert compare(section, found, frozenset({"slow-thing"})) == []


def test_every_difference_is_named_with_the_line_of_the_page() -> None:
    section = parse(GOOD, "slow-thing", []).sections[0]
    found = [finding("app.py", 1, "`fast` is slow"), finding("app.py", 2), finding("shop/views.py", 1)]
    failures = compare(section, found, frozenset({"slow-thing"}))
    assert [(failure.line, failure.message) for failure in failures] == [
        (10, 'wrong message [slow-thing] "`slow`" is not in "`fast` is slow"'),
        (11, "false alarm [slow-thing] `slow` is slow"),
        (17, "false alarm [slow-thing] `slow` is slow"),
        (19, "missed alarm [slow-thing]"),
    ]


def test_a_second_finding_on_an_expected_line_is_a_false_alarm() -> None:
    section = parse(GOOD, "slow-thing", []).sections[0]
    found = [finding("app.py", 1), finding("app.py", 1), finding("shop/views.py", 3)]
    failures = compare(section, found, frozenset({"slow-thing"}))
    assert [failure.message for failure in failures] == ["false alarm [slow-thing] `slow` is slow"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("# slow-thing\n", "# slowthing\n", '1: the first line must be the heading "# slow-thing"'),
        ("It is slow.\n", "", "1: the page has no summary before its first section"),
        ("```python\nfast()\n##", "```\nfast()\n##", '31: a block of "" without a file name'),
        ("```python\nfast()\n## not a heading\n```\n", "", "27: the section has no python block, so it tests nothing"),
        ("x = 1", "x = (", "17: the code does not compile: '(' was never closed"),
        ("[slow-thing]\n", "[slow-thin]\n", "19: no rule has the code slow-thin"),
        ("# error: [slow-thing]\n", "# Error: slow-thing\n", "19: not a marker; write"),
        ("fast()\n##", "fast()  # error: [slow-thing]\n##", "32: an expected finding in a section that must be silent"),
        ("`shop/views.py`:\n", "", "16: a second block for app.py: name the file before the block"),
        ("shop/views.py", "../views.py", "17: ../views.py leaves the folder of the case"),
        ("[tool.slowlint]\n", "[tool.slowlint\n", "23: the configuration is not TOML"),
        ("## Not when it is fast", "## A case over two files", '27: a second section "A case over two files"'),
        ("## Not when it is fast", "## When it is fast", '1: the page has no "Not when" section'),
        ("Silent.\n", "", "27: the section has no sentence that explains it"),
        ("heading\n```\n", "heading\n", "31: a code block that is never closed"),
    ],
)
def test_a_broken_page_says_what_is_wrong_and_where(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    found = messages(parse(GOOD.replace(old, new), "slow-thing", []))
    assert any(message.startswith(problem) for message in found), found


def test_a_page_without_sections_is_refused() -> None:
    assert messages(parse("# slow-thing\n\nSlow.\n", "slow-thing", [])) == [
        "1: the page has no sections, so it tests nothing"
    ]


def test_fixes_are_compared_with_the_diff() -> None:
    diff = "--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-slow()\n+fast()\n"
    case = f"# slow-thing\n\nSlow.\n\n## A case\n\nFixed.\n\n```python\nslow()\n```\n\n```diff\n{diff}```\n"
    section = parse(case, "slow-thing", []).sections[0]
    place = Place("app.py", 1, 1, 1, 5)
    fixed = Finding("slow-thing", "query", "", place, "warning", "certain", fix=Fix("", (Edit(place, "fast"),)))
    assert compare_diff(section, [fixed]) == []
    assert [failure.line for failure in compare_diff(section, [])] == [5]


def test_edits_are_made_from_the_end() -> None:
    edits = [Edit(Place("a", 1, 1, 1, 2), "one"), Edit(Place("a", 2, 2, 2, 2), "!")]
    assert apply_edits("a b\nc\n", edits) == "one b\nc!\n"


def test_there_are_pages() -> None:
    assert {"lazy_load_in_loop", "blocking_call_reachable", "unindexed_filter"} <= {path.stem for path in PAGES}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_page_reads_cleanly_and_is_half_silent(path: Path) -> None:
    page = read_page(path)
    assert messages(page) == []
    silent = sum(section.title.startswith("Not when") for section in page.sections)
    assert silent * 3 >= len(page.sections), f"{silent} of {len(page.sections)} sections are about silence"
