"""How sure a finding is: `certain` only when nothing on its way was inferred, and no caller can avoid it."""

from __future__ import annotations

from pathlib import Path

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint

PLANS = """
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
ORDERS = """
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver


class Customer(models.Model):
    name = models.CharField(max_length=50)


class Order(models.Model):
    label = models.CharField(max_length=50)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)


@receiver(post_save, sender=Order)
def tell(sender, instance, **kwargs):
    print(instance.customer.name)


def labels():
    return [order.label or order.customer.name for order in Order.objects.all()]


def names():
    return [order.customer.name or order.label for order in Order.objects.all()]


def touch():
    for order in Order.objects.all():
        order.save()
"""


def test_a_branch_for_values_of_one_type_is_likely(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PLANS)
    found = lint(tmp_path, Settings(), rules.load({"query-in-loop"})).findings
    assert {f.symbol: f.confidence for f in found} == {"plan_of": "likely", "named": "certain"}


def test_a_text_is_no_number_of_a_row(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        PLANS + "\n\ndef texts(keys):\n    return [Plan.objects.all()['a'] for key in keys]\n"
    )
    found = lint(tmp_path, Settings(), rules.load({"query-in-loop", "loop-invariant-query"})).findings
    assert not [f for f in found if f.symbol == "texts"]


def test_the_later_parts_of_an_or_and_the_receivers_of_signals_are_likely(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(ORDERS)
    found = lint(tmp_path, Settings(), rules.load({"lazy-load-in-loop"})).findings
    assert {finding.symbol: finding.confidence for finding in found} == {
        "tell": "likely",
        "labels": "likely",
        "names": "certain",
    }
