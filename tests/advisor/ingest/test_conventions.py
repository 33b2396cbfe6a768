"""What a span is, from the names and values that instrumentations really use."""

from __future__ import annotations

import pytest

from slowlint.advisor.ingest.conventions import Reported, describe, template_of
from slowlint.advisor.ingest.spans import state_weight

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5


def shape(name: str, kind: int, **attributes: str | int):
    named = {key.replace("__", "."): value for key, value in attributes.items()}
    return describe(Reported("shop", "scope", name, kind, False, named))


def test_redis_is_a_cache_and_its_keys_stay_out():
    span = shape("GET", CLIENT, db__system="redis", db__statement="GET session:secret")
    assert (span.category, span.name, span.statement, span.system) == ("cache", "GET", "", "redis")
    other = shape("GET", CLIENT, db__system="redis", db__statement="GET session:other")
    assert span.fingerprint == other.fingerprint
    assert "secret" not in repr(span)


def test_sql_loses_its_literals_at_the_door():
    span = shape("SELECT", CLIENT, db__system="mysql", db__statement='SELECT * FROM t WHERE a = "secret" AND b = 17')
    assert (span.category, span.statement) == ("db", "SELECT * FROM t WHERE a = ? AND b = ?")
    named_by_text = shape("SELECT a FROM t WHERE b = 'secret'", CLIENT, db__query__text="SELECT a FROM t WHERE b = 'x'")
    assert "secret" not in repr(named_by_text)
    kept = describe(Reported("", "", "SELECT", CLIENT, False, {"db.statement": "SELECT 17"}), keep_literals=True)
    assert kept.statement == "SELECT 17"


def test_the_new_name_wins_and_systems_are_spelled_in_the_new_way():
    span = shape("q", CLIENT, db__system="mssql", db__statement="SELECT 1", db__query__text="SELECT a FROM b")
    assert (span.system, span.statement) == ("microsoft.sql_server", "SELECT a FROM b")


def test_documents_are_no_sql():
    span = shape("orders.find", CLIENT, db__system="mongodb", db__statement='find {"email": "a@b.c"}')
    assert (span.category, span.statement) == ("db", "")
    assert "a@b.c" not in repr(span)


def test_a_database_span_without_text_is_told_apart_by_its_name():
    one, other = (shape(f"SELECT {table}", CLIENT, db__system__name="postgresql") for table in ("shop", "user"))
    assert one.category == other.category == "db"
    assert one.fingerprint != other.fingerprint
    assert shape("connect", CLIENT, db__system="postgresql").category == "other"


def test_calls_to_other_services():
    span = shape("GET", CLIENT, http__method="GET", http__url="https://user:pw@api.example.com/v1/items/123?key=secret")
    assert (span.category, span.name) == ("http", "GET api.example.com/v1/items/{}")
    same = shape("GET", CLIENT, http__request__method="GET", url__full="https://api.example.com/v1/items/7")
    assert same.fingerprint == span.fingerprint
    assert shape("GET", CLIENT, http__method="GET", http__url="http://[broken").category == "http"
    assert shape("grpc.Shop/Buy", CLIENT, rpc__system="grpc", rpc__service="grpc.Shop").category == "http"
    assert shape("orders publish", PRODUCER, messaging__system="kafka").category == "http"


@pytest.mark.parametrize(
    ("expected", "name", "kind", "attributes"),
    [
        ("api/ipam/prefixes/$", "GET api/ipam/prefixes/$", SERVER, {"http.route": "api/ipam/prefixes/$"}),
        ("/", "GET", SERVER, {"http.method": "GET", "http.target": "/"}),
        ("/", "GET", SERVER, {"http.request.method": "GET", "url.path": "/", "http.route": ""}),
        ("/users/{}/pets", "GET", SERVER, {"http.method": "GET", "http.target": "/users/12/pets?x=1"}),
        ("/items/<int:x>", "GET /items/<int:x>", SERVER, {"http.method": "GET"}),
        ("", "GET", SERVER, {"http.method": "GET", "http.target": "/wp-login.php", "http.status_code": 404}),
        ("/shop.Shop/Buy", "shop.Shop/Buy", SERVER, {"rpc.service": "shop.Shop", "rpc.method": "Buy"}),
        ("shop.tasks.mail", "run/shop.tasks.mail", CONSUMER, {"celery.task_name": "shop.tasks.mail"}),
        ("orders", "orders process", CONSUMER, {"messaging.destination.name": "orders"}),
        ("", "SELECT", CLIENT, {"http.route": "/never"}),
    ],
)
def test_the_route_of_a_request(expected, name, kind, attributes):
    assert describe(Reported("", "", name, kind, False, attributes)).route == expected


def test_code_places_old_and_new():
    new = shape("q", CLIENT, code__file__path="a.py", code__line__number=7, code__function__name="A.b")
    old = shape("q", CLIENT, code__filepath="a.py", code__lineno="7", code__function="b", code__namespace="A")
    assert (new.code_path, new.code_line, new.code_function) == ("a.py", 7, "A.b")
    assert (old.code_path, old.code_line, old.code_function) == ("a.py", 7, "A.b")
    assert shape("q", CLIENT, code__file__path="a.py", code__line__number="many").code_line == 0
    assert shape("q", CLIENT, slowlint__hint="IPAddressSerializer.tenant").hint == "IPAddressSerializer.tenant"


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/a/17", "/a/{}"),
        ("/a/17/b/0b9a7a3e-8f42-4a9c-9a3a-1f0f2a7a9b11/", "/a/{}/b/{}/"),
        ("/a/5f8d0d55b54764421b7156c9", "/a/{}"),
        ("/api/v1/users", "/api/v1/users"),
        ("/a/%E2%82%AC", "/a/{}"),
        ("/", "/"),
    ],
)
def test_ids_in_paths(path, template):
    assert template_of(path) == template


@pytest.mark.parametrize(
    ("state", "weight"),
    [
        ("ot=th:c", 4.0),
        ("vendor=x,ot=rv:0123;th:8", 2.0),
        ("ot=th:0", 1.0),
        ("ot=p:3;r:5", 8.0),
        ("ot=p:63", 1.0),
        ("ot=th:ffffffffffffff", 2.0**56),
        ("ot=th:xyz", 1.0),
        ("ot=th:c00000000000000", 1.0),
        ("vendor=th:c", 1.0),
        ("", 1.0),
    ],
)
def test_weights_from_tracestate(state, weight):
    assert state_weight(state) == weight
