"""Writes, commits and flushes in loops."""

from shop.database import SessionLocal
from shop.models import Order, Product, Tag
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert


def committed():
    with SessionLocal() as session:
        for product in session.scalars(select(Product)).all():
            product.price += 1  # slow: [expired-attribute-load]
            session.commit()  # slow: [commit-in-loop]


def committed_once():
    """The unit of work sends all rows in one executemany."""
    with SessionLocal() as session:
        for product in session.scalars(select(Product)).all():
            product.price += 1
        session.commit()


def flushed():
    with SessionLocal() as session:
        for (name,) in session.execute(select(Product.name)).all():
            session.add(Tag(name=name))
            session.flush()  # slow: [write-in-loop]
        session.commit()


def added():
    with SessionLocal() as session:
        session.execute(insert(Tag), [{"name": name} for (name,) in session.execute(select(Product.name)).all()])
        session.commit()


def updated():
    with SessionLocal() as session:
        for key in session.scalars(select(Product.id)).all():
            session.execute(update(Product).where(Product.id == key).values(price=1))  # slow: [write-in-loop]
        session.commit()


def updated_at_once():
    with SessionLocal() as session:
        session.execute(update(Product).where(Product.price > 0).values(price=1))
        session.commit()


def updated_by_key():
    """Bulk update by primary key: one executemany."""
    with SessionLocal() as session:
        session.execute(update(Product), [{"id": key, "price": 2} for key in session.scalars(select(Product.id)).all()])
        session.commit()


def removed():
    with SessionLocal() as session:
        for key in session.scalars(select(Tag.id)).all():
            session.execute(delete(Tag).where(Tag.id == key))  # slow: [write-in-loop]
        session.commit()


def upserted():
    with SessionLocal() as session:
        for key in session.scalars(select(Tag.id)).all():
            session.execute(upsert(Tag).values(id=key, name="x").on_conflict_do_nothing())  # slow: [write-in-loop]
        session.commit()


def upserted_at_once():
    with SessionLocal() as session:
        rows = [{"id": key, "name": "x"} for key in session.scalars(select(Tag.id)).all()]
        session.execute(upsert(Tag).on_conflict_do_nothing(), rows)
        session.commit()


def got_or_created():
    with SessionLocal() as session:
        for name in session.scalars(select(Product.name)).all():
            tag = session.scalars(select(Tag).where(Tag.name == name)).first()  # slow: [query-in-loop]
            if tag is None:
                session.add(Tag(name=name))
        session.commit()


def merged():
    with SessionLocal() as session:
        for key in session.scalars(select(Tag.id)).all():
            session.merge(Tag(id=key, name="x"))  # slow: [query-in-loop]
        session.commit()


def deleted_with_children():
    """`session.delete` of a row loads the collections that its cascade reaches."""
    with SessionLocal() as session:
        for order in session.scalars(select(Order)).all():
            session.delete(order)  # slow: [lazy-load-in-loop]
        session.commit()
