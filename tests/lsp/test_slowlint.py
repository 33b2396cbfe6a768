"""`slowlint lsp` itself: the whole project in view, from a real client."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ..shop import QUERIES, shop
from .client import editor


def test_an_unsaved_change_in_one_file_repairs_another(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")

    async def scenario() -> None:
        async with editor(root, "-m", "slowlint", "lsp") as client:
            client.open("app/views.py")
            (found,) = await client.diagnostics("app/views.py")
            assert found.code == "lazy-load-in-loop" and found.range.start.line == 4
            assert found.code_description is not None and found.code_description.href.endswith("lazy_load_in_loop.md")
            places = {place.location.uri.rpartition("/")[2] for place in found.related_information or ()}
            assert places >= {"queries.py", "models.py"}
            assert "select_related" in await client.hover("app/views.py", 5)
            client.open("app/queries.py")
            await client.diagnostics("app/queries.py")
            seen = len(client.published)
            client.edit("app/queries.py", QUERIES.replace(".all()", '.select_related("customer")'))
            await client.until(lambda: any(one.uri == client.uri("app/views.py") for one in client.published[seen:]))
            assert await client.diagnostics("app/views.py") == []

    asyncio.run(scenario())


VIEW = """\
from django.shortcuts import render

from .models import Order


def listing(request):
    return render(request, "orders.html", {"orders": Order.objects.all()})
"""
TEMPLATE = "{% for order in orders %}\n  {{ order.customer.name }}\n{% endfor %}\n"


def test_a_template_is_linted_as_it_is_typed(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    (root / "app" / "views.py").write_text(VIEW)
    page = root / "app" / "templates" / "orders.html"
    page.parent.mkdir()
    page.write_text(TEMPLATE)

    async def scenario() -> None:
        async with editor(root, "-m", "slowlint", "lsp") as client:
            name = "app/templates/orders.html"
            client.open(name)
            (found,) = await client.diagnostics(name)
            assert (found.code, found.range.start.line, found.range.start.character) == ("lazy-load-in-template", 1, 11)
            seen = len(client.published)
            client.edit(name, TEMPLATE.replace("customer.name", "customer_id"))
            await client.until(lambda: len(client.published) > seen)
            assert await client.diagnostics(name) == []

    asyncio.run(scenario())
