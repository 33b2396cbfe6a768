"""Routes, tasks and hooks: which functions the outside world enters, and by which template."""

from __future__ import annotations

from .projects import entries


def _routes(files: dict[str, str], kind: str = "request") -> set[tuple[str, str]]:
    return {(e.function, e.route) for e in entries(files) if e.kind == kind}


def test_fastapi_routers_add_their_prefixes() -> None:
    found = _routes(
        {
            "main.py": """
from fastapi import FastAPI
from api import router

app = FastAPI()
app.include_router(router, prefix="/v1")


@app.get("/health")
async def health(): ...
""",
            "api/__init__.py": """
from fastapi import APIRouter
from . import users, items

router = APIRouter(prefix="/api")
router.include_router(users.router)
router.include_router(items.router, prefix="/items")
""",
            "api/users.py": """
from fastapi import APIRouter

router = APIRouter(prefix="/users")


@router.get("/{pk}")
def one(pk: int): ...


class Controller:
    @router.post("")
    def create(self): ...
""",
            "api/items.py": """
from fastapi import APIRouter

router = APIRouter()


@router.api_route("/all", methods=["GET", "HEAD"])
def every(): ...


def later(): ...


router.add_api_route("/later", later)
""",
        }
    )
    assert found == {
        ("main.py::health", "GET /health"),
        ("api/users.py::one", "GET /v1/api/users/{pk}"),
        ("api/users.py::Controller.create", "POST /v1/api/users"),
        ("api/items.py::every", "GET /v1/api/items/all"),
        ("api/items.py::every", "HEAD /v1/api/items/all"),
        ("api/items.py::later", "/v1/api/items/later"),
    }


def test_flask_blueprints_views_and_resources() -> None:
    found = _routes(
        {
            "app.py": """
from flask import Flask
from flask.views import MethodView
from flask_restful import Api, Resource
from shop import shop


class Things(MethodView):
    def get(self): ...


class Order(Resource):
    def get(self, pk): ...


def create_app():
    app = Flask(__name__)
    app.register_blueprint(shop, url_prefix="/shop")
    app.add_url_rule("/things", view_func=Things.as_view("things"))
    api = Api(app)
    api.add_resource(Order, "/orders/<int:pk>", "/o/<int:pk>")
    return app
""",
            "shop.py": """
from flask import Blueprint

shop = Blueprint("shop", __name__)


@shop.route("/cart", methods=["POST"])
def cart(): ...


@shop.before_request
def load_user(): ...
""",
        }
    )
    assert found >= {
        ("shop.py::cart", "POST /shop/cart"),
        ("app.py::Things", "/things"),
        ("app.py::Order", "/orders/<int:pk>"),
        ("app.py::Order", "/o/<int:pk>"),
    }


def test_handlers_by_class_and_by_table() -> None:
    source = """
from aiohttp import web
from starlette.endpoints import HTTPEndpoint
from tornado.web import RequestHandler


class Main(RequestHandler):
    def get(self): ...


class Home(HTTPEndpoint):
    async def get(self, request): ...


async def ping(request): ...


app = web.Application()
app.router.add_get("/ping", ping)
"""
    assert _routes({"app.py": source}) == {("app.py::Main", ""), ("app.py::Home", ""), ("app.py::ping", "GET /ping")}


def test_tasks_commands_and_hooks() -> None:
    source = """
import asyncio
import click
import cyclopts
import dramatiq
import json
from celery import Celery, shared_task
from fastapi import FastAPI
from rq.decorators import job

celery = Celery()
app = FastAPI()
terminal = cyclopts.App(name="shop")
encoder = json.JSONEncoder()


@celery.task(bind=True)
def one(self): ...


@shared_task
def two(): ...


@dramatiq.actor
def three(): ...


@job("default")
def four(): ...


@click.group()
def cli(): ...


@cli.command()
def five(): ...


@terminal.default
async def six(): ...


@encoder.default
async def seven(): ...


@app.on_event("startup")
async def warm(): ...


@app.middleware("http")
async def timing(request, call_next): ...


async def main(): ...


asyncio.run(main())
"""
    found = {(e.kind, e.function.partition("::")[2], e.hot) for e in entries({"app.py": source})}
    assert found == {
        ("task", "one", True),
        ("task", "two", True),
        ("task", "three", True),
        ("task", "four", True),
        ("command", "five", False),
        ("command", "six", False),
        ("command", "main", False),
        ("startup", "warm", False),
        ("middleware", "timing", True),
    }


def test_what_a_class_depends_on_is_entered_by_its_routes() -> None:
    found = _routes(
        {
            "base.py": """
from fastapi import Depends
from deps import get_user


class Base:
    user = Depends(get_user)
    plain = list(get_user)
""",
            "deps.py": """
async def get_user(): ...
""",
            "api.py": """
from fastapi import APIRouter
from base import Base

router = APIRouter(prefix="/recipes")


class Controller(Base):
    @router.get("/{slug}")
    def one(self, slug: str): ...
""",
        }
    )
    assert {ref for ref, route in found if route.endswith("/recipes/{slug}")} == {
        "api.py::Controller.one",
        "deps.py::get_user",
    }


def test_a_urlconf_that_includes_itself_under_a_prefix_ends() -> None:
    routes = ",\n".join(f'    path("v{number}/", views.shown)' for number in range(20))
    urls = f"from django.urls import include, path\nimport views\n\nurlpatterns = [\n{routes},\n]\n"
    again = 'if PREFIX:\n    urlpatterns = [path(PREFIX, include(urlpatterns)), path("x/", include(urlpatterns))]\n'
    found = _routes({"urls.py": urls + again, "views.py": "def shown(request): ...\n"})
    assert found == {("views.py::shown", f"v{number}/") for number in range(20)}
