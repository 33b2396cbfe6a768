"""What SQLAlchemy's columns are compared with, and sorted by: constants, and the direction.

Source: docs.sqlalchemy.org, "Column Elements and Expressions": is_(), desc().
"""

from __future__ import annotations

from collections.abc import Sequence

from ..project.conditions import CONSTANT, NOT, NOT_NULL, NULL, literal
from ..project.frozen import replace
from ..project.values import Const, Term, Value, parts

DESCENDING = "-"  # the head of a column that rows are sorted by


def descending(value: Value) -> Value:
    """`desc(column)`"""
    column = next((p for p in parts(value) if isinstance(p, Term) and p.kind == "column"), None)
    return replace(column, head=DESCENDING) if column is not None else value


def equality(values: Sequence[Value]) -> str:
    """The kind of an equality with these, which are written in the source."""
    return literal(values[0].value) if len(values) == 1 and isinstance(values[0], Const) else CONSTANT


def truth(value: object, *, opposite: bool) -> str:
    """`IS NULL`, `IS FALSE`, and their opposites."""
    if value is None:
        return NOT_NULL if opposite else NULL
    return f"{NOT}={literal(value).partition('=')[2]}" if opposite else literal(value)
