"""Decorators of the project's own that dump what a view gives: `@answers(OrderSchema(many=True))`.

In: functions and methods with a decorator that is a function of the project and is given a schema. Out: the procedure
`wrapper.answer` of each: it runs the decorator with the view, and what that gives as a request would, with arguments
nobody knows. What the wrapper does with the schema is its own code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.values import UNKNOWN, Closure, Function, Instance, Value, parts
from .base import Framework
from .marshmallow_schemas import shown_by
from .ninja_schemas import shows
from .pydantic_fields import nested_in
from .restx_models import model_of_expr

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

ANSWER = "wrapper.answer"


class Wrappers(Framework):
    name = "wrappers"

    def drives_functions(self, project: Project, path: str) -> Sequence[tuple[str, str]]:
        functions = project.file(path).functions
        return [(f"{path}::{name}", ANSWER) for name, f in functions.items() if any(_wrappers(project, path, f.core))]

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name != ANSWER:
            return None
        defined = run.project.function(run.owner)
        for decorator, ref in _wrappers(run.project, run.path, defined.core) if defined is not None else ():
            maker = run.project.function(ref)
            if defined is not None and maker is not None:
                of = Instance(f"{run.path}::{defined.cls}") if defined.cls else None
                _answer(run, decorator, ref, maker.core, Function(run.owner, of))
        return UNKNOWN


def _answer(run: Run, decorator: Any, ref: str, maker: Any, view: Function) -> None:
    """Let the decorator wrap the view, and call what it gives."""
    spot = run.spot(0, 0)
    args = tuple(run.value(argument) for argument in decorator[2])
    keywords = {name: run.value(value) for name, value in decorator[3] if name is not None}
    made = run.inline(maker, ref, run.bindings(maker, None, args, keywords), spot)
    for wraps in parts(made):
        for wrapped in parts(run.call_value(wraps, (view,), {}, spot)) if isinstance(wraps, Closure) else ():
            if isinstance(wrapped, Closure):
                run.awaited(run.call_value(wrapped, (), {}, spot))


def _wrappers(project: Project, path: str, core: Any) -> Iterator[tuple[Any, str]]:
    """(decorator, function of the project) of those that are given a schema."""
    for decorator in core[ir.C_DECORATORS]:
        if not isinstance(decorator, tuple) or decorator[0] != ir.CALL:
            continue
        bound = project.dotted(path, decorator[1])
        if bound is None or bound.kind != "function":
            continue
        given = (*decorator[2], *(value for _, value in decorator[3]))
        if any(_is_schema(project, path, argument) for argument in given):
            yield decorator, bound.ref


def _is_schema(project: Project, path: str, expr: Any) -> bool:
    owner = f"{path}::"
    known = shown_by(project, owner, expr)[0] or nested_in(project, path, expr, "", shows)
    return bool(known or model_of_expr(project, owner, expr))
