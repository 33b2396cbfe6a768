import asyncio
from typing import Annotated

import shop_db
from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

shop_db.seed()
app = FastAPI()
async_engine = create_async_engine(str(shop_db.engine.url).replace("sqlite:", "sqlite+aiosqlite:"))


class OrderOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int


class CustomerOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    orders: list[OrderOut]


class AuditMiddleware:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


app.add_middleware(AuditMiddleware)


def session():
    with Session(shop_db.engine) as opened:
        yield opened


Database = Annotated[Session, Depends(session)]


@app.get("/totals")
def totals(db: Database):
    return [shop_db.total_of(customer) for customer in db.scalars(select(shop_db.Customer))]


@app.get("/customers", response_model=list[CustomerOut])
def customers(db: Database):
    return db.scalars(select(shop_db.Customer)).all()  # the list


async def names_of(db: AsyncSession) -> list[str]:
    return [
        (await db.get(shop_db.Customer, number, populate_existing=True)).name  # awaited in a loop
        for number in range(1, 5)
    ]


@app.get("/names")
async def names():
    async with AsyncSession(async_engine) as db:
        return await names_of(db)


@app.get("/gathered")
async def gathered():
    async def one(number: int):
        async with AsyncSession(async_engine) as db:
            return await db.scalar(select(shop_db.Order.total).where(shop_db.Order.id == number))  # in a task

    return await asyncio.gather(*[one(number) for number in range(1, 5)])


if __name__ == "__main__":
    import sys

    import uvicorn

    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
