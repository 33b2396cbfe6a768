"""What names, attributes and results hold, so that a method called on them is found: one small program each."""

from __future__ import annotations

from textwrap import dedent

import pytest

from slowlint.linter.project.lineage import linearised
from slowlint.linter.project.summaries import summary

from ..frameworks.projects import project

CLASSES = """
import contextlib
import typing
from contextlib import suppress
from typing import Any, AsyncIterator, Iterator, cast

class Shop:
    def sell(self): ...

class Stall(Shop):
    def cook(self): ...

class Bank:
    def sell(self): ...

class Trouble(Exception):
    def explain(self): ...

def anything(): ...
"""
# What `f` is -> the functions of the program that it calls
CASES = {
    "an empty container that an annotation describes": (
        """
        class Town:
            def __init__(self):
                self.shops: dict[str, Shop] = {}
        def f(town: Town):
            for shop in town.shops.values():
                shop.sell()
        """,
        {"Shop.sell"},
    ),
    "a result whose container is vague": (
        """
        def shops() -> list[Shop]:
            return list(anything().values())
        def f():
            for shop in shops():
                shop.sell()
        """,
        {"shops", "Shop.sell"},
    ),
    "a generator's annotation": (
        """
        def shops() -> Iterator[Shop]:
            yield anything()
        def f():
            for shop in shops():
                shop.sell()
        """,
        {"shops", "Shop.sell"},
    ),
    "a context manager by its annotation": (
        """
        def opened() -> contextlib.AbstractContextManager[Shop]:
            return anything()
        def f():
            with opened() as shop:
                shop.sell()
        """,
        {"opened", "Shop.sell"},
    ),
    "what is declared with the help of a library": (
        """
        from pydantic import Field
        class Town:
            shop: Shop = Field(...)
        def f(town: Town):
            town.shop.sell()
        """,
        {"Shop.sell"},
    ),
    "cast": ("def f(x: Any):\n    cast(Shop, x).sell()\n", {"Shop.sell"}),
    "an exception that is caught": (
        """
        def f(x):
            try:
                anything()
            except Trouble as trouble:
                trouble.explain()
        """,
        {"Trouble.explain"},
    ),
    "isinstance of something unknown": ("def f(x):\n    if isinstance(x, Shop):\n        x.sell()\n", {"Shop.sell"}),
    "isinstance of an object of a base class": (
        "def f(x: Shop):\n    if isinstance(x, Stall):\n        x.cook()\n",
        {"Stall.cook"},
    ),
    "isinstance of one of two": (
        "def f(x: Shop | Bank):\n    if isinstance(x, Bank):\n        x.sell()\n",
        {"Bank.sell"},
    ),
    "what is left when isinstance is refuted": (
        """
        def f(x: Shop | Bank):
            if isinstance(x, Bank):
                return None
            return x.sell()
        """,
        {"Shop.sell"},
    ),
    "not isinstance": (
        """
        def f(x):
            if not isinstance(x, Shop):
                return None
            return x.sell()
        """,
        {"Shop.sell"},
    ),
    "isinstance and": ("def f(x):\n    return isinstance(x, Shop) and x.sell()\n", {"Shop.sell"}),
    "not isinstance or": ("def f(x):\n    return not isinstance(x, Shop) or x.sell()\n", {"Shop.sell"}),
    "a choice": ("def f(x):\n    return x.sell() if isinstance(x, Shop) else x.cook()\n", {"Shop.sell"}),
    "assert isinstance": ("def f(x):\n    assert isinstance(x, Shop)\n    x.sell()\n", {"Shop.sell"}),
    "a condition of a comprehension": (
        "def f(xs):\n    return [x.sell() for x in xs if isinstance(x, Shop)]\n",
        {"Shop.sell"},
    ),
    "a tuple of classes": (
        "def f(x):\n    if isinstance(x, (Shop, Bank)):\n        x.sell()\n",
        {"Shop.sell", "Bank.sell"},
    ),
    "only where it was tested": ("def f(x):\n    if isinstance(x, Shop):\n        pass\n    x.sell()\n", {"Shop.sell"}),
    "not behind an and": (
        "def f(x):\n    ok = isinstance(x, Shop) and anything()\n    x.sell()\n",
        set(),
    ),
    "an attribute that is assigned again": (
        """
        def f(x):
            if isinstance(x.shop, Shop):
                x.shop = anything()
                x.shop.sell()
        """,
        set(),
    ),
    "suppress goes on behind its body": (
        """
        def f(x):
            with suppress(KeyError):
                return anything()
            Shop().sell()
        """,
        {"Shop.sell"},
    ),
    "another with does not": (
        """
        def f(x):
            with open(x):
                return anything()
            Shop().sell()
        """,
        set(),
    ),
    "a method that only raises gives nothing that can be told": (
        """
        class Base:
            def found(self):
                raise NotImplementedError
        def f(x):
            if Base().found() is not None:
                Shop().sell()
        """,
        {"Base.found", "Shop.sell"},
    ),
    "super of a class that is named": (
        """
        class Root:
            def act(self): ...
        class Middle(Root):
            def act(self): ...
        class Leaf(Middle):
            def act(self):
                super(Middle, self).act()
        def f():
            Leaf().act()
        """,
        {"Leaf.act", "Root.act"},
    ),
    "the order of ancestors": (
        """
        class Root:
            def act(self): ...
        class Left(Root): ...
        class Right(Root):
            def act(self): ...
        class Leaf(Left, Right): ...
        def f():
            Leaf().act()
        """,
        {"Right.act"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_called(name: str) -> None:
    source, expected = CASES[name]
    made = project({"app.py": CLASSES + dedent(source)})
    called: set[str] = set()
    pending = [("app.py::f", None)]
    while pending:  # with what is called inside, as observations do
        ref, context = pending.pop()
        for each in summary(made, ref, context).calls:
            if each[0].removeprefix("app.py::") not in called:
                called.add(each[0].removeprefix("app.py::"))
                pending.append(each)  # type: ignore[arg-type]
    assert called - {"Town.__init__", "anything"} == expected


def test_more_repositories_than_contexts() -> None:
    """A class method that each of very many classes is asked for gives each its own object."""
    classes = "".join(f"class Repo{n}(Repo):\n    def own{n}(self): ...\n" for n in range(100))
    uses = "".join(f"def use{n}():\n    Repo{n}.made(1).own{n}()\n" for n in range(100))
    made = project(
        {"app.py": f"class Repo:\n    @classmethod\n    def made(cls, session):\n        return cls()\n{classes}{uses}"}
    )
    for number in range(100):
        called = [ref for ref, _ in summary(made, f"app.py::use{number}", None).calls]
        assert called == ["app.py::Repo.made", f"app.py::Repo{number}.own{number}"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ()),
        ([("A", "Root")], ("A", "Root")),
        ([("A", "Root"), ("B", "Root")], ("A", "B", "Root")),
        ([("Root",), ("A", "Root")], ("Root", "A")),  # Python refuses this one
        ([("A", "B", "Root"), ("C", "B", "Root")], ("A", "C", "B", "Root")),
    ],
)
def test_the_order_of_ancestors(lines: list[tuple[str, ...]], expected: tuple[str, ...]) -> None:
    assert linearised(lines) == expected
