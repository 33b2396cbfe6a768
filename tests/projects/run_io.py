"""Runs the cases of `io_app` and says which of its lines were measured to be slow, and how.

A program of its own, run with the folder above the application as working folder.
In: a JSON list of `[kind, entry]` on stdin. Out: JSON on stdout, `{entry: [[code, path, line], …]}`. An entry is
"module:name", the name of a function, coroutine or class, or a path that the module's application is asked for. A kind
is how it is measured:

- `endless`: it runs in a thread; where that thread stands when everything with a limit has ended.
- `awaits`: requests of which no two were under way at a time, although the later one repeats nothing that an earlier
  answer said, changes nothing, and is sent whatever the first one says.
- `clients`: where clients are made, and calls that connect anew, once for each of several requests or rounds.
- `held`: waits during which a transaction is open, a lock is held, or a request is being answered.
- `grows`: whether something is still in memory after each of many calls.
- `whole`: whether the peak of memory is that of a whole file.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import inspect
import json
import os
import sys
import tempfile
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

if __name__ == "__main__":
    sys.path[0] = os.getcwd()
    sys.path.append(str(Path(__file__).parent))

CODES = {"grows": "unbounded-cache", "whole": "whole-file-in-memory"}
ROUNDS = 3
MANY = 40
Slow = tuple[str, str, int]
Line = tuple[str, int]


def lines(frame: FrameType | None) -> Iterator[Line]:
    """The lines of the application on the stack, innermost first."""
    root = f"{os.getcwd()}{os.sep}io_app{os.sep}"
    while frame is not None:
        if frame.f_code.co_filename.startswith(root):
            yield "io_app/" + frame.f_code.co_filename.removeprefix(root), frame.f_lineno
        frame = frame.f_back


def here() -> list[Line]:
    return list(lines(sys._getframe(2)))


# How each kind is measured --------------------------------------------------------------------------------


def endless(run: Callable[[], Any], scope: Any, module: ModuleType) -> Iterator[Slow]:
    def quietly() -> None:
        with contextlib.suppress(Exception):  # a limit that was reached
            run()

    thread = threading.Thread(target=quietly, daemon=True)
    thread.start()
    thread.join(0.8)
    if thread.is_alive():
        frame = sys._current_frames().get(thread.ident or 0)
        yield ("missing-timeout", *next(lines(frame)))


def awaits(run: Callable[[], Any], scope: Any, module: ModuleType) -> Iterator[Slow]:
    import httpx
    import io_server

    sent: list[list[Line]] = []
    send = httpx.AsyncClient.send

    async def heard(client: Any, request: Any, **options: Any) -> Any:
        sent.append(here())
        return await send(client, request, **options)

    asked = []
    for known in ("no", "yes"):
        log = io_server.fresh(known)
        sent.clear()
        httpx.AsyncClient.send = heard  # type: ignore[method-assign]
        try:
            run()
        except PermissionError:
            pass
        finally:
            httpx.AsyncClient.send = send  # type: ignore[method-assign]
        asked.append(len(log.requests))
    if len(set(asked)) > 1 or log.most > 1 or any(method != "GET" for method, _, _ in log.requests):
        return
    for i, (_, said, _) in enumerate(log.requests[1:], 1):
        if not any(number in said for _, _, number in log.requests[:i]):
            own = [line for line in sent[i] if line not in sent[i - 1]]
            yield from (("sequential-awaits", *line) for line in own[-1:])  # the outermost: where both are waited for


def clients(run: Callable[[], Any], scope: Any, module: ModuleType) -> Iterator[Slow]:
    import httpx
    import io_server
    import requests
    import sqlalchemy

    made: Counter[Slow] = Counter()
    inits = {cls: cls.__init__ for cls in (httpx.Client, requests.Session)}
    root = f"{os.getcwd()}{os.sep}io_app{os.sep}"

    def counted(init: Any) -> Any:
        def heard(*args: Any, **options: Any) -> None:
            direct = sys._getframe(1).f_code.co_filename.startswith(root)
            made["client-per-call" if direct else "no-connection-reuse", *here()[0]] += 1
            init(*args, **options)

        return heard

    def engine(*args: Any, **options: Any) -> Any:
        made["client-per-call", *here()[0]] += 1
        return create_engine(*args, **options)

    create_engine = sqlalchemy.create_engine
    own = getattr(module, "create_engine", None)
    run()  # what is made on first use is made
    log = io_server.fresh()
    for cls, init in inits.items():
        cls.__init__ = counted(init)  # type: ignore[method-assign]
    module.create_engine = engine  # type: ignore[attr-defined]
    for _ in range(ROUNDS):
        run()
    for cls, init in inits.items():
        cls.__init__ = init  # type: ignore[method-assign]
    module.create_engine = own  # type: ignore[attr-defined]
    rounds = len(log.requests) or ROUNDS
    assert log.connections >= rounds or not any(code == "no-connection-reuse" for code, *_ in made)
    for slow, times in made.items():
        # as many connections as requests: none was used twice
        if times >= ROUNDS and log.connections in (0, rounds):
            yield slow


def held(run: Callable[[], Any], scope: Any, module: ModuleType) -> Iterator[Slow]:
    import subprocess

    import flask
    import httpx
    import requests
    from django.db import connection

    found: dict[Slow, None] = {}
    locks = [value for value in vars(module).values() if isinstance(value, type(threading.Lock()))]

    def heard(kind: str) -> None:
        line = here()[1] if here()[0][0].startswith("/") else next(iter(lines(sys._getframe(2))))
        if connection.in_atomic_block:
            found["remote-call-in-transaction", *line] = None
        if any(lock.locked() for lock in locks):
            found["lock-across-io", *line] = None
        if flask.has_request_context() and kind == "sleep":
            found["sync-io-in-request", *line] = None

    send, asend, sleep, program = requests.Session.send, httpx.AsyncClient.send, time.sleep, subprocess.run

    def sent(*args: Any, **options: Any) -> Any:
        heard("http")
        return send(*args, **options)

    async def asent(*args: Any, **options: Any) -> Any:
        heard("http")
        return await asend(*args, **options)

    def slept(seconds: float) -> None:
        if list(lines(sys._getframe(1))) and threading.current_thread() is threading.main_thread():
            heard("sleep")
        sleep(seconds)

    def ran(*args: Any, **options: Any) -> Any:
        heard("subprocess")
        return program(*args, **options)

    requests.Session.send = sent  # type: ignore[method-assign]
    httpx.AsyncClient.send = asent  # type: ignore[method-assign]
    time.sleep, subprocess.run = slept, ran
    try:
        run()
    finally:
        requests.Session.send, httpx.AsyncClient.send = send, asend  # type: ignore[method-assign]
        time.sleep, subprocess.run = sleep, program
    yield from found


def grows(run: Callable[..., Any], scope: Any, module: ModuleType) -> Iterator[Slow]:
    """A class is made and asked many times, a page is asked for under many names."""

    def kept() -> int:
        gc.collect()
        objects = sum(isinstance(o, scope) for o in gc.get_objects()) if isinstance(scope, type) else 0
        return objects + sum(len(value) for value in vars(module).values() if type(value) is dict)

    before = kept()
    for number in range(MANY):
        scope([number]).ask() if isinstance(scope, type) else run(number)
    if kept() - before >= MANY:
        yield from _marked(scope, "grows")


def whole(run: Callable[..., Any], scope: Any, module: ModuleType) -> Iterator[Slow]:
    import io_server

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "large.txt"
        source.write_bytes(b"0123456789\n" * (io_server.LARGE // 11))
        target = module.TARGET
        module.TARGET = Path(folder) / "out.bin"  # type: ignore[attr-defined]
        tracemalloc.start()
        run(str(source)) if inspect.signature(scope).parameters else run()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        module.TARGET = target  # type: ignore[attr-defined]
    if peak > 0.9 * io_server.LARGE:
        yield from _marked(scope, "whole")


def _marked(scope: Any, kind: str) -> Iterator[Slow]:
    """The lines of a function or class that a mark of this kind stands on: what is measured is the whole of it."""
    text, first = inspect.getsourcelines(scope)
    path = Path(inspect.getsourcefile(scope) or "").resolve().relative_to(os.getcwd()).as_posix()
    found = [(CODES[kind], path, first + i) for i, line in enumerate(text) if f"slow: [{CODES[kind]}]" in line]
    yield from found or [(CODES[kind], path, first)]


# Entries --------------------------------------------------------------------------------------------------


def entry(name: str) -> tuple[Callable[..., Any], Any, ModuleType]:
    """What runs an entry, the function or class that it stands for, and its module."""
    path, _, what = name.partition(":")
    module = importlib.import_module(f"io_app.{path}")
    if what.startswith("/"):
        client = module.app.test_client()
        rule = next(r for r in module.app.url_map.iter_rules() if r.rule == what)

        def ask(number: int = 0) -> None:
            answer = client.get(what.replace("<name>", f"name{number}"))
            assert answer.status_code == 200, answer.text

        return ask, module.app.view_functions[rule.endpoint], module
    found = getattr(module, what)
    if inspect.iscoroutinefunction(found):
        return lambda: asyncio.run(_with_client(module, found)), found, module
    return found, found, module


async def _with_client(module: ModuleType, coroutine: Callable[[], Any]) -> None:
    """Each event loop needs a client of its own."""
    import httpx

    async with httpx.AsyncClient() as module.client:  # type: ignore[attr-defined]
        await coroutine()


def main() -> None:
    import django
    import io_server
    from django.conf import settings

    os.environ["IO_SERVER"], os.environ["IO_SILENT"] = io_server.start()
    settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
    django.setup()
    kinds: dict[str, Any] = {
        "endless": endless, "awaits": awaits, "clients": clients, "held": held, "grows": grows, "whole": whole,
    }  # fmt: skip
    out = {name: list(dict.fromkeys(kinds[kind](*entry(name)))) for kind, name in json.load(sys.stdin)}
    json.dump(out, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # threads that wait for ever do not end


if __name__ == "__main__":
    main()
