"""The database, and the sessions that speak to it."""

import os

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import NullPool

FILE = os.environ.get("SHOP_DATABASE", "shop.sqlite")

engine = create_engine(f"sqlite:///{FILE}", poolclass=NullPool)
async_engine = create_async_engine(f"sqlite+aiosqlite:///{FILE}", poolclass=NullPool)
SessionLocal = sessionmaker(engine)
Detached = sessionmaker(engine, expire_on_commit=False)
AsyncSessionLocal = async_sessionmaker(async_engine, expire_on_commit=False)
ExpiringAsyncSession = async_sessionmaker(async_engine)


def get_db():
    session = SessionLocal()
    try:
        yield session
    finally:
        session.close()


async def get_async_db():
    async with AsyncSessionLocal() as session:
        yield session
