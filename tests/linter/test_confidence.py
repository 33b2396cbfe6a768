"""A finding is certain only when nothing on its way was inferred."""

from __future__ import annotations

from pathlib import Path

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint

SOURCE = """
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


def test_the_later_parts_of_an_or_and_the_receivers_of_signals_are_likely(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SOURCE)
    found = lint(tmp_path, Settings(), rules.load({"lazy-load-in-loop"})).findings
    assert {finding.symbol: finding.confidence for finding in found} == {
        "tell": "likely",
        "labels": "likely",
        "names": "certain",
    }
