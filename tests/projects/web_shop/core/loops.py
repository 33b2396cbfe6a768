"""Relations read in loops, with the select() of SQLAlchemy 2."""

from operator import attrgetter

from shop.database import SessionLocal
from shop.models import Account, Category, Customer, Line, Order, Product, Review, Supplier
from sqlalchemy import select
from sqlalchemy.orm import (
    Load,
    contains_eager,
    defaultload,
    immediateload,
    joinedload,
    lazyload,
    raiseload,
    selectinload,
    subqueryload,
)


def many_to_one():
    with SessionLocal() as session:
        return [order.customer.name for order in session.scalars(select(Order))]  # slow: [lazy-load-in-loop]


def many_to_one_joined():
    with SessionLocal() as session:
        return [order.customer.name for order in session.scalars(select(Order).options(joinedload(Order.customer)))]


def one_to_many():
    with SessionLocal() as session:
        return [len(order.lines) for order in session.scalars(select(Order)).all()]  # slow: [lazy-load-in-loop]


def one_to_many_loaded():
    with SessionLocal() as session:
        query = select(Order).options(selectinload(Order.lines))
        return [len(order.lines) for order in session.scalars(query)]


def subquery_loaded():
    with SessionLocal() as session:
        query = select(Order).options(subqueryload(Order.lines))
        return [len(order.lines) for order in session.scalars(query).all()]


def many_to_many():
    with SessionLocal() as session:
        for order in session.execute(select(Order)).scalars():
            for tag in order.tags:  # slow: [lazy-load-in-loop]
                assert tag.name


def many_to_many_loaded():
    with SessionLocal() as session:
        for order in session.execute(select(Order).options(selectinload(Order.tags))).scalars():
            for tag in order.tags:
                assert tag.name


def association_proxy():
    with SessionLocal() as session:
        return [list(order.tag_names) for order in session.scalars(select(Order))]  # slow: [lazy-load-in-loop]


def association_proxy_loaded():
    with SessionLocal() as session:
        query = select(Order).options(selectinload(Order.tags))
        return [list(order.tag_names) for order in session.scalars(query)]


def one_to_one():
    with SessionLocal() as session:
        return [c.profile.website for c in session.scalars(select(Customer))]  # slow: [lazy-load-in-loop]


def one_to_one_joined():
    with SessionLocal() as session:
        return [c.profile.website for c in session.scalars(select(Customer).options(joinedload(Customer.profile)))]


def nested():
    with SessionLocal() as session:
        for order in session.scalars(select(Order)):
            for line in order.lines:  # slow: [lazy-load-in-loop]
                assert line.product.name  # slow: [lazy-load-in-loop]


def nested_half():
    with SessionLocal() as session:
        for order in session.scalars(select(Order).options(selectinload(Order.lines))):
            for line in order.lines:
                assert line.product.name  # slow: [lazy-load-in-loop]


def nested_loaded():
    with SessionLocal() as session:
        for order in session.scalars(select(Order).options(selectinload(Order.lines).joinedload(Line.product))):
            for line in order.lines:
                assert line.product.name


def nested_by_default():
    """`defaultload` leaves the first hop as it is mapped."""
    with SessionLocal() as session:
        query = select(Supplier).options(defaultload(Supplier.products).joinedload(Product.category))
        return [p.category.name for supplier in session.scalars(query) for p in supplier.products]


def load_object():
    with SessionLocal() as session:
        query = select(Order).options(Load(Order).joinedload(Order.customer).joinedload(Customer.country))
        return [order.customer.country.name for order in session.scalars(query)]


def options_of_an_option():
    with SessionLocal() as session:
        query = select(Order).options(
            selectinload(Order.lines).options(joinedload(Line.product).joinedload(Product.category))
        )
        return [line.product.category.name for order in session.scalars(query) for line in order.lines]


def joined_without_loading():
    with SessionLocal() as session:
        query = select(Order).join(Order.customer).where(Customer.name != "")
        return [order.customer.name for order in session.scalars(query)]  # slow: [lazy-load-in-loop]


def joined_and_contained():
    with SessionLocal() as session:
        query = select(Order).join(Order.customer).options(contains_eager(Order.customer))
        return [order.customer.name for order in session.scalars(query)]


def mapper_loads():
    """`lazy="joined"` and `lazy="selectin"` of the mapping."""
    with SessionLocal() as session:
        return [(s.country.name, len(s.products)) for s in session.scalars(select(Supplier)).unique()]


def mapper_overruled():
    with SessionLocal() as session:
        query = select(Supplier).options(lazyload(Supplier.country), raiseload(Supplier.products))
        return [supplier.country.name for supplier in session.scalars(query)]  # slow: [lazy-load-in-loop]


def mapper_raises():
    """`lazy="raise"` never asks by itself."""
    with SessionLocal() as session:
        return [r.product.name for r in session.scalars(select(Review).options(joinedload(Review.product)))]


def immediate():
    """An immediate load is a query per row all the same, sent where the rows are fetched."""
    with SessionLocal() as session:
        return list(session.scalars(select(Order).options(immediateload(Order.customer))))  # slow: [lazy-load-in-loop]


def from_a_mixin():
    with SessionLocal() as session:
        return [review.owner.name for review in session.scalars(select(Review))]  # slow: [lazy-load-in-loop]


def from_a_mixin_joined():
    with SessionLocal() as session:
        return [review.owner.name for review in session.scalars(select(Review).options(joinedload(Review.owner)))]


def sort_key():
    with SessionLocal() as session:
        orders = session.scalars(select(Order)).all()
        return sorted(orders, key=lambda order: order.customer.name)  # slow: [lazy-load-in-loop]


def sort_key_by_name():
    with SessionLocal() as session:
        orders = session.scalars(select(Order)).all()
        return sorted(orders, key=attrgetter("customer.name"))  # slow: [lazy-load-in-loop]


def self_referential():
    with SessionLocal() as session:
        query = select(Category).where(Category.parent_id.is_not(None)).options(joinedload(Category.parent))
        return [category.parent.name for category in session.scalars(query)]


def back_reference():
    """Children that came with their parent know it."""
    with SessionLocal() as session:
        query = select(Order).options(selectinload(Order.lines))
        return [line.order.number for order in session.scalars(query) for line in order.lines]


def key_only():
    with SessionLocal() as session:
        return [order.customer_id for order in session.scalars(select(Order))]


def assigned():
    with SessionLocal() as session:
        customer = session.scalars(select(Customer)).first()
        orders = [Order(number=str(i), customer=customer) for i in range(3)]
        return [order.customer.name for order in orders]


def dynamic():
    with SessionLocal() as session:
        return [account.entries.count() for account in session.scalars(select(Account))]  # slow: [query-in-loop]


def write_only():
    with SessionLocal() as session:
        for account in session.scalars(select(Account)):
            assert session.scalars(account.archive.select()).all()  # slow: [query-in-loop]


def dynamic_backref():
    with SessionLocal() as session:
        return [p.lines.first() for p in session.scalars(select(Product))]  # slow: [query-in-loop]


def two_entities():
    with SessionLocal() as session:
        rows = session.execute(select(Order, Customer).join(Order.customer))
        return [(order.number, customer.country.name) for order, customer in rows]  # slow: [lazy-load-in-loop]


def two_entities_loaded():
    with SessionLocal() as session:
        rows = session.execute(select(Order, Customer).join(Order.customer).options(joinedload(Customer.country)))
        return [(order.number, customer.country.name) for order, customer in rows]


def columns_only():
    with SessionLocal() as session:
        return [name for (name,) in session.execute(select(Customer.name).join(Customer.orders))]


def one_row():
    with SessionLocal() as session:
        order = session.scalars(select(Order).limit(1)).one()
        return order.customer.name


def hybrid_in_python():
    with SessionLocal() as session:
        return [order.quantity for order in session.scalars(select(Order))]


def hybrid_in_sql():
    with SessionLocal() as session:
        return session.scalars(select(Order).where(Order.quantity > 1)).all()


def counted_by_the_mapper():
    """A column_property comes with the row."""
    with SessionLocal() as session:
        return [customer.order_count for customer in session.scalars(select(Customer))]


def lists_and_dicts():
    with SessionLocal() as session:
        by_number = {order.number: order for order in session.scalars(select(Order))}
        return [order.customer.name for order in by_number.values()]  # slow: [lazy-load-in-loop]


def dictionaries_of_rows():
    with SessionLocal() as session:
        return [order.to_dict() for order in session.scalars(select(Order))]


def joined_dictionaries_of_rows():
    with SessionLocal() as session:
        return [order.to_dict() for order in session.scalars(select(Order).options(joinedload(Order.customer)))]


def text_of_rows():
    with SessionLocal() as session:
        return [f"{order}" for order in session.scalars(select(Order))]


def property_of_rows():
    with SessionLocal() as session:
        return [customer.label for customer in session.scalars(select(Customer))]


def property_of_joined_rows():
    with SessionLocal() as session:
        return [c.label for c in session.scalars(select(Customer).options(joinedload(Customer.country)))]


def both_entities():
    """The order's customer stands beside it in the same row."""
    with SessionLocal() as session:
        rows = session.execute(select(Order, Customer).join(Order.customer)).all()
        return [(row.Order.customer.name, row.Customer.name) for row in rows]


def in_partitions():
    with SessionLocal() as session:
        names = []
        for part in session.scalars(select(Order)).partitions(2):
            names += [order.customer.name for order in part]  # slow: [lazy-load-in-loop]
        return names
