"""The loader that a remedy names is one that Django takes for that path."""

from __future__ import annotations

from pathlib import Path

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint

SOURCE = """
from django.db import models


class Address(models.Model):
    city = models.CharField(max_length=50)


class Customer(models.Model):
    address = models.ForeignKey(Address, on_delete=models.CASCADE)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)


class Product(models.Model):
    name = models.CharField(max_length=50)


class Line(models.Model):
    order = models.ForeignKey(Order, related_name="lines", on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)


def cities():
    return [order.customer.address.city for order in Order.objects.select_related("customer")]


def products():
    return [line.product.name for order in Order.objects.prefetch_related("lines") for line in order.lines.all()]
"""


def test_a_path_is_joined_only_when_every_hop_leads_to_one_row(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SOURCE)
    found = lint(tmp_path, Settings(), rules.load({"lazy-load-in-loop"})).findings
    assert {finding.remedy.partition(" to the query")[0] for finding in found} == {
        'add `.select_related("customer__address")`',
        'add `.prefetch_related("lines__product")`',
    }
