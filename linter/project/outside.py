"""Calling what is outside the project: built-ins, standard library, what the catalogue knows, callbacks of a loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import builtins, repeats, shapes, standard
from .narrowing import tested
from .run import Run
from .values import (
    CACHED,
    UNKNOWN,
    Awaitable,
    Bound,
    Closure,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Spot,
    Value,
)

if TYPE_CHECKING:
    from ..frameworks.catalogue import Entry


class Outside(Run):
    """Calls that leave the project, in one run."""

    def call_later(self, args: Sequence[Value], spot: Spot) -> None:
        """`loop.call_soon(f)`: the event loop calls f, so f holds it up as a coroutine would."""
        for argument in args:
            if isinstance(argument, Function | Closure | External):
                on_loop, self.is_async = self.is_async, True
                self.call_value(argument, (), {}, spot)
                self.is_async = on_loop

    def works(self, callee: External, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> None:
        """What a call costs the processor, before anybody says what it gives."""
        told = self.project.catalogue.work(callee.name)
        if told is not None:
            repeats.call(self, told, callee, args, keywords, spot)

    def call_bound(self, callee: Bound, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value:
        """A method of a container, a string, or rows that no framework knows."""
        return builtins.method(self, callee, args, keywords)

    def call_external(
        self, callee: External, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
    ) -> Value:
        name = callee.name
        if name.startswith("builtins."):
            found = builtins.function(self, name[9:], args, keywords, spot)
            if found is not None:
                return found
        if name in ("typing.cast", "typing_extensions.cast") and len(args) == 2:
            return tested(self.project, args[1], args[0])
        known_call = standard.call(self, callee, args, keywords, spot)
        if known_call is not None:
            return known_call
        for framework in self.project.with_hook("instance"):
            instance = framework.instance(self.project, name)
            if instance is not None:
                return instance
        known = self.project.catalogue
        entry = known.lookup(name)
        made = callee.of.made if isinstance(callee.of, ExternalInstance) else None
        pending: tuple[Any, ...] = ()
        if entry is not None and entry.given:
            passed = (v for v in (*args, *keywords.values()) if isinstance(v, ExternalInstance))
            source = next((v for v in passed if known.canonical(v.cls) == entry.given), None)
            entry, made = (entry, source.made) if source is not None else (None, made)
        if entry is not None and not _answers_at_once(entry, args, keywords):
            blocks = entry.blocks and self.expression is not self.coroutine
            pending = self.outside(name, entry.kind, spot, blocks=blocks, remote=entry.remote, made=made)
            made = made or (spot if blocks else None)
        returned = known.returns(name)
        if returned is None and entry is not None and entry.kind == "cache" and name.endswith((".get", ".hget")):
            returned = CACHED
        if pending:
            return Awaitable(ExternalInstance(returned) if returned is not None else UNKNOWN, pending)
        if returned is not None:
            return ExternalInstance(returned, made)
        each = known.items(name)
        if each is not None:
            return Container("iterator", ExternalInstance(each, made))
        last = name.rpartition(".")[2]
        if shapes.names_chunks(last) or last == "batched":
            return Container("list", args[0] if args else UNKNOWN, batched=True)
        if last[:1].isupper():
            return ExternalInstance(name)
        if last == "groupby" and len(args) + len(keywords) > 1:
            builtins.keyed(self, args, keywords, spot)
        return builtins.passed_through(name, args)


def _answers_at_once(entry: Entry, args: Sequence[Value], keywords: Mapping[str, Value]) -> bool:
    """`lock.acquire(blocking=False)`, `queue.get(timeout=0)`: by name, or by position where a number stands."""
    for name in entry.at_once:
        given = (args[int(name)] if int(name) < len(args) else None) if name.isdigit() else keywords.get(name)
        if isinstance(given, Const) and given.value is not None and not given.value:
            return True
    return False
