"""The same calls, on the event loop or away from it."""

import asyncio
import contextlib
import functools
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio.to_thread
from asgiref.sync import sync_to_async
from starlette.concurrency import run_in_threadpool

from .stock import MENU, Shelf, menu_text, price

POOL = ThreadPoolExecutor(2)


def read() -> str:
    return MENU.read_text()  # blocks


def stat() -> None:
    MENU.stat()  # blocks


async def case_soon() -> None:
    asyncio.get_running_loop().call_soon(read)
    await asyncio.sleep(0.01)


async def case_later() -> None:
    loop = asyncio.get_running_loop()
    loop.call_later(0, functools.partial(price, "latte"))
    await asyncio.sleep(0.01)


async def case_soon_as_a_lambda() -> None:
    asyncio.get_event_loop().call_soon(lambda: MENU.with_suffix(".bak").exists())  # blocks
    await asyncio.sleep(0.01)


async def case_when_a_task_is_done() -> None:
    def told(task: asyncio.Task[None]) -> None:
        MENU.is_file()  # blocks

    task = asyncio.create_task(asyncio.sleep(0))
    task.add_done_callback(told)
    await task
    await asyncio.sleep(0.01)


class Till(asyncio.Protocol):
    """The loop calls its methods."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        MENU.read_bytes()  # blocks


async def case_protocol_of_the_loop() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Till, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"latte")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    server.close()


async def orders() -> AsyncIterator[bool]:
    yield MENU.is_symlink()  # blocks


async def case_asynchronous_generator() -> list[bool]:
    return [order async for order in orders()]


@contextlib.asynccontextmanager
async def counter() -> AsyncIterator[None]:
    MENU.is_mount()  # blocks
    yield


async def case_asynchronous_context_manager() -> None:
    async with counter():
        pass


class Tray:
    async def __aenter__(self) -> "Tray":
        stat()
        return self

    async def __aexit__(self, *error: object) -> None:
        return None


async def case_class_as_asynchronous_context_manager() -> None:
    async with Tray():
        pass


async def case_task() -> None:
    async def brew() -> None:
        MENU.is_fifo()  # blocks

    await asyncio.create_task(brew())


async def case_gathered() -> None:
    async def brew(size: int) -> None:
        MENU.is_socket()  # blocks

    await asyncio.gather(brew(1), brew(2))


def through_the_pool(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(function)
    async def wrapper(*args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(POOL, functools.partial(function, *args))

    return wrapper


def logged(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Makes a coroutine of a function and still calls it on the loop."""

    @functools.wraps(function)
    async def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


@through_the_pool
def froth() -> str:
    return MENU.read_text()


@logged
def steam() -> bool:
    return MENU.is_char_device()  # blocks


async def case_decorator_that_stays_on_the_loop() -> None:
    await steam()


# Away from the loop ---------------------------------------------------------------------------------------------------


async def case_to_thread() -> str:
    return await asyncio.to_thread(MENU.read_text)


async def case_function_to_thread() -> float:
    return await asyncio.to_thread(price, "latte")


async def case_lambda_to_thread() -> str:
    return await asyncio.to_thread(lambda: MENU.with_suffix(".json").read_text())


async def case_nested_function_to_thread() -> str:
    def work() -> str:
        with open(MENU) as file:
            return file.read()

    return await asyncio.to_thread(work)


async def case_executor_of_the_loop() -> str:
    return await asyncio.get_running_loop().run_in_executor(None, menu_text)


async def case_executor_of_its_own() -> str:
    return await asyncio.wrap_future(POOL.submit(menu_text))


async def case_anyio_thread() -> str:
    return await anyio.to_thread.run_sync(menu_text)


async def case_threadpool_of_starlette() -> float:
    return await run_in_threadpool(price, "latte")


async def case_sync_to_async() -> str:
    return await sync_to_async(menu_text)()


async def case_decorator_through_the_pool() -> str:
    return await froth()


async def case_bound_method_to_thread() -> bytes:
    return await asyncio.to_thread(Shelf().__getitem__, "menu.json")


async def case_thread_of_its_own() -> None:
    threading.Thread(target=menu_text, daemon=True).start()
    await asyncio.sleep(0.01)


async def case_result_of_a_task() -> None:
    task = asyncio.create_task(asyncio.sleep(0))
    await task
    task.result()


async def case_asynchronous_forms() -> None:
    async with asyncio.Lock():
        waiting: asyncio.Queue[int] = asyncio.Queue()
        await waiting.put(1)
        await waiting.get()
    asyncio.Event().set()


async def case_asynchronous_path() -> str:
    return await anyio.Path(MENU).read_text()
