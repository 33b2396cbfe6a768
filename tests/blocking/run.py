"""Runs the cases of `cafe` on an event loop that is watched, and says which source line held it up.

A program of its own, run with this folder as working folder. Out: JSON on stdout, `{case: [[file, line], …]}`; a case
is a coroutine function ("direct:case_sleep") or a path of the web application ("web:/total"). Nothing is judged here.

Two monitors that know nothing of slowlint: blockbuster, which raises when a call that may wait is made while the loop
of the thread runs, and a thread that looks at the stack of a step of the loop that goes on for longer than `SLOW`.
A step may be slow because the machine is: what is seen so must be seen three times.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from inspect import iscoroutinefunction
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from blockbuster import BlockingError, blockbuster_ctx

SLOW = 0.15  # seconds; the cases that are only seen so take twice as long or more
HERE = Path(__file__).parent
Line = tuple[str, int]


class Watch:
    """The thread that looks at slow steps."""

    def __init__(self) -> None:
        self.began = 0.0
        self.seen: set[Line] = set()
        self.loop_thread = threading.get_ident()
        run = asyncio.events.Handle._run

        def timed(handle: asyncio.Handle) -> None:
            self.began = time.monotonic()
            try:
                run(handle)
            finally:
                self.began = 0.0

        asyncio.events.Handle._run = timed  # type: ignore[method-assign]
        threading.Thread(target=self.look, daemon=True).start()

    def look(self) -> None:
        while True:
            time.sleep(0.02)
            began = self.began
            frame: FrameType | None = sys._current_frames().get(self.loop_thread)
            if began and time.monotonic() - began > SLOW and frame is not None and self.began == began:
                self.seen.update(deepest(frames(frame)))


def frames(frame: FrameType | None) -> Iterator[tuple[FrameType, int]]:
    while frame is not None:
        yield frame, frame.f_lineno
        frame = frame.f_back


def of_traceback(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    found = []
    while traceback is not None:
        found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return reversed(found)


def deepest(stack: Iterator[tuple[FrameType, int]]) -> list[Line]:
    """The innermost line of the application in a stack, innermost frame first."""
    for frame, line in stack:
        file = Path(frame.f_code.co_filename)
        if file.parent == HERE / "cafe" and frame.f_code.co_name != "<module>":
            return [(file.name, line)]
    return []


def blocked(error: BaseException) -> list[Line]:
    found = []
    pending: list[BaseException | None] = [error]
    while pending:
        each = pending.pop()
        if isinstance(each, BlockingError):
            found += deepest(of_traceback(each.__traceback__))
        elif each is not None:
            pending += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]
    return found


@contextmanager
def told() -> Iterator[list[Line]]:
    """What blockbuster says inside, also in callbacks of the loop."""
    lines: list[Line] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: lines.extend(blocked(context.get("exception") or Exception())))
    try:
        yield lines
    except Exception as error:
        found = blocked(error)
        if not found:
            raise
        lines += found


async def once(watch: Watch, case: Callable[[], Awaitable[object]]) -> tuple[set[Line], set[Line]]:
    watch.seen = set()
    sys.modules.pop("cafe.seasonal", None)
    with told() as lines, blockbuster_ctx():
        await case()
    await asyncio.sleep(0)
    return set(lines), watch.seen


async def measure(watch: Watch, case: Callable[[], Awaitable[object]]) -> list[Line]:
    raised, slow = await once(watch, case)
    for _ in range(2):
        if not slow - raised:
            break
        slow &= (await once(watch, case))[1]
    return sorted(raised | slow)


def cases() -> Iterator[tuple[str, Callable[[], Awaitable[object]]]]:
    import httpx
    from cafe import through, web

    through.prepare()
    for module in ("direct", "through", "declared", "places"):
        for name, function in vars(import_module(f"cafe.{module}")).items():
            if name.startswith("case_") and iscoroutinefunction(function):
                yield f"{module}:{name}", function

    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=web.app), base_url="http://cafe")

    def asked(path: str) -> Callable[[], Awaitable[object]]:
        return lambda: client.get(path)

    for route in web.app.routes:
        path = getattr(route, "path", "")
        if path and not path.startswith(("/docs", "/redoc", "/openapi")):
            yield f"web:{path}", asked(path)


async def main() -> dict[str, Any]:
    watch = Watch()
    await asyncio.sleep(0)  # the step that this began in is not watched
    every = list(cases())
    return {name: await measure(watch, case) for name, case in every}


if __name__ == "__main__":
    sys.path[0] = str(HERE)
    print(json.dumps(asyncio.run(main())))
