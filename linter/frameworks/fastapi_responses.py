"""What FastAPI and Litestar make of what a route gives: the classes that its answer is read into.

In: decorators of routes with `response_model=`, or the return annotation. Out: the procedure `route.answer` of each
such function: it calls the function with arguments of which nothing is known, and reads what it gives into the classes.
`response_model_include=` and `_exclude=` change nothing: what they leave out has been read before.
Pages of fastapi-pagination are lists of their items.
Source: fastapi.tiangolo.com, "Response Model - Return Type"; fastapi/routing.py (`serialize_response`);
uriyyo-fastapi-pagination.netlify.app, "Paginate"; docs.litestar.dev, "Responses", "DTO".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.shapes import keyword, string
from ..project.values import UNKNOWN, Container, External, Rows, Spot, Value, parts
from . import ninja_schemas, sqlalchemy_rows, sqlalchemy_sessions
from .base import Arguments, Framework, Keywords
from .drf_rendering import queried
from .pydantic_fields import nested_in
from .routes import VERBS
from .schema_rendering import called, filled

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

ANSWER = "route.answer"
_ROUTES = VERBS | {"api_route"}
_OTHERS = ("ninja", "ninja_extra", "flask", "rest_framework")
_PAGES = {"paginate", "apaginate", "create", "create_page"}


class Responses(Framework):
    name = "fastapi"
    calls_of = (External,)

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
            _answer(run, called(run), tuple(_models(run.project, run.path, defined.core, defined.cls)))
        return UNKNOWN

    def nested(self, run: Run, core: Any, returned: Value) -> None:
        models = tuple(_models(run.project, run.path, core, ""))
        if models:
            _answer(run, returned, models)

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if not isinstance(callee, External) or not callee.name.startswith("fastapi_pagination."):
            return None
        last = callee.name.rpartition(".")[2]
        if last not in _PAGES and not last.endswith("Page"):
            return None
        return _page(run, args, keywords, spot)


def _page(run: Run, args: Arguments, keywords: Keywords, spot: Spot) -> Value:
    """The rows of `paginate(session, select(Order))`, `paginate(query)`, `paginate(rows)`: a page counts as all."""
    for argument in (*args, *(v for k, v in keywords.items() if k in ("query", "stmt", "sequence", "items"))):
        for part in parts(argument):
            if isinstance(part, Container) and part.kind == "list":
                return part
            if isinstance(part, Rows) and part.model:
                return _executed(run, part, args, spot)
    return UNKNOWN


def _executed(run: Run, rows: Rows, args: Arguments, spot: Spot) -> Value:
    if not rows.dialect.startswith("sqlalchemy"):
        return queried(run, rows, spot)
    waits = not any("asyncio" in sqlalchemy_sessions.handle(run.project, argument) for argument in args)
    return sqlalchemy_rows.asked(run, rows, spot, "paginate", waits=waits)


def _answer(run: Run, value: Value, models: tuple[str, ...]) -> None:
    for part in parts(value):
        filled(run, part, models, 0, 0)


def _models(project: Project, path: str, core: Any, cls: str) -> Iterator[str]:
    """The classes that a route's answer is read into; nothing for what is no route."""
    for decorator in core[ir.C_DECORATORS]:
        if not isinstance(decorator, tuple) or decorator[0] != ir.CALL or not _is_route(project, path, decorator):
            continue
        said = keyword(decorator, "response_model")
        said = keyword(decorator, "return_dto") if said is None else said
        yield from nested_in(project, path, core[ir.C_RETURNS] if said is None else said, cls, ninja_schemas.shows)
        return


def _is_route(project: Project, path: str, decorator: Any) -> bool:
    """`@router.get("/orders")`, and Litestar's `@get("/orders")`."""
    func = decorator[1]
    if isinstance(func, tuple) and func[0] == ir.ATTR:
        if func[2] not in _ROUTES:
            return False
        first = decorator[2][0] if decorator[2] else keyword(decorator, "path")
        routed = keyword(decorator, "response_model") is not None or string(first).startswith("/") or _empty(first)
        bound = project.dotted(path, func[1])
        if bound is not None and bound.kind == "value":
            made = next((value for value, _ in project.module_values(bound.ref, bound.name)), None)
            bound = project.dotted(bound.ref, made[1]) if isinstance(made, tuple) and made[0] == ir.CALL else None
        other = bound is not None and bound.kind == "external" and bound.ref.startswith(_OTHERS)
        return routed and not other
    bound = project.dotted(path, func)
    return (
        bound is not None
        and bound.kind == "external"
        and bound.ref.startswith("litestar.")
        and (spelled(func).rpartition(".")[2] in VERBS)
    )


def _empty(expr: Any) -> bool:
    return isinstance(expr, tuple) and expr[0] == ir.CONST and expr[1] == ""
