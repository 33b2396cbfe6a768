"""The bases of a class as they are meant: a call that makes a class of several stands for these.

In: the facts of a class statement's bases. Out: facts of names. Follows one name of the same module, no further.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir

if TYPE_CHECKING:
    from .project import Project


def bases_of(project: Project, path: str, written: Sequence[Any]) -> list[Any]:
    """The bases of a class; `Manager.from_queryset(QuerySet)` makes a class of two."""
    out: list[Any] = []
    for base in written:
        made = base
        bound = project.dotted(path, base) if isinstance(base, str) else None
        if bound is not None and bound.kind == "value" and bound.ref == path:
            made = next((value for value, _ in project.module_values(path, bound.name)), base)
        func = made[1] if isinstance(made, tuple) and made[0] == ir.CALL else None
        if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] == "from_queryset":
            out += [func[1], *made[2][:1]]
        else:
            out.append(base)
    return out
