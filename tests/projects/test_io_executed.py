"""An application that is linted and executed: what waits too long there is measured, and the linter must say the same.

Not judged: that another service is asked in a request (always true, told as `possible`), nor what connects anew once
per request (the same).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from slowlint import rules
from slowlint.linter import config
from slowlint.linter.engine import lint

from .cases_io import CASES, WHOLE, Case

ROOT = Path(__file__).parent / "io_app"
_MARK = re.compile(r"# slow: \[([a-z, -]+)\]$")
Mark = tuple[str, str, int]
"""(code, path, line)."""


@cache
def marks() -> frozenset[Mark]:
    found = set()
    for file in ROOT.glob("*.py"):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            mark = _MARK.search(line)
            found |= {(code.strip(), f"io_app/{file.name}", number) for code in mark[1].split(",")} if mark else set()
    return frozenset(found)


@cache
def execution() -> Mapping[str, frozenset[Mark]]:
    done = subprocess.run(
        [sys.executable, str(ROOT.with_name("run_io.py"))],
        cwd=ROOT.parent,
        input=json.dumps([(case.kind, case.entry) for case in CASES]),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return {entry: frozenset((c, p, n) for c, p, n in slow) for entry, slow in json.loads(done.stdout).items()}


@cache
def reported() -> frozenset[Mark]:
    """What the linter says of the folder that holds the application, as users see it; files of the disk are told as
    `possible` only."""
    settings = config.load(ROOT)
    findings = lint(ROOT, settings, rules.load()).findings
    judged = {code for code, _, _ in marks()}
    shown = [f for f in findings if f.code in judged and (f.confidence != "possible" or f.code == WHOLE)]
    return frozenset((f.code, f"io_app/{f.place.path}", f.place.line) for f in shown)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.entry)
def test_exactly_the_marked_lines_are_slow(case: Case) -> None:
    measured = execution()[case.entry]
    assert measured <= marks(), "these lines are slow, and have no mark"
    assert sorted(code for code, _, _ in measured) == sorted(case.codes)


def test_every_mark_is_measured() -> None:
    assert marks() - {mark for measured in execution().values() for mark in measured} == set()


def test_half_of_the_cases_must_stay_silent() -> None:
    assert len(CASES) >= 50
    assert sum(not case.codes for case in CASES) >= 0.5 * len(CASES)


def test_the_linter_reports_the_marked_lines() -> None:
    assert sorted(marks() - reported()) == []


def test_the_linter_reports_nothing_else() -> None:
    assert sorted(reported() - marks()) == []
