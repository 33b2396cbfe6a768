"""Aggregates over joins: `annotate(n=Count("notes"))` reads one row per note, and folds them again.

In: the arguments of aggregates, and queries before and after a step. Out: observations of the kind `joined`, where the
rows that a join multiplies are folded a second time by `distinct()`, or are multiplied by those of another join.
Source: docs.djangoproject.com, "Aggregation", Combining multiple aggregations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..project.values import UNKNOWN, Const, Container, Rows, Spot, Value
from .django_loading import COUNTED, DISTINCT, remark

if TYPE_CHECKING:
    from ..project.run import Run

AGGREGATES = {"Count", "Sum", "Avg", "Min", "Max", "StdDev", "Variance", "ArrayAgg", "StringAgg", "BoolAnd", "BoolOr"}


def aggregate(args: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    """The value of `Count("path", distinct=True)`."""
    path = args[0] if args else keywords.get("expression", UNKNOWN)
    if not isinstance(path, Const) or not isinstance(path.value, str):
        return UNKNOWN
    return Container("aggregate", keywords.get("distinct", Const(False)), path)


def observe(run: Run, before: Rows, after: Rows, spot: Spot) -> None:
    """Tell of joins that multiply, at the step that makes them do so."""
    if after.plain:
        return  # a report that groups by what values() names
    paths = _paths(after)
    others = [path for path in paths if path not in _paths(before)]
    if len(paths) > 1 and others:
        run.wasteful("joined", after, spot, "several", ", ".join(paths), sure=False)
    elif len(paths) == 1 and remark(after, DISTINCT) is not None and (others or remark(before, DISTINCT) is None):
        run.wasteful("joined", after, spot, "distinct", paths[0], sure=False)


def _paths(rows: Rows) -> list[str]:
    """The relations that a query's aggregates join, each once."""
    out: dict[str, None] = {}
    for key, held in rows.aliases:
        if key.startswith(COUNTED) and isinstance(held, Container) and isinstance(held.value, Const):
            out[str(held.value.value)] = None
    return list(out)
