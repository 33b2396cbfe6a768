"""The bases of a class as they are meant: a call that makes a class of several stands for these.

In: the facts of a class statement's bases. Out: facts of names. Follows one name, no further.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir

if TYPE_CHECKING:
    from .project import Project


def bases_of(project: Project, path: str, written: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The bases of a class of the file `path`, each with the file in which its names are to be looked up.

    `Manager.from_queryset(QuerySet)` makes a class of two; `db.Model` of `db = SQLAlchemy(model_class=Base)` inherits
    that one as well."""
    for base in written:
        made = base
        bound = project.dotted(path, base) if isinstance(base, str) else None
        if bound is not None and bound.kind == "value" and bound.ref == path:
            made = next((value for value, _ in project.module_values(path, bound.name)), base)
        func = made[1] if isinstance(made, tuple) and made[0] == ir.CALL else None
        if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] == "from_queryset":
            yield path, func[1]
            yield from ((path, argument) for argument in made[2][:1])
        else:
            yield path, base
            if isinstance(base, tuple) and base[0] == ir.ATTR and base[2] == "Model":
                yield from _given(project, path, base[1])


def _given(project: Project, path: str, holder: Any) -> Iterator[tuple[str, Any]]:
    """The class that an object was told to make its models of."""
    bound = project.dotted(path, holder)
    if bound is None or bound.kind != "value":
        return
    for value, _ in project.module_values(bound.ref, bound.name)[:1]:
        given = dict(value[3]).get("model_class") if isinstance(value, tuple) and value[0] == ir.CALL else None
        if isinstance(given, tuple) and given[0] == ir.CALL:
            given = dict(given[3]).get("cls")  # declarative_base(cls=Base)
        if given is not None:
            yield bound.ref, given
