"""Small projects written to disk and linted: what the tests of the framework adapters share.

A line that must be reported ends in `# error: code` (several codes: separated by spaces); every other line must not be.
"""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint, read_facts
from slowlint.linter.frameworks.registry import FRAMEWORKS
from slowlint.linter.project.entries import Entry
from slowlint.linter.project.project import Project, register

_ERROR = re.compile(r"#\s*error:\s*([\w\- ]+?)(?:\s*#\})?$")


def check(folder: Path, files: dict[str, str], *, family: str = "orm") -> None:
    """Lint the files and compare the findings of one family with the marks in the sources."""
    expected: set[tuple[str, int, str]] = set()
    for name, source in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = dedent(source).lstrip("\n")
        path.write_text(text)
        for number, line in enumerate(text.splitlines(), 1):
            found = _ERROR.search(line)
            expected |= {(name, number, code) for code in found[1].split()} if found else set()
    result = lint(folder, Settings(), rules.load())
    assert not result.unreadable
    reported = {(f.place.path, f.place.line, f.code) for f in result.findings if f.family == family}
    assert reported == expected, (sorted(reported - expected), sorted(expected - reported))


def project(files: dict[str, str]) -> Project:
    """A project in memory, for questions about models and entries."""
    facts = {}
    for name, source in files.items():
        facts[name], problem = read_facts(name, dedent(source).encode())
        assert problem is None
    made = Project(list(files), facts.__getitem__, FRAMEWORKS)
    register(made.memo, FRAMEWORKS)
    made.update(list(files), (), {})
    return made


def entries(files: dict[str, str]) -> list[Entry]:
    made = project(files)
    return [entry for framework in made.frameworks for entry in framework.entries(made)]
