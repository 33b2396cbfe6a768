"""Route templates made comparable: however a framework, a tracer or the linter spells them.

In: `api/ipam/prefixes/$`, `^users/(?P<pk>[^/.]+)/$`, `/users/<int:pk>`, `GET /users/{user_id:int}`, `/users/:id`.
Out: `/api/ipam/prefixes`, `/users/{}`. Does not know which methods a route takes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_METHOD: Final = re.compile(r"^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|WEBSOCKET|ANY)\s+", re.IGNORECASE)
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
