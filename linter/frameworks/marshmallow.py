"""marshmallow, as the interpreter asks it: schema objects that dump what they are given, and routes that answer so.

In: `Schema(many=True).dump(rows)`, `dumps`, flask-marshmallow's `jsonify`; functions and methods decorated with
`@blp.response(200, Schema)` of flask-smorest, `@app.output(Schema)` of APIFlask, `@marshal_with(Schema)` of
flask-apispec. Out: the procedure `blueprint.answer` of each: it calls the function, and dumps what it gives.
Whether it is one object or many, the value says.
Source: marshmallow.readthedocs.io, "Quickstart"; flask-smorest.readthedocs.io, "Response"; apiflask.com, "Response
Formatting".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.memo import Question
from ..project.values import UNKNOWN, Bound, Class, Const, Container, External, Instance, Spot, Value, parts
from . import marshmallow_schemas
from .base import Arguments, Framework, Keywords
from .marshmallow_schemas import Shown, is_schema, own_constructor, shown_by
from .schema_rendering import EXCLUDE, ONLY, called, filled, names, narrowed
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

ANSWER = "blueprint.answer"
_DUMPS = {"dump", "dumps", "jsonify"}
_ANSWERS = {"response", "output", "marshal_with"}


class Marshmallow(Framework):
    name = "marshmallow"
    attributes_of = (External, Instance)
    calls_of = (Class, Bound)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return marshmallow_schemas.SCHEMA, marshmallow_schemas.NAMED

    def drives_functions(self, project: Project, path: str) -> Sequence[tuple[str, str]]:
        functions = project.file(path).functions
        return [(f"{path}::{name}", ANSWER) for name, f in functions.items() if any(_answers(project, path, f.core))]

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name != ANSWER:
            return None
        defined = run.project.function(run.owner)
        if defined is not None:
            _dump(run, called(run), tuple(_answers(run.project, run.path, defined.core)))
        return UNKNOWN

    def nested(self, run: Run, core: Any, returned: Value) -> None:
        shown = tuple(_answers(run.project, run.path, core))
        if shown:
            _dump(run, returned, shown)

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        if name not in _DUMPS:
            return None
        if isinstance(value, External) and value.name == "builtins.super" and isinstance(value.of, Instance):
            of = value.of
            own = run.project.lookup(of.cls, name, after=run.cls)
            return Bound(of, name) if own is None and is_schema(run.project, of.cls) else None
        if not isinstance(value, Instance) or not is_schema(run.project, value.cls):
            return None
        return Bound(value, name) if run.project.lookup(value.cls, name) is None else None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Class):
            return _made(run, callee, args, keywords) if is_schema(run.project, callee.ref) else None
        if not isinstance(callee, Bound) or callee.name not in _DUMPS or not isinstance(callee.of, Instance):
            return None
        schema = callee.of
        if not is_schema(run.project, schema.cls):
            return None
        narrow = narrowed(names(schema, ONLY), names(schema, EXCLUDE) or ())
        given = args[0] if args else keywords.get("obj", UNKNOWN)
        filled(run, given, (schema.cls,), spot.line - run.base_line, spot.column, narrow)
        return UNKNOWN


def _made(run: Run, callee: Class, args: Arguments, keywords: Keywords) -> Value | None:
    """A schema object that shows not all of its fields; None for one that does."""
    if own_constructor(run.project, callee.ref, list(keywords), placed=bool(args)):
        return Instance(callee.ref, narrowed((), ()))
    if not keywords.keys() & {ONLY, EXCLUDE}:
        return None
    only, exclude = _written(keywords.get(ONLY)), _written(keywords.get(EXCLUDE))
    if ONLY in keywords and only is None and keywords[ONLY] != Const(None):
        only = ()  # worked out while the program runs
    return Instance(callee.ref, narrowed(only, exclude or ()))


def _written(value: Value | None) -> tuple[str, ...] | None:
    """A list of texts, when all of them are written."""
    if not isinstance(value, Container) or not value.items or not all(isinstance(i, Const) for i in value.items):
        return None
    return tuple(str(i.value) for i in value.items if isinstance(i, Const))


def _answers(project: Project, path: str, core: Any) -> Iterator[Shown]:
    """The schema that a route's answer is dumped with, and which of its fields; nothing for what is no such route."""
    for decorator in core[ir.C_DECORATORS]:
        called_ = isinstance(decorator, tuple) and decorator[0] == ir.CALL
        if not called_ or last_name(decorator) not in _ANSWERS:
            continue
        for argument in (*decorator[2], *(v for k, v in decorator[3] if k in ("schema", "schemas"))):
            shown = shown_by(project, f"{path}::", argument)
            if shown[0]:
                yield shown
                return


def _dump(run: Run, value: Value, shown: tuple[Shown, ...]) -> None:
    for part in parts(value):
        for answer in answered(part):
            for ref, only, exclude in shown:
                filled(run, answer, (ref,), 0, 0, narrowed(only, exclude))


def answered(value: Value) -> tuple[Value, ...]:
    """What a view of Flask answers: the first of `rows, 200, headers`."""
    if isinstance(value, Container) and value.kind == "tuple" and len(value.items) in (2, 3):
        return parts(value.items[0])
    return (value,)
