"""Flask-Admin: what list pages read of the rows."""

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from shop.database import SessionLocal
from shop.models import Entry, Line, Order
from sqlalchemy.orm import scoped_session

session = scoped_session(SessionLocal)


class View(ModelView):
    can_create = can_edit = can_delete = False


class OrderView(View):
    """The customer is joined by itself, what lies behind it is not."""

    column_list = ["number", "customer", "customer.country.name"]  # slow: [lazy-load-in-admin]
    column_formatters = {"number": lambda view, context, order, name: order.number.lower()}


class JoinedOrderView(View):
    column_list = ["number", "customer.name"]
    column_select_related_list = [Order.customer]


class LineView(View):
    column_list = ["quantity", "product.name"]  # slow: [lazy-load-in-admin]


class PlainView(View):
    """Relations to one row are shown and joined when nothing is said."""


app = Flask(__name__)
app.secret_key = "only for tests"
admin = Admin(app, url="/admin")
admin.add_view(OrderView(Order, session, endpoint="orders"))
admin.add_view(JoinedOrderView(Order, session, endpoint="joined"))
admin.add_view(LineView(Line, session, endpoint="lines"))
admin.add_view(PlainView(Entry, session, endpoint="plain"))


@app.teardown_appcontext
def leave(error):
    session.remove()
