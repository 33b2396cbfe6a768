"""What is remembered without end: results that `functools` keeps for ever, module-level dicts that only grow.

In: the functions of a file with their decorators; assignments to items of a module's dict, as a run sees them. Out:
`Kept` functions, and observations `grows`. Source: docs.python.org, "functools.cache", "functools.lru_cache".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import shapes
from .effects import Effect, Observation
from .memo import Question
from .values import Spot

if TYPE_CHECKING:
    from .project import Project
    from .run import Run

_KEPT = "remembered"  # the kind of an effect that memory pays for
_DICTS = {"dict", "defaultdict", "OrderedDict"}
_EMPTIES = {"pop", "popitem", "clear"}
_SCALARS = {"str", "int", "UUID", "bytes", "Path", "uuid.UUID", "pathlib.Path"}
_CLASSES = {"type", "Type", "bool", "Literal", "Enum"}
_OF_CLASSES = {
    "cls",
    "klass",
    "type",
    "model",
    "self",
    "__class__",
    "__name__",
}  # of which there are as many as are written


@dataclass(frozen=True, slots=True)
class Kept:
    """A function whose results are kept for ever, per combination of its arguments. `method`: `self` is one of them."""

    ref: str
    effect: Effect
    method: bool


def for_ever(project: Project) -> Iterator[Kept]:
    """Every function that `functools.cache` or `lru_cache(maxsize=None)` decorates."""
    for path in project.modules.paths:
        yield from project.memo.ask(KEPT, path)


def _for_ever(project: Project, path: str) -> tuple[Kept, ...]:
    out = []
    for name, function in project.file(path).functions.items():
        core = function.core
        if not core[ir.C_DECORATORS] or not core[ir.C_PARAMETERS]:
            continue
        if any(_unbounded(project, path, d) for d in core[ir.C_DECORATORS]):
            ref = f"{path}::{name}"
            plain = not {"staticmethod", "classmethod"} & {d for d in core[ir.C_DECORATORS] if isinstance(d, str)}
            spot = Spot(ref, 0, function.column, 0, function.column)
            asked = core[ir.C_PARAMETERS][1:] if function.cls else core[ir.C_PARAMETERS]
            if not (function.cls and plain) and all(_few(annotation) for _, _, annotation, _ in asked):
                continue  # one result for each class
            out.append(Kept(ref, Effect(_KEPT, core[ir.C_NAME], spot), bool(function.cls) and plain))
    return tuple(out)


def _unbounded(project: Project, path: str, decorator: Any) -> bool:
    called = isinstance(decorator, tuple) and decorator[0] == ir.CALL
    bound = project.dotted(path, decorator[1] if called else decorator)
    name = bound.ref if bound is not None and bound.kind == "external" else ""
    if name == "functools.lru_cache":
        return called and shapes.keyword(decorator, "maxsize", 0) == (ir.CONST, None)
    return name == "functools.cache"


def keyed(run: Run, target: Any) -> None:
    """`name[key] = …`, where the function itself does not make what `name` holds."""
    name, key = target[1], target[2]
    if run.owner.endswith("::") or name in run.parameters:
        return
    binding = run.project.name(run.path, name)
    if binding is None or binding.kind != "value" or binding.ref != run.path:
        return
    asked = {part for spelled in shapes.names(key) for part in spelled.split(".")}
    if asked & _OF_CLASSES or not {n.partition(".")[0] for n in shapes.names(key)} & set(run.env):
        return
    if not run.project.memo.ask(GROWING, run.path, name):
        return
    spot = run.spot(target[3], target[4])
    effect = Effect(_KEPT, name, spot)
    observation = Observation("grows", effect, run.owner, how="given" if _scalar(run, key) else "")
    run.observed.setdefault(("grows", spot), observation)


def _scalar(run: Run, key: Any) -> bool:
    """Whether a key is a parameter that is said to be a text or a number: there are as many as callers think of."""
    defined = run.project.function(run.owner)
    parameters = defined.core[ir.C_PARAMETERS] if defined is not None else ()
    return any(name == key and _SCALARS & set(shapes.names(annotation)) for name, _, annotation, _ in parameters)


def _few(annotation: Any) -> bool:
    """Whether an annotation says that there are only so many values: classes, flags, written texts."""
    return bool(_CLASSES & {part for name in shapes.names(annotation) for part in name.split(".")})


def _growing(project: Project, path: str, name: str) -> bool:
    """Whether a file makes an empty dict and nothing in it ever takes a key out again."""
    written = project.module_values(path, name)
    if len(written) != 1 or not _is_empty_dict(written[0][0]):
        return False
    pending: list[Any] = [function.core[ir.C_BODY] for function in project.file(path).functions.values()]
    while pending:
        part = pending.pop()
        if not isinstance(part, tuple):
            continue
        if len(part) == 5 and part[0] == ir.ATTR and part[1] == name and part[2] in _EMPTIES:
            return False
        if len(part) == 2 and part[0] == ir.DELETE and name in shapes.names(_first_base(part[1])):
            return False
        if len(part) == 6 and part[0] == ir.ASSIGN and name in part[1]:
            return False
        if len(part) == 8 and part[0] == ir.CALL and part[1] == "len" and part[2] == (name,):
            return False  # somebody looks at its size
        pending.extend(part)
    return True


def _first_base(targets: Any) -> Any:
    first = targets[0] if targets else None
    return first[1] if isinstance(first, tuple) and first[0] == ir.INDEX else first


def _is_empty_dict(expr: Any) -> bool:
    if not isinstance(expr, tuple):
        return False
    if expr[0] == ir.DICT:
        return not expr[1]
    last = expr[1][2] if expr[0] == ir.CALL and isinstance(expr[1], tuple) and expr[1][0] == ir.ATTR else expr[1]
    return expr[0] == ir.CALL and last in _DICTS and len(expr[2]) < 2 and not expr[3]


KEPT: Question[tuple[Kept, ...]] = Question("kept_for_ever", _for_ever, tuple)
GROWING: Question[bool] = Question("growing", _growing, bool)
QUESTIONS: dict[str, Question[Any]] = {"kept_for_ever": KEPT, "growing": GROWING}
