"""Pages of Pyramid: views whose dict a renderer shows, resources of a route, what the request knows."""

from pyramid.config import Configurator
from shop.database import SessionLocal
from shop.models import Customer, Tag


class TagFactory:
    def __init__(self, request):
        self.request = request

    def __getitem__(self, key):
        return self.request.db.query(Tag).filter(Tag.id == int(key)).one()


def database(request):
    session = SessionLocal()
    request.add_finished_callback(lambda request: session.close())
    return session


def customers(request):
    return request.db.query(Customer).order_by(Customer.id).all()


def application():
    with Configurator() as config:
        config.include("pyramid_jinja2")
        config.add_jinja2_renderer(".html")
        config.add_request_method(database, name="db", reify=True)
        config.add_request_method(customers, reify=True)
        config.add_route("orders", "/pyramid/orders")
        config.add_route("orders.joined", "/pyramid/orders/joined")
        config.add_route("lines", "/pyramid/lines")
        config.add_route("customers", "/pyramid/customers")
        config.add_route("tag", "/pyramid/tags/{id}", factory=TagFactory, traverse="/{id}")
        config.scan("pages.pyramid_app.views")
        return config.make_wsgi_app()
