"""Pages of FastAPI: `Jinja2Templates`, with its present and its former order of arguments."""

from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.templating import Jinja2Templates
from shop.database import get_db
from shop.models import Order
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

app = FastAPI()
templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
Database = Annotated[Session, Depends(get_db)]


@app.get("/fast/orders")
def orders(request: Request, db: Database):
    return templates.TemplateResponse(request, "fast/orders.html", {"orders": db.scalars(select(Order)).all()})


@app.get("/fast/orders/joined")
def joined_orders(request: Request, db: Database):
    rows = db.scalars(select(Order).options(joinedload(Order.customer))).all()
    return templates.TemplateResponse(request=request, name="fast/joined.html", context={"orders": rows})


@app.get("/fast/rendered")
def rendered(db: Database):
    found = db.scalars(select(Order)).all()
    return templates.get_template("fast/rendered.html").render(orders=found)
