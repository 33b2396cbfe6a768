"""django-ninja: what an operation's schema reads of its rows, with which parameters it is called, and its routes."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import check, entries

MODELS = """
from django.db import models

class Customer(models.Model):
    name = models.CharField(max_length=100)

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    payer = models.ForeignKey(Customer, related_name="+", on_delete=models.CASCADE)
"""
SCHEMAS = """
from typing import Generic, List, Optional, TypeVar

from ninja import Field, ModelSchema, Schema
from pydantic import BaseModel

from shop.models import Order

T = TypeVar("T")

class CustomerOut(Schema):
    name: str
"""
ROUTER = """
from ninja import Router

router = Router()

@router.get("{}")
def every(request): ...
"""


def shop(tmp_path: Path, schemas: str, api: str) -> None:
    check(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/models.py": MODELS,
            "shop/schemas.py": SCHEMAS + schemas,
            "shop/api.py": "from ninja import NinjaAPI, Router\nfrom shop.models import *\nfrom shop.schemas import *\n"
            "api = NinjaAPI()\n" + api,
        },
    )


def test_an_operation_is_called_with_parameters_that_nobody_knows(tmp_path: Path) -> None:
    """A default is what the client leaves out, not what the function always gets."""
    schemas = """
class OrderOut(Schema):
    customer: CustomerOut  # error: lazy-load-in-serializer
"""
    api = """
@api.get("/orders", response=list[OrderOut])
def orders(request, customer: int = None, limit: int = 5):
    if customer is None:
        return []
    return Order.objects.filter(customer_id=customer)[:limit]
"""
    shop(tmp_path, schemas, api)


def test_what_an_operation_does_itself_is_no_serializers(tmp_path: Path) -> None:
    schemas = """
class OrderOut(Schema):
    payer: CustomerOut
"""
    api = """
@api.get("/orders", response=list[OrderOut])
def orders(request):
    rows = Order.objects.select_related("payer")
    return [order for order in rows if order.customer.name]  # error: lazy-load-in-loop
"""
    shop(tmp_path, schemas, api)


@pytest.mark.parametrize(
    "wrapped",
    [
        "Envelope[OrderOut]",
        "Envelope[List[OrderOut]]",
        "Optional[Outer[OrderOut]]",
        '"Envelope[OrderOut]"',
        "{200: Envelope[OrderOut]}",
        "Wrapped",
    ],
)
def test_generic_schemas(tmp_path: Path, wrapped: str) -> None:
    schemas = """
class OrderOut(Schema):
    payer: CustomerOut  # error: lazy-load-in-serializer

class Other(Schema):
    customer: CustomerOut

class Envelope(Schema, Generic[T]):
    data: List[T]
    total: int = 0

class Outer(Schema, Generic[T]):
    data: List[T]
    nested: Optional[Envelope[T]] = None

Wrapped = Envelope[OrderOut]
"""
    api = f"""
@api.get("/orders", response={wrapped})
def orders(request):
    return {{"data": Order.objects.all()}}

@api.get("/other", response=Envelope[Other])
def other(request):
    return {{"data": Order.objects.select_related("customer")}}
"""
    shop(tmp_path, schemas, api)


@pytest.mark.parametrize(
    ("responses", "given"),
    [
        ("{200: Other, 400: OrderOut}", "400, Order.objects.get(pk=1).payer_id"),
        ("{201: list[Other], 400: OrderOut}", "201, rows"),
        ("{HTTPStatus.OK: list[Other], codes_4xx: list[OrderOut]}", "200, rows"),
        ("{200: None}", "200, rows"),
    ],
)
def test_each_status_has_its_schema(tmp_path: Path, responses: str, given: str) -> None:
    schemas = """
class OrderOut(Schema):
    payer: CustomerOut

class Other(Schema):
    customer: CustomerOut
"""
    api = f"""
from http import HTTPStatus
from ninja.responses import codes_4xx

@api.get("/orders", response={responses})
def orders(request):
    rows = Order.objects.select_related("customer")
    return {given}
"""
    shop(tmp_path, schemas, api)


def test_a_plain_class_of_pydantic_is_read_by_nobody_here(tmp_path: Path) -> None:
    schemas = """
class OrderOut(BaseModel):
    payer: CustomerOut
"""
    shop(
        tmp_path,
        schemas,
        "@api.get('/orders', response=list[OrderOut])\ndef orders(request): return Order.objects.all()",
    )


def test_a_schema_that_nests_itself_ends(tmp_path: Path) -> None:
    files = {
        "models.py": """
from django.db import models

class Node(models.Model):
    parent = models.ForeignKey("self", null=True, related_name="children", on_delete=models.CASCADE)
""",
        "api.py": """
from typing import Generic, TypeVar, Union
from ninja import NinjaAPI, Schema
from models import Node

class NodeOut(Schema):
    children: "list[NodeOut]"  # error: lazy-load-in-serializer

T = TypeVar("T")

class Growing(Schema, Generic[T]):
    parent: "Growing[Growing[T]]"  # error: lazy-load-in-serializer
    children: T

Loop = Union["Loop", "Loop", "Loop", "Loop", "Loop", "Loop", "Loop", "Loop", "Loop", "Loop", "Loop", "Loop", "Loop"]
api = NinjaAPI()

@api.get("/growing", response=list[Growing[NodeOut]])
def growing(request):
    return Node.objects.prefetch_related("children__children")

@api.get("/nodes", response=list[NodeOut])
def nodes(request):
    return Node.objects.filter(parent=None)

@api.get("/loop", response=Loop)
def loop(request):
    return Node.objects.all()
""",
    }
    check(tmp_path, files)


def test_routes_have_the_prefixes_of_routers_and_of_the_urlconf() -> None:
    found = entries(
        {
            "shop/urls.py": """
from django.urls import path
from shop.api import api

urlpatterns = [path("api/v1/", api.urls)]
""",
            "shop/api.py": """
from ninja import NinjaAPI
from ninja_extra import api_controller, http_get, route
from shop.orders import router

api = NinjaAPI()
api.add_router("/orders/", router)
api.add_router("customers", "shop.customers.router")

@api.get("health")
def health(request): ...

@api_controller("/books")
class Books:
    @route.post("/new")
    def new(self): ...

    @http_get("/{pk}")
    def one(self, pk: int): ...
""",
            "shop/orders.py": ROUTER.format("/all"),
            "shop/customers.py": ROUTER.format(""),
        }
    )
    assert {(e.function, e.route) for e in found} == {
        ("shop/api.py::health", "GET /api/v1/health"),
        ("shop/orders.py::every", "GET /api/v1/orders/all"),
        ("shop/customers.py::every", "GET /api/v1/customers"),
        ("shop/api.py::Books.new", "POST /books/new"),
        ("shop/api.py::Books.one", "GET /books/{pk}"),
    }
