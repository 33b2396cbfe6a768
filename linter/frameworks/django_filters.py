"""What Django's built-in template filters do with rows: which of them fetch, count, show or hand on what they get.

Source: docs.djangoproject.com, "Built-in template tags and filters".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import ir
from ..project import builtins
from ..project.frozen import replace
from ..project.values import (
    UNKNOWN,
    Const,
    Container,
    Instance,
    Row,
    Rows,
    Spot,
    Value,
    join,
    parts,
    union,
)

if TYPE_CHECKING:
    from ..project.run import Run

_COUNTS = {"length", "length_is", "count"}
_ONE = {"first": 0, "last": -1, "random": 0}
_EACH = {"join", "unordered_list"}
_ORDERS = {"dictsort", "dictsortreversed", "sort", "unique", "reverse", "list"}
_TESTS = {"yesno", "pluralize"}
_TEXT = {
    "escape", "force_escape", "safe", "title", "upper", "lower", "capfirst", "truncatechars", "truncatechars_html",
    "truncatewords", "truncatewords_html", "urlencode", "linebreaks", "linebreaksbr", "slugify", "stringformat",
    "ljust", "rjust", "center", "addslashes", "cut", "wordcount", "wordwrap", "striptags", "urlize", "escapejs",
    "iriencode",
}  # fmt: skip


def apply_filter(run: Run, name: str, value: Value, argument: Value | None, spot: Spot) -> Value | None:
    """What a built-in filter gives; None for a name that Django does not know."""
    if name in _COUNTS:
        return builtins.function(run, "len", (value,), {}, spot)
    if name in _ONE:
        index = _ONE[name]
        return union([run.item(part, (ir.CONST, index), Const(index), spot) for part in parts(value)])
    if name == "slice":
        return union([_sliced(part, argument) for part in parts(value)])
    if name in _EACH or name in _ORDERS or name == "regroup":
        return _each(run, name, value, argument, spot)
    if name in ("default", "default_if_none"):
        return join(value, argument) if argument is not None else value
    if name in _TESTS:
        for part in parts(value):
            run.truth(part, None)
        return UNKNOWN
    if name in _TEXT:
        for part in parts(value):
            if isinstance(part, Row | Instance):
                run.call_special(part, "__str__")
        return UNKNOWN
    return None


def _sliced(value: Value, argument: Value | None) -> Value:
    if isinstance(value, Container):
        return replace(value, items=())
    if not isinstance(value, Rows):
        return UNKNOWN
    bounds = argument.value.split(":") if isinstance(argument, Const) and isinstance(argument.value, str) else []
    limit = int(bounds[1]) if len(bounds) > 1 and bounds[1].isdigit() else 0
    return replace(value, limit=limit)


def _each(run: Run, name: str, value: Value, argument: Value | None, spot: Spot) -> Value:
    path = argument.value if isinstance(argument, Const) and isinstance(argument.value, str) else ""
    rows = each(run, value, "" if name in _EACH else path, spot, shown=name in _EACH)[0]
    if name in _EACH:
        return UNKNOWN
    if name != "regroup":
        return rows
    group = Container("dict", UNKNOWN, UNKNOWN, True, fields=(("grouper", UNKNOWN), ("list", rows)))
    return Container("list", group, constant=rows.constant)


def each(run: Run, value: Value, path: str, spot: Spot, *, shown: bool = False) -> tuple[Container, Value]:
    """Go through all items: show each, or read the attributes `a.b` of it. A list of them, and what was read."""
    element: Value = UNKNOWN
    read: Value = UNKNOWN
    small = False
    for part in parts(value):
        if not isinstance(part, Rows | Container):
            continue
        each, many, known = run.iterated(part, spot)
        element = join(element, each)
        small = small or (isinstance(part, Container) and part.constant)
        loop = run.open_loop(many, known, "item", part, None, spot.line - run.base_line, spot.column, "for")
        current = run.refreshed(each)
        for step in path.split(".") if path else ():
            current = run.attribute(current, step, spot.line - run.base_line, spot.column)
        for one in parts(current) if shown else ():
            if isinstance(one, Row | Instance):
                run.call_special(one, "__str__")
        run.close(loop)
        read = join(read, current)
    return Container("list", element, constant=small), read
