"""The cases of `web_shop` that concern Jinja2 templates: pages of Flask, FastAPI and Pyramid."""

from __future__ import annotations

from .cases import TEMPLATE, Case, silent, slow

FLASK = [
    slow("/pages/loop", TEMPLATE, repaired="/pages/loop/joined"),
    silent("/pages/loop/joined"),
    slow("/pages/filters", TEMPLATE, repaired="/pages/filters/joined"),
    silent("/pages/filters/joined"),
    slow("/pages/attributes", TEMPLATE),
    slow("/pages/counted", TEMPLATE, repaired="/pages/counted/loaded"),
    silent("/pages/counted/loaded"),
    slow("/pages/macros", TEMPLATE, repaired="/pages/macros/joined"),
    silent("/pages/macros/joined"),
    slow("/pages/included", TEMPLATE),
    slow("/pages/prefixed", TEMPLATE),
    slow("/pages/default", TEMPLATE),
    slow("/pages/string", TEMPLATE, repaired="/pages/string/joined"),
    silent("/pages/string/joined"),
    silent("/pages/look-alikes"),
    slow("/pages/module", TEMPLATE),
    slow("/pages/recent", TEMPLATE),
    slow("/pages/own-filter", TEMPLATE),
    silent("/pages/numbers"),
    slow("/pages/countries", TEMPLATE),
]
FASTAPI = [
    slow("/fast/orders", TEMPLATE, repaired="/fast/orders/joined"),
    silent("/fast/orders/joined"),
    slow("/fast/rendered", TEMPLATE),
]
PYRAMID = [
    slow("/pyramid/orders", TEMPLATE, repaired="/pyramid/orders/joined"),
    silent("/pyramid/orders/joined"),
    silent("/pyramid/tags/1"),
    slow("/pyramid/customers", TEMPLATE),
    slow("/pyramid/lines", TEMPLATE),
]
CASES: list[Case] = [*FLASK, *FASTAPI, *PYRAMID]
