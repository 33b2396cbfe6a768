"""The Query of SQLAlchemy 1."""

from shop.database import SessionLocal
from shop.models import Account, Customer, Line, Order, Tag
from sqlalchemy.orm import joinedload, selectinload


def queried():
    with SessionLocal() as session:
        for order in session.query(Order).filter(Order.number != "").order_by(Order.id):
            assert order.customer.name  # slow: [lazy-load-in-loop]


def queried_and_joined():
    with SessionLocal() as session:
        for order in session.query(Order).options(joinedload(Order.customer)).order_by(Order.id):
            assert order.customer.name


def queried_all():
    with SessionLocal() as session:
        return [line.product.name for line in session.query(Line).all()]  # slow: [lazy-load-in-loop]


def queried_all_loaded():
    with SessionLocal() as session:
        return [line.product.name for line in session.query(Line).options(selectinload(Line.product)).all()]


def got():
    with SessionLocal() as session:
        for (key,) in session.query(Order.customer_id).all():
            assert session.query(Customer).get(key)  # slow: [query-in-loop]


def filtered():
    with SessionLocal() as session:
        for name in names(session):
            assert session.query(Tag).filter_by(name=name).first()  # slow: [query-in-loop]


def names(session):
    return [name for (name,) in session.query(Tag.name)]


def counted():
    with SessionLocal() as session:
        for account in session.query(Account):
            assert account.entries.filter_by(amount=1).count()  # slow: [query-in-loop]


def counted_once():
    with SessionLocal() as session:
        return session.query(Account).count()


def updated():
    with SessionLocal() as session:
        for name in names(session):
            session.query(Tag).filter(Tag.name == name).update({"name": "x"})  # slow: [write-in-loop]
        session.commit()


def updated_at_once():
    with SessionLocal() as session:
        session.query(Tag).update({"name": "x"})
        session.commit()


def paged():
    with SessionLocal() as session:
        query = session.query(Order).options(joinedload(Order.customer))
        return [order.customer.name for order in query.limit(3).offset(1)]
