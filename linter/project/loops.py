"""Loops: what each round gets, whether the rounds are many, and what is new in every round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..facts import ir
from . import shapes
from .annotations import spelled
from .effects import Loop
from .frozen import replace
from .record import OpenLoop
from .run import Run
from .values import (
    UNKNOWN,
    Class,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    Row,
    Rows,
    Union,
    Value,
    join,
    parts,
)
from .work import grows

# What is gone through as long as the program runs: messages come one at a time, not many at once
_STREAMS = (
    "Consumer", "WebSocket", "WebSocketServerProtocol", "WebSocketClientProtocol", "WebSocketResponse", "PubSub",
    "ClientConnection", "ServerConnection", "QueueIterator", "ChangeStream", "WebSocketConnection",
)  # fmt: skip
_MESSAGES = ("listen", "consume", "iter_text", "iter_json", "iter_bytes", "watch")
_FEW = 10  # a loop over at most so many rows by a constant is not worth a finding


class Loops(Run):
    """Iterating, in one run."""

    def iterate(
        self, value: Value, expr: Any, line: int, column: int, end_line: int, end_column: int
    ) -> tuple[Value, bool, bool]:
        """What each round gets, whether the rounds are many, and whether they are known to be rows."""
        spot = self.spot(line, column, end_line, end_column)
        element: Value = UNKNOWN
        many, known = False, False
        outer, self.expression = self.expression, expr
        self.fetch(value, expr, spot)
        for part in parts(value):
            each, some, sure = self.iterated(part, spot)
            element = join(element, each)
            many, known = many or some, known or sure
        self.expression = outer
        if many and not known and _constant(expr):
            many = False
        return element, many, known

    def iterated(self, value: Value, spot: Any) -> tuple[Value, bool, bool]:
        for framework in self.project.with_hook("iterate"):
            found = framework.iterate(self, value, spot)
            if found is not None:
                limit = value.limit if isinstance(value, Rows) else 0
                return found, not 0 < limit <= _FEW, True
        if isinstance(value, Container):
            self.settle(value.pending)
            return value.of, not (value.constant or value.batched), isinstance(value.of, Row)
        if isinstance(value, Const | Class | Module):
            return UNKNOWN, False, False
        if isinstance(value, Instance):
            member = self.project.lookup(value.cls, "__iter__")
            if member is not None:
                made = self.call_function(Function(f"{member.owner}.__iter__", value), (), {}, spot)
                return self.iterated(made, spot) if isinstance(made, Container) else (UNKNOWN, True, False)
        if isinstance(value, External) and _is_setting(value.name):
            return UNKNOWN, False, False
        if isinstance(value, ExternalInstance) and value.cls.endswith(_STREAMS):
            return UNKNOWN, False, False
        if isinstance(value, ExternalInstance):
            self.asked_by_iterating(value, spot)
            given = self.project.catalogue.items(value.cls)
            return (ExternalInstance(given, value.made) if given else UNKNOWN), True, False
        return UNKNOWN, True, False

    def asked_by_iterating(self, value: ExternalInstance, spot: Any) -> None:
        """A cursor of a store that sends its query when it is gone through."""
        name = f"{value.cls}.__iter__"
        entry = self.project.catalogue.lookup(name)
        if entry is not None:
            name = self.project.catalogue.canonical(name)
            self.settle(self.outside(name, entry.kind, spot, blocks=entry.blocks, remote=entry.remote, made=None))

    def open_loop(
        self, many: bool, known: bool, target: Any, source: Value, expr: Any, line: int, column: int, kind: str
    ) -> OpenLoop:
        self.opened += 1
        info = None
        if many and not shapes.goes_by_chunks(target, expr):
            origin = source.origin if isinstance(source, Row | Rows) else None
            info = Loop(self.spot(line, column), spelled(target), spelled(expr), origin, known, kind)
        rows = any(grows(part) for part in parts(source))
        loop = OpenLoop(self.opened, info, set(), set(), target, expr, rows=rows)
        self.loops.append(loop)
        return loop

    def read_implied(self, element: Value, place: Sequence[int]) -> None:
        """What the framework reads of every row by itself, at the place of what is iterated."""
        if isinstance(element, Row):
            for name in element.implied:
                self.attribute(self.refreshed(element), name, place[0], place[1])

    def refreshed(self, element: Value) -> Value:
        """An element as this round's own."""
        if isinstance(element, Row | Rows):
            return replace(element, fresh=self.now)
        if isinstance(element, Container):
            inner = None if element.value is None else self.refreshed(element.value)
            items = tuple(self.refreshed(v) for v in element.items)
            fields = tuple((k, self.refreshed(v)) for k, v in element.fields)
            return replace(element, of=self.refreshed(element.of), value=inner, items=items, fields=fields)
        if isinstance(element, Instance) and element.fields:
            return replace(element, fields=tuple((k, self.refreshed(v)) for k, v in element.fields))
        if isinstance(element, Union):
            return Union(tuple(self.refreshed(v) for v in element.of))
        return element


def _is_setting(name: str) -> bool:
    return name.startswith("django.conf.settings.") or name.rpartition(".")[2].isupper()


def _constant(expr: Any) -> bool:
    """Whether what is looped over is a small fixed set by its spelling (CONSTANTS, `cls.fields`, `_meta`), or messages
    that come one at a time."""
    while isinstance(expr, tuple) and expr[0] == ir.CALL:
        func = expr[1]
        if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] in _MESSAGES:
            return True
        if (
            isinstance(func, tuple)
            and func[0] == ir.ATTR
            and func[2] in ("items", "keys", "values", "get_fields", "get_models", "__subclasses__")
        ):
            expr = func[1] if func[2] in ("items", "keys", "values") else None
            if expr is None:
                return True
        else:
            return False
    if isinstance(expr, str):
        return (expr.isupper() and len(expr) > 1) or expr.endswith("consumer") or expr == "websocket"
    if isinstance(expr, tuple) and expr[0] in (ir.ATTR, ir.LOOKUP):
        return (
            expr[2].endswith("consumer")
            or bool(expr[2].isupper())
            or expr[2] in ("_meta", "choices", "page_range", "sorted_tables")
            or _constant(expr[1])
        )
    return False
