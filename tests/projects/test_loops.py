"""`loop_app`: each function is run with N and with 4 N items; the linter must report exactly those that cost too much.

A line that must be reported ends in `# slow: [code]`; it belongs to the last public function above it (of a class: to
that before the class), so each public function is a case, and one without a mark a look-alike.
"""

from __future__ import annotations

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import pytest

from slowlint import rules
from slowlint.linter import config
from slowlint.linter.engine import lint

from .loop_work import Work, measured

ROOT = Path(__file__).parent / "loop_app"
MODULES = ("frames", "fronts", "growth", "joins", "membership", "repeats")
_MARK = re.compile(r"# slow: \[([a-z-]+)\]$")
N = 40
PATTERNS = 150
"""`re` keeps 512 compiled patterns: fewer of them cost nothing."""
_OFTEN = 8


@cache
def marks() -> frozenset[tuple[str, int, str]]:
    """(path, line, code) of each marked line."""
    found = set()
    for file in sorted(ROOT.glob("*.py")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            mark = _MARK.search(line)
            assert bool(mark) == ("# slow" in line), f"{file.name}:{number}: a mark that cannot be read"
            if mark:
                found.add((file.name, number, mark[1]))
    return frozenset(found)


@cache
def cases() -> dict[str, list[str]]:
    """`module.function` -> codes of the marks that belong to it."""
    out: dict[str, list[str]] = {}
    for module in MODULES:
        tree = ast.parse((ROOT / f"{module}.py").read_text(encoding="utf-8"))
        public = [n for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
        for node, following in zip(public, [*public[1:], None], strict=True):
            end = following.lineno if following is not None else 1 << 30
            name = f"{module}.{node.name}"
            out[name] = [
                code for path, line, code in sorted(marks()) if path == f"{module}.py" and node.lineno <= line < end
            ]
    return out


def grows_too_much(few: Work, many: Work) -> bool:
    """Four times the items: more than eight times the steps, or the same thing done four times as often."""
    return many.steps > 8 * few.steps + 100 or many.most >= max(3 * few.most, _OFTEN)


@pytest.mark.parametrize("case", cases())
def test_exactly_the_marked_functions_cost_too_much(case: str) -> None:
    module, _, name = case.partition(".")
    function = getattr(importlib.import_module(f"slowlint.tests.projects.loop_app.{module}"), name)
    size = PATTERNS if "pattern" in name else N
    few, many = measured(function, size), measured(function, 4 * size)
    assert grows_too_much(few, many) == bool(cases()[case]), (few.steps, many.steps, few.most, many.most)
    assert len(cases()[case]) <= 1, "one mark for each function, so that it is clear what is proved"


@cache
def reported() -> frozenset[tuple[str, int, str]]:
    settings = config.load(ROOT)
    result = lint(ROOT, settings, rules.load())
    return frozenset((f.place.path, f.place.line, f.code) for f in result.findings if f.family == "loop")


def test_the_linter_reports_exactly_the_marked_lines() -> None:
    assert sorted(reported()) == sorted(marks())


def test_half_of_the_cases_are_look_alikes() -> None:
    silent = sum(not codes for codes in cases().values())
    assert len(cases()) >= 40
    assert silent >= 0.45 * len(cases())
