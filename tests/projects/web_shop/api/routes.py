"""Routes of FastAPI: what a response model reads of the rows."""

from typing import Annotated

from core.heroes import Hero
from core.questions import page_after_a_row, page_by_number
from fastapi import APIRouter, Depends, FastAPI
from fastapi_pagination import Page, add_pagination
from fastapi_pagination.ext.sqlalchemy import apaginate, paginate
from pydantic import TypeAdapter
from shop.database import SessionLocal, engine, get_async_db, get_db
from shop.models import Customer, Line, Order
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlmodel import Session as HeroSession
from sqlmodel import select as select_heroes

from api import schemas
from api.schemas import (
    Envelope,
    HeroPublicWithTeam,
    OrderAliased,
    OrderBuyer,
    OrderFlat,
    OrderLines,
    OrderNumber,
    OrderOut,
    OrderPage,
    OrderTagged,
    OrderUnread,
)

router = APIRouter(prefix="/api")
Database = Annotated[Session, Depends(get_db)]
AsyncDatabase = Annotated[AsyncSession, Depends(get_async_db)]
CUSTOMERS = joinedload(Order.customer).joinedload(Customer.country)
ORDERS = TypeAdapter(list[OrderOut])


@router.get("/visits")
def visits(page: int = 2):
    return page_by_number(page)


@router.get("/visits-after")
def visits_after(key: int = 0):
    return page_after_a_row(key)


@router.get("/orders", response_model=list[OrderOut])
def orders(db: Database):
    return db.scalars(select(Order)).all()


@router.get("/orders/joined", response_model=list[OrderOut])
def joined_orders(db: Database):
    return db.scalars(select(Order).options(CUSTOMERS)).all()


@router.get("/orders/half", response_model=list[OrderOut])
def half_joined_orders(db: Session = Depends(get_db)):  # noqa: B008
    return db.query(Order).options(joinedload(Order.customer)).all()


@router.get("/orders/excluded", response_model=list[schemas.OrderOut], response_model_exclude={"customer"})
def orders_without_customers(db: Database):
    """The customer is read all the same: what is excluded is validated first."""
    return db.scalars(select(Order)).all()


@router.get("/numbers", response_model=list[OrderNumber])
def numbers(db: Database):
    return db.scalars(select(Order)).all()


@router.get("/annotated")
def annotated(db: Database) -> list[OrderLines]:
    return db.scalars(select(Order)).all()


@router.get("/annotated/loaded")
def annotated_loaded(db: Database) -> list[OrderLines]:
    return db.scalars(select(Order).options(selectinload(Order.lines).joinedload(Line.product))).all()


@router.get("/unread")
def unread(db: Database) -> list[OrderUnread]:
    return db.scalars(select(Order)).all()


@router.get("/overruled", response_model=list[OrderNumber])
def overruled(db: Database) -> list[OrderOut]:
    return db.scalars(select(Order)).all()


@router.get("/unvalidated", response_model=None)
def unvalidated(db: Database) -> list[OrderOut]:
    return [{"number": order.number} for order in db.scalars(select(Order))]


@router.get("/enveloped", response_model=Envelope[list[OrderOut]])
def enveloped(db: Database):
    rows = db.scalars(select(Order)).all()
    return {"data": rows, "total": len(rows)}


@router.get("/enveloped/joined", response_model=Envelope[list[OrderOut]])
def enveloped_joined(db: Database):
    return {"data": db.scalars(select(Order).options(CUSTOMERS)).all()}


@router.get("/aliased", response_model=list[OrderAliased])
def aliased(db: Database):
    return db.scalars(select(Order)).all()


@router.get("/aliased/joined", response_model=list[OrderAliased])
def aliased_joined(db: Database):
    return db.scalars(select(Order).options(joinedload(Order.customer))).all()


@router.get("/tagged", response_model=list[OrderTagged])
def tagged(db: Database):
    return db.scalars(select(Order)).all()


@router.get("/tagged/loaded", response_model=list[OrderTagged])
def tagged_loaded(db: Database):
    return db.scalars(select(Order).options(selectinload(Order.tags))).all()


@router.get("/buyers", response_model=list[OrderBuyer])
def buyers(db: Database):
    return db.scalars(select(Order)).all()


@router.get("/flat", response_model=list[OrderFlat])
def flat(db: Database):
    return db.scalars(select(Order).options(joinedload(Order.customer))).all()


@router.get("/one", response_model=OrderOut)
def one(db: Database):
    return db.scalars(select(Order)).first()


@router.get("/paged", response_model=Page[OrderOut])
def paged(db: Database):
    return paginate(db, select(Order).order_by(Order.id))


@router.get("/paged/joined", response_model=Page[OrderOut])
def paged_joined(db: Database):
    return paginate(db, select(Order).options(CUSTOMERS).order_by(Order.id))


@router.get("/asynchronous", response_model=list[OrderOut])
async def asynchronous(db: AsyncDatabase):
    return (await db.scalars(select(Order).options(CUSTOMERS))).all()


@router.get("/asynchronous/paged")
async def asynchronously_paged(db: AsyncDatabase) -> Page[OrderOut]:
    return await apaginate(db, select(Order).options(CUSTOMERS).order_by(Order.id))


@router.get("/heroes", response_model=list[HeroPublicWithTeam])
def heroes():
    with HeroSession(engine) as session:
        return [HeroPublicWithTeam.model_validate(hero) for hero in session.exec(select_heroes(Hero)).all()]


@router.get("/heroes/joined", response_model=list[HeroPublicWithTeam])
def joined_heroes():
    with HeroSession(engine) as session:
        found = session.exec(select_heroes(Hero).options(joinedload(Hero.team))).all()
        return [HeroPublicWithTeam.model_validate(hero) for hero in found]


app = FastAPI()
app.include_router(router)
add_pagination(app)


def validated():
    with SessionLocal() as session:
        return [OrderOut.model_validate(order) for order in session.scalars(select(Order))]


def validated_joined():
    with SessionLocal() as session:
        return [OrderOut.model_validate(order) for order in session.scalars(select(Order).options(CUSTOMERS))]


def adapted():
    with SessionLocal() as session:
        return ORDERS.validate_python(session.scalars(select(Order)).all(), from_attributes=True)


def adapted_joined():
    with SessionLocal() as session:
        return ORDERS.validate_python(session.scalars(select(Order).options(CUSTOMERS)).all(), from_attributes=True)


def constructed():
    with SessionLocal() as session:
        return OrderPage(items=session.scalars(select(Order)).all())


def constructed_joined():
    with SessionLocal() as session:
        return OrderPage(items=session.scalars(select(Order).options(CUSTOMERS)).all())
