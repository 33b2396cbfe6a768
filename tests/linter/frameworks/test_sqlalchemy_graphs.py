"""Lists of rows of SQLAlchemy in GraphQL: graphene-sqlalchemy's types, strawberry's plain types."""

from __future__ import annotations

from pathlib import Path

from .projects import check

MODELS = """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

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


def shop(folder: Path, source: str) -> None:
    start = "from sqlalchemy import select\nfrom sqlalchemy.orm import Session, joinedload\nfrom shop.models import *\n"
    check(folder, {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/graph.py": start + source})


def test_types_of_graphene(tmp_path: Path) -> None:
    source = """
import graphene
from graphene import relay
from graphene_sqlalchemy import SQLAlchemyConnectionField, SQLAlchemyObjectType

class CustomerType(SQLAlchemyObjectType):
    class Meta:
        model = Customer

class OrderType(SQLAlchemyObjectType):
    class Meta:
        model = Order  # error: lazy-load-in-resolver

class NamedOrder(SQLAlchemyObjectType):
    class Meta:
        model = Order
        exclude_fields = ("customer",)

    buyer = graphene.String()

    def resolve_buyer(self, info):
        return self.customer.name  # error: lazy-load-in-resolver

class BatchedOrder(SQLAlchemyObjectType):
    class Meta:
        model = Order
        batching = True

class Query(graphene.ObjectType):
    orders = SQLAlchemyConnectionField(OrderType.connection)
    named = graphene.List(NamedOrder)
    loaded = graphene.List(OrderType)
    batched = graphene.List(BatchedOrder)

    def resolve_named(self, info):
        return NamedOrder.get_query(info).all()

    def resolve_loaded(self, info):
        return OrderType.get_query(info).options(joinedload(Order.customer)).all()

    def resolve_batched(self, info):
        return BatchedOrder.get_query(info).all()
"""
    shop(tmp_path, source)


def test_types_of_strawberry(tmp_path: Path) -> None:
    source = """
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.dataloader import DataLoader

@strawberry.type
class CustomerType:
    name: str

@strawberry.type
class OrderType:
    id: int
    customer: CustomerType  # error: lazy-load-in-resolver

@strawberry.type
class AsyncOrder:
    customer: CustomerType  # error: lazy-load-in-async

@strawberry.type
class LoadedOrder:
    id: int

    @strawberry.field
    async def customer(self, info: strawberry.Info) -> CustomerType:
        return await info.context["customers"].load(self.customer_id)

@strawberry.type
class Query:
    @strawberry.field
    def orders(self, session: Session) -> list[OrderType]:
        return session.scalars(select(Order)).all()

    @strawberry.field
    async def asynchronous(self, info: strawberry.Info, limit: int = 5) -> list[AsyncOrder]:
        async with AsyncSession() as session:
            return (await session.scalars(select(Order).limit(limit))).all()

    @strawberry.field
    def joined(self, session: Session) -> list[OrderType]:
        return session.scalars(select(Order).options(joinedload(Order.customer))).all()

    @strawberry.field
    def loaded(self, session: Session) -> list[LoadedOrder]:
        return session.scalars(select(Order)).all()

    @strawberry.field
    def built(self, session: Session) -> list[OrderType]:
        query = select(Order).options(joinedload(Order.customer))
        rows = session.scalars(query)
        return [OrderType(id=row.id, customer=CustomerType(name=row.customer.name)) for row in rows]
"""
    shop(tmp_path, source)
