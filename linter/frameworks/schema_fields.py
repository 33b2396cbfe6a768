"""What a schema class reads of an object: `Field`, the same for every library of schemas.

In: what a library's own reader found in a class (`pydantic_fields`, `ninja_schemas`, `marshmallow_schemas`,
`restx_models`). Out: plain data that `schema_rendering` goes through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ..project.project import Project

Shows: TypeAlias = "Callable[[Project, str], bool]"
"""Whether a class, or a module-level name that holds one, is filled from attributes."""
ARGUMENT = "~"
"""In `nested`: a type variable, which stands for what the class is given in brackets."""
Names: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `kind`:

    read      the first of `sources` that the object has, dotted; what it gives fills each class of `nested`
    column    a column, in the row already
    deep      objects with all their fields, `depth` levels down
    computed  a property of the schema itself
    method    a method of the schema, `by`, that is given the object; what it gives fills `nested`
    function  the same with an expression, `code`
    before    a method that is given the object and gives what is read in its place
    after     a method that is given what was shown, and the object

    `owner`, `line`, `column`: the class or name that declares it, and where.
    """

    name: str
    kind: str
    owner: str
    line: int
    column: int
    sources: Names = ()
    nested: Names = ()
    depth: int = 0
    by: str = ""
    """A function that is given what was read, and gives what is shown of it: its reference, or a method's name."""
    code: Any = None
    """The same as an expression."""
    only: Names | None = None
    """Of the nested class these fields alone, dotted; None: all."""
    exclude: Names = ()
    """Of the nested class none of these fields, dotted."""


def given_to(ref: str) -> tuple[str, str]:
    """A class, and what it was given in brackets."""
    cls, _, given = ref.removesuffix("]").partition("[")
    return cls, given
