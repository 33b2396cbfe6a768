"""In which order, and how many of, the rows of a Django query are asked for.

In: what `order_by()` named, a model's `Meta.ordering`, the method that runs the query. Out: columns as `Query.order`
spells them, with `WHATEVER` for an expression or an annotation, and a limit as `Effect.limit` counts it.
Source: docs.djangoproject.com, "QuerySet API reference": order_by, reverse, latest, first, last; "Model Meta options".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.conditions import GIVEN_ORDER as WHATEVER
from ..project.frozen import replace
from ..project.schema import model_of
from ..project.shapes import string
from ..project.values import Const, Rows, Value, parts, union
from .django_indexes import plain
from .django_lookups import relation_called
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

RANDOM = "?"
NONE = "-"  # in `Rows.order`: `order_by()` took the order away
_FIRST, _LAST = ("first", "afirst", "earliest", "aearliest", "index"), ("last", "alast", "latest", "alatest")
_EXTREMES = ("Min", "Max")
_BY_FIELDS = ("earliest", "aearliest", "latest", "alatest")
_ROWS = ("iteration", "truth", "relation", *_FIRST, *_LAST)
_ONE = ("exists", "aexists", "contains", "acontains")


def named(run: Run, args: Sequence[Value]) -> tuple[str, ...]:
    """What the arguments of the call being interpreted name: columns, with `-` for descending ones."""
    expr = run.expression
    facts: Sequence[Any] = expr[2] if isinstance(expr, tuple) and expr[0] == ir.CALL else ()
    facts = facts if len(facts) == len(args) else (None,) * len(args)
    out = []
    for arg, fact in zip(args, facts, strict=True):
        text = arg.value if isinstance(arg, Const) and isinstance(arg.value, str) else plain(fact) if fact else ""
        out.append(text or WHATEVER)
    return tuple(out)


def reversed_order(names: Iterable[str]) -> tuple[str, ...]:
    """The same columns from the other end."""
    return tuple(n if n in (RANDOM, WHATEVER, NONE) else n[1:] if n.startswith("-") else f"-{n}" for n in names)


def asked(project: Project, rows: Rows, how: str, fields: tuple[str, ...] = ()) -> tuple[tuple[str, ...], int]:
    """(order, limit) of the statement that the method `how` sends; `fields` are what `latest()` is given."""
    model = model_of(project, rows.model)
    if model is None or how not in _ROWS:
        return (), 1 if how in _ONE else 0
    names = fields or model.latest_by or (WHATEVER,) if how in _BY_FIELDS else rows.order or model.ordering
    names = () if names == (NONE,) else names
    if not names and how in ("first", "afirst", "last", "alast"):
        names = (model.primary_key,)
    if how in _LAST:
        names = reversed_order(names)
    order = tuple(_column(project, rows.model, name) for name in names)
    return order, 1 if how in _FIRST or how in _LAST else rows.limit


def extreme(run: Run) -> tuple[str, ...]:
    """The column whose smallest or largest value is all that `aggregate(…)`, the call being interpreted, asks for: the
    database reads one end of an index."""
    call = run.expression
    asked = (*call[2], *(fact for _, fact in call[3])) if isinstance(call, tuple) and call[0] == ir.CALL else ()
    columns = {string(f[2][0]) for f in asked if last_name(f) in _EXTREMES and f[2] and len(f[2]) == 1 and not f[3]}
    if len(columns) != 1 or any(last_name(fact) not in _EXTREMES for fact in asked):
        return ()
    (column,) = columns
    return (column,) if column else ()


def paged(value: Value) -> Value:
    """A page of rows, where a value is rows."""
    return union(replace(p, limit=p.limit or -1) if isinstance(p, Rows) else p for p in parts(value))


def _column(project: Project, ref: str, name: str) -> str:
    if name in (RANDOM, WHATEVER):
        return name
    sign, path = ("-", name[1:]) if name.startswith("-") else ("", name.lstrip("+"))
    current = model_of(project, ref)
    steps = path.split("__")
    for i, step in enumerate(steps):
        if current is None:
            return WHATEVER
        here = "" if current.ref == ref else f"{current.table}."
        last = i == len(steps) - 1
        column = current.column(current.primary_key if step == "pk" else step)
        if column is not None and last:
            return f"{sign}{here}{column.column}"
        relation = relation_called(project, current, step)
        if relation is None:
            return WHATEVER
        target = model_of(project, relation.target) if relation.target else None
        if last:  # rows are sorted as those that it leads to are, or else by their key
            own = current.column(relation.column) if relation.column else None
            return f"{sign}{here}{own.column}" if own is not None and not (target and target.ordering) else WHATEVER
        current = target
    return WHATEVER
