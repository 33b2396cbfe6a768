"""What a function of `loop_app` costs: run with objects that count what is done with them, twice, with N and 4 N items.

In: a function, by its parameters' names. Out: the number of steps (comparisons, items moved or copied), and how often
the same piece of work was done (a text parsed, a list sorted, an object copied, a pattern compiled). No clock.
"""

from __future__ import annotations

import copy
import inspect
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, SupportsIndex
from unittest import mock

_ITEMS = " items"
_SIZES = ["s", "m", "l", "xl", "xs"]


@dataclass
class Work:
    """`steps`: what grows with the collections; `repeats`: (what, with what) -> times."""

    steps: int = 0
    repeats: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def most(self) -> int:
        return max(self.repeats.values(), default=0)


class Key:
    """A number whose comparisons are counted."""

    def __init__(self, number: int, work: Work) -> None:
        self.number, self.work = number, work

    def __eq__(self, other: object) -> bool:
        self.work.steps += 1
        return isinstance(other, Key) and self.number == other.number

    def __hash__(self) -> int:
        self.work.steps += 1
        return hash(self.number)

    def __lt__(self, other: Key) -> bool:
        self.work.steps += 1
        return self.number < other.number


class Item(Key):
    """Something with a few attributes; the same number makes equal ones."""

    def __init__(self, number: int, work: Work) -> None:
        super().__init__(number, work)
        self.key = Key(number, work)
        self.size = _SIZES[number % len(_SIZES)]
        self.sizes = [*_SIZES]
        self.text = f"number {number} and some text"
        self.text_of_json = json.dumps({"number": number})
        self.raw = self.text.encode()

    __hash__ = Key.__hash__


class Counted(list[Any]):
    """A list that counts the items that are moved in it, or copied out of it into a longer one."""

    work: Work

    @classmethod
    def of(cls, items: list[Any], work: Work) -> Counted:
        made = cls(items)
        made.work = work
        return made

    def pop(self, index: SupportsIndex = -1) -> Any:
        place = int(index)
        self.work.steps += len(self) - place if place >= 0 else 1
        return super().pop(index)

    def insert(self, index: SupportsIndex, item: Any) -> None:
        self.work.steps += len(self) - int(index)
        super().insert(index, item)

    def __add__(self, other: list[Any]) -> Counted:  # type: ignore[override]
        self.work.steps += len(self) + len(other)
        return Counted.of([*self, *other], self.work)

    def __radd__(self, other: list[Any]) -> Counted:
        self.work.steps += len(self) + len(other)
        return Counted.of([*other, *self], self.work)


def arguments(function: Callable[..., object], size: int, work: Work) -> dict[str, object]:
    """What each parameter gets, by its name."""
    order = random.Random(1)
    items = [Item(number, work) for number in range(size)]
    others = [Item(number, work) for number in range(size)]
    order.shuffle(items)
    order.shuffle(others)
    known: dict[str, object] = {
        "items": items,
        "others": others,
        "queue": Counted.of([*others], work),
        "lists": [Counted.of([item], work) for item in items],
        "records": [{"key": item.key, "number": item.number} for item in others],
        "few": items[:8],
        "text": '{"a": [1, 2]}',
    }
    return {name: known[name] for name in inspect.signature(function).parameters}


def measured(function: Callable[..., object], size: int) -> Work:
    work = Work()
    given = arguments(function, size, work)
    work.steps = 0
    with _parsers(work), _copies(function.__code__.co_filename, work):
        function(**given)
    return work


@contextmanager
def _parsers(work: Work) -> Iterator[None]:
    """Count the calls of what the catalogue knows, by what they are given."""
    import jinja2
    import pandas as pd
    import yaml

    def counting(name: str, original: Any) -> Any:
        def called(*args: Any, **keywords: Any) -> Any:
            if name != "sorted" or _shown(args[0]).endswith(_ITEMS):  # libraries sort as well
                work.repeats[name, _shown(args[0])] += 1
            return original(*args, **keywords)

        return called

    def row(original: Any) -> Any:
        def made(self: Any, *args: Any, **keywords: Any) -> None:
            work.repeats["Series", ""] += 1
            original(self, *args, **keywords)

        return made

    def apply(self: Any, function: Any, *args: Any, **keywords: Any) -> Any:
        def counted(part: Any) -> Any:
            work.repeats["apply", ""] += 1
            return function(part)

        return applies(self, counted, *args, **keywords)

    def concat(*args: Any, **keywords: Any) -> Any:
        made = concatenates(*args, **keywords)
        work.steps += len(made)
        return made

    applies, concatenates = pd.DataFrame.apply, pd.concat
    compiler = re._compiler if hasattr(re, "_compiler") else re.sre_compile  # type: ignore[attr-defined]
    re.purge()
    with (
        mock.patch("builtins.sorted", counting("sorted", sorted)),
        mock.patch.object(json, "loads", counting("json", json.loads)),
        mock.patch.object(yaml, "safe_load", counting("yaml", yaml.safe_load)),
        mock.patch.object(jinja2, "Template", counting("jinja2", jinja2.Template)),
        mock.patch.object(copy, "deepcopy", counting("copy", copy.deepcopy)),
        mock.patch.object(compiler, "compile", counting("re", compiler.compile)),
        mock.patch.object(pd.Series, "__init__", row(pd.Series.__init__)),
        mock.patch.object(pd.DataFrame, "apply", apply),
        mock.patch.object(pd, "concat", concat),
    ):
        yield


def _shown(value: object) -> str:
    """What was given, so that equal things are the same."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and isinstance(value[0], Item):
        return f"{len(value)}{_ITEMS}"
    return repr(value) if isinstance(value, dict) else str(id(value))


@contextmanager
def _copies(filename: str, work: Work) -> Iterator[None]:
    """Count the items of containers that a line of the application puts in the place of shorter ones of its own."""
    kept: dict[tuple[int, str], Any] = {}

    def see(place: tuple[int, str], value: object) -> None:
        if not isinstance(value, list | tuple | dict | bytes):
            return
        before = kept.get(place)
        if before is not None and before is not value and type(before) is type(value) and len(before) < len(value):
            work.steps += len(value)
        kept[place] = value

    def line(frame: FrameType, event: str, argument: object) -> Any:
        for name, value in frame.f_locals.items():
            if isinstance(value, tuple | dict | bytes | list):
                see((id(frame), name), value)
            elif type(value).__module__.endswith("loop_app.growth"):
                for attribute, held in vars(value).items():
                    see((id(value), attribute), held.encode() if isinstance(held, str) else held)
        return line

    def call(frame: FrameType, event: str, argument: object) -> Any:
        return line if frame.f_code.co_filename == filename else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        yield
    finally:
        sys.settrace(before)
