"""Whether Django REST framework answers lists in pages by itself: `DEFAULT_PAGINATION_CLASS` of the settings.

In: files that set `REST_FRAMEWORK`. Source: django-rest-framework.org, "Pagination".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.memo import Question
from ..project.shapes import string

if TYPE_CHECKING:
    from ..project.project import Project

_SETTINGS, _CLASS = "REST_FRAMEWORK", "DEFAULT_PAGINATION_CLASS"


def by_default(project: Project) -> bool:
    found: bool = project.memo.ask(PAGES)
    return found


def _by_default(project: Project) -> bool:
    project.memo.read_input(("tree",))
    paths = [path for path in project.modules.paths if project.defines(path, "value", _SETTINGS)]
    return any(project.memo.ask(PAGES_IN, path) for path in paths)


def _said_in(project: Project, path: str) -> bool:
    return any(_names_class(value) for value, _ in project.module_values(path, _SETTINGS))


def _names_class(value: Any) -> bool:
    if not isinstance(value, tuple) or value[0] != ir.DICT:
        return False
    return any(
        key is not None and string(key) == _CLASS and string(held) for key, held in zip(value[1], value[2], strict=True)
    )


PAGES: Question[bool] = Question("drf_pages", _by_default, bool)
PAGES_IN: Question[bool] = Question("drf_pages_in", _said_in, bool)
