"""The tables of the shop."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, Table, func, select
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    WriteOnlyMapped,
    backref,
    column_property,
    declared_attr,
    deferred,
    mapped_column,
    relationship,
)


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Owned:
    """A mixin that gives a table its owner."""

    @declared_attr
    def owner_id(cls):
        return Column(ForeignKey("customer.id"), index=True)

    @declared_attr
    def owner(cls):
        return relationship("Customer", foreign_keys=[cls.owner_id])


order_tag = Table(
    "order_tag",
    Base.metadata,
    Column("order_id", ForeignKey("order_.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Country(Base):
    __tablename__ = "country"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(index=True)
    country_id: Mapped[int] = mapped_column(ForeignKey("country.id"), index=True)
    country: Mapped["Country"] = relationship()
    orders: Mapped[list["Order"]] = relationship(back_populates="customer", order_by="Order.id")
    profile: Mapped["Profile"] = relationship(back_populates="customer", uselist=False)

    @property
    def label(self):
        return f"{self.name} ({self.country.name})"  # slow: [lazy-load-in-loop]

    def __repr__(self):
        return f"Customer({self.name})"


class Profile(Base):
    __tablename__ = "profile"

    id: Mapped[int] = mapped_column(primary_key=True)
    website: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), unique=True)
    customer: Mapped["Customer"] = relationship(back_populates="profile")


class Tag(Base):
    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)


class Order(Base):
    __tablename__ = "order_"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(index=True)
    paid: Mapped[bool] = mapped_column(default=False, index=True)
    note: Mapped[str] = mapped_column(deferred=True, default="")
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    customer: Mapped["Customer"] = relationship(back_populates="orders")
    lines: Mapped[list["Line"]] = relationship(back_populates="order", cascade="all, delete-orphan")
    tags: Mapped[list["Tag"]] = relationship(secondary=order_tag)
    tag_names = association_proxy("tags", "name")

    @hybrid_property
    def quantity(self):
        return sum(line.quantity for line in self.lines)  # slow: [lazy-load-in-loop]

    @quantity.expression
    def quantity(cls):
        return select(func.sum(Line.quantity)).where(Line.order_id == cls.id).scalar_subquery()

    def __str__(self):
        return f"{self.number} of {self.customer.name}"  # slow: [lazy-load-in-loop]

    def to_dict(self):
        return {"number": self.number, "customer": self.customer.name}  # slow: [lazy-load-in-loop]


class Supplier(Base):
    __tablename__ = "supplier"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    country_id: Mapped[int] = mapped_column(ForeignKey("country.id"), index=True)
    country: Mapped["Country"] = relationship(lazy="joined")
    products: Mapped[list["Product"]] = relationship(back_populates="supplier", lazy="selectin")


class Category(Base):
    __tablename__ = "category"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"), index=True)
    parent: Mapped["Category | None"] = relationship(back_populates="children", remote_side=[id])
    children: Mapped[list["Category"]] = relationship(back_populates="parent")


class Product(Base):
    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[int]
    description = deferred(Column(String, default="long"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    supplier: Mapped["Supplier"] = relationship(back_populates="products")
    category: Mapped["Category"] = relationship()


class Line(Base):
    __tablename__ = "line"

    id: Mapped[int] = mapped_column(primary_key=True)
    quantity: Mapped[int] = mapped_column(default=1)
    order_id: Mapped[int] = mapped_column(ForeignKey("order_.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    order: Mapped["Order"] = relationship(back_populates="lines")
    product: Mapped["Product"] = relationship(backref=backref("lines", lazy="dynamic"))


class Review(Owned, Base):
    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    stars: Mapped[int] = mapped_column(default=3)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    product: Mapped["Product"] = relationship(lazy="raise")


class Visit(Base):
    """Grows by the minute."""

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    customer: Mapped["Customer"] = relationship()
    at: Mapped[datetime] = mapped_column(default=datetime.now, index=True)
    page: Mapped[str]


class Account(Base):
    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    entries: DynamicMapped["Entry"] = relationship(back_populates="account")
    archive: WriteOnlyMapped["Entry"] = relationship(viewonly=True)


class Entry(Base):
    __tablename__ = "entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    account: Mapped["Account"] = relationship(back_populates="entries")


class Payment(Base):
    """Joined-table inheritance: the columns of a card stand in a table of their own."""

    __tablename__ = "payment"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "payment"}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    amount: Mapped[int]


class CardPayment(Payment):
    __tablename__ = "card_payment"
    __mapper_args__ = {"polymorphic_identity": "card"}

    id: Mapped[int] = mapped_column(ForeignKey("payment.id"), primary_key=True)
    card: Mapped[str]


Customer.order_count = column_property(
    select(func.count(Order.id)).where(Order.customer_id == Customer.id).correlate_except(Order).scalar_subquery()
)
