"""An application of FastAPI: what of it runs on the event loop, and what in its thread pool."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import BackgroundTasks, Depends, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .stock import MENU, Ledger, menu_text, names


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    menu_text()
    yield


app = FastAPI(lifespan=lifespan)
LEDGER = Ledger()


class Stamp:
    """Middleware that knows nothing but ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/stamped":
            MENU.lstat()  # blocks
        await self.app(scope, receive, send)


app.add_middleware(Stamp)


@app.middleware("http")
async def log(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    if request.url.path == "/logged":
        MENU.is_block_device()  # blocks
    return await call_next(request)


def ledger() -> Ledger:
    return LEDGER


async def today() -> str:
    return (MENU.parent / "seasonal.py").read_text()  # blocks


def yesterday() -> str:
    return menu_text()


@app.get("/total")
async def total(ledger: Annotated[Ledger, Depends(ledger)]) -> Any:
    return ledger.total()


@app.get("/today")
async def of_today(text: Annotated[str, Depends(today)]) -> str:
    return text


@app.get("/stamped")
async def stamped() -> None: ...


@app.get("/logged")
async def logged() -> None: ...


# Away from the loop ---------------------------------------------------------------------------------------------------


@app.get("/menu")
def menu() -> str:
    return menu_text()


@app.get("/yesterday")
async def of_yesterday(text: Annotated[str, Depends(yesterday)]) -> str:
    return text


@app.get("/streamed")
async def streamed() -> StreamingResponse:
    return StreamingResponse(names())


def tidy() -> None:
    time.sleep(0.3)


@app.get("/tidied")
async def tidied(tasks: BackgroundTasks) -> None:
    tasks.add_task(tidy)
