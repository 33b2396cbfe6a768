"""Fills the tables of `web_shop`: the same number of rows in each, and every row refers to a row of its own.

So no relation is loaded by chance because another row had read it. Imported by `run_web.py` only.
"""

from __future__ import annotations

import asyncio


def fill(rows: int) -> None:
    """Make the tables, and `rows` of everything; twice as many lines and entries."""
    from core.heroes import Hero, Team
    from diary.rows import fill as fill_diary
    from posts.rows import fill as fill_posts
    from shop.database import engine
    from shop.models import (
        Account,
        Base,
        CardPayment,
        Category,
        Country,
        Customer,
        Entry,
        Line,
        Order,
        Product,
        Profile,
        Review,
        Supplier,
        Tag,
        Visit,
    )
    from sqlalchemy.orm import Session
    from sqlmodel import SQLModel

    Base.metadata.create_all(engine)
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        tags = [Tag(name=f"tag {i}") for i in range(rows)]
        for i in range(rows):
            customer = Customer(name=f"customer {i}", email=f"{i}@example.org", country=Country(name=f"country {i}"))
            customer.profile = Profile(website=f"https://{i}.example.org")
            supplier = Supplier(name=f"supplier {i}", country=Country(name=f"land {i}"))
            shelf = Category(name=f"shelf {i}", parent=Category(name=f"floor {i}"))
            product = Product(name=f"product {i}", price=i, supplier=supplier, category=shelf)
            order = Order(number=f"A{i}", customer=customer, tags=[tags[i], tags[(i + 1) % rows]])
            order.lines = [Line(product=product), Line(product=product, quantity=2)]
            account = Account(name=f"account {i}")
            session.add_all([order, Review(product=product, owner=customer, stars=i % 5), account])
            session.add_all([Entry(amount=i, account=account), Entry(amount=1, account=account)])
            session.add(Visit(customer=customer, page=f"/products/{i}"))
            session.add(CardPayment(amount=i, card=f"{i}"))
            session.add(Hero(name=f"hero {i}", team=Team(name=f"team {i}")))
        session.commit()
    fill_posts(rows)
    asyncio.run(fill_diary(rows))
