"""Small frozen classes that are made, changed and pickled in great numbers, made quick.

In: classes of `dataclass(frozen=True, slots=True)`. Out: the same classes. Frozen ones they stay for the type checker
alone: a constructor that has to get round the `__setattr__` that refuses takes three times as long, and `replace` of
the standard library and what dataclasses write for pickles look up the fields anew for every object. One analysis
makes a million of them; the answers kept between runs hold some hundred thousand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

_FIELDS: dict[type, Callable[[Any], Any]] = {}
"""Class → what gives the values of all its fields, of which there are several."""

if TYPE_CHECKING:
    from dataclasses import replace
else:

    def replace(value, /, **changes):
        """As `dataclasses.replace`."""
        cls = type(value)
        get = _FIELDS.get(cls)
        if get is None:
            return dataclasses.replace(value, **changes)
        made = cls(*get(value))
        for name, changed in changes.items():
            setattr(made, name, changed)
        return made


def quick(*classes: type) -> None:
    """Give each class a constructor, a `__getstate__` and a `__setstate__` that know its fields."""
    for cls in classes:
        _equip(cls)


def _equip(cls: Any) -> None:
    fields = dataclasses.fields(cls)
    names = tuple(field.name for field in fields)
    single = len(names) == 1
    get = attrgetter(*names) if names else None
    if get is not None and not single:
        _FIELDS[cls] = get

    def state(self: Any) -> tuple[Any, ...]:
        if get is None:
            return ()
        return (get(self),) if single else get(self)

    def restore(self: Any, values: tuple[Any, ...]) -> None:
        for name, value in zip(names, values, strict=True):
            setattr(self, name, value)

    cls.__getstate__, cls.__setstate__ = state, restore
    thawed = [(field.name, Any, dataclasses.field(default=field.default)) for field in fields]
    twin: Any = dataclasses.make_dataclass(cls.__name__, thawed)
    cls.__init__ = twin.__init__
    del cls.__setattr__, cls.__delattr__


__all__ = ["quick", "replace"]
