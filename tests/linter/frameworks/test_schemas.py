"""pydantic, FastAPI, marshmallow and Flask-RESTX: what is read of rows where the executed projects do not reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import check

MODELS = """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Order(Base):
    __tablename__ = "order_"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    payer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id])
    payer: Mapped[Customer] = relationship(foreign_keys=[payer_id])
    lines: Mapped[list["Line"]] = relationship(back_populates="order")

    def to_dict(self):
        return {"customer": self.customer.name}

class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order_.id"), index=True)
    order: Mapped[Order] = relationship(back_populates="lines")
"""
START = """
from typing import Annotated, Generic, List, Optional, TypeVar, Union

from pydantic import BaseModel, ConfigDict, Field, computed_field
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from shop.models import *

class CustomerOut(BaseModel):
    class Config:
        orm_mode = True
    name: str
"""
FASTAPI = """
from fastapi import APIRouter, Depends, FastAPI

router = APIRouter()
"""
MARSHMALLOW = """
from marshmallow import Schema, fields, post_dump, pre_dump
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from shop.models import *
"""


def shop(folder: Path, source: str, **more: str) -> None:
    files = {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/app.py": source}
    check(folder, {**files, **{f"shop/{name}.py": text for name, text in more.items()}})


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


def test_marshmallow_by_decorators(tmp_path: Path) -> None:
    source = """
from apiflask import APIFlask
from dataclasses import dataclass
from flask.views import MethodView
from flask_smorest import Blueprint
from typing import Any

blp = Blueprint("orders", __name__)
app = APIFlask(__name__)

class CustomerSchema(Schema):
    name = fields.String()

class OrderSchema(Schema):
    customer = fields.Nested(CustomerSchema())  # error: lazy-load-in-serializer
    payer = fields.Nested("CustomerSchema", dump_only=True)  # error: lazy-load-in-serializer

class Answer(Schema):
    data = fields.List(fields.Nested(OrderSchema, exclude=("payer",)))

@dataclass
class Response:
    message: str
    data: Any = None

@blp.route("/orders")
class Orders(MethodView):
    @blp.response(200, OrderSchema(many=True))
    def get(self, session: Session):
        return session.query(Order).options(joinedload(Order.customer)).all()

    @blp.arguments(OrderSchema)
    def post(self, session: Session):
        return session.query(Order).all()

@app.get("/orders")
@app.output(OrderSchema(many=True, only=["customer.name"]))
def orders(session: Session):
    return session.query(Order).all(), 200

@app.get("/answer")
@app.output(Answer)
def answer(session: Session):
    return Response("fine", data=session.query(Order).options(joinedload(Order.payer)).all())
"""
    shop(tmp_path, MARSHMALLOW + source)


def test_marshmallow_of_extensions(tmp_path: Path) -> None:
    extensions = """
from flask_marshmallow import Marshmallow
from marshmallow import fields

ma = Marshmallow()

class Nested(fields.Nested):
    pass
"""
    source = """
from shop import extensions
from shop.extensions import ma

class CustomerSchema(ma.SQLAlchemyAutoSchema):
    class Meta:
        model = Customer

class OrderSchema(ma.SQLAlchemyAutoSchema):
    class Meta:
        model = Order
        exclude = ("lines", "payer")
        include_relationships = True  # error: lazy-load-in-serializer

class PlainSchema(ma.SQLAlchemyAutoSchema):
    class Meta:
        model = Order

class ListedSchema(ma.Schema):
    class Meta:
        fields = ("id", "payer.name", "payer")  # error: lazy-load-in-serializer

class OwnSchema(ma.Schema):
    customer = extensions.Nested(CustomerSchema)  # error: lazy-load-in-serializer
    link = ma.URLFor("order", values={"id": "<payer.id>"})

orders_schema = OrderSchema(many=True)

def orders(session: Session):
    return orders_schema.jsonify(session.query(Order).all())

def plain(session: Session):
    return PlainSchema(many=True).dump(session.query(Order).all())

def listed(session: Session):
    return ListedSchema().dump(session.query(Order).all(), many=True)

def own(session: Session):
    return OwnSchema(many=True).dump(session.query(Order).all())
"""
    shop(tmp_path, MARSHMALLOW + source, extensions=extensions)


def test_a_schema_that_its_own_constructor_narrows(tmp_path: Path) -> None:
    source = """
class CustomerSchema(Schema):
    name = fields.String()

class OrderSchema(Schema):
    customer = fields.Nested(CustomerSchema)
    views = {"user": ["id"]}

    def __init__(self, view=None, *args, **kwargs):
        if view:
            kwargs["only"] = self.views[view]
        super().__init__(*args, **kwargs)

class LineSchema(Schema):
    order = fields.Nested(OrderSchema(view="user"))  # error: lazy-load-in-serializer

def orders(session: Session, names):
    OrderSchema(only=names).dump(session.query(Order).all(), many=True)
    OrderSchema("user").dump(session.query(Order).all(), many=True)
    return OrderSchema(view="user", many=True).dump(session.query(Order).all())

def lines(session: Session):
    return LineSchema(many=True).dump(session.query(Line).all())
"""
    shop(tmp_path, MARSHMALLOW + source)


def test_hooks_that_are_given_the_object(tmp_path: Path) -> None:
    source = """
class OrderSchema(Schema):
    id = fields.Integer()

    @post_dump(pass_original=True)
    def named(self, data, order, **kwargs):
        return {**data, "customer": order.customer.name}  # error: lazy-load-in-serializer

    @post_dump
    def wrapped(self, data, **kwargs):
        return {"order": data}

    @pre_dump(pass_many=True)
    def listed(self, data, many, **kwargs):
        return data

def orders(session: Session):
    return OrderSchema(many=True, only=["id"]).dump(session.query(Order).all())
"""
    shop(tmp_path, MARSHMALLOW + source)


def test_restful_dicts_and_decorators(tmp_path: Path) -> None:
    source = """
from flask_restful import Resource, fields, marshal_with
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from shop.models import *

customer_fields = {"name": fields.String}
order_fields = {
    "id": fields.Integer,
    "customer": fields.Nested(customer_fields),  # error: lazy-load-in-serializer
    "payer": fields.String(attribute="payer.name"),  # error: lazy-load-in-serializer
}
plain = {"id": "integer", "customer": "nested"}

class Orders(Resource):
    @marshal_with(order_fields, envelope="orders")
    def get(self, session: Session):
        return session.query(Order).all()

    @marshal_with(plain)
    def post(self, session: Session):
        return session.query(Order).all()
"""
    shop(tmp_path, source)


def test_methods_of_models_and_encoders(tmp_path: Path) -> None:
    models = MODELS.replace(
        '{"customer": self.customer.name}', '{"customer": self.customer.name}  # error: lazy-load-in-loop'
    )
    source = """
from flask import jsonify
from sqlalchemy.orm import Session, joinedload

from shop.models import Order

def orders(session: Session):
    return jsonify([order.to_dict() for order in session.query(Order)])

def joined(session: Session):
    return jsonify(orders=[order.to_dict() for order in session.query(Order).options(joinedload(Order.customer))])
"""
    check(tmp_path, {"shop/__init__.py": "", "shop/models.py": models, "shop/app.py": source})


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


def test_field_classes_of_the_projects_own(tmp_path: Path) -> None:
    source = """
from flask_restx import Namespace, fields as shown, marshal

api = Namespace("orders")

class Buyer(shown.Raw):
    def format(self, order):
        return order.customer.name  # error: lazy-load-in-serializer

class Name(fields.Field):
    def _serialize(self, value, attr, obj, **kwargs):
        return f"{value} of {obj.payer.name}"  # error: lazy-load-in-serializer

model = api.model("Line", {"buyer": Buyer(attribute="order")})

class OrderSchema(Schema):
    id = Name()

def lines(session: Session):
    return marshal(session.query(Line).options(joinedload(Line.order)).all(), model)

def orders(session: Session):
    return OrderSchema(many=True).dump(session.query(Order).all())
"""
    shop(tmp_path, MARSHMALLOW + source)


def test_decorators_of_the_projects_own(tmp_path: Path) -> None:
    wrappers = """
from functools import wraps

def answers(schema, headers=None):
    def wrapper(view):
        @wraps(view)
        def answered(*args, **kwargs):
            given = view(*args, **kwargs)
            if isinstance(given, tuple):
                return given
            return unwrapped(given, schema)
        return answered
    return wrapper

def unwrapped(given, schema):
    if "items" in given:
        return {"total": given["total"], "items": schema.dump(given["items"], many=True)}
    return schema.dump(given, many=isinstance(given, list))

def documented(schema):
    def wrapper(view):
        view.schema = schema
        return view
    return wrapper
"""
    source = """
from shop.wrappers import answers, documented

class CustomerSchema(Schema):
    name = fields.String()

class OrderSchema(Schema):
    customer = fields.Nested(CustomerSchema)  # error: lazy-load-in-serializer
    payer = fields.Nested(CustomerSchema)  # error: lazy-load-in-serializer

class Unread(Schema):
    customer = fields.Nested(CustomerSchema)

schema = OrderSchema(exclude=["payer"])

@answers(schema)
def orders(session: Session):
    return session.query(Order).all()

class Orders:
    @answers(schema=OrderSchema(exclude=["customer"]))
    def get(self, session: Session):
        return {"items": session.query(Order).all(), "total": 5}

@documented(Unread())
def unread(session: Session):
    return session.query(Order).all()
"""
    shop(tmp_path, MARSHMALLOW + source, wrappers=wrappers)


def test_json_encoders(tmp_path: Path) -> None:
    source = """
import json

from sqlalchemy.orm import Session, joinedload

from shop.models import *

class Encoder(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, Order):
            return {"customer": o.customer.name}  # error: lazy-load-in-loop
        return super().default(o)

def encoded(order):
    return {"payer": order.payer.name}  # error: lazy-load-in-loop

def orders(session: Session):
    return json.dumps({"orders": session.query(Order).all()}, cls=Encoder)

def joined(session: Session):
    return json.dumps(session.query(Order).options(joinedload(Order.customer)).all(), cls=Encoder)

def payers(session: Session):
    return json.dumps(session.query(Order).all(), default=encoded)

def one(session: Session):
    return json.dumps(session.query(Order).first(), default=encoded)
"""
    shop(tmp_path, source)
