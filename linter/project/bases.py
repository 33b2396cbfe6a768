"""The bases of a class as they are meant: what a framework makes of one stands for it.

In: the facts of a class statement's bases. Out: facts of names, each with the file in which they are to be looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .project import Project


def bases_of(project: Project, path: str, written: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The bases of a class of the file `path`."""
    for base in written:
        known = (framework.bases(project, path, base) for framework in project.with_hook("bases"))
        yield from next((found for found in known if found is not None), ((path, base),))
