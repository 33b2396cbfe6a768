"""What decorators make of a function: a property, something remembered, a coroutine, something handed to a thread."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..facts import ir

_MARKS = {
    "property": "property",
    "cached_property": "cached_property",
    "cachedproperty": "cached_property",
    "memoized_property": "cached_property",
    "hybrid_property": "property",
    "classproperty": "classproperty",
    "abstractproperty": "property",
    "classmethod": "classmethod",
    "staticmethod": "staticmethod",
    "lru_cache": "cached",
    "cache": "cached",
    "cached": "cached",
    "memoize": "cached",
    "memoized": "cached",
    "memoize_method": "cached",
    "ttl_cache": "cached",
    "cache_page": "cached",
    "alru_cache": "cached",
    "abstractmethod": "abstract",
    "contextmanager": "contextmanager",
    "asynccontextmanager": "contextmanager",
    "coroutine": "coroutine",
    "asyncio_coroutine": "coroutine",
    "inlineCallbacks": "coroutine",
    "sync_to_async": "handed_off",
    "database_sync_to_async": "handed_off",
    "run_on_executor": "handed_off",
}


_KEEPS = {"cache", "cached", "memo", "memoize", "memoized"}
_KEEPS_NOT = set("never no void clear invalidate control vary flush reset bust update delete".split())


def _keeps(name: str) -> bool:
    """Whether a decorator of the project remembers results, by its name: `cache_for_request`, `memoize_user`."""
    words = set(name.lower().split("_"))
    return bool(words & _KEEPS) and not words & _KEEPS_NOT


def marks(decorators: Iterable[Any]) -> tuple[str, ...]:
    """What decorators make of a function, by their last name: whoever wrote `cached_property` meant it."""
    out = []
    for decorator in decorators:
        d = decorator
        while isinstance(d, tuple) and d[0] == ir.CALL:
            d = d[1]
        last = d if isinstance(d, str) else d[2] if isinstance(d, tuple) and d[0] == ir.ATTR else ""
        if last in _MARKS:
            out.append(_MARKS[last])
        elif _keeps(last):
            out.append("cached")
    return tuple(out)
