"""The indexes and constraints that a Django model's `Meta` declares. Facts in, `Index`es out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.schema import Index
from ..project.shapes import constant, keyword, string, strings
from ..project.values import Spot

if TYPE_CHECKING:
    from ..project.project import Member, Project

_MAX_NESTED = 12  # lists of indexes inside lists


def indexes(project: Project, meta: dict[str, Member]) -> list[Index]:
    """Of `meta`: the options of a model by name, its own and those it inherits."""
    out = []
    for name in ("unique_together", "index_together"):
        member = meta.get(name)
        expr = member.value if member is not None else None
        if member is not None and isinstance(expr, tuple) and expr[0] == ir.SEQUENCE and expr[2]:
            for group in (expr,) if string(expr[2][0]) else expr[2]:
                columns = tuple(strings(group))
                if columns:
                    spot = Spot(member.owner, group[3], group[4], group[3], group[4] + 1)
                    out.append(Index(columns, unique=name == "unique_together", spot=spot))
    for name in ("indexes", "constraints"):
        member = meta.get(name)
        for owner, call in _items(project, member.owner, member.value, 0) if member is not None else ():
            found = index(call)
            if found is not None:
                out.append(replace(found, spot=Spot(owner, call[4], call[5], call[6], call[7])))
    return out


def _items(project: Project, owner: str, expr: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """The calls of a list that may be made of other lists, `[*Base.Meta.indexes, Index(…)]`, and who holds each."""
    path = owner.partition("::")[0]
    if not isinstance(expr, tuple | str) or depth > _MAX_NESTED:
        return
    if isinstance(expr, tuple) and expr[0] == ir.CALL and not spelled(expr[1]).endswith(("list", "tuple")):
        yield owner, expr
    elif isinstance(expr, tuple) and expr[0] in (ir.SEQUENCE, ir.OPERATION, ir.CALL):
        for part in expr[2]:
            yield from _items(project, owner, part, depth + 1)
    elif isinstance(expr, tuple) and expr[0] == ir.STAR:
        yield from _items(project, owner, expr[1], depth + 1)
    elif isinstance(expr, tuple) and expr[0] == ir.ATTR:
        bound = project.dotted(path, expr[1])
        member = project.lookup(bound.ref, expr[2]) if bound is not None and bound.kind == "class" else None
        if member is not None and member.kind == "value":
            yield from _items(project, member.owner, member.value, depth + 1)
    elif isinstance(expr, str):
        for value, _ in project.module_values(path, expr):
            yield from _items(project, f"{path}::", value, depth + 1)


def index(call: Any) -> Index | None:
    """`Index(...)`, `GinIndex(...)`, `UniqueConstraint(...)`, `ExclusionConstraint(...)`."""
    kind = spelled(call[1]).rpartition(".")[2]
    unique = kind == "UniqueConstraint"
    if not (kind.endswith("Index") or unique):
        return None
    condition = keyword(call, "condition")
    fields = strings(keyword(call, "fields")) or [plain(argument) for argument in call[2]]
    columns = tuple(field.lstrip("-") for field in fields if field)
    expression = not columns or len(columns) < len(fields)
    if expression:
        columns = tuple(name for argument in call[2] for name in _named_in(argument))
    return Index(
        columns,
        unique=unique,
        partial=condition is not None,
        expression=expression,
        method=kind.removesuffix("Index").lower() if not unique else "",
        condition=tuple(dict.fromkeys(_compared_in(condition))) if condition is not None else (),
        name=string(keyword(call, "name")),
        descending=tuple(field[1:] for field in fields if field.startswith("-")),
        include=tuple(strings(keyword(call, "include"))),
        opclasses=tuple(strings(keyword(call, "opclasses"))),
    )


def plain(expr: Any) -> str:
    """The column of an index expression that is just a column: `"name"`, `F("name")`, `F("name").desc()`; with `-`
    for a descending one."""
    descending = False
    while isinstance(expr, tuple) and expr[0] == ir.CALL:
        func = expr[1]
        if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] in ("asc", "desc"):
            descending = func[2] == "desc"
            expr = func[1]
        elif spelled(func).rpartition(".")[2] in ("F", "OrderBy") and expr[2]:
            descending = descending or constant(keyword(expr, "descending")) is True
            expr = expr[2][0]
        else:
            return ""
    name = string(expr)
    return f"-{name}" if descending and name and not name.startswith("-") else name


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
