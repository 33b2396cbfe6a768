"""Calls that hold up an event loop, as executed and as reported: `cafe` is run by `run.py` under two monitors, and the
linter must name exactly the lines that they saw.

A line that holds up the loop ends in `# blocks`. The first half needs no linter.
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
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint
from slowlint.linter.model import Finding

HERE = Path(__file__).parent
CAFE = HERE / "cafe"
CODES = {"blocking-call-in-async", "blocking-call-reachable"}
Line = tuple[str, int]


def marked() -> set[Line]:
    found = set()
    for file in CAFE.glob("*.py"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if re.search(r"# blocks$", line):
                found.add((file.name, number))
    return found


@cache
def executed() -> Mapping[str, set[Line]]:
    """What held up the loop in each case. Of no use on a machine where the monitor cannot patch built-in classes."""
    ran = subprocess.run([sys.executable, "run.py"], cwd=HERE, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return {case: {(file, line) for file, line in lines} for case, lines in json.loads(ran.stdout).items()}


@cache
def findings() -> tuple[Finding, ...]:
    return lint(CAFE, Settings(), rules.load(CODES)).findings


def listed(finding: Finding) -> set[Line]:
    """The lines that a finding says block: its own, and those of what is done with what it opens."""
    also = {(step.place.path, step.place.line) for step in finding.because if step.message == "also here"}
    return {(finding.place.path, finding.place.line), *also}


def test_there_is_enough_to_prove() -> None:
    cases = executed()
    assert len(cases) >= 90
    assert sum(not lines for lines in cases.values()) >= 0.3 * len(cases)
    assert len(marked()) >= 55


def test_every_case_blocks_in_one_line_at_most() -> None:
    assert {case: lines for case, lines in executed().items() if len(lines) > 1} == {}


def test_exactly_the_marked_lines_block() -> None:
    assert {line for lines in executed().values() for line in lines} == marked()


def test_cases_that_follow_the_dividing_line_do_not_block() -> None:
    for file in CAFE.glob("*.py"):
        _, divider, silent = file.read_text().partition("------\n")
        for name in re.findall(r"def (case_\w+)", silent) if divider else ():
            assert executed()[f"{file.stem}:{name}"] == set()


@pytest.mark.parametrize("line", sorted(marked()), ids=lambda line: f"{line[0]}:{line[1]}")
def test_what_blocks_is_reported(line: Line) -> None:
    assert any(line in listed(finding) for finding in findings())


def test_nothing_else_is_reported() -> None:
    extra = [f"{f.place.path}:{f.place.line} {f.message}" for f in findings() if not listed(f) & marked()]
    assert extra == []


def test_a_line_is_reported_once() -> None:
    lines = [line for finding in findings() for line in listed(finding) & marked()]
    assert sorted(lines) == sorted(set(lines))
