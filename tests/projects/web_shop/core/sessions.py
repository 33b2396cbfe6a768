"""What a session holds: rows that expire, are refreshed, are known by their key."""

from shop.database import Detached, SessionLocal
from shop.models import CardPayment, Customer, Line, Order, Payment, Product
from sqlalchemy import select
from sqlalchemy.orm import defer, load_only, selectin_polymorphic, undefer, with_polymorphic


def expired():
    with SessionLocal() as session:
        products = session.scalars(select(Product)).all()
        products[0].price = 7
        session.commit()
        return [product.name for product in products]  # slow: [expired-attribute-load]


def not_expired():
    with Detached() as session:
        products = session.scalars(select(Product)).all()
        products[0].price = 7
        session.commit()
        return [product.name for product in products]


def read_before():
    with SessionLocal() as session:
        products = session.scalars(select(Product)).all()
        names = [product.name for product in products]
        products[0].price = 7
        session.commit()
        return names


def asked_anew():
    with SessionLocal() as session:
        session.scalars(select(Product)).first().price = 7
        session.commit()
        return [product.name for product in session.scalars(select(Product)).all()]


def refreshed():
    with SessionLocal() as session:
        for order in session.scalars(select(Order)).all():
            session.refresh(order)  # slow: [query-in-loop]


def refreshed_once():
    with SessionLocal() as session:
        order = session.scalars(select(Order)).first()
        session.refresh(order)
        return order.number


def deferred_column():
    with SessionLocal() as session:
        return [product.description for product in session.scalars(select(Product))]  # slow: [deferred-column-load]


def deferred_column_asked_for():
    with SessionLocal() as session:
        query = select(Product).options(undefer(Product.description))
        return [product.description for product in session.scalars(query)]


def left_out():
    with SessionLocal() as session:
        query = select(Customer).options(load_only(Customer.name))
        return [customer.email for customer in session.scalars(query)]  # slow: [deferred-column-load]


def put_off():
    with SessionLocal() as session:
        query = select(Customer).options(defer(Customer.email))
        return [customer.email for customer in session.scalars(query)]  # slow: [deferred-column-load]


def read_what_was_loaded():
    with SessionLocal() as session:
        return [c.name for c in session.scalars(select(Customer).options(load_only(Customer.name)))]


def columns_of_subclasses():
    with SessionLocal() as session:
        return [payment.card for payment in session.scalars(select(Payment))]  # slow: [deferred-column-load]


def columns_of_subclasses_loaded():
    with SessionLocal() as session:
        query = select(Payment).options(selectin_polymorphic(Payment, [CardPayment]))
        return [payment.card for payment in session.scalars(query)]


def columns_of_the_subclass():
    with SessionLocal() as session:
        return [payment.card for payment in session.scalars(select(CardPayment))]


def columns_of_all_classes():
    with SessionLocal() as session:
        return [payment.card for payment in session.scalars(select(with_polymorphic(Payment, "*")))]


def rows_of_one_parent():
    """The lines of one order know it from the first read on."""
    with SessionLocal() as session:
        key = session.scalars(select(Order.id)).first()
        lines = session.scalars(select(Line).where(Line.order_id == key)).all()
        return [line.order.number for line in lines]


def rows_of_one_parent_by_name():
    with SessionLocal() as session:
        key = session.scalars(select(Order.id)).first()
        return [line.order.number for line in session.query(Line).filter_by(order_id=key)]


def rows_of_several_parents():
    with SessionLocal() as session:
        keys = session.scalars(select(Order.id)).all()
        lines = session.scalars(select(Line).where(Line.order_id.in_(keys))).all()
        return [line.order.number for line in lines]  # slow: [lazy-load-in-loop]


def rows_of_one_parent_or_another():
    with SessionLocal() as session:
        key = session.scalars(select(Order.id)).first()
        lines = session.scalars(select(Line).where((Line.order_id == key) | (Line.quantity > 0))).all()
        return [line.order.number for line in lines]  # slow: [lazy-load-in-loop]


def rows_of_one_parent_by_backref():
    """The same where the relation is declared on the other side."""
    with SessionLocal() as session:
        key = session.scalars(select(Customer.id)).first()
        return [order.customer.name for order in session.query(Order).filter(Order.customer_id == key)]
