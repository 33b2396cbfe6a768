"""Flask-RESTX: what marshalling reads of the rows."""

from flask import Flask
from flask_restx import Api, Namespace, Resource, fields, marshal
from shop.database import SessionLocal
from shop.models import Line, Order
from sqlalchemy import select
from sqlalchemy.orm import scoped_session, selectinload

api = Namespace("resources", path="/restx")

customer_model = api.model("Customer", {"name": fields.String})
product_model = api.model("Product", {"name": fields.String})
line_model = api.model(
    "Line",
    {
        "quantity": fields.Integer,
        "product": fields.Nested(product_model),  # slow: [lazy-load-in-serializer]
    },
)
number_model = api.model("Number", {"number": fields.String, "customer_id": fields.Integer})
order_model = api.inherit(
    "Order",
    number_model,
    {
        "customer": fields.Nested(customer_model),  # slow: [lazy-load-in-serializer]
        "land": fields.String(attribute="customer.country.name"),  # slow: [lazy-load-in-serializer]
    },
)


class LineDto:
    order = api.model(
        "OrderOfLines",
        {
            "number": fields.String,
            "lines": fields.List(fields.Nested(line_model)),  # slow: [lazy-load-in-serializer]
            "units": fields.Integer(attribute=lambda order: len(order.lines)),
        },
    )


session = scoped_session(SessionLocal)


@api.route("/orders")
class Orders(Resource):
    @api.marshal_list_with(order_model)
    def get(self):
        return session.scalars(select(Order)).all()


@api.route("/numbers")
class Numbers(Resource):
    @api.marshal_with(number_model, as_list=True)
    @api.response(200, "documented only", order_model)
    def get(self):
        return session.scalars(select(Order)).all(), 200


@api.route("/lines")
class Lines(Resource):
    @api.marshal_with(LineDto.order)
    def get(self):
        return session.scalars(select(Order)).all()


@api.route("/lines/loaded")
class LoadedLines(Resource):
    @api.marshal_with(LineDto.order)
    def get(self):
        return session.scalars(select(Order).options(selectinload(Order.lines).joinedload(Line.product))).all()


def marshalled():
    with SessionLocal() as session:
        query = select(Order).options(selectinload(Order.lines))
        return marshal(session.scalars(query).all(), LineDto.order)


def marshalled_numbers():
    with SessionLocal() as session:
        return marshal(session.scalars(select(Order)).all(), number_model)


app = Flask(__name__)
Api(app).add_namespace(api)


@app.teardown_appcontext
def leave(error):
    session.remove()
