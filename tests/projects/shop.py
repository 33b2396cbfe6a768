"""`django_shop` as the tests see it: the marks in its sources, what its execution sends, what the linter finds in it.

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
from functools import cache
from pathlib import Path

from slowlint import rules
from slowlint.linter import config, select
from slowlint.linter.engine import lint
from slowlint.linter.model import Finding

from .cases import CASES, Case

ROOT = Path(__file__).parent / "django_shop"
_MARK = re.compile(r"(?:\{#|#) slow: \[([a-z, -]+)\](?: #\})?$")
_MARK_LIKE = re.compile(r"#\s*slow\b")

Line = tuple[str, int]
"""(path relative to the project, line)."""
Mark = tuple[str, int, str]
"""(path, line, code)."""
Statement = tuple[str, str, int]
"""(SQL, path, line); the path is "" when no line of the project caused it."""


@cache
def marks() -> Mapping[Line, tuple[str, ...]]:
    """The codes that each marked line must be reported with."""
    found = {}
    for file in sorted((*ROOT.rglob("*.py"), *ROOT.rglob("*.html"))):
        path = file.relative_to(ROOT).as_posix()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            mark = _MARK.search(line)
            assert bool(mark) == bool(_MARK_LIKE.search(line)), f"{path}:{number}: a mark that cannot be read"
            if mark:
                found[path, number] = tuple(code.strip() for code in mark[1].split(","))
    return found


@cache
def execution(root: Path = ROOT) -> Mapping[str, tuple[Sequence[Statement], Sequence[Statement]]]:
    """What each entry sends with N and with 2N rows in every table. Of a copy of the project only the slow cases."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("execution.py"))],
        cwd=root,
        input=json.dumps([case.entry for case in CASES if case.codes or root == ROOT]),
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


def growing(case: Case, root: Path = ROOT) -> set[Line]:
    """The lines that send more statements when there are more rows."""
    few, many = (Counter((path, line) for _, path, line in sent) for sent in execution(root)[case.entry])
    return {line for line, times in many.items() if times > few[line]}


@cache
def findings() -> tuple[Finding, ...]:
    """What `slowlint check` reports for the project."""
    loaded = rules.load()
    settings = config.load(ROOT)
    return select.apply(
        lint(ROOT, settings, loaded), settings, {rule.code: rule.family for rule in loaded}, {}
    ).findings


def places(finding: Finding) -> Iterator[Line]:
    """The lines that a finding names as slow: its own, and those of the same cause."""
    yield finding.place.path, finding.place.line
    for step in finding.because:
        if step.message == "also here":
            yield step.place.path, step.place.line


@cache
def reported() -> frozenset[Mark]:
    return frozenset((path, line, finding.code) for finding in findings() for path, line in places(finding))
