"""JSON documents for the readers: lazily through pysimdjson where there is a build of it, else whole through orjson.

In: the bytes of one document. Out: arrays and objects that iterate and `get` alike, whichever parser made them;
`whole` turns one of them into lists and dicts. A document of the lazy parser must be let go before the next is parsed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol


def _lazy() -> Any:
    try:
        return import_module("simdjson")
    except ImportError:  # no wheel for this Python version: slower, the same answers
        return None


simdjson: Any = _lazy()


class Parser(Protocol):
    """One document at a time."""

    def parse(self, text: bytes, /) -> Any:
        """The document. Raises ValueError when it is no JSON."""


class _Whole:
    def parse(self, text: bytes, /) -> Any:
        import orjson

        return orjson.loads(text)


def parser() -> Parser:
    made: Parser = simdjson.Parser() if simdjson is not None else _Whole()
    return made


def is_array(node: Any) -> bool:
    return isinstance(node, list) or (simdjson is not None and isinstance(node, simdjson.Array))


def is_object(node: Any) -> bool:
    return isinstance(node, dict) or (simdjson is not None and isinstance(node, simdjson.Object))


def whole(node: Any) -> Any:
    """An array or object of either parser as a list or dict. Raises AttributeError for anything else."""
    if isinstance(node, list | dict):
        return node
    return node.as_list() if is_array(node) else node.as_dict()
