"""The schema classes of all libraries: which classes and names are some, and the fields of each.

In: the reference of a class of the project, or of a module-level name that holds what a call made. Out: `Field`s,
through the memo. Asks each library's reader in turn; knows no spelling.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..project.memo import Question
from . import marshmallow_schemas, ninja_schemas, pydantic_fields, restx_models
from .schema_fields import Field, Shows

if TYPE_CHECKING:
    from ..project.project import Project

_READERS: tuple[tuple[Shows, Callable[[Project, str], tuple[Field, ...]]], ...] = (
    (ninja_schemas.is_schema, ninja_schemas.fields_of),
    (pydantic_fields.is_plain, lambda project, ref: pydantic_fields.fields(project, ref, ninja_schemas.shows)),
    (marshmallow_schemas.is_schema, marshmallow_schemas.fields),
    (restx_models.is_model, restx_models.fields),
)


def is_schema(project: Project, ref: str) -> bool:
    return any(shows(project, ref) for shows, _ in _READERS)


def fields_of(project: Project, ref: str) -> tuple[Field, ...]:
    """The fields of a schema, through the memo."""
    found: tuple[Field, ...] = project.memo.ask(FIELDS, ref)
    return found


def _fields(project: Project, ref: str) -> tuple[Field, ...]:
    return next((fields(project, ref) for shows, fields in _READERS if shows(project, ref)), ())


FIELDS: Question[tuple[Field, ...]] = Question("schema_fields", _fields, tuple)
