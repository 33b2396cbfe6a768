"""marshmallow: what dumping reads of the rows."""

from marshmallow import Schema, fields, pre_dump
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema, SQLAlchemySchema, auto_field
from shop.database import SessionLocal
from shop.models import Category, Customer, Line, Order, Tag
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload


class CountrySchema(Schema):
    name = fields.String()


class CustomerSchema(Schema):
    name = fields.String()
    country = fields.Nested(CountrySchema)  # slow: [lazy-load-in-serializer]
    email = fields.String(load_only=True)


class TagSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = Tag


class ProductSchema(Schema):
    name = fields.String()


class LineSchema(Schema):
    quantity = fields.Integer()
    product = fields.Nested("ProductSchema")  # slow: [lazy-load-in-serializer]


class OrderSchema(Schema):
    number = fields.String()
    customer = fields.Nested(CustomerSchema, only=("name",))  # slow: [lazy-load-in-serializer]


class WholeOrderSchema(OrderSchema):
    customer = fields.Nested(lambda: CustomerSchema(exclude=()))  # slow: [lazy-load-in-serializer]
    lines = fields.List(fields.Nested(LineSchema))  # slow: [lazy-load-in-serializer]


class OrderNameSchema(Schema):
    buyer = fields.String(attribute="customer.name", data_key="by")  # slow: [lazy-load-in-serializer]


class OrderCodeSchema(Schema):
    number = fields.String()
    land = fields.Function(lambda order: order.customer.country.name)  # slow: [lazy-load-in-serializer]
    count = fields.Method("counted")

    def counted(self, order):
        return len(order.lines)  # slow: [lazy-load-in-serializer]


class OrderTagSchema(SQLAlchemySchema):
    class Meta:
        model = Order

    number = auto_field()
    tags = fields.Pluck(TagSchema, "name", many=True)  # slow: [lazy-load-in-serializer]
    customer = auto_field()  # slow: [lazy-load-in-serializer]


class OrderColumnSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = Order
        exclude = ("note",)


class OrderPreparedSchema(Schema):
    country = fields.String()

    @pre_dump
    def prepared(self, order, **kwargs):
        return {"country": order.customer.country.name}  # slow: [lazy-load-in-serializer]


class CategorySchema(Schema):
    name = fields.String()
    parent = fields.Nested(lambda: CategorySchema(only=("name",)))


def orders():
    with SessionLocal() as session:
        return OrderSchema(many=True).dump(session.scalars(select(Order)).all())


def joined_orders():
    with SessionLocal() as session:
        return OrderSchema(many=True).dump(session.scalars(select(Order).options(joinedload(Order.customer))).all())


def orders_without_customers():
    with SessionLocal() as session:
        return OrderSchema(exclude=["customer"]).dump(session.scalars(select(Order)).all(), many=True)


def numbers():
    schema = WholeOrderSchema(only=("number",), many=True)
    with SessionLocal() as session:
        return schema.dumps(session.scalars(select(Order)))


def whole_orders():
    with SessionLocal() as session:
        return [WholeOrderSchema().dump(order) for order in session.scalars(select(Order))]


def whole_orders_loaded():
    with SessionLocal() as session:
        query = select(Order).options(
            joinedload(Order.customer).joinedload(Customer.country), selectinload(Order.lines).joinedload(Line.product)
        )
        return [WholeOrderSchema().dump(order) for order in session.scalars(query)]


def one_whole_order():
    with SessionLocal() as session:
        query = select(Order).options(selectinload(Order.lines).joinedload(Line.product))
        return WholeOrderSchema().dump(session.scalars(query).first())


names = OrderNameSchema(many=True)


def names_of_customers():
    with SessionLocal() as session:
        return names.dump(session.query(Order).all())


def joined_names_of_customers():
    with SessionLocal() as session:
        return names.dump(session.query(Order).options(joinedload(Order.customer)).all())


def code():
    with SessionLocal() as session:
        return OrderCodeSchema(many=True).dump(session.scalars(select(Order).options(joinedload(Order.customer))))


def tags():
    with SessionLocal() as session:
        return OrderTagSchema(many=True).dump(session.scalars(select(Order)).all())


def tags_loaded():
    with SessionLocal() as session:
        query = select(Order).options(selectinload(Order.tags), joinedload(Order.customer))
        return OrderTagSchema(many=True).dump(session.scalars(query).all())


def columns():
    """A schema of a model's columns shows no relations unless it is told to."""
    with SessionLocal() as session:
        return OrderColumnSchema(many=True).dump(session.scalars(select(Order)).all())


def prepared():
    with SessionLocal() as session:
        query = select(Order).options(joinedload(Order.customer))
        return OrderPreparedSchema(many=True).dump(session.scalars(query).all())


def shelves():
    with SessionLocal() as session:
        query = select(Category).where(Category.parent_id.is_not(None)).options(joinedload(Category.parent))
        return CategorySchema(many=True).dump(session.scalars(query).all())
