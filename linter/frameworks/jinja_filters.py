"""What Jinja2's own filters do with rows, as far as they differ from Django's.

In: a filter's name, value and arguments. Out: what it gives, having recorded what it reads per item: an attribute's
name in a string (`sort(attribute="author.name")`) is read of every item. A filter that Django has too is left to it.
Source: jinja.palletsprojects.com, "List of Builtin Filters"; jinja2/filters.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..project.frozen import replace
from ..project.values import UNKNOWN, Bound, Const, Container, Function, Rows, Spot, Value, join, parts, union
from .base import Arguments, Keywords
from .django_filters import each

if TYPE_CHECKING:
    from ..project.run import Run

_SIFTS = {"select", "reject"}
_SIFTS_BY = {"selectattr", "rejectattr"}
_BY = {"sort": 2, "unique": 1, "min": 1, "max": 1, "sum": 0, "join": 1}
"""Where the attribute stands when it is given without its name."""
_SEVERAL = {"batch", "slice"}


def apply_filter(run: Run, name: str, value: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
    """What a filter gives; None for one that Django's filters answer as well, or nobody knows."""
    if name in _SIFTS_BY:
        return each(run, value, _text(args[0] if args else UNKNOWN), spot)[0]
    if name in _SIFTS:
        return each(run, value, "", spot)[0]
    if name == "map":
        return _mapped(run, value, args, keywords, spot)
    if name == "groupby":
        return _grouped(run, value, keywords.get("attribute", args[0] if args else UNKNOWN), spot)
    if name in _BY:
        at = _BY[name]
        path = _text(keywords.get("attribute", args[at] if len(args) > at else UNKNOWN))
        if not path and name not in ("min", "max", "sum"):
            return None
        items, read = each(run, value, path, spot)
        if name in ("min", "max"):
            return items.of
        return items if name in ("sort", "unique") else UNKNOWN if name == "join" else _added(read)
    if name in _SEVERAL and args and not isinstance(_constant(args[0]), str):
        items = each(run, value, "", spot)[0]
        return Container("list", items, constant=items.constant)
    if name == "d":
        return join(value, args[0]) if args else value
    if name == "items":
        return union([run.call_value(Bound(p, "items"), (), {}, spot) for p in parts(value) if _is_dict(p)])
    return None


def _mapped(run: Run, value: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value:
    """`map(attribute="a.b")` reads an attribute of each item, `map("name")` gives each to a filter."""
    path = _text(keywords.get("attribute", UNKNOWN))
    items, read = each(run, value, path, spot, shown=not path)
    if not path:
        return Container("list", UNKNOWN, constant=items.constant)
    return replace(items, of=read)


def _grouped(run: Run, value: Value, attribute: Value, spot: Spot) -> Value:
    """Pairs of what the items have in common, and the items: by name, or to be unpacked."""
    items, read = each(run, value, _text(attribute), spot)
    pair = Container("tuple", UNKNOWN, items=(read, items), fields=(("grouper", read), ("list", items)))
    return Container("list", pair, constant=items.constant)


def _added(read: Value) -> Value:
    """`sum(attribute="lines", start=[])`: one list of all."""
    found = [part for part in parts(read) if isinstance(part, Rows | Container)]
    return union(found) if found else UNKNOWN


def _is_dict(value: Value) -> bool:
    return isinstance(value, Container) and value.kind == "dict"


def _constant(value: Value) -> object:
    return value.value if isinstance(value, Const) else None


def _text(value: Value) -> str:
    found = _constant(value)
    return found if isinstance(found, str) else ""


def custom(run: Run, ref: str, leading: int, value: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value:
    """A filter that is a function of the project; `leading`: parameters before the value."""
    return run.call_function(Function(ref), (*[UNKNOWN] * leading, value, *args), keywords, spot)
