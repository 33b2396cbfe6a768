"""Asynchronous sessions."""

import asyncio

from shop.database import AsyncSessionLocal
from shop.models import Customer, Order, Product
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload


async def awaited():
    async with AsyncSessionLocal() as session:
        orders = (await session.scalars(select(Order))).all()
        return [(await order.awaitable_attrs.customer).name for order in orders]  # slow: [lazy-load-in-loop]


async def awaited_and_loaded():
    async with AsyncSessionLocal() as session:
        orders = (await session.scalars(select(Order).options(joinedload(Order.customer)))).all()
        return [(await order.awaitable_attrs.customer).name for order in orders]


async def loaded():
    async with AsyncSessionLocal() as session:
        orders = (await session.execute(select(Order).options(selectinload(Order.lines)))).scalars().all()
        return [len(order.lines) for order in orders]


async def got():
    async with AsyncSessionLocal() as session:
        keys = (await session.scalars(select(Order.customer_id))).all()
        return [(await session.get(Customer, key)).name for key in keys]  # slow: [query-in-loop]


async def streamed():
    async with AsyncSessionLocal() as session:
        total = 0
        async for product in await session.stream_scalars(select(Product)):
            total += product.price
        return total


async def streamed_with_queries():
    async with AsyncSessionLocal() as session:
        async for order in await session.stream_scalars(select(Order)):
            await name_of(order)


async def name_of(order):
    async with AsyncSessionLocal() as session:
        query = select(Customer.name).where(Customer.id == order.customer_id)
        return await session.scalar(query)  # slow: [query-in-loop]


async def gathered():
    """One query an order, at the same time: as many statements."""
    async with AsyncSessionLocal() as session:
        orders = (await session.scalars(select(Order))).all()
    return await asyncio.gather(*[name_of(order) for order in orders])


async def in_sync_code():
    async with AsyncSessionLocal() as session:
        return await session.run_sync(read)


def read(session):
    return [order.customer.name for order in session.scalars(select(Order))]  # slow: [lazy-load-in-loop]


async def in_sync_code_loaded():
    async with AsyncSessionLocal() as session:
        return await session.run_sync(read_loaded)


def read_loaded(session):
    return [order.customer.name for order in session.scalars(select(Order).options(joinedload(Order.customer)))]
