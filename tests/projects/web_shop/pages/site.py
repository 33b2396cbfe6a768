"""Pages of Flask: templates found by name, through wrappers, with macros, filters and context processors."""

from flask import Flask, render_template, render_template_string
from flask.views import MethodView
from shop.database import SessionLocal
from shop.models import Customer, Line, Order
from sqlalchemy import select
from sqlalchemy.orm import joinedload, scoped_session, selectinload

session = scoped_session(SessionLocal)
app = Flask(__name__, template_folder="templates")


class Page:
    """What pages have in common: templates of one folder, and more in their context."""

    folder = ""
    template = ""

    @classmethod
    def render(cls, name="", **context):
        return cls._show(cls._prefixed(name or cls.template), **context)

    @classmethod
    def _prefixed(cls, name):
        return cls.folder + name

    @classmethod
    def _show(cls, template, **context):
        return render_template(template, title=cls.__name__, **context)


class OrderPage(Page):
    folder = "orders/"
    template = "default.html"


class OrderList(MethodView):
    template_name = ""

    def get(self):
        return render_template(self.template_name, orders=every())


class NumberList(OrderList):
    template_name = "orders/numbers.html"


class CountryList(OrderList):
    template_name = "orders/countries.html"


def every():
    return session.scalars(select(Order)).all()


def joined():
    return session.scalars(select(Order).options(joinedload(Order.customer).joinedload(Customer.country))).all()


def with_lines():
    return session.scalars(select(Order).options(selectinload(Order.lines).joinedload(Line.product))).all()


@app.get("/pages/loop")
def loop():
    return render_template("orders/loop.html", orders=every())


@app.get("/pages/loop/joined")
def loop_joined():
    return render_template("orders/loop_joined.html", orders=joined())


@app.get("/pages/filters")
def filters():
    return render_template("orders/filters.html", orders=every())


@app.get("/pages/filters/joined")
def filters_joined():
    return render_template("orders/filters_joined.html", orders=joined())


@app.get("/pages/attributes")
def attributes():
    return render_template("orders/attributes.html", **{"orders": every()})


@app.get("/pages/counted")
def counted():
    return render_template("orders/counted.html", orders=every())


@app.get("/pages/counted/loaded")
def counted_loaded():
    return render_template("orders/counted_loaded.html", orders=with_lines())


@app.get("/pages/macros")
def macros():
    return render_template("orders/with_macros.html", orders=session.scalars(select(Order)).all())


@app.get("/pages/macros/joined")
def macros_joined():
    return render_template("orders/with_macros_joined.html", orders=joined())


@app.get("/pages/included")
def included():
    return render_template("orders/including.html", orders=session.scalars(select(Order)).all())


@app.get("/pages/prefixed")
def prefixed():
    return OrderPage.render("prefixed.html", orders=session.scalars(select(Order)).all())


@app.get("/pages/default")
def default():
    return OrderPage.render(orders=session.scalars(select(Order)).all())


@app.get("/pages/string")
def string():
    text = "{% for order in orders %}{{ order.customer.name }}{% endfor %}"
    return render_template_string(text, orders=every())  # slow: [lazy-load-in-template]


@app.get("/pages/string/joined")
def string_joined():
    text = "{% for order in orders %}{{ order.customer.name }}{% endfor %}"
    return render_template_string(text, orders=joined())


@app.get("/pages/look-alikes")
def look_alikes():
    return render_template("orders/look_alikes.html", orders=every())


@app.get("/pages/module")
def module():
    rows = app.jinja_env.get_template("parts/module.html").module
    return str(rows.table(every()))


@app.get("/pages/recent")
def recent():
    return render_template("orders/recent.html")


@app.context_processor
def newest():
    return {"newest": session.scalars(select(Order).order_by(Order.id.desc())).all()}


@app.template_filter("buyer")
def buyer_of(order):
    return order.customer.name  # slow: [lazy-load-in-template]


@app.get("/pages/own-filter")
def own_filter():
    return render_template("orders/own_filter.html", orders=session.scalars(select(Order)).all())


app.add_url_rule("/pages/numbers", view_func=NumberList.as_view("numbers"))
app.add_url_rule("/pages/countries", view_func=CountryList.as_view("countries"))


@app.teardown_appcontext
def leave(error):
    session.remove()
