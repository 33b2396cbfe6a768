"""Flask-Login's `current_user`: the row that the project's `user_loader` gives, fetched once per request.

In: reads of `current_user`, in Python or in a template. Out: what the same read of that row gives.
Source: flask-login.readthedocs.io, "How it Works"; Flask-Security and Flask-JWT-Extended work alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.memo import Question
from ..project.values import UNKNOWN, External, Function, Row, Spot, Value, parts
from .base import Framework
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

_LIBRARIES = ("flask_login.", "flask_security.", "flask_jwt_extended.", "quart_login.")
_LOADERS = ("user_loader", "user_lookup_loader")
_CURRENT = "current_user"


class FlaskLogin(Framework):
    name = "flask"
    attributes_of = (External,)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return LOADER, LOADERS

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if not isinstance(value, External) or not value.name.endswith(f".{_CURRENT}"):
            return None
        loader = run.project.memo.ask(LOADER) if value.name.startswith(_LIBRARIES) else ""
        if not loader:
            return None
        user = run.call_function(Function(loader), (UNKNOWN,), {}, spot, memoised=True)
        row = next((part for part in parts(user) if isinstance(part, Row)), None)
        if row is None:
            return None
        found = run.attribute(row, name, spot.line - run.base_line, spot.column)
        return found if found != UNKNOWN else None

    def template_global(self, run: Run, name: str) -> Value | None:
        return External(f"flask_login.{_CURRENT}") if name == _CURRENT and run.project.memo.ask(LOADER) else None


def _loaders(project: Project, path: str) -> tuple[str, ...]:
    functions = project.file(path).functions.items()
    return tuple(
        f"{path}::{name}" for name, f in functions if any(last_name(d) in _LOADERS for d in f.core[ir.C_DECORATORS])
    )


def _loader(project: Project) -> str:
    """The one function that loads the user of a request; "" when there are others too."""
    project.memo.read_input(("tree",))
    found = [ref for path in project.modules.paths for ref in project.memo.ask(LOADERS, path)]
    return found[0] if len(found) == 1 else ""


LOADERS: Question[tuple[str, ...]] = Question("user_loaders", _loaders, tuple)
LOADER: Question[str] = Question("user_loader", _loader, str)
