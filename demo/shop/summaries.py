"""What the shop shows of an order."""

from __future__ import annotations

from models import Order
from pydantic import BaseModel


class Summary(BaseModel):
    id: int
    customer: str
    status: str
    total_cents: int


def describe(order: Order) -> Summary:
    return Summary(id=order.id, customer=order.customer.name, status=order.status, total_cents=total_cents(order))


def total_cents(order: Order) -> int:
    return sum(line.quantity * line.cents for line in order.lines)
