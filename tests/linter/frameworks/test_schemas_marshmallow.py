"""marshmallow and its extensions: what is read of rows where the executed projects do not reach."""

from __future__ import annotations

from pathlib import Path

from .schemas_shop import MARSHMALLOW, shop


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
