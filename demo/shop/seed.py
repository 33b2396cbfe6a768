"""Fills an empty database: python seed.py"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import models
from database import engine
from repository import STATUSES
from sqlalchemy import insert

CUSTOMERS, ORDERS, LINES, PRODUCTS, MOVEMENTS = 100, 1_000, 6, 1_000, 60_000


def main() -> None:
    chance = random.Random(2024)
    start = datetime(2024, 1, 1)
    models.Base.metadata.create_all(engine)
    skus = [f"SKU-{number:06}" for number in range(PRODUCTS)]
    with engine.begin() as connection:
        connection.execute(insert(models.Customer), [{"name": f"Customer {n}"} for n in range(CUSTOMERS)])
        connection.execute(
            insert(models.Product),
            [{"sku": sku, "name": f"Product {sku}", "cents": chance.randint(100, 9_999)} for sku in skus],
        )
        connection.execute(
            insert(models.Order),
            [{"customer_id": n % CUSTOMERS + 1, "status": STATUSES[n % len(STATUSES)]} for n in range(ORDERS)],
        )
        connection.execute(
            insert(models.Line),
            [
                {"order_id": n // LINES + 1, "sku": chance.choice(skus), "quantity": n % 4 + 1, "cents": 250}
                for n in range(ORDERS * LINES)
            ],
        )
        connection.execute(
            insert(models.Movement),
            [
                {"sku": chance.choice(skus), "change": n % 21 - 10, "at": start + timedelta(minutes=n)}
                for n in range(MOVEMENTS)
            ],
        )


if __name__ == "__main__":
    main()
