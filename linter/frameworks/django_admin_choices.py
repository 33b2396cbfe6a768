"""What the users of Django's admin may search, filter and sort a list of rows by.

In: an admin class and the model of its list. Out: a query site for each choice, marked as chosen: few people see these
pages, and each choice is one of many.
Source: docs.djangoproject.com, "The Django admin site": `search_fields`, `list_filter`, `date_hierarchy`, `ordering`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..project.schema import model_of
from ..sql.words import is_time
from .class_options import names, option
from .django_filtersets import PREFIXES, compared, sorted_by

if TYPE_CHECKING:
    from ..project.run import Run


def choices(run: Run, model: str) -> None:
    """The statements of one changelist that depend on what its user chooses."""
    for field in names(run.project, run.owner, "search_fields"):
        _compared(run, model, "search_fields", field.lstrip("^=@"), PREFIXES.get(field[:1], "icontains"))
    shape = model_of(run.project, model)
    for field in names(run.project, run.owner, "list_filter"):
        column = shape.column(field) if shape is not None else None
        _compared(run, model, "list_filter", field, "gte" if column is not None and is_time(column.type) else "exact")
    for field in names(run.project, run.owner, "date_hierarchy"):
        _compared(run, model, "date_hierarchy", field, "gte")
    first = names(run.project, run.owner, "ordering")[:1]
    member = option(run.project, run.owner, "ordering")
    if first and member is not None:
        sorted_by(run, model, first[0], member.spot)


def _compared(run: Run, model: str, name: str, field: str, lookup: str) -> None:
    member = option(run.project, run.owner, name)
    if member is not None:
        compared(run, model, field, lookup, member.spot)
