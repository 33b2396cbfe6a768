"""How many rows a table or a query may have, as far as a model says without a database.

In: models, and the rows of a query. Out: whether a table grows with what users do, whether people write its rows
themselves, whether conditions leave only the rows of one parent. Rules of thumb: whoever asks tells them as `likely`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..sql import words
from . import conditions
from .schema import Model, model_of
from .values import Rows

if TYPE_CHECKING:
    from .project import Project

ASKED = "*asked"  # in the aliases of rows: a condition asks other tables for each of them, which may leave few
_TIMES = ("datetime", "timestamp")


def kept_by_hand(model: Model) -> bool:
    """Whether a table is called like one whose rows people write themselves, which stays short."""
    return words.is_kept(words.of_name(model.name.rpartition(".")[2]))


def grows(model: Model) -> bool:
    """Whether a table looks like one that gets rows from what users do, day by day: rows that belong to something and
    have a time."""
    times = any(c.type.rpartition(".")[2].lower().startswith(_TIMES) for c in model.columns)
    if not times:
        return False
    if model.dialect == "django":
        return any(r.kind == "one" and not r.null and r.eager != "always" for r in model.relations)
    return any(c.foreign_key and not c.primary for c in model.columns)


def many(project: Project, rows: Rows) -> bool:
    """Whether a query may give as many rows as a table that grows has."""
    model = model_of(project, rows.model) if rows.model else None
    return model is not None and grows(model) and not kept_by_hand(model) and not narrowed(project, rows)


def narrowed(project: Project, rows: Rows) -> bool:
    """Whether a query asks for the rows of one parent, of one key, or in a way that is not known."""
    if any(key == ASKED for key, _ in rows.aliases):
        return True
    if rows.kind == "related" or rows.parent is not None or rows.relation:
        return True
    model = model_of(project, rows.model) if rows.model else None
    for text in rows.filters:
        if text in conditions.WITHOUT_COLUMN:
            return True
        condition = conditions.read(text)
        if condition.kind in (conditions.EQUAL, conditions.CONSTANT, conditions.EITHER):
            column = model.column(condition.column) if model is not None and not condition.table else None
            if condition.table or column is None or column.foreign_key or column.unique or column.primary:
                return True
    return False
