"""The indexes and constraints that a Django model's `Meta` declares. Facts in, `Index`es out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.schema import Index
from ..project.shapes import keyword, string, strings

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project

_MAX_NESTED = 12  # lists of indexes inside lists


def indexes(project: Project, info: ClassInfo, meta: dict[str, Any]) -> list[Index]:
    """Of `meta`: the facts of what the options hold, by name; those of `info` and what it inherits."""
    out = []
    for name in ("unique_together", "index_together"):
        expr = meta.get(name)
        if isinstance(expr, tuple) and expr[0] == ir.SEQUENCE and expr[2]:
            groups = [strings(expr)] if string(expr[2][0]) else [strings(i) for i in expr[2]]
            out += [Index(tuple(g), unique=name == "unique_together") for g in groups if g]
    for name in ("indexes", "constraints"):
        for call in _items(project, info, name, meta.get(name), 0):
            found = _index(call)
            if found is not None:
                out.append(found)
    return out


def _items(project: Project, info: ClassInfo, name: str, expr: Any, depth: int) -> Iterator[Any]:
    """The calls of a list that may be made of other lists: `[*Base.Meta.indexes, Index(…)]`."""
    if not isinstance(expr, tuple | str) or depth > _MAX_NESTED:
        return
    if isinstance(expr, tuple) and expr[0] == ir.CALL and not spelled(expr[1]).endswith(("list", "tuple")):
        yield expr
    elif isinstance(expr, tuple) and expr[0] in (ir.SEQUENCE, ir.OPERATION, ir.CALL):
        for part in expr[2]:
            yield from _items(project, info, name, part, depth + 1)
    elif isinstance(expr, tuple) and expr[0] == ir.STAR:
        yield from _items(project, info, name, expr[1], depth + 1)
    elif isinstance(expr, tuple) and expr[0] == ir.ATTR:
        bound = project.dotted(info.ref.partition("::")[0], expr[1])
        member = project.lookup(bound.ref, expr[2]) if bound is not None and bound.kind == "class" else None
        if member is not None and member.kind == "value":
            yield from _items(project, info, name, member.value, depth + 1)
    elif isinstance(expr, str):
        for value, _ in project.module_values(info.ref.partition("::")[0], expr):
            yield from _items(project, info, name, value, depth + 1)


def _index(call: Any) -> Index | None:
    """`Index(...)`, `GinIndex(...)`, `UniqueConstraint(...)`, `ExclusionConstraint(...)`."""
    kind = spelled(call[1]).rpartition(".")[2]
    unique = kind == "UniqueConstraint"
    if not (kind.endswith("Index") or unique):
        return None
    method = kind.removesuffix("Index").lower() if not unique else ""
    condition = keyword(call, "condition")
    where = tuple(dict.fromkeys(_compared_in(condition))) if condition is not None else ()
    fields = [f.lstrip("-") for f in strings(keyword(call, "fields"))]
    if not fields:
        fields = [_plain(argument) for argument in call[2]]
    columns = tuple(f for f in fields if f)
    if not columns or len(columns) < len(fields):
        named = tuple(n for argument in call[2] for n in _named_in(argument))
        return Index(named, unique, condition is not None, True, method, where)
    return Index(columns, unique, condition is not None, False, method, where)


def _plain(expr: Any) -> str:
    """The column of an index expression that is just a column: `"name"`, `F("name")`, `F("name").desc()`."""
    while isinstance(expr, tuple) and expr[0] == ir.CALL:
        func = expr[1]
        if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] in ("asc", "desc"):
            expr = func[1]
        elif spelled(func).rpartition(".")[2] in ("F", "OrderBy") and expr[2]:
            expr = expr[2][0]
        else:
            return ""
    return string(expr).lstrip("-")


def _named_in(expr: Any) -> Iterator[str]:
    """The columns that an index expression mentions: `Upper("name")`, `Lower(F("name"))`."""
    if string(expr):
        yield string(expr)
    elif isinstance(expr, tuple) and expr[0] == ir.CALL:
        for argument in expr[2]:
            yield from _named_in(argument)


def _compared_in(expr: Any) -> Iterator[str]:
    """The columns that a condition mentions: `Q(deleted=False) & ~Q(name="")`."""
    if isinstance(expr, tuple) and expr[0] == ir.CALL:
        for argument in expr[2]:
            yield from _compared_in(argument)
        for key, _ in expr[3]:
            yield (key or "?").partition("__")[0]
    elif isinstance(expr, tuple) and expr[0] == ir.OPERATION:
        for part in expr[2]:
            yield from _compared_in(part)
    else:
        yield "?"
