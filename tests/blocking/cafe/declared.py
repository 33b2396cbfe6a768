"""Objects whose classes only declare what they hold."""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypedDict

from pydantic import BaseModel, Field, PrivateAttr

from .stock import MENU


class Receipt(TypedDict):
    number: int
    file: Path | None


class Till(BaseModel):
    folder: Annotated[Path, "of the menu"] = Field(default_factory=lambda: MENU.parent)
    drawer: Path = Field(default=MENU, title="Drawer")
    _journal: Path = PrivateAttr(default=MENU)

    def journal(self) -> str:
        return self._journal.read_text()  # blocks


def printed() -> Receipt:
    return Receipt(number=1, file=MENU)


def either(coroutine: Callable[..., Awaitable[Any]]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """On the loop the coroutine is called instead."""

    def decorated(plain: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(plain)
        def called(*args: Any) -> Any:
            chosen = coroutine if asyncio.get_running_loop() else plain
            return chosen(*args)

        return called

    return decorated


class Bell:
    async def aring(self) -> None:
        await asyncio.sleep(0)

    @either(aring)
    def ring(self) -> None:
        time.sleep(1)


async def _cleaned() -> None:
    await asyncio.sleep(0)


def _swept() -> None:
    time.sleep(0.4)


def clean(by_night: bool) -> Any:
    """As its caller wants it: the one awaits it, the other has it done at once."""
    if by_night:
        return _cleaned()
    return _swept()


def tidy(by_night: bool) -> Any:
    return clean(by_night)


def open_the_till(by_night: bool) -> Any:
    MENU.stat()  # blocks
    if by_night:
        return _cleaned()
    return _swept()


async def case_before_what_is_awaited() -> None:
    await open_the_till(True)


async def case_value_of_a_typed_dict() -> str:
    file = printed()["file"]
    return file.read_text() if file else ""  # blocks


async def case_value_asked_of_a_typed_dict() -> bool:
    file = printed().get("file")
    return file is not None and file.exists()  # blocks


async def case_field_with_a_default() -> bytes:
    return Till().drawer.read_bytes()  # blocks


async def case_field_that_a_factory_fills() -> bool:
    return Till().folder.is_dir()  # blocks


async def case_private_field() -> str:
    return Till().journal()


# What looks like it and does not wait ---------------------------------------------------------------------------------


async def case_one_of_two_ways_that_can_be_awaited() -> None:
    await tidy(bool(MENU))


async def case_number_of_a_typed_dict() -> int:
    return printed()["number"]


async def case_field_that_is_only_renamed() -> Path:
    return Till().drawer.with_suffix(".bak")


async def case_decorator_that_calls_the_coroutine() -> None:
    await Bell().ring()
