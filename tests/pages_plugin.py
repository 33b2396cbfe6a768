"""Collects rule pages for pytest: every `rules/*/*.md` a file, every `##` section of it a test.

In: pages found by pytest. Out: failures as `rules/orm/query_in_loop.md:15: false alarm [query-in-loop] …`.
Loaded by `-p` in pyproject.toml, so that one page can be run alone: `pytest "rules/orm/query_in_loop.md::Section"`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from slowlint.tests.pages import Page, Problem, Section, compare, compare_diff, parse


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> PageFile | None:
    """Take the Markdown files two levels under `rules/`."""
    if file_path.suffix == ".md" and file_path.parent.parent == parent.config.rootpath / "rules":
        return PageFile.from_parent(parent, path=file_path)
    return None


class PageFile(pytest.File):
    """One rule page."""

    def collect(self) -> Iterator[PageItem]:
        page = read_page(self.path)
        shown = self.path.relative_to(self.config.rootpath).as_posix()
        if page.problems:
            yield PageItem.from_parent(self, name="page", shown=shown, page=page, section=None)
        for section in page.sections:
            yield PageItem.from_parent(self, name=section.title, shown=shown, page=page, section=section)


class PageItem(pytest.Item):
    """One case of a page, or (without a section) what is wrong with the page itself."""

    def __init__(self, *, shown: str, page: Page, section: Section | None, **rest: Any) -> None:
        super().__init__(**rest)
        self.shown = shown
        self.page = page
        self.section = section

    def runtest(self) -> None:
        problems = self.page.problems if self.section is None else run(self.page, self.section)
        if problems:
            raise PageFailure(problems)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, PageFailure):
            return "\n".join(f"{self.shown}:{problem.line}: {problem.message}" for problem in excinfo.value.problems)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, (self.section.line if self.section else 1) - 1, self.name


class PageFailure(Exception):
    """A case did not come out as its page says."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


def read_page(path: Path) -> Page:
    """Parse one page; the known codes are the names of all pages."""
    return parse(path.read_text(encoding="utf-8"), _code(path), _known_codes(path.parent.parent))


def run(page: Page, section: Section) -> list[Problem]:
    """Lint the files of one case in a folder of their own and compare."""
    if section.problems:
        return list(section.problems)
    # Here and not above: an engine that cannot be imported fails the cases, not the start of pytest.
    from slowlint import rules
    from slowlint.linter import config, engine

    # Not pytest's tmp_path: its name holds "test", and code under tests is cold.
    with TemporaryDirectory(prefix="case-") as folder:
        root = Path(folder).resolve()
        for file in section.files:
            target = root / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(file.text, encoding="utf-8")
        if section.config:
            (root / "pyproject.toml").write_text(section.config, encoding="utf-8")
        result = engine.lint(root, config.load(root), rules.load())
    unreadable = [
        Problem(section.page_line(item.place.path, item.place.line), f"unreadable: {item.message}")
        for item in result.unreadable
    ]
    mine = [finding for finding in result.findings if finding.code == page.code]
    return unreadable + compare(section, result.findings, page.codes(section)) + compare_diff(section, mine)


def _code(path: Path) -> str:
    return path.stem.replace("_", "-")


@cache
def _known_codes(rules: Path) -> frozenset[str]:
    return frozenset(_code(path) for path in rules.glob("*/*.md"))
