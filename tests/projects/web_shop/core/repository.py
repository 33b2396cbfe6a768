"""A repository layer with generics, and a unit of work."""

from typing import Generic, TypeVar

from shop.database import SessionLocal
from shop.models import Base, Customer, Order
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

T = TypeVar("T", bound=Base)


class Repository(Generic[T]):
    model: type[T]

    def __init__(self, session: Session):
        self.session = session

    def get(self, key: int) -> T | None:
        return self.session.scalars(select(self.model).where(self.model.id == key)).first()  # slow: [query-in-loop]

    def find(self, *options) -> list[T]:
        return list(self.session.scalars(select(self.model).options(*options)))

    def many(self, keys) -> list[T]:
        return list(self.session.scalars(select(self.model).where(self.model.id.in_(keys))))


class CustomerRepository(Repository[Customer]):
    model = Customer


class OrderRepository(Repository[Order]):
    model = Order

    def with_customers(self) -> list[Order]:
        return self.find(joinedload(Order.customer))


class UnitOfWork:
    def __enter__(self):
        self.session = SessionLocal()
        self.orders = OrderRepository(self.session)
        self.customers = CustomerRepository(self.session)
        return self

    def __exit__(self, *args):
        self.session.close()


def lazily():
    with UnitOfWork() as work:
        return [order.customer.name for order in work.orders.find()]  # slow: [lazy-load-in-loop]


def loaded():
    with UnitOfWork() as work:
        return [order.customer.name for order in work.orders.with_customers()]


def one_by_one():
    with UnitOfWork() as work:
        return [work.customers.get(order.customer_id) for order in work.orders.find()]


def at_once():
    with UnitOfWork() as work:
        return work.customers.many([order.customer_id for order in work.orders.find()])


class Service:
    def __init__(self, session: Session):
        self.orders = OrderRepository(session)

    def names(self) -> list[str]:
        return [order.customer.name for order in self.orders.find()]  # slow: [lazy-load-in-loop]


def through_a_service():
    with SessionLocal() as session:
        return Service(session).names()
