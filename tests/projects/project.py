"""Projects that are linted and executed: the marks in their sources, what their execution sends, what the linter finds.

A line that must be reported ends in `# slow: [code]`, in a template in `{# slow: [code] #}`; more codes are separated
by commas. Nothing is judged here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from slowlint import rules
from slowlint.linter import config, select
from slowlint.linter.engine import lint
from slowlint.linter.model import Finding

from . import (
    cases_alchemy,
    cases_django,
    cases_drivers,
    cases_pages,
    cases_peewee,
    cases_render,
    cases_tortoise,
)
from .cases import Case

_MARK = re.compile(r"(?:\{#|#) slow: \[([a-z, -]+)\](?: #\})?$")
_MARK_LIKE = re.compile(r"#\s*slow\b")
_SOURCES = ("*.py", "*.html", "*.jinja2", "*.j2")

Line = tuple[str, int]
"""(path relative to the project, line)."""
Mark = tuple[str, int, str]
"""(path, line, code)."""
Statement = tuple[str, str, int]
"""(SQL, path, line); the path is "" when no line of the project caused it."""
Execution = Mapping[str, tuple[Sequence[Statement], Sequence[Statement]]]
"""What each entry sends with N and with 2N rows in every table."""


@dataclass(frozen=True, eq=False)
class Project:
    """A folder beside this file, the program that executes it, and its cases."""

    name: str
    runner: str
    cases: tuple[Case, ...]

    @property
    def root(self) -> Path:
        return Path(__file__).parent / self.name

    @cached_property
    def marks(self) -> Mapping[Line, tuple[str, ...]]:
        """The codes that each marked line must be reported with."""
        found = {}
        for file in sorted(file for kind in _SOURCES for file in self.root.rglob(kind)):
            path = file.relative_to(self.root).as_posix()
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                mark = _MARK.search(line)
                assert bool(mark) == bool(_MARK_LIKE.search(line)), f"{path}:{number}: a mark that cannot be read"
                if mark:
                    found[path, number] = tuple(code.strip() for code in mark[1].split(","))
        return found

    @cached_property
    def execution(self) -> Execution:
        return self.executed(self.root)

    @cache  # noqa: B019  the projects live as long as the tests
    def executed(self, root: Path) -> Execution:
        """Of a copy of the project, only the slow cases."""
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name(self.runner))],
            cwd=root,
            input=json.dumps([case.entry for case in self.cases if case.codes or root == self.root]),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return {
            entry: ([(sql, path, line) for sql, path, line in once], [(sql, path, line) for sql, path, line in twice])
            for entry, (once, twice) in json.loads(done.stdout).items()
        }

    def growing(self, case: Case, root: Path | None = None) -> set[Line]:
        """The lines that send more statements when there are more rows."""
        executed = self.execution if root is None else self.executed(root)
        few, many = (Counter((path, line) for _, path, line in sent) for sent in executed[case.entry])
        return {line for line, times in many.items() if times > few[line]}

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What `slowlint check` reports for the project."""
        loaded = rules.load()
        settings = config.load(self.root)
        families = {rule.code: rule.family for rule in loaded}
        return select.apply(lint(self.root, settings, loaded), settings, families, {}).findings

    @cached_property
    def reported(self) -> frozenset[Mark]:
        return frozenset((path, line, finding.code) for finding in self.findings for path, line in places(finding))


def places(finding: Finding) -> Iterator[Line]:
    """The lines that a finding names as slow: its own, and those of the same cause."""
    yield finding.place.path, finding.place.line
    for step in finding.because:
        if step.message == "also here":
            yield step.place.path, step.place.line


DJANGO = Project("django_shop", "run_django.py", tuple(cases_django.CASES))
_WEB = (cases_alchemy, cases_drivers, cases_pages, cases_peewee, cases_render, cases_tortoise)
WEB = Project("web_shop", "run_web.py", tuple(case for part in _WEB for case in part.CASES))
PROJECTS = (DJANGO, WEB)
