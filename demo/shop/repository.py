"""Every query of the shop."""

from __future__ import annotations

from collections.abc import Sequence

from models import Movement, Order, Product
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

STATUSES = ("open", "paid", "shipped")
BATCH = 200


def recent_orders(session: Session, limit: int) -> Sequence[Order]:
    query = select(Order).options(joinedload(Order.customer)).order_by(Order.id.desc()).limit(limit)
    return session.scalars(query).all()


def orders_of(session: Session, customer_id: int) -> Sequence[Order]:
    query = (
        select(Order)
        .options(joinedload(Order.customer), selectinload(Order.lines))
        .where(Order.customer_id == customer_id)
        .order_by(Order.id)
    )
    return session.scalars(query).all()


def movements_of(session: Session, sku: str) -> Sequence[Movement]:
    query = select(Movement).where(Movement.sku == sku).order_by(Movement.at.desc()).limit(20)
    return session.scalars(query).all()


def product(session: Session, sku: str) -> Product | None:
    return session.scalar(select(Product).where(Product.sku == sku))


def orders_by_status(session: Session) -> dict[str, int]:
    counts = {}
    for status in STATUSES:
        counts[status] = session.scalar(select(func.count()).where(Order.status == status)) or 0
    return counts


def prices(session: Session, skus: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(skus), BATCH):
        chunk = skus[start : start + BATCH]
        for row in session.execute(select(Product.sku, Product.cents).where(Product.sku.in_(chunk))):
            found[row.sku] = row.cents
    return found
