"""What makes a Django query dear by its form alone: lists of keys from another query, an OR across joined tables.

In: the arguments of `filter()` and `Q()`. Out: lists that a column is compared with (see `project.lists`), and
observations `across`. Source: docs.djangoproject.com, "QuerySet API reference", in; "Complex lookups with Q objects".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..facts import ir
from ..project import conditions, lists, size
from ..project.schema import model_of
from ..project.values import Const, Container, Rows, Spot, Value
from .django_lookups import Q, conditions_of

if TYPE_CHECKING:
    from ..project.run import Run


def compared(run: Run, model: str, keywords: Mapping[str, Value]) -> None:
    """`pk__in=ids`, among the keywords of the call being interpreted."""
    expr = run.expression
    if not isinstance(expr, tuple) or expr[0] != ir.CALL:
        return
    for key, given in expr[3]:
        if key is not None and key.endswith("__in"):
            lists.note(run, model, keywords[key], given)


def filtered(run: Run, before: Rows, after: Rows, args: Sequence[Value], spot: Spot) -> None:
    """`filter(Q(owner=user) | Q(members__user=user))`, when nothing else leaves few rows."""
    if run.rendering or not any(_across(run, after.model, a) for a in args):
        return
    model = model_of(run.project, after.model) if after.model else None
    if model is None or size.narrowed(run.project, after):
        return
    run.wasteful("across", after, spot, "grows" if size.grows(model) else "", sure=False)


def _across(run: Run, model: str, value: Value) -> bool:
    """Whether a Q object is an OR of equalities, each on one column, of several tables."""
    if not isinstance(value, Container) or value.kind != Q or value.value != Const("or") or not model:
        return False
    sides = [[text for text in conditions_of(run.project, model, item) if text] for item in value.items]
    if len(sides) < 2 or any(len(side) != 1 or side[0] in conditions.WITHOUT_COLUMN for side in sides):
        return False
    read = [conditions.read(side[0]) for side in sides]
    return all(c.kind == conditions.EQUAL for c in read) and len({c.table for c in read}) > 1
