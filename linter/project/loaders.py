"""Which relations anybody loads: the assumption that lets rows of unknown provenance be judged.

A relation that no `prefetch_related`, `joinedload` or list of such names mentions anywhere in the project cannot have
been loaded with the rows, wherever they came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .memo import Question

if TYPE_CHECKING:
    from .project import Project


def ever_loaded(project: Project, name: str) -> bool:
    """Whether any loader of the project mentions a relation of this name."""
    found: frozenset[str] = project.memo.ask(QUESTIONS["loaders"])
    return name in found


def ever_given(project: Project, name: str) -> bool:
    """Whether any query of the project gives its rows an attribute of this name: an annotation, a prefetched list."""
    return ever_loaded(project, f"={name}")


def _of_file(project: Project, path: str) -> tuple[str, ...]:
    return project.file(path).loaders


def _all(project: Project) -> frozenset[str]:
    project.memo.read_input(("tree",))
    return frozenset(
        name for path in project.modules.paths for name in project.memo.ask(QUESTIONS["loaders_of_file"], path)
    )


QUESTIONS: dict[str, Question[Any]] = {
    "loaders_of_file": Question("loaders_of_file", _of_file, tuple),
    "loaders": Question("loaders", _all, frozenset),
}
