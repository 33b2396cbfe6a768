"""Real applications under the recorder: every query carries the line (or the framework's hint) that asked for it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable

from .conftest import SERVER, Recording, line_of

PYTHON = sys.executable


def test_fastapi_sync_async_and_response_models(recording: Recording, free_port: Callable[[], int]) -> None:
    port = free_port()
    paths = ["/totals", "/customers", "/names", "/gathered"]
    recording.serve([PYTHON, "fastapi_app.py", str(port)], port, paths)
    app, models = recording.folder / "fastapi_app.py", recording.folder / "shop_db.py"

    totals = Counter(query.place for query in recording.queries("/totals"))
    assert totals[line_of(models, "# N+1")] == 4
    assert sum(totals.values()) == 5, "each statement once, the driver's own report suppressed"

    response = recording.queries("/customers")
    assert Counter(query.place for query in response) == {line_of(app, "# the list"): 1, ("", 0): 4}
    assert {query.hint for query in response if query.place == ("", 0)} == {
        "model __main__.CustomerOut reads shop_db.Customer.orders"
    }

    names = [query for query in recording.queries("/names") if "FROM customer" in query.statement]
    assert Counter(query.place for query in names) == {line_of(app, "# awaited in a loop"): 4}
    assert all(query.parent for query in names), "the driver's thread must not lose the trace"

    gathered = [query for query in recording.queries("/gathered") if "FROM orders" in query.statement]
    assert Counter(query.place for query in gathered) == {line_of(app, "# in a task"): 4}
    assert not [s for s in recording.spans() if s.name.endswith(("http send", "http receive"))]


def test_uvicorn_workers_write_a_file_each(recording: Recording, free_port: Callable[[], int]) -> None:
    assert recording.run(PYTHON, "-c", "import shop_db; shop_db.seed()") == 0, recording.errors
    port = free_port()
    command = [PYTHON, "-m", "uvicorn", "fastapi_app:app", "--port", str(port), "--workers", "2"]
    recording.serve(command, port, ["/totals"] * 12)
    assert len([span for span in recording.spans() if span.kind == SERVER]) == 12
    assert len([query for query in recording.queries("/totals") if query.place[0] == "shop_db.py"]) == 12 * 4


def test_gunicorn_forked_workers(recording: Recording, free_port: Callable[[], int]) -> None:
    port = free_port()
    command = [PYTHON, "-m", "gunicorn", "flask_app:app", "-b", f"127.0.0.1:{port}", "-w", "2", "--preload"]
    status = recording.serve(command, port, ["/totals"] * 6 + ["/page"])
    assert status == 0, recording.errors
    spans = recording.spans()
    assert len([span for span in spans if span.kind == SERVER]) == 7
    assert len({span.span for span in spans}) == len(spans), "no span is written by two processes"
    place = line_of(recording.folder / "shop_db.py", "# N+1")
    assert [query.place for query in recording.queries("/totals")].count(place) == 6 * 4


def test_flask_and_jinja2_template_lines(recording: Recording, free_port: Callable[[], int]) -> None:
    port = free_port()
    recording.serve([PYTHON, "-m", "flask", "--app", "flask_app", "run", "--port", str(port)], port, ["/page"])
    template = recording.folder / "templates" / "customers.html"
    lazy = [query for query in recording.queries("/page") if "FROM orders" in query.statement]
    assert Counter((query.place, query.hint) for query in lazy) == {
        (
            line_of(recording.folder / "flask_app.py", "# render"),
            f"template {template}:{line_of(template, 'customer.orders')[1]} reads shop_db.Customer.orders",
        ): 4
    }


def test_django_places_templates_and_serializers(recording: Recording, free_port: Callable[[], int]) -> None:
    recording.folder = recording.folder / "django_shop"
    recording.environment["SHOP_DB"] = str(recording.folder.parent / "django.db")
    assert recording.run(PYTHON, "manage.py", "seed") == 0, recording.errors
    port = free_port()
    paths = ["/plain/", "/plain/?audit=1", "/labels/", "/page/", "/api/orders/", "/api/customers/"]
    recording.serve([PYTHON, "manage.py", "runserver", "--noreload", str(port)], port, paths)
    api, models = recording.folder / "orders" / "api.py", recording.folder / "orders" / "models.py"
    template = recording.folder / "templates" / "orders.html"

    plain = {line_of(api, "# the list"): 1, line_of(api, "# N+1"): 4}
    assert Counter(query.place for query in recording.queries("/plain/")) == plain
    assert Counter(query.place for query in recording.queries("/plain/?audit=1")) == {
        **plain,
        line_of(recording.folder / "mw.py", "# middleware's own query"): 1,
    }
    labels = Counter(query.place for query in recording.queries("/labels/"))
    assert labels[line_of(models, "# property")] == 4

    hints = Counter(query.hint for query in recording.queries("/page/"))
    assert hints == {
        f"template {template}:{line_of(template, 'for order in')[1]}": 1,
        f"template {template}:{line_of(template, 'order.customer.name')[1]} reads orders.models.Order.customer": 4,
    }

    orders = recording.queries("/api/orders/")
    assert Counter(query.hint for query in orders) == {
        "serializer orders.api.OrderSerializer": 1,
        "serializer orders.api.OrderSerializer.customer_name reads orders.models.Order.customer": 4,
    }
    assert Counter(query.hint for query in recording.queries("/api/customers/")) == {
        "serializer orders.api.CustomerSerializer": 1,
        "serializer orders.api.CustomerSerializer.orders": 4,
    }
    framework_only = [*orders, *recording.queries("/api/customers/")]
    assert {query.place for query in framework_only} == {("", 0)}, "middleware that passes the request on is no place"
    routes = {span.attributes.get("http.route") for span in recording.spans() if span.kind == SERVER}
    assert "plain/" in routes
