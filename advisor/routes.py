"""Route templates made comparable: however a framework, a tracer or the linter spells them.

In: `api/ipam/prefixes/$`, `^users/(?P<pk>[^/.]+)/$`, `/users/<int:pk>`, `GET /users/{user_id:int}`, `/users/:id`.
Out: `/api/ipam/prefixes`, `/users/{}`. A method in front is told apart (`RouteSet`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_METHOD: Final = re.compile(r"^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|WEBSOCKET|ANY)\s+", re.IGNORECASE)
_ANGLE: Final = re.compile(r"<[^<>/]*>")
_BRACE: Final = re.compile(r"\{[^{}/]*\}")
_COLON: Final = re.compile(r"(?<=/):\w+\??")
_HOLE: Final = "{}"


@lru_cache(maxsize=8192)
def canonical(route: str) -> str:
    """One spelling: a leading slash, none at the end, every parameter `{}`, no method, no regular expression."""
    text = _METHOD.sub("", route.strip())
    text = _without_groups(text)
    text = text.replace("\\/", "/").replace("\\.", ".").replace("\\-", "-")
    text = text.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\A", "")
    text = re.sub(r"/\?(?=$|/)", "/", text)
    text = _COLON.sub(_HOLE, _BRACE.sub(_HOLE, _ANGLE.sub(_HOLE, text)))
    return "/" + re.sub(r"/{2,}", "/", text).strip("/")


class RouteSet:
    """The routes that a finding names, to be compared with measured ones. Those without a method mean every method."""

    def __init__(self, routes: Iterable[str]) -> None:
        self._routes = frozenset((_method(route), canonical(route)) for route in routes)
        self._templates = frozenset(template for _, template in self._routes)

    def __bool__(self) -> bool:
        return bool(self._routes)

    def holds(self, template: str, method: str = "") -> bool:
        """Whether a measured route is one of these: its canonical template, and its method where that is known."""
        if not method:
            return template in self._templates
        return ("", template) in self._routes or (method.upper(), template) in self._routes


def _method(route: str) -> str:
    found = _METHOD.match(route.strip())
    return "" if found is None or found[1].upper() == "ANY" else found[1].upper()


def _without_groups(text: str) -> str:
    """`text` with every parenthesis of a regular expression, and what repeats it, replaced by a parameter."""
    out: list[str] = []
    depth = 0
    in_class = False
    index = 0
    while index < len(text):
        char = text[index]
        if char == "\\" and index + 1 < len(text):
            if not depth:
                out.append(text[index : index + 2])
            index += 2
            continue
        if depth and char == "[":
            in_class = True
        elif char == "]":
            in_class = False
        if char == "(" and not in_class:
            depth += 1
        elif char == ")" and depth and not in_class:
            depth -= 1
            if not depth:
                out.append(_HOLE)
                while index + 1 < len(text) and text[index + 1] in "?*+":
                    index += 1
        elif not depth:
            out.append(char)
        index += 1
    return "".join(out)
