"""Single statements that do too much: what counts here is the statement, not how often it is sent."""

from contextlib import closing
from sqlite3 import connect

from shop.database import FILE, SessionLocal
from shop.models import Customer, Line, Order, Tag, Visit
from sqlalchemy import select

ALL_VISITS = "SELECT page, at FROM visit"


def page_by_number(page):
    with SessionLocal() as session:
        visits = select(Visit).order_by(Visit.at)
        found = session.scalars(visits.offset((page - 1) * 2).limit(2)).all()  # slow: [deep-offset]
        return [visit.page for visit in found]


def page_after_a_row(key):
    with SessionLocal() as session:
        visits = select(Visit).where(Visit.id > key).order_by(Visit.id)
        return [visit.page for visit in session.scalars(visits.limit(2)).all()]


def keys_sent_back():
    with SessionLocal() as session:
        ids = session.scalars(select(Customer.id).where(Customer.name > "")).all()  # slow: [large-in-list]
        return session.scalars(select(Order.number).where(Order.customer_id.in_(ids))).all()


def keys_in_a_subquery():
    with SessionLocal() as session:
        ids = select(Customer.id).where(Customer.name > "")
        return session.scalars(select(Order.number).where(Order.customer_id.in_(ids))).all()


def keys_of_a_page():
    with SessionLocal() as session:
        ids = session.scalars(select(Customer.id).order_by(Customer.id).limit(3)).all()
        return session.scalars(select(Order.number).where(Order.customer_id.in_(ids))).all()


def all_held(write=str):
    with SessionLocal() as session:
        for visit in session.scalars(select(Visit)).all():  # slow: [fetchall-in-memory]
            write(f"{visit.page} {visit.at}")


def all_streamed(write=str):
    with SessionLocal() as session:
        for visit in session.scalars(select(Visit).execution_options(yield_per=2)):
            write(f"{visit.page} {visit.at}")


def all_of_a_cursor(write=str):
    with closing(connect(FILE)) as connection:
        cursor = connection.execute(ALL_VISITS)
        for row in cursor:
            write(row[0])


def all_fetched(write=str):
    with closing(connect(FILE)) as connection:
        cursor = connection.cursor()
        for row in cursor.execute(ALL_VISITS).fetchall():  # slow: [fetchall-in-memory]
            write(row[0])


def made_distinct():
    with SessionLocal() as session:
        joined = select(Order).join(Order.lines).join(Order.tags).where(Line.quantity > 0, Tag.name > "")
        return session.scalars(joined.distinct()).all()  # slow: [join-multiplied-distinct]


def asked_for_existence():
    with SessionLocal() as session:
        asked = select(Order).where(Order.lines.any(Line.quantity > 0), Order.tags.any(Tag.name > ""))
        return session.scalars(asked).all()
