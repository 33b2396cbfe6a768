"""Plain functions and classes that wait: whether that matters is for their callers."""

import abc
import functools
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

MENU = Path(__file__).parent / "menu.json"
P = ParamSpec("P")
R = TypeVar("R")


def menu_text() -> str:
    return MENU.read_text()  # blocks


def price(drink: str) -> float:
    return float(json.loads(menu_text())[drink])


def lines() -> Iterator[str]:
    for folder in [MENU.parent]:
        yield from [path.name for path in folder.iterdir()]  # blocks


def names() -> Iterator[str]:
    """Made on the loop, gone through elsewhere: what streams a response has a thread for it."""
    with MENU.open() as file:
        yield from file


class Ledger:
    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", check_same_thread=False)

    def total(self) -> Any:
        return self.connection.execute("SELECT 40").fetchone()  # blocks


class Recipe:
    """Reads its file when it is made."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = (MENU.parent / "menu.json").read_text()  # blocks


class Shelf:
    folder = MENU.parent

    @property
    def size(self) -> int:
        return (self.folder / "menu.json").stat().st_size  # blocks

    def __getitem__(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()  # blocks

    def __len__(self) -> int:
        return len(list(self.folder.glob("*.json")))  # blocks

    def __contains__(self, name: str) -> bool:
        return (self.folder / name).exists()  # blocks

    def __call__(self) -> str:
        return (self.folder / "menu.json").read_text()  # blocks

    @classmethod
    def opened(cls) -> "Shelf":
        cls.folder.lstat()  # blocks
        return cls()

    @staticmethod
    def dusted() -> None:
        time.sleep(0.3)  # blocks


class Door:
    def __enter__(self) -> "Door":
        MENU.stat()  # blocks
        return self

    def __exit__(self, *error: object) -> None:
        return None


@contextmanager
def opened_shop() -> Iterator[str]:
    MENU.is_fifo()  # blocks
    yield "open"


def weighed(function: Callable[P, R]) -> Callable[P, R]:
    """Writes down each call before it is made."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        (MENU.parent / "menu.json").read_bytes()  # blocks
        return function(*args, **kwargs)

    return wrapper


@weighed
def portion(grams: int) -> int:
    return grams * 2


class Grinder(abc.ABC):
    @abc.abstractmethod
    def grind(self) -> str: ...

    def serve(self) -> str:
        return self.grind().upper()


class SlowGrinder(Grinder):
    def grind(self) -> str:
        return MENU.read_text()  # blocks


class SilentGrinder(Grinder):
    def grind(self) -> str:
        return "coarse"


class Roaster(Protocol):
    def roast(self) -> str: ...


class DrumRoaster:
    def roast(self) -> str:
        return MENU.read_text()  # blocks


class Machine:
    def warm(self) -> None:
        MENU.exists()  # blocks


class NewMachine(Machine):
    def warm(self) -> None:
        super().warm()


def machine() -> Machine:
    return NewMachine()


def counted(rounds: int, action: Callable[[], object]) -> None:
    for _ in range(rounds):
        action()


@functools.cache
def opening_hours() -> str:
    return MENU.read_text()


class Kiosk:
    """Asks once, then knows."""

    def __init__(self) -> None:
        self._menu: str | None = None

    def menu(self) -> str:
        if self._menu is None:
            self._menu = MENU.read_text()
        return self._menu


class Stall(Kiosk):
    def menu(self) -> str:
        if self._menu is None:
            self._menu = MENU.read_text()  # blocks
        return self._menu


KIOSK = Kiosk()
