"""Rule pages as test cases: the text of a `rules/*/*.md` file in, its cases and what they expect out.

A page's first heading is the rule's code, the text before the first `##` its summary, each `##` section one case.
In: Markdown text, and for `compare()` the findings of one case. Out: `Page`, or failures with lines of the page.
Pure: reads and writes no files and knows nothing of pytest; `pages_plugin.py` does that.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from slowlint.linter.model import Edit, Finding

DEFAULT_PATH = "app.py"
_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<language>[\w+-]*)\s*$")
_NAMED = re.compile(r"^`(?P<path>[^`]+)`:\s*$")
_MARKER = re.compile(r'# error: \[(?P<code>[a-z0-9-]+)\](?: "(?P<part>[^"]+)")?\s*(?=$|# error:|#\})')
"""In Python a comment at the end of the line, in a template `{# error: … #}`."""
_MARKER_LIKE = re.compile(r"#\s*error\b", re.IGNORECASE)
_HUNK = re.compile(r"^@@ .* @@.*$")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a page or a case, and on which line of the page (from 1)."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """A finding that must start on `line` of the case's file `path`; `part` must occur in its message ("" = any)."""

    path: str
    line: int
    code: str
    part: str
    page_line: int


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file of a case. `page_line` is the line of the page that holds the file's first line."""

    path: str
    text: str
    page_line: int


@dataclass(frozen=True, slots=True)
class Section:
    """One case. `config` is the text of its pyproject.toml, `diff` what its fixes must change ("" = not stated)."""

    title: str
    line: int
    files: tuple[CaseFile, ...]
    expectations: tuple[Expectation, ...]
    config: str = ""
    diff: str = ""
    problems: tuple[Problem, ...] = ()

    def page_line(self, path: str, line: int) -> int:
        """The page's line that shows `line` of the case's file `path` (the heading for an unknown file)."""
        return next((file.page_line + line - 1 for file in self.files if file.path == path), self.line)


@dataclass(frozen=True, slots=True)
class Page:
    """A whole rule page; `problems` are those of the page itself, each section carries its own."""

    code: str
    summary: str
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...] = ()

    def codes(self, section: Section) -> frozenset[str]:
        """Codes whose findings count in a section: the page's own and those that the section's markers name."""
        return frozenset({self.code, *(expected.code for expected in section.expectations)})


@dataclass(frozen=True, slots=True)
class _Block:
    language: str
    name: str
    text: str
    line: int


def parse(text: str, code: str, known_codes: Iterable[str]) -> Page:
    """Read one page. `code` is what its file name stands for, `known_codes` those a marker may name.

    Never raises: whatever is wrong with the page becomes a `Problem`.
    """
    known = {code, *known_codes}
    lines = text.splitlines()
    problems: list[Problem] = []
    if not lines or lines[0] != f"# {code}":
        problems.append(Problem(1, f'the first line must be the heading "# {code}"'))
    starts, fence_problems = _headings(lines)
    problems += fence_problems
    summary = "\n".join(lines[1 : starts[0] if starts else len(lines)]).strip()
    if not summary:
        problems.append(Problem(1, "the page has no summary before its first section"))
    if not starts:
        problems.append(Problem(1, "the page has no sections, so it tests nothing"))
    sections: list[Section] = []
    for start, end in pairwise([*starts, len(lines)]):
        section = _section(lines[start:end], start + 1, known)
        if any(section.title == other.title for other in sections):
            problems.append(Problem(start + 1, f'a second section "{section.title}"'))
        sections.append(section)
    if sections and not any(section.title.startswith("Not when") for section in sections):
        problems.append(Problem(1, 'the page has no "Not when" section'))
    return Page(code, summary, tuple(sections), tuple(problems))


def compare(section: Section, findings: Iterable[Finding], codes: frozenset[str]) -> list[Problem]:
    """Where the findings of a case differ from what it expects, in the order of the page's lines.

    Findings of codes outside `codes` do not count. Each expectation takes one finding.
    """
    left = [finding for finding in findings if finding.code in codes]
    failures: list[Problem] = []
    for expected in section.expectations:
        same_place = [
            finding
            for finding in left
            if (finding.place.path, finding.place.line, finding.code) == (expected.path, expected.line, expected.code)
        ]
        found = next((finding for finding in same_place if expected.part in finding.message), None)
        if found is not None:
            left.remove(found)
        elif same_place:
            left.remove(same_place[0])
            message = f'wrong message [{expected.code}] "{expected.part}" is not in "{same_place[0].message}"'
            failures.append(Problem(expected.page_line, message))
        else:
            quoted = f' "{expected.part}"' if expected.part else ""
            failures.append(Problem(expected.page_line, f"missed alarm [{expected.code}]{quoted}"))
    for finding in left:
        line = section.page_line(finding.place.path, finding.place.line)
        failures.append(Problem(line, f"false alarm [{finding.code}] {finding.message}"))
    return sorted(failures, key=lambda failure: failure.line)


def compare_diff(section: Section, findings: Iterable[Finding]) -> list[Problem]:
    """Whether the fixes of all findings change the case exactly as its `diff` block says (positions aside)."""
    if not section.diff:
        return []
    edits = [edit for finding in findings if finding.fix is not None for edit in finding.fix.edits]
    got: list[str] = []
    for file in section.files:
        old = file.text.splitlines()
        new = apply_edits(file.text, [edit for edit in edits if edit.place.path == file.path]).splitlines()
        got += difflib.unified_diff(old, new, f"a/{file.path}", f"b/{file.path}", lineterm="")
    if _comparable(got) == _comparable(section.diff.splitlines()):
        return []
    return [Problem(section.line, "wrong fix, it changes:\n" + ("\n".join(got) or "nothing"))]


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """`text` with every edit made, the last one in the text first, so that the places stay valid."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for edit in sorted(edits, key=lambda edit: edit.place, reverse=True):
        place = edit.place
        begin = starts[place.line - 1] + place.column - 1
        end = starts[place.end_line - 1] + place.end_column - 1
        text = text[:begin] + edit.text + text[end:]
    return text


def _comparable(diff: Iterable[str]) -> list[str]:
    return ["@@" if _HUNK.match(line) else line.rstrip() for line in diff]


def _headings(lines: Sequence[str]) -> tuple[list[int], list[Problem]]:
    """Indices of the `## ` lines outside code blocks, and a block that is never closed."""
    starts: list[int] = []
    fence, opened = "", 0
    for index, line in enumerate(lines):
        if fence:
            if line.rstrip() == fence:
                fence = ""
        elif match := _FENCE.match(line):
            fence, opened = match["ticks"], index + 1
        elif line.startswith("## "):
            starts.append(index)
    return starts, [Problem(opened, "a code block that is never closed")] if fence else []


def _section(lines: Sequence[str], first: int, known: set[str]) -> Section:
    """Read one section; `first` is the page's line of its heading."""
    title = lines[0][3:].strip()
    problems: list[Problem] = []
    files: dict[str, CaseFile] = {}
    expectations: list[Expectation] = []
    config = diff = ""
    if "::" in title:
        problems.append(Problem(first, '"::" in a title would break the name of the test'))
    for block in _blocks(lines, first):
        if block.language == "toml" and not block.name:
            config = block.text
            problems += _config_problems(block)
        elif block.language == "diff" and not block.name:
            diff = block.text
        elif block.language == "python" or block.name:
            path = block.name or DEFAULT_PATH
            if path in files:
                problems.append(Problem(block.line, f"a second block for {path}: name the file before the block"))
            files[path] = CaseFile(path, block.text, block.line)
            problems += _path_problems(block, path)
            if block.language == "python":
                problems += _syntax_problems(block)
            found, marker_problems = _expectations(block, path, known)
            expectations += found
            problems += marker_problems
        else:
            problems.append(Problem(block.line - 1, f'a block of "{block.language}" without a file name'))
    if not any(path.endswith(".py") for path in files):
        problems.append(Problem(first, "the section has no python block, so it tests nothing"))
    if title.startswith("Not when"):
        problems += [Problem(e.page_line, "an expected finding in a section that must be silent") for e in expectations]
    if not any(_is_prose(line) for line in _outside_blocks(lines[1:])):
        problems.append(Problem(first, "the section has no sentence that explains it"))
    return Section(title, first, tuple(files.values()), tuple(expectations), config, diff, tuple(problems))


def _blocks(lines: Sequence[str], first: int) -> Iterable[_Block]:
    fence = language = name = ""
    body: list[str] = []
    opened = 0
    for index, line in enumerate(lines):
        if fence:
            if line.rstrip() == fence:
                yield _Block(language, name, "".join(part + "\n" for part in body), first + opened + 1)
                fence, name, body = "", "", []
            else:
                body.append(line)
        elif match := _FENCE.match(line):
            fence, language, opened = match["ticks"], match["language"], index
        elif match := _NAMED.match(line):
            name = match["path"]
        elif line.strip():
            name = ""


def _outside_blocks(lines: Sequence[str]) -> Iterable[str]:
    fence = ""
    for line in lines:
        if fence:
            fence = "" if line.rstrip() == fence else fence
        elif match := _FENCE.match(line):
            fence = match["ticks"]
        else:
            yield line


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and not _NAMED.match(line)


def _expectations(block: _Block, path: str, known: set[str]) -> tuple[list[Expectation], list[Problem]]:
    found: list[Expectation] = []
    problems: list[Problem] = []
    for number, line in enumerate(block.text.splitlines(), start=1):
        markers = list(_MARKER.finditer(line))
        page_line = block.line + number - 1
        if len(markers) != len(_MARKER_LIKE.findall(line)):
            problems.append(Problem(page_line, 'not a marker; write `# error: [code] "part of the message"`'))
        for marker in markers:
            if marker["code"] not in known:
                problems.append(Problem(page_line, f"no rule has the code {marker['code']}"))
            found.append(Expectation(path, number, marker["code"], marker["part"] or "", page_line))
    return found, problems


def _config_problems(block: _Block) -> list[Problem]:
    try:
        tomllib.loads(block.text)
    except tomllib.TOMLDecodeError as error:
        return [Problem(block.line, f"the configuration is not TOML: {error}")]
    return []


def _path_problems(block: _Block, path: str) -> list[Problem]:
    if path.startswith("/") or ".." in path.split("/") or "\\" in path:
        return [Problem(block.line, f"{path} leaves the folder of the case")]
    return []


def _syntax_problems(block: _Block) -> list[Problem]:
    try:
        compile(block.text, "<page>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return [Problem(block.line + (error.lineno or 1) - 1, f"the code does not compile: {error.msg}")]
    return []
