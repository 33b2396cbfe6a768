"""What objects hold from the moment they are made, and what functions inside functions read of the rows around them."""

from __future__ import annotations

from pathlib import Path

from .projects import check

START = """
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Order(Base):
    __tablename__ = "order_"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    customer: Mapped[Customer] = relationship()
"""


def test_a_query_that_an_object_was_given(tmp_path: Path) -> None:
    source = """
class Pages:
    def __init__(self, query, session: Session, size=25):
        self.query = query
        self.session = session
        self.size = size

    def page(self, number):
        return self.session.scalars(self.query.offset(number).limit(self.size)).all()

def names(session: Session):
    return [order.customer.name for order in Pages(select(Order), session).page(1)]  # error: lazy-load-in-loop

def joined_names(session: Session):
    pages = Pages(select(Order).options(joinedload(Order.customer)), session)
    return [order.customer.name for order in pages.page(1)]
"""
    check(tmp_path, {"app.py": START + source})


def test_a_query_that_another_method_replaces_is_not_known(tmp_path: Path) -> None:
    source = """
class Builder:
    def __init__(self, query, session: Session):
        self.query = query
        self.session = session

    def with_customers(self):
        self.query = self.query.options(joinedload(Order.customer))
        return self

    def every(self):
        return self.session.scalars(self.query).all()

def names(session: Session):
    return [order.customer.name for order in Builder(select(Order), session).with_customers().every()]
"""
    check(tmp_path, {"app.py": START + source})


def test_rows_in_dataclasses_and_named_tuples(tmp_path: Path) -> None:
    source = """
@dataclass
class Answer:
    message: str
    data: Any = None

class Found(NamedTuple):
    orders: list
    total: int

def answer(session: Session):
    return Answer("fine", data=session.scalars(select(Order)).all())

def names(session: Session):
    return [order.customer.name for order in answer(session).data]  # error: lazy-load-in-loop

def found_names(session: Session):
    found = Found(session.scalars(select(Order)).all(), total=1)
    return [order.customer.name for order in found.orders]  # error: lazy-load-in-loop

def joined_names(session: Session):
    found = Found(session.scalars(select(Order).options(joinedload(Order.customer))).all(), 1)
    return [order.customer.name for order in found.orders]
"""
    check(tmp_path, {"app.py": START + source})


def test_a_function_inside_a_function_reads_the_rows_that_the_outer_one_was_given(tmp_path: Path) -> None:
    source = """
def sorted_names(orders):
    key = lambda order: order.customer.name  # error: lazy-load-in-loop
    return [key(order) for order in orders]

def names(session: Session):
    return sorted_names(session.scalars(select(Order)).all())

def labelled(order, many):
    label = lambda: order.customer.name
    return [label() for _ in many]

def one(session: Session, many):
    return labelled(session.scalars(select(Order)).first(), many)
"""
    check(tmp_path, {"app.py": START + source})
