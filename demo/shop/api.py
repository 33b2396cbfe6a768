"""Routes of the shop. Start with: uvicorn api:app"""

from __future__ import annotations

from typing import Annotated

import repository
import shipping
from database import session
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from summaries import Summary, describe

app = FastAPI(title="shop")
Database = Annotated[Session, Depends(session)]


@app.get("/orders")
def recent_orders(database: Database) -> list[Summary]:
    return [describe(order) for order in repository.recent_orders(database, limit=30)]


@app.get("/customers/{customer_id}/orders")
def customer_orders(customer_id: int, database: Database) -> list[Summary]:
    return [describe(order) for order in repository.orders_of(database, customer_id)]


@app.get("/stock/{sku}")
def stock(sku: str, database: Database) -> list[dict[str, str | int]]:
    movements = repository.movements_of(database, sku)
    return [{"at": movement.at.isoformat(), "change": movement.change} for movement in movements]


@app.get("/products/{sku}")
def product(sku: str, database: Database) -> dict[str, str | int]:
    found = repository.product(database, sku)
    if found is None:
        raise HTTPException(status_code=404)
    return {"sku": found.sku, "name": found.name, "cents": found.cents}


@app.get("/prices")
def prices(database: Database, sku: Annotated[list[str], Query()]) -> dict[str, int]:
    return repository.prices(database, sku)


@app.get("/dashboard")
def dashboard(database: Database) -> dict[str, int]:
    return repository.orders_by_status(database)


@app.get("/shipping/{kilograms}")
async def shipping_quote(kilograms: int) -> dict[str, int]:
    return {"cents": shipping.quote(kilograms)}


@app.get("/labels/{kilograms}")
async def label(kilograms: int) -> dict[str, int]:
    cents = await run_in_threadpool(shipping.quote, kilograms)
    return {"cents": cents, "weight": kilograms}
