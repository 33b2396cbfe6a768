"""Flask-RESTful and RESTX, dicts made by models, encoders: what is read of rows."""

from __future__ import annotations

from pathlib import Path

from .projects import check
from .schemas_shop import MARSHMALLOW, MODELS, shop


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
