"""pydantic and FastAPI: what is read of rows where the executed projects do not reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import check
from .schemas_shop import FASTAPI, START, shop


@pytest.mark.parametrize(
    "model",
    [
        "list[OrderOut]",
        "List[OrderOut]",
        "Optional[list[OrderOut]]",
        '"list[OrderOut]"',
        "Annotated[list[OrderOut], Field()]",
        "list[OrderOut] | None",
        "Union[list[OrderOut], CustomerOut]",
        "list[OtherBase.Orders]",
    ],
)
@pytest.mark.parametrize("where", ["response_model", "returns"])
def test_response_models(tmp_path: Path, model: str, where: str) -> None:
    said = f", response_model={model}" if where == "response_model" else ""
    returns = f" -> {model}" if where == "returns" else ""
    source = f"""
class OrderOut(BaseModel):
    customer: CustomerOut  # error: lazy-load-in-serializer

class OtherBase:
    class Orders(OrderOut):
        pass

@router.get("/orders"{said})
async def orders(session: Session = Depends()){returns}:
    return session.scalars(select(Order)).all()

@router.get("/loaded"{said})
async def loaded(session: Session = Depends()){returns}:
    return session.scalars(select(Order).options(joinedload(Order.customer))).all()
"""
    shop(tmp_path, START + FASTAPI + source)


def test_routes_in_a_function_and_in_a_class(tmp_path: Path) -> None:
    source = """
class OrderOut(BaseModel):
    customer: CustomerOut  # error: lazy-load-in-serializer
    payer: Optional[CustomerOut] = None  # error: lazy-load-in-serializer

def create_app():
    app = FastAPI()

    @app.get("/orders", response_model=list[OrderOut])
    def orders(session: Session = Depends()):
        return session.scalars(select(Order).options(joinedload(Order.payer))).all()

    return app

class Orders:
    session: Session = Depends()

    @router.get("/orders", response_model=list[OrderOut])
    def orders(self):
        return self.session.query(Order).options(joinedload(Order.customer)).all()
"""
    shop(tmp_path, START + FASTAPI + source)


def test_what_is_no_route_answers_nothing(tmp_path: Path) -> None:
    source = """
class OrderOut(BaseModel):
    customer: CustomerOut

@cache.get("orders")
def orders(session: Session) -> list[OrderOut]:
    return session.scalars(select(Order)).all()

def plain(session: Session) -> list[OrderOut]:
    return session.scalars(select(Order)).all()

@router.get("/none", response_model=None)
def none(session: Session) -> list[OrderOut]:
    return session.scalars(select(Order)).all()

@router.get("/ids", response_model=list[int])
def ids(session: Session) -> list[OrderOut]:
    return session.scalars(select(Order.id)).all()

@router.get("/one", response_model=OrderOut)
def one(session: Session):
    return session.scalars(select(Order)).first()
"""
    shop(tmp_path, START + FASTAPI + source)


def test_fields_that_read_nothing(tmp_path: Path) -> None:
    source = """
class OrderOut(BaseModel):
    id: int
    customer_id: int
    customers: dict[str, CustomerOut] = {}

    @property
    def customer(self):
        return self.payer

    def payer(self):
        return None

def orders(session: Session):
    return [OrderOut.from_orm(order) for order in session.query(Order)]
"""
    shop(tmp_path, START + source)


def test_classes_that_are_filled_by_other_classes(tmp_path: Path) -> None:
    source = """
class Base(BaseModel):
    @classmethod
    def of(cls, row):
        return cls.model_validate(row)

class OrderOut(Base):
    customer: CustomerOut  # error: lazy-load-in-serializer

class LineOut(Base):
    order: OrderOut  # error: lazy-load-in-serializer

class Lines(BaseModel):
    items: list[LineOut]

class Own(Base):
    payer: CustomerOut  # error: lazy-load-in-serializer

    @classmethod
    def model_validate(cls, row):
        return super().model_validate(row)

def orders(session: Session):
    return [OrderOut.of(order) for order in session.query(Order)]

def own(session: Session):
    return [Own.model_validate(order) for order in session.query(Order)]

def lines(session: Session):
    return Lines(items=session.query(Line).all())

def lines_of_loaded(session: Session):
    loaded = session.query(Line).options(joinedload(Line.order).joinedload(Order.customer)).all()
    return Lines(items=loaded)

def made(session: Session):
    query = session.query(Order).options(joinedload(Order.customer))
    return [OrderOut(customer=CustomerOut(name=order.customer.name)) for order in query]
"""
    shop(tmp_path, START + source)


def test_a_schema_in_a_generic_repository(tmp_path: Path) -> None:
    source = """
class OrderOut(BaseModel):
    customer: CustomerOut  # error: lazy-load-in-serializer

class Repository:
    def __init__(self, session: Session, model, schema):
        self.session = session
        self.model = model
        self.schema = schema

    def every(self):
        return [self.schema.model_validate(row) for row in self.session.scalars(select(self.model)).all()]

def orders(session: Session):
    return Repository(session, Order, OrderOut).every()
"""
    shop(tmp_path, START + source)


def test_envelopes_and_pages(tmp_path: Path) -> None:
    source = """
from fastapi_pagination import Page
from fastapi_pagination import create_page

T = TypeVar("T")

class OrderOut(BaseModel):
    customer: CustomerOut  # error: lazy-load-in-serializer

class PayerOut(BaseModel):
    payer: CustomerOut  # error: lazy-load-in-serializer

class LineOut(BaseModel):
    order: PayerOut  # error: lazy-load-in-serializer

class Unread(BaseModel):
    customer: CustomerOut

class Envelope(BaseModel, Generic[T]):
    data: T
    total: int = 0

@router.get("/orders", response_model=Envelope[list[OrderOut]])
def orders(session: Session):
    rows = session.query(Order).all()
    return Envelope(data=rows, total=len(rows))

@router.get("/payers")
def payers(session: Session):
    return Envelope[list[PayerOut]](data=session.query(Order).all())

@router.get("/lines", response_model=Page[LineOut])
def lines(session: Session):
    return Page.create(session.query(Line).all(), total=1)

@router.get("/unread", response_model=Page[Unread])
def unread(session: Session):
    return create_page(items=session.query(Order).options(joinedload(Order.customer)).all())
"""
    shop(tmp_path, START + FASTAPI + source)


def test_a_generic_class_made_with_its_type(tmp_path: Path) -> None:
    source = """
M = TypeVar("M")

class OrderOut(BaseModel):
    customer: CustomerOut  # error: lazy-load-in-serializer

class Repository(Generic[M]):
    def __init__(self, model: type[M]):
        self.model = model

    def every(self, session: Session) -> list[M]:
        return session.query(self.model).offset(0).limit(100).all()

orders_repository = Repository[Order](Order)

@router.get("/orders", response_model=list[OrderOut])
def orders(session: Session):
    return orders_repository.every(session)
"""
    shop(tmp_path, START + FASTAPI + source)


def test_tables_of_sqlmodel_are_no_schemas(tmp_path: Path) -> None:
    source = """
from fastapi import APIRouter
from sqlmodel import Field, Relationship, Session, SQLModel, select

router = APIRouter()

class Team(SQLModel, table=True):
    id: int = Field(primary_key=True)

class HeroBase(SQLModel):
    name: str

class Hero(HeroBase, table=True):
    id: int = Field(primary_key=True)
    team_id: int = Field(foreign_key="team.id", index=True)
    team: Team = Relationship()

class HeroOut(HeroBase):
    team: Team  # error: lazy-load-in-serializer

@router.get("/heroes", response_model=list[Hero])
def heroes(session: Session):
    return session.exec(select(Hero)).all()

@router.get("/teams", response_model=list[HeroOut])
def teams(session: Session):
    return session.exec(select(Hero)).all()
"""
    check(tmp_path, {"app.py": source})


def test_an_asynchronous_session_cannot_load_while_the_answer_is_read(tmp_path: Path) -> None:
    source = """
from sqlalchemy.ext.asyncio import AsyncSession

class OrderOut(BaseModel):
    customer: CustomerOut  # error: lazy-load-in-async

@router.get("/orders", response_model=list[OrderOut])
async def orders(session: AsyncSession = Depends()):
    return (await session.scalars(select(Order))).all()

@router.get("/loaded", response_model=list[OrderOut])
async def loaded(session: AsyncSession = Depends()):
    return (await session.scalars(select(Order).options(joinedload(Order.customer)))).all()
"""
    shop(tmp_path, START + FASTAPI + source)
