"""Routes in tables, and decorators without a router: Starlette, aiohttp, Tornado, Litestar, Falcon; Pyramid's views."""

from __future__ import annotations

from .projects import entries


def found(source: str, kind: str = "request") -> set[tuple[str, str]]:
    return {(e.function.partition("::")[2], e.route) for e in entries({"app.py": source}) if e.kind == kind}


def test_starlette() -> None:
    source = """
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute


def send(address): ...


async def home(request):
    return Response(background=BackgroundTask(send, "x"))


async def users(request): ...


async def chat(socket): ...


app = Starlette(routes=[
    Route("/", home),
    Mount("/api", routes=[Route("/users", endpoint=users, methods=["POST"])]),
    WebSocketRoute("/chat", chat),
])
"""
    assert found(source) == {("home", "/"), ("users", "POST /api/users"), ("chat", "/chat")}
    assert found(source, "task") == {("send", "")}


def test_fastapi_runs_tasks_behind_the_response() -> None:
    source = """
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


def mail(address): ...


@app.post("/orders")
def order(tasks: BackgroundTasks):
    tasks.add_task(mail, "x")
"""
    assert found(source, "task") == {("mail", "")}


def test_aiohttp() -> None:
    source = """
from aiohttp import web


async def one(request): ...


async def two(request): ...


class Three(web.View):
    async def get(self): ...


app = web.Application()
app.add_routes([web.get("/one", one), web.route("PUT", "/two", two), web.view("/three", Three)])
"""
    assert found(source) >= {("one", "GET /one"), ("two", "PUT /two"), ("Three", "/three")}


def test_tornado() -> None:
    source = """
from tornado.web import Application, RequestHandler, url


class Main(RequestHandler):
    def get(self): ...


class Detail(RequestHandler):
    def get(self, pk): ...


def make():
    return Application([(r"/", Main), url(r"/orders/(.*)", Detail)])
"""
    assert found(source) >= {("Main", "/"), ("Detail", "/orders/(.*)")}


def test_litestar() -> None:
    source = """
from litestar import Controller, Litestar, get, post


@get("/")
async def home() -> str: ...


@get(path="/health", sync_to_thread=False)
def health() -> str: ...


class Orders(Controller):
    path = "/orders"

    @get()
    async def every(self) -> list: ...

    @post("/{pk:int}")
    async def change(self, pk: int) -> None: ...


app = Litestar([home, health, Orders])
"""
    assert found(source) == {
        ("home", "GET /"), ("health", "GET /health"), ("Orders.every", "GET /orders"),
        ("Orders.change", "POST /orders/{pk:int}"),
    }  # fmt: skip


def test_falcon() -> None:
    source = """
import falcon


class Orders:
    def on_get(self, req, resp): ...


app = falcon.App()
app.add_route("/orders", Orders())
"""
    assert found(source) == {("Orders", "/orders")}


def test_look_alikes() -> None:
    source = """
from aiohttp import ClientSession
from operator import add


def get(url): ...


def later(): ...


async def fetch(queue):
    pairs = [("/", later)]
    async with ClientSession() as session:
        await session.get("/x", later)
    get("/y")
"""
    assert found(source) == set()


def test_pyramid() -> None:
    source = """
from pyramid.config import Configurator
from pyramid.view import view_config, view_defaults


@view_config(route_name="home", request_method="GET")
def home(request): ...


@view_defaults(route_name="orders", renderer="json")
class Orders:
    @view_config(request_method="POST")
    def add(self): ...


def other(request): ...


def main():
    config = Configurator()
    config.add_route("home", "/")
    config.add_route("orders", "orders/{pk}")
    config.add_route("other", "/other")
    config.add_view(other, route_name="other", renderer="x.jinja2")
"""
    assert found(source) == {("home", "GET /"), ("Orders.add", "POST /orders/{pk}"), ("other", "/other")}
