"""Flask-RESTX and Flask-RESTful, as the interpreter asks them: what marshalling does with what a resource gives.

In: `@api.marshal_with(model)`, `@marshal_list_with(model)`, `marshal(rows, model)`. Out: the procedure
`resource.answer` of each decorated function or method: it calls it, and reads the model's fields of what it gives.
`@api.response(200, "", model)` only documents.
Source: flask-restx.readthedocs.io, "Response marshalling"; flask_restx/marshalling.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.memo import Question
from ..project.shapes import keyword
from ..project.values import UNKNOWN, Bound, External, Spot, Unknown, Value, parts
from . import restx_models
from .base import Arguments, Framework, Keywords
from .marshmallow import answered
from .restx_models import model_of_expr
from .schema_rendering import called, filled
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

ANSWER = "resource.answer"
_DECORATORS = {"marshal_with", "marshal_list_with"}


class Restx(Framework):
    name = "restx"
    calls_of = (External, Bound, Unknown)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return (restx_models.MODEL,)

    def drives_functions(self, project: Project, path: str) -> Sequence[tuple[str, str]]:
        functions = project.file(path).functions
        return [
            (f"{path}::{name}", ANSWER) for name, f in functions.items() if any(_models(project, path, f.core, f.cls))
        ]

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name != ANSWER:
            return None
        defined = run.project.function(run.owner)
        if defined is not None:
            _marshal(run, called(run), tuple(_models(run.project, run.path, defined.core, defined.cls)), 0, 0)
        return UNKNOWN

    def nested(self, run: Run, core: Any, returned: Value) -> None:
        models = tuple(_models(run.project, run.path, core, ""))
        if models:
            _marshal(run, returned, models, 0, 0)

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        call = run.expression
        if not isinstance(call, tuple) or call[0] != ir.CALL or last_name(call) != "marshal" or not args:
            return None
        if not isinstance(callee, External | Bound | Unknown):
            return None
        model = model_of_expr(run.project, run.cls or f"{run.path}::", keyword(call, "fields", 1))
        if not model:
            return None
        _marshal(run, args[0], (model,), spot.line - run.base_line, spot.column)
        return UNKNOWN


def _models(project: Project, path: str, core: Any, cls: str) -> Iterator[str]:
    for decorator in core[ir.C_DECORATORS]:
        called_ = isinstance(decorator, tuple) and decorator[0] == ir.CALL
        if called_ and last_name(decorator) in _DECORATORS:
            model = model_of_expr(project, f"{path}::{cls}", keyword(decorator, "fields", 0))
            if model:
                yield model
                return


def _marshal(run: Run, value: Value, models: tuple[str, ...], line: int, column: int) -> None:
    for part in parts(value):
        for answer in answered(part):
            filled(run, answer, models, line, column)
