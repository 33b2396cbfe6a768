"""Clients and connections: the marked lines make them anew for each request or round."""

from functools import lru_cache

import httpx
import requests
from flask import Flask
from io_app.places import LIMIT, SERVER
from sqlalchemy import create_engine, text

app = Flask(__name__)
shared = httpx.Client()
session = requests.Session()
engine = create_engine("sqlite://")


@app.route("/per-request")
def per_request():
    with httpx.Client() as client:  # slow: [client-per-call]
        return client.get(SERVER).text


@app.route("/by-helper")
def by_helper():
    return made().get(SERVER, timeout=LIMIT).text


def made():
    return requests.Session()  # slow: [client-per-call]


@app.route("/engine")
def per_engine():
    own = create_engine("sqlite://")  # slow: [client-per-call]
    with own.connect() as connection:
        return str(connection.execute(text("SELECT 1")).scalar())


@app.route("/in-a-loop")
def in_a_loop():
    return "".join(each_with_its_own(["a", "b", "c"]))


def each_with_its_own(names):
    for name in names:
        with requests.Session() as own:  # slow: [client-per-call]
            yield own.get(f"{SERVER}/{name}", timeout=LIMIT).text


@app.route("/anew")
def anew():
    found = []
    for name in wanted():
        found.append(requests.get(f"{SERVER}/{name}", timeout=LIMIT).text)  # slow: [no-connection-reuse]
    return "".join(found)


def wanted():
    return [f"page-{number}" for number in range(10)]


# What is kept


@app.route("/shared")
def with_shared():
    return shared.get(SERVER).text


@app.route("/session")
def with_session():
    return "".join(session.get(f"{SERVER}/{name}", timeout=LIMIT).text for name in wanted())


@lru_cache
def remembered():
    return httpx.Client()


@app.route("/remembered")
def with_remembered():
    return remembered().get(SERVER).text


_kept = None


def kept():
    global _kept  # noqa: PLW0603
    if _kept is None:
        _kept = requests.Session()
    return _kept


@app.route("/kept")
def with_kept():
    return kept().get(SERVER, timeout=LIMIT).text


class Store:
    def __init__(self):
        self._client = None

    @property
    def client(self):
        if self._client is None:
            self._client = httpx.Client()
        return self._client


store = Store()


@app.route("/property")
def with_property():
    return store.client.get(SERVER).text


@app.route("/engine-kept")
def with_engine():
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT 1")).scalar())
