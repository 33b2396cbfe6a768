"""A small Django project with one N+1 over three files."""

from __future__ import annotations

from pathlib import Path

MODELS = """\
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
"""
QUERIES = """\
from .models import Order


def orders():
    return Order.objects.all()
"""
VIEWS = """\
from .queries import orders


def listing(request):
    return [order.customer.name for order in orders()]
"""


def shop(root: Path) -> Path:
    """Write the project; the finding is in app/views.py, line 5."""
    (root / "app").mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    for name, text in (("__init__", ""), ("models", MODELS), ("queries", QUERIES), ("views", VIEWS)):
        (root / "app" / f"{name}.py").write_text(text)
    return root
