"""How sure a finding is: `certain` only of what no caller can avoid by what it passes."""

from __future__ import annotations

from pathlib import Path

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint

SOURCE = """
from django.db import models


class Plan(models.Model):
    name = models.CharField(max_length=50)


def plan_of(given):
    if isinstance(given, dict):
        given = Plan.objects.filter(name=given["name"]).first()
    return given


def named(name):
    return Plan.objects.filter(name=name).first()


def plans():
    return [(plan_of(plan), named(plan.name)) for plan in Plan.objects.all()]
"""


def test_a_branch_for_values_of_one_type_is_likely(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SOURCE)
    found = lint(tmp_path, Settings(), rules.load({"query-in-loop"})).findings
    assert {f.symbol: f.confidence for f in found} == {"plan_of": "likely", "named": "certain"}


def test_a_text_is_no_number_of_a_row(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        SOURCE + "\n\ndef texts(keys):\n    return [Plan.objects.all()['a'] for key in keys]\n"
    )
    found = lint(tmp_path, Settings(), rules.load({"query-in-loop", "loop-invariant-query"})).findings
    assert not [f for f in found if f.symbol == "texts"]
