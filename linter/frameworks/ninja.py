"""django-ninja, and the controllers of django-ninja-extra: what answering a request does with an operation.

In: functions and methods decorated as operations whose `response` names schemas. Out: the procedure `operation.answer`
of each: it calls the function with parameters of which nothing is known, and fills the schema that belongs to the
status from what it gives. Schemas that code fills itself (`from_orm`, `model_validate`) are `pydantic`'s.
Source: django-ninja's operation.py and router.py. Pages of rows count as all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.entries import Entry
from ..project.memo import Question
from ..project.shapes import keyword, string
from ..project.values import UNKNOWN, Const, Container, External, Spot, Value, parts
from .base import Arguments, Framework, Keywords
from .ninja_schemas import PACKAGES, is_schema, of_package
from .pydantic_fields import nested_in
from .schema_rendering import called, filled

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

ANSWER = "operation.answer"
_VERBS = {"get", "post", "put", "patch", "delete", "api_operation", "generic"}
_ANY_STATUS = ""
_STATUS = "status"  # the kind of container that `Status(200, order)` is


class Ninja(Framework):
    name = "ninja"
    calls_of = (External,)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return (ENTRIES,)

    def drives_functions(self, project: Project, path: str) -> Sequence[tuple[str, str]]:
        refs = (f"{path}::{name}" for name in project.file(path).functions)
        return [(ref, ANSWER) for ref in refs if any(schemas for _, schemas in _responses(project, ref))]

    def entries(self, project: Project) -> Iterator[Entry]:
        for path in project.modules.paths:
            found: tuple[Entry, ...] = project.memo.ask(ENTRIES, path)
            yield from found

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        return _answered(run) if name == ANSWER else None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, External) and of_package(callee.name, "Status") and len(args) > 1:
            return Container(_STATUS, args[1], items=tuple(args[:2]))
        return None


def _answered(run: Run) -> Value:
    """Answer one request with the function that owns the run."""
    responses = dict(_responses(run.project, run.owner))
    value = called(run)
    for part in parts(value):
        status, answers = _with_status(part, responses)
        for answer in answers:
            filled(run, answer, _schemas(responses, status), 0, 0)
    return UNKNOWN


def _with_status(value: Value, responses: dict[str, tuple[str, ...]]) -> tuple[str, tuple[Value, ...]]:
    """What a function gives as (status, what is answered); of several pairs in one the status is not known."""
    if not isinstance(value, Container) or value.kind not in ("tuple", _STATUS):
        return _ANY_STATUS, (value,)
    if len(value.items) == 2:
        status = value.items[0]
        return str(status.value) if isinstance(status, Const) else _ANY_STATUS, (value.items[1],)
    several = value.kind == _STATUS or responses.keys() - {_ANY_STATUS}
    return _ANY_STATUS, parts(value.of) if several else (value,)


def _schemas(responses: dict[str, tuple[str, ...]], status: str) -> tuple[str, ...]:
    """The schemas of a status; when it is not known, those of success."""
    if status in responses:
        return responses[status]
    if status:
        return responses.get(_ANY_STATUS, ())
    return next((schemas for key, schemas in responses.items() if key.startswith("2")), ())


# What operations say ---------------------------------------------------------------------------------------


def _responses(project: Project, ref: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(status, schemas) of what an operation answers, "" for any status; nothing for what is no operation."""
    path = ref.partition("::")[0]
    defined = project.function(ref)
    for decorator in defined.core[ir.C_DECORATORS] if defined is not None else ():
        if defined is None or not isinstance(decorator, tuple) or decorator[0] != ir.CALL:
            continue
        func, said = decorator[1], keyword(decorator, "response")
        verb = func[2] if isinstance(func, tuple) and func[0] == ir.ATTR else spelled(func).removeprefix("http_")
        if verb not in _VERBS or (said is None and not _of_ninja(project, path, func)):
            continue
        said = defined.core[ir.C_RETURNS] if said is None else said
        if isinstance(said, tuple) and said[0] == ir.DICT:
            for key, value in zip(said[1], said[2], strict=True):
                yield _status(key), nested_in(project, path, value, defined.cls, is_schema)
        elif said is not None:
            yield _ANY_STATUS, nested_in(project, path, said, defined.cls, is_schema)
        return


def _status(key: Any) -> str:
    if isinstance(key, tuple) and key[0] == ir.CONST:
        return str(key[1]) if isinstance(key[1], int) else _ANY_STATUS
    last = spelled(key).rpartition(".")[2]
    numbered = re.search(r"(\d)(\d\d|xx)$", last)
    if numbered is not None:
        return numbered.group()
    return str(HTTPStatus[last].value) if last in HTTPStatus.__members__ else _ANY_STATUS


def _of_ninja(project: Project, path: str, func: Any) -> bool:
    """Whether a decorator's function is a method of an API or router of django-ninja, or a route of a controller."""
    base = func[1] if isinstance(func, tuple) and func[0] == ir.ATTR else func
    bound = project.dotted(path, base)
    if bound is not None and bound.kind == "value":
        made = next((value for value, _ in project.module_values(bound.ref, bound.name)), None)
        bound = project.dotted(bound.ref, made[1]) if isinstance(made, tuple) and made[0] == ir.CALL else None
    if bound is not None and bound.kind == "class":
        info = project.class_info(bound.ref)
        outside = [a[4:] for a in (info.lineage if info is not None else ()) if a.startswith("ext:")]
        return any(name.partition(".")[0] in PACKAGES for name in outside)
    return bound is not None and bound.kind == "external" and bound.ref.partition(".")[0] in PACKAGES


def _entries(project: Project, path: str) -> tuple[Entry, ...]:
    """The operations of the controllers in a file. Those of routers are found as all routes that decorators declare."""
    out: list[Entry] = []
    found = project.file(path)
    for name, function in found.functions.items():
        cls = found.classes.get(function.cls) if function.cls else None
        prefix = _decorated(cls.core[ir.K_DECORATORS], "api_controller") if cls is not None else None
        for decorator in function.core[ir.C_DECORATORS] if prefix is not None else ():
            called = isinstance(decorator, tuple) and decorator[0] == ir.CALL
            verb = spelled(decorator[1]).rpartition(".")[2].removeprefix("http_") if called else ""
            if verb in _VERBS:
                route = (prefix or "") + (string(decorator[2][0]) if decorator[2] else "")
                out.append(Entry("request", f"{path}::{name}", f"{verb.upper()} {route}"))
    return tuple(out)


def _decorated(decorators: Any, name: str) -> str | None:
    """The first string that a decorator of this name is given; None when there is none such."""
    for decorator in decorators:
        called = isinstance(decorator, tuple) and decorator[0] == ir.CALL
        if spelled(decorator[1] if called else decorator).rpartition(".")[2] == name:
            return string(decorator[2][0]) if called and decorator[2] else ""
    return None


ENTRIES: Question[tuple[Entry, ...]] = Question("ninja_entries", _entries, tuple)
