"""The indexes and constraints that SQLAlchemy's tables declare. Facts in, `Index`es out.

Source: docs.sqlalchemy.org, "Defining Constraints and Indexes", "PostgreSQL-Specific Index Options".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.frozen import replace
from ..project.schema import Column, Index
from ..project.shapes import strings
from ..project.values import Spot
from .sqlalchemy_facts import constant, declared, keyword, last_name, string

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project


_WORD = re.compile(r"\w+")


def indexes(project: Project, info: ClassInfo, columns: dict[str, Column]) -> Iterator[Index]:
    """`__table_args__` of the class and its ancestors, and `Index(...)` beside the class."""
    for member in project.declared(info, nearest=True):
        if member.name.endswith("table_args") or member.name.endswith("table_args__"):
            expr, _ = declared(project, member)
            owner = member.owner if member.kind == "value" else f"{member.owner}.{member.name}"
            yield from _among(expr, columns, owner)
    for s in project.file(info.ref.partition("::")[0]).loose:
        call = s[1] if s[0] == ir.EXPRESSION else s[2] if s[0] == ir.ASSIGN else None
        if (
            isinstance(call, tuple)
            and call[0] == ir.CALL
            and last_name(call) == "Index"
            and any(_of_class(a, info.name) for a in call[2])
        ):
            yield from _among(call, columns, f"{info.ref.partition('::')[0]}::")


def _of_class(expr: Any, name: str) -> bool:
    if isinstance(expr, tuple) and expr[0] == ir.ATTR:
        return expr[1] == name or _of_class(expr[1], name)
    return isinstance(expr, tuple) and expr[0] == ir.CALL and any(_of_class(part, name) for part in (expr[1], *expr[2]))


def _among(expr: Any, columns: dict[str, Column], owner: str, depth: int = 0) -> Iterator[Index]:
    """Indexes and constraints anywhere in a `__table_args__` expression of `owner`."""
    if not isinstance(expr, tuple) or depth > 6:
        return
    if expr[0] == ir.CALL:
        kind = last_name(expr)
        if kind in ("Index", "UniqueConstraint", "PrimaryKeyConstraint"):
            yield replace(_index(kind, expr, columns), spot=Spot(owner, *expr[4:8]))
            return
        for part in expr[2]:
            yield from _among(part, columns, owner, depth + 1)
    elif expr[0] in (ir.SEQUENCE, ir.OPERATION):
        for part in expr[2]:
            yield from _among(part, columns, owner, depth + 1)
    elif expr[0] == ir.STAR:
        yield from _among(expr[1], columns, owner, depth + 1)


def _index(kind: str, call: Any, columns: dict[str, Column]) -> Index:
    arguments = call[2][1:] if kind == "Index" else call[2]
    spelled = [_column_name(argument) for argument in arguments]
    by_name = {name: c.name for c in reversed(columns.values()) for name in (c.column, c.name)}
    names = tuple(by_name.get(name, name) for name in spelled)
    inside = (
        n for name, argument in zip(spelled, arguments, strict=True) if not name for n in _inside(argument, by_name)
    )
    using = next((string(v) for k, v in call[3] if k is not None and k.endswith("_using")), "")
    held = next((v for k, v in call[3] if k is not None and k.endswith("_include")), None)
    classes = next((v for k, v in call[3] if k is not None and k.endswith("_ops")), None)
    return Index(
        (*(name for name in names if name), *inside),
        unique=kind != "Index" or constant(keyword(call, "unique")) is True,
        partial=any(k is not None and k.endswith("_where") for k, _ in call[3]),
        expression=any(name not in by_name for name in spelled),
        method="primary" if kind == "PrimaryKeyConstraint" else "" if using == "btree" else using,
        name=string(call[2][0]) if kind == "Index" and call[2] else string(keyword(call, "name")),
        descending=tuple(name for name, argument in zip(names, arguments, strict=True) if _descends(argument)),
        include=tuple(strings(held)),
        opclasses=tuple(string(v) for v in classes[2]) if isinstance(classes, tuple) and classes[0] == ir.DICT else (),
    )


def _column_name(expr: Any) -> str:
    """The column that an item of an index names; "" for an expression over columns."""
    if isinstance(expr, str):
        return expr
    if isinstance(expr, tuple) and expr[0] == ir.CONST:
        return string(expr)
    if isinstance(expr, tuple) and expr[0] == ir.ATTR:
        return str(expr[2])
    if isinstance(expr, tuple) and expr[0] == ir.CALL and last_name(expr) in ("desc", "asc"):
        return _column_name(expr[2][0] if expr[2] else expr[1][1])  # `desc(a)`, `A.a.desc()`
    return ""


def _inside(expr: Any, by_name: dict[str, str]) -> Iterator[str]:
    """The columns that an expression mentions: `func.lower(email)`, `text("lower(a)")`."""
    pending = [expr]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            yield from (by_name[word] for word in _WORD.findall(part) if word in by_name)
        elif isinstance(part, tuple):
            pending.extend(part[:4])


def _descends(expr: Any) -> bool:
    return isinstance(expr, tuple) and expr[0] == ir.CALL and last_name(expr) == "desc"
