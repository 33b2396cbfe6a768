"""Queries in loops."""

from shop.database import SessionLocal, engine
from shop.models import Account, Customer, Entry, Order, Product, Tag
from sqlalchemy import Table, bindparam, exists, func, insert, select, text
from sqlalchemy.orm import Session, aliased


def looked_up():
    with SessionLocal() as session:
        for order in session.scalars(select(Order)):
            query = select(Customer).where(Customer.id == order.customer_id)
            assert session.scalars(query).first()  # slow: [query-in-loop]


def looked_up_at_once():
    with SessionLocal() as session:
        keys = [order.customer_id for order in session.scalars(select(Order))]
        return session.scalars(select(Customer).where(Customer.id.in_(keys))).all()


def got():
    """Rows that nobody holds: each get is a query."""
    with SessionLocal() as session:
        keys = session.scalars(select(Order.customer_id)).all()
        return [session.get(Customer, key).name for key in keys]  # slow: [query-in-loop]


def got_again():
    """The identity map: the session holds all customers already, so a get is free."""
    with SessionLocal() as session:
        customers = session.scalars(select(Customer)).all()
        orders = session.scalars(select(Order)).all()
        found = [session.get(Customer, order.customer_id).name for order in orders]
        return found, customers


def read_again():
    """The same for a many-to-one relation."""
    with SessionLocal() as session:
        customers = session.scalars(select(Customer)).all()
        return [order.customer.name for order in session.scalars(select(Order))], customers


def counted():
    with SessionLocal() as session:
        out = {}
        for account in session.scalars(select(Account)):
            query = select(func.count()).select_from(Entry).where(Entry.account_id == account.id)
            out[account.id] = session.scalar(query)  # slow: [query-in-loop]
        return out


def counted_at_once():
    with SessionLocal() as session:
        query = select(Account.id, func.count(Entry.id)).join(Entry).group_by(Account.id)
        return {key: number for key, number in session.execute(query)}


def tested():
    with SessionLocal() as session:
        keys = session.scalars(select(Customer.id)).all()
        return [session.scalar(asked(key)) for key in keys]  # slow: [query-in-loop]


def asked(key):
    return select(exists().where(Order.customer_id == key))


def aliased_rows():
    with SessionLocal() as session:
        other = aliased(Customer)
        for order in session.scalars(select(Order)):
            assert session.execute(select(other).where(other.id == order.customer_id)).first()  # slow: [query-in-loop]


def core_select():
    tags = Tag.__table__
    with engine.connect() as connection:
        for (key,) in connection.execute(select(tags.c.id)).all():
            assert connection.execute(select(tags.c.name).where(tags.c.id == key)).one()  # slow: [query-in-loop]


def core_text():
    with engine.connect() as connection:
        for row in connection.execute(text("SELECT id FROM tag")).all():
            query = text("SELECT name FROM tag WHERE id = :id")
            assert connection.execute(query, {"id": row.id}).scalar()  # slow: [query-in-loop]


def driver_sql():
    with engine.connect() as connection:
        for row in connection.exec_driver_sql("SELECT id FROM tag").fetchall():
            named = "SELECT name FROM tag WHERE id = ?"
            assert connection.exec_driver_sql(named, (row.id,)).one()  # slow: [query-in-loop]


def core_insert():
    with engine.begin() as connection:
        for name in names(connection):
            connection.execute(insert(Tag).values(name=name))  # slow: [write-in-loop]


def core_insert_at_once():
    with engine.begin() as connection:
        connection.execute(insert(Tag), [{"name": name} for name in names(connection)])


def core_update_at_once():
    with engine.begin() as connection:
        tags: Table = Tag.__table__
        query = tags.update().where(tags.c.id == bindparam("key")).values(name="x")
        connection.execute(query, [{"key": key} for (key,) in connection.execute(select(tags.c.id)).all()])


def names(connection):
    return [name for (name,) in connection.execute(select(Tag.name)).all()]


def in_batches():
    with SessionLocal() as session:
        keys = session.scalars(select(Order.customer_id)).all()
        out = []
        for start in range(0, len(keys), 1000):
            out += session.scalars(select(Customer).where(Customer.id.in_(keys[start : start + 1000]))).all()
        return out


def some_constants():
    with SessionLocal() as session:
        return {paid: session.scalar(select(func.count(Order.id)).where(Order.paid == paid)) for paid in (True, False)}


def remembered():
    """Each key is asked for once, and here there is one."""
    with SessionLocal() as session:
        known = {}
        for order in session.scalars(select(Order)):
            if order.paid not in known:
                known[order.paid] = session.scalar(select(func.count(Order.id)).where(Order.paid == order.paid))
        return known


def invariant():
    with SessionLocal() as session:
        for product in session.scalars(select(Product)).all():
            total = session.scalar(select(func.count(Order.id)))  # slow: [loop-invariant-query]
            assert product.price <= total * 1000


def invariant_hoisted():
    with SessionLocal() as session:
        total = session.scalar(select(func.count(Order.id)))
        return [product.price <= total for product in session.scalars(select(Product)).all()]


def session_per_item():
    with SessionLocal() as session:
        keys = session.scalars(select(Order.customer_id)).all()
    for key in keys:
        with Session(engine) as session:
            assert session.get(Customer, key)  # slow: [query-in-loop]


def in_a_helper():
    with SessionLocal() as session:
        return [owner(session, order) for order in session.scalars(select(Order))]


def owner(session: Session, order: Order):
    query = select(Customer.name).where(Customer.id == order.customer_id)
    return session.execute(query).scalar_one()  # slow: [query-in-loop]


def first_of_each():
    with SessionLocal() as session:
        out = []
        for customer in session.scalars(select(Customer)):
            query = select(Order).where(Order.customer_id == customer.id).order_by(Order.id.desc()).limit(1)
            out.append(session.scalars(query).one())  # slow: [query-in-loop]
        return out


def tree():
    from shop.models import Category

    with SessionLocal() as session:
        roots = session.scalars(select(Category).where(Category.parent_id.is_(None))).all()
        return [depth(root) for root in roots]


def depth(category):
    return 1 + max((depth(child) for child in category.children), default=0)  # slow: [lazy-load-in-loop]


EXPIRED = "expired"


def in_another_mode():
    """What only another mode does is not done here."""
    with SessionLocal() as session:
        return [change(session, order, EXPIRED) for order in session.scalars(select(Order))]


def change(session: Session, order: Order, state: str):
    if state == "confirmed":
        query = select(Customer.name).where(Customer.id == order.customer_id)
        return session.scalar(query)
    return order.number
