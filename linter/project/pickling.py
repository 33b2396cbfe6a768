"""Small frozen classes in pickles: what dataclasses write for themselves looks up its fields anew for every object.

In: classes of `dataclass(frozen=True, slots=True)`. Out: the same classes, whose objects are pickled as tuples of their
fields. The answers kept between runs hold some hundred thousand of them.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import Any


def quick(*classes: type) -> None:
    """Give each class a `__getstate__` and `__setstate__` that know its fields."""
    for cls in classes:
        _equip(cls)


def _equip(cls: Any) -> None:
    names = tuple(field.name for field in fields(cls))
    single = len(names) == 1
    get = attrgetter(*names) if names else None
    put = object.__setattr__

    def state(self: Any) -> tuple[Any, ...]:
        if get is None:
            return ()
        return (get(self),) if single else get(self)

    def restore(self: Any, values: tuple[Any, ...]) -> None:
        for name, value in zip(names, values, strict=True):
            put(self, name, value)

    cls.__getstate__, cls.__setstate__ = state, restore
