"""Views of Pyramid."""

from pyramid.view import view_config, view_defaults
from shop.models import Line, Order
from sqlalchemy.orm import joinedload


@view_config(route_name="orders", renderer="pages.pyramid_app:templates/orders.html")
def orders(request):
    return {"orders": request.db.query(Order).all()}


@view_config(route_name="orders.joined", renderer="templates/orders_joined.html")
def joined_orders(request):
    return {"orders": request.db.query(Order).options(joinedload(Order.customer)).all()}


@view_config(route_name="tag", renderer="templates/tag.html")
def tag(tag, request):
    return {"orders": request.db.query(Order).filter(Order.tags.contains(tag)).all()}


@view_config(route_name="customers", renderer="templates/customers.html")
def customers(request):
    return {}


@view_defaults(route_name="lines", renderer="templates/lines.html")
class Lines:
    def __init__(self, request):
        self.request = request

    @view_config(request_method="GET")
    def shown(self):
        return {"lines": self.request.db.query(Line).all()}
