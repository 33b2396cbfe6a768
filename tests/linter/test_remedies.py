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


MORE = (
    SOURCE
    + """

from rest_framework import serializers, viewsets


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["name"]


class LineSerializer(serializers.ModelSerializer):
    product = ProductSerializer()

    class Meta:
        model = Line
        fields = ["product"]


class OrderSerializer(serializers.ModelSerializer):
    lines = LineSerializer(many=True)

    class Meta:
        model = Order
        fields = ["lines"]


class Orders(viewsets.ViewSet):
    def whole(self, request, pk):
        return OrderSerializer(Order.objects.get(pk=pk)).data


def counts():
    return [order.lines.count() for order in Order.objects.all()]


def one_by_one(keys):
    return [list(Order.objects.get(pk=key).lines.all()) for key in keys]


def clean(customers):
    for customer in customers:
        Order.objects.filter(customer=customer).delete()


def save(names):
    for name in names:
        product = Product(name=name)
        product.save()
"""
)


def test_a_remedy_can_be_followed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(MORE)
    codes = {"lazy-load-in-loop", "lazy-load-in-serializer", "write-in-loop"}
    found = {f.symbol: f.remedy for f in lint(tmp_path, Settings(), rules.load(codes)).findings}
    loads = 'add `.prefetch_related("lines__product")` to the query at app.py:'
    assert found["LineSerializer"].startswith(loads)
    assert "pk=pk" in MORE.splitlines()[int(found["LineSerializer"].removeprefix(loads)) - 1]
    assert found["counts"].startswith('add `.annotate(n=Count("lines"))` to the query at app.py:')
    assert found["one_by_one"].startswith(
        "fetch the rows of all rounds with one query before the loop, with `.prefetch_"
    )
    assert found["clean"].endswith("`Order.objects.filter(customer_id__in=…).delete()`")
    assert found["save"] == "collect the `Product` objects and write them with one `bulk_create()`"


WRITES = """
from django.db import models


class Entry(models.Model):
    text = models.CharField(max_length=50)


def store(texts):
    for text in texts:
        Entry(text=text).save()


def strip():
    for entry in Entry.objects.all():
        entry.text = entry.text.strip()
        entry.save()
"""


def test_new_rows_are_created_together_and_old_ones_updated(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(WRITES)
    found = lint(tmp_path, Settings(), rules.load({"write-in-loop"})).findings
    made = {finding.symbol: finding.remedy.rpartition("`")[0].rpartition("`")[2] for finding in found}
    assert made == {"store": "bulk_create()", "strip": "update()"}


def test_a_template_is_given_its_rows_by_the_view(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "lines.html").write_text(
        "{% for line in order.lines.all %}{{ line.product.name }}{% endfor %}"
    )
    view = """
from django.shortcuts import get_object_or_404, render


def lines(request, pk):
    return render(request, "lines.html", {"order": get_object_or_404(Order, pk=pk)})
"""
    (tmp_path / "app.py").write_text(SOURCE + view)
    found = lint(tmp_path, Settings(), rules.load({"lazy-load-in-template"})).findings
    assert [finding.remedy for finding in found] == [
        'add `.prefetch_related("lines__product")` to the query at app.py:37'
    ]


def test_an_admin_list_names_its_joins(tmp_path: Path) -> None:
    pages = """
from django.contrib import admin


class Ticket(models.Model):
    product = models.ForeignKey(Product, null=True, on_delete=models.CASCADE)


class LineInline(admin.TabularInline):
    model = Line
    fields = ["order"]
    readonly_fields = ["order", "name"]

    def name(self, line):
        return line.product.name


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin):
    list_display = ["product"]


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    inlines = [LineInline]
"""
    (tmp_path / "app.py").write_text(SOURCE + pages)
    found = lint(tmp_path, Settings(), rules.load({"lazy-load-in-admin"})).findings
    made = {f.symbol.partition(".")[0]: f.remedy for f in found if "product" in f.remedy}
    assert made["TicketAdmin"].startswith('name "product" in `list_select_related` of `TicketAdmin`')
    assert made["LineInline"] == 'add `.select_related("product")` to the queryset of `LineInline`'


def test_a_key_is_on_the_row_already(tmp_path: Path) -> None:
    keys = "\n\ndef keys():\n    return [line.product.id for line in Line.objects.all()]\n"
    (tmp_path / "app.py").write_text(SOURCE + keys)
    found = lint(tmp_path, Settings(), rules.load({"lazy-load-in-loop"})).findings
    assert [f.remedy.partition("; ")[2] for f in found if f.symbol == "keys"] == [
        "where only the key is needed, read `product_id`"
    ]
