"""All rows of a model, as a framework asks for them that is told no more than the model.

In: a model of any dialect, and the place of the class that names it. Out: the query, not run yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..project.schema import model_of
from ..project.values import UNKNOWN, Class, Spot, Value
from . import django_managers, sqlalchemy_rows

if TYPE_CHECKING:
    from ..project.run import Run


def every_row(run: Run, model: str, spot: Spot) -> Value:
    known = model_of(run.project, model) if model else None
    if known is None:
        return UNKNOWN
    if known.dialect == "sqlalchemy":
        return sqlalchemy_rows.statement(run, (Class(model),), spot, "sqlalchemy-query")
    return django_managers.all_rows(run, model, spot)
