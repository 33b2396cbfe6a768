"""Functions outside the project that call what they are given: `partial`, `attrgetter`, executors, worker threads;
and the items of a `TypedDict`.

In: a call of one by its full name. Out: what it gives, having called what it calls. What runs in another thread waits
there, so it does not hold up an event loop; the queries that it sends are sent all the same.
Source: docs.python.org, "typing.TypedDict", "functools", "operator", "concurrent.futures", "asyncio"; those of AnyIO,
Starlette, asgiref.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from . import builtins
from .values import (
    UNKNOWN,
    Awaitable,
    Closure,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Instance,
    Spot,
    Value,
    parts,
    union,
)

if TYPE_CHECKING:
    from .run import Run

_MADE = "()"  # ends the name of what a call of a maker gives: something to be called
_MAKERS = {
    "functools.partial", "operator.attrgetter", "operator.methodcaller",
    "asgiref.sync.sync_to_async", "channels.db.database_sync_to_async", "asyncer.asyncify",
}  # fmt: skip
_THREADS = {  # (callable, *its arguments)
    "asyncio.to_thread", "asyncio.threads.to_thread", "anyio.to_thread.run_sync", "trio.to_thread.run_sync",
    "starlette.concurrency.run_in_threadpool", "fastapi.concurrency.run_in_threadpool",
    "twisted.internet.threads.deferToThread",
}  # fmt: skip
_TYPED = ("typing.TypedDict", "typing_extensions.TypedDict")
_TYPED_GETS = {f"{base}.{name}" for base in _TYPED for name in ("get", "pop", "setdefault")}
_EXECUTORS = ("concurrent.futures.", "multiprocessing.pool.", "gevent.pool.")
_CALLABLE = (Function, Closure, External)


def call(run: Run, callee: External, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value | None:
    """None: none of these functions."""
    name = callee.name
    if name in _MAKERS:
        named = tuple((key, value) for key, value in keywords.items() if name == "functools.partial")
        return External(name + _MADE, Container("tuple", UNKNOWN, items=tuple(args), fields=named))
    if name.endswith(_MADE):
        given = callee.of.items if isinstance(callee.of, Container) else ()
        keywords = {**dict(callee.of.fields), **keywords} if isinstance(callee.of, Container) else keywords
        return _made(run, name.removesuffix(_MADE), given, args, keywords, spot)
    if name in _THREADS and args:
        return Awaitable(elsewhere(run, args[0], args[1:], keywords, spot))
    if isinstance(callee.of, ExternalInstance) and callee.of.cls.startswith(_EXECUTORS):
        return _executor(run, name.rpartition(".")[2], args, keywords, spot)
    if name in _TYPED_GETS and args and isinstance(callee.of, Instance):
        return typed_item(run, callee.of, args[0], spot)
    return None


def typed_item(run: Run, value: Instance, key: Value, spot: Spot) -> Value | None:
    """`value["key"]` of a dict whose class says what its keys hold; None: no such class, or no such key."""
    if not isinstance(key, Const) or not isinstance(key.value, str):
        return None
    info = run.project.class_info(value.cls)
    if info is None or not info.inherits(*_TYPED) or run.project.lookup(value.cls, key.value) is None:
        return None
    return run.attribute(value, key.value, spot.line - run.base_line, spot.column)


def _made(
    run: Run, maker: str, given: Sequence[Value], args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> Value:
    if maker == "operator.attrgetter":
        found = [read(run, args[0], name, spot) for name in given] if args else []
        return (
            found[0] if len(found) == 1 else Container("tuple", union(found), items=tuple(found)) if found else UNKNOWN
        )
    if maker == "operator.methodcaller":
        if not args or not given or not isinstance(given[0], Const) or not isinstance(given[0].value, str):
            return UNKNOWN
        return run.call_value(run.attribute(args[0], given[0].value, spot.line, spot.column), given[1:], {}, spot)
    if maker == "functools.partial":
        return run.call_value(given[0], (*given[1:], *args), keywords, spot) if given else UNKNOWN
    return Awaitable(elsewhere(run, given[0], args, keywords, spot)) if given else UNKNOWN


def read(run: Run, value: Value, path: Value, spot: Spot) -> Value:
    """`attrgetter("a.b")` of a value."""
    if not isinstance(path, Const) or not isinstance(path.value, str):
        return UNKNOWN
    for name in path.value.split("."):
        value = union([run.attribute(part, name, spot.line, spot.column) for part in parts(value)])
    return value


def _executor(run: Run, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value | None:
    """Its calls run at the same time: they wait for other services together, and ask the database each for itself."""
    found: Value | None = None
    outside, run.beside = run.beside, True
    if name == "submit" and args:
        elsewhere(run, args[0], args[1:], keywords, spot)
    elif name in ("map", "imap", "imap_unordered") and len(args) > 1 and isinstance(args[0], _CALLABLE):
        found = builtins.function(run, "map", args[:2], {}, spot)
    run.beside = outside
    return found


def elsewhere(run: Run, callee: Value, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value:
    """Call something in another thread or greenlet, which waits there."""
    if not isinstance(callee, _CALLABLE):
        return UNKNOWN
    outside, run.elsewhere = run.elsewhere, True
    found = run.call_value(callee, args, keywords, spot)
    run.elsewhere = outside
    return found
