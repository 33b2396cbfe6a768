"""Functions as their callers see them, attributes as their readers do: the questions that interpreting answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

from ..facts import ir
from . import shapes, sqltext
from .annotations import annotated, filled, vague
from .contexts import abstract, settled, storable
from .effects import Summary
from .marks import marks
from .memo import Question
from .values import (
    ANYTHING,
    NONE,
    UNKNOWN,
    Class,
    Const,
    Container,
    Function,
    Instance,
    Origin,
    Row,
    Rows,
    Value,
    join,
)

if TYPE_CHECKING:
    from .project import Project

PROCEDURE = "#"  # in a reference: what a framework does with the class or function before it
SETTINGS = ("template", "serializer", "admin", "resolver")
_SHORT = 40  # characters of a text that tells calls apart
_MAX_CONTEXTS = 64  # per function and class of its first argument; with more kinds the others are as annotated


def summary(project: Project, ref: str, context: tuple[Value, ...] | None) -> Summary:
    """What a function does for arguments of these kinds (None: as annotated), through the memo."""
    if context is not None:
        known = project.contexts.setdefault(f"{ref}|{_sort(context[0]) if context else ''}", set())
        if context not in known and len(known) >= _MAX_CONTEXTS:
            context = _simplest(context)
        else:
            known.add(context)
    found: Summary = project.memo.ask(QUESTIONS["summary"], ref, context)
    return found


def _simplest(context: tuple[Value, ...]) -> tuple[Value, ...] | None:
    """The context of one of too many kinds of arguments: the object whose method is called, the rest as annotated."""
    first = context[0]
    if isinstance(first, Class) or (isinstance(first, Instance) and not first.fields):
        return (first, *[UNKNOWN] * (len(context) - 1))
    return None


def context_of(project: Project, ref: str, names: Sequence[str], bindings: Mapping[str, Value]) -> tuple[Value, ...]:
    """The kinds of arguments that a function is called with. A short text or number counts where the function compares
    its parameter with something: it may do one thing for one status, and another for another."""
    context = tuple(abstract(bindings.get(name, UNKNOWN), name) for name in names)
    written = {name: bindings[name] for name in names if name in bindings and _tells_apart(bindings[name])}
    if not written:
        return context
    compared: frozenset[str] = project.memo.ask(QUESTIONS["compared"], ref)
    return tuple(
        written[name] if name in compared and name in written else value
        for name, value in zip(names, context, strict=True)
    )


def _tells_apart(value: Value) -> TypeGuard[Const]:
    return isinstance(value, Const) and isinstance(value.value, str | int) and len(str(value.value)) <= _SHORT


def _sort(first: Value) -> str:
    """What arguments have in common that are counted together: the class or model of the first; of a template's
    context, whose page it is (a layout is a part of every page)."""
    if isinstance(first, Row | Rows):
        return first.model
    if isinstance(first, Instance):
        return first.cls
    if isinstance(first, Class):
        return first.ref
    replaced = (v.ref for _, v in first.fields if isinstance(v, Function)) if isinstance(first, Container) else ()
    return next(iter(sorted(replaced)), "")


def _summary(project: Project, ref: str, context: tuple[Value, ...] | None) -> Summary:
    from .interpret import Interpretation

    if PROCEDURE in ref:
        return _procedure(project, ref, context)
    defined = project.function(ref)
    if defined is None:
        return Summary()
    run = Interpretation(
        project, ref, is_async=runs_on_loop(defined.core) or _called_by_loop(project, ref, defined.cls)
    )
    try:
        return run.function(defined.core, context, f"{ref.partition('::')[0]}::{defined.cls}" if defined.cls else "")
    except RecursionError:  # an expression nested beyond all reason: this function is not looked into
        return Summary()


def _procedure(project: Project, ref: str, context: tuple[Value, ...] | None) -> Summary:
    from .interpret import Interpretation

    owner, _, name = ref.partition(PROCEDURE)
    setting = name.partition(".")[0]
    run = Interpretation(project, owner)
    run.setting = setting if setting in SETTINGS else ""
    receiver, given = context or (self_of(project, owner), UNKNOWN)
    try:
        return run.procedure(name, receiver, given)
    except RecursionError:
        return Summary()


def _called_by_loop(project: Project, ref: str, cls: str) -> bool:
    """Whether a method, no coroutine, is one that an event loop calls: `data_received` of an `asyncio.Protocol`."""
    name = ref.rpartition(".")[2]
    known = project.catalogue
    if not cls or name not in known.loop_methods:
        return False
    info = project.class_info(f"{ref.partition('::')[0]}::{cls}")
    outside = (known.canonical(a[4:]) for a in info.lineage if a.startswith("ext:")) if info is not None else ()
    return any(name in known.on_loop.get(base, ()) for base in outside)


def runs_on_loop(core: Any) -> bool:
    """Whether a function's body runs on an event loop: `async def`, or a decorator that makes it a coroutine."""
    return bool(core[ir.C_ASYNC]) or "coroutine" in marks(core[ir.C_DECORATORS])


def on_loop(project: Project, ref: str) -> bool:
    """Whether a function is a coroutine."""
    defined = project.function(ref)
    return defined is not None and runs_on_loop(defined.core)


def self_of(project: Project, cls: str) -> Value:
    """What `self` is in a class's methods when nobody says more."""
    from .schema import model_of

    model = model_of(project, cls)
    if model is not None:
        return Row(cls, frozenset({ANYTHING}), Origin(parameter="self"))
    return Instance(cls)


def attribute_of(project: Project, cls: str, name: str) -> Value:
    """What methods of a class assign to `self.name`, joined."""
    found: Value = project.memo.ask(QUESTIONS["attribute"], cls, name)
    return found


def _attribute(project: Project, cls: str, name: str) -> Value:
    info = project.class_info(cls)
    found: Value = UNKNOWN
    if info is None:
        return found
    for ancestor in info.lineage:
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        if own is None:
            continue
        for member in own.members.values():
            if member.kind != "function":
                continue
            defined = project.function(f"{ancestor}.{member.name}")
            if defined is None or (name not in defined.core[ir.C_SELF_WRITES] and member.name != "__init__"):
                continue  # an `__init__` also writes what those that it calls through `super()` write
            for written, value in summary(project, f"{ancestor}.{member.name}", None).writes_self:
                if written == name and value != NONE:
                    found = join(found, settled(value))
    return found


def driven(project: Project, cls: str) -> tuple[str, ...]:
    """The procedures that frameworks run by themselves with a class: `cls#name` of each."""
    found: tuple[str, ...] = project.memo.ask(QUESTIONS["driven"], cls)
    return found


def _driven(project: Project, cls: str) -> tuple[str, ...]:
    info = project.class_info(cls)
    if info is None:
        return ()
    return tuple(f"{cls}{PROCEDURE}{name}" for f in project.with_hook("drives") for name in f.drives(project, info))


def driven_functions(project: Project, path: str) -> dict[str, tuple[str, ...]]:
    """The same with the functions of a file: function → `function#name` of each."""
    found: dict[str, tuple[str, ...]] = project.memo.ask(QUESTIONS["driven_functions"], path)
    return found


def _driven_functions(project: Project, path: str) -> dict[str, tuple[str, ...]]:
    out: dict[str, tuple[str, ...]] = {}
    for framework in project.with_hook("drives_functions"):
        for ref, name in framework.drives_functions(project, path):
            out[ref] = (*out.get(ref, ()), f"{ref}{PROCEDURE}{name}")
    return out


def module_value(project: Project, path: str, name: str) -> Value:
    """What a module-level name holds."""
    found: Value = project.memo.ask(QUESTIONS["module_value"], path, name)
    return found


def _module_value(project: Project, path: str, name: str) -> Value:
    from .interpret import Interpretation

    found: Value = UNKNOWN
    written = project.module_values(path, name)[:4]
    for expr, annotation in written:
        run = Interpretation(project, f"{path}::")
        value = run.value(expr) if expr is not None else UNKNOWN
        if annotation is not None and vague(value):
            told = annotated(project, path, annotation)
            value = told if value in (UNKNOWN, NONE) else filled(value, told)
        if sqltext.text_of(value) and sqltext.is_sql(sqltext.text_of(value)):
            return storable(value)
        if len(written) == 1 and name.isupper() and _tells_apart(value) and not isinstance(value.value, bool):
            return value  # a constant; whether a flag is set is decided where the program is installed
        found = join(found, storable(value))
    return found


def class_value(project: Project, cls: str, name: str) -> Value:
    """What a class attribute holds."""
    found: Value = project.memo.ask(QUESTIONS["class_value"], cls, name)
    return found


def _class_value(project: Project, cls: str, name: str) -> Value:
    from .interpret import Interpretation

    info = project.class_info(cls)
    member = info.members.get(name) if info is not None else None
    if member is None or member.kind != "value":
        return UNKNOWN
    path, _, qualified = cls.partition("::")
    run = Interpretation(project, cls)
    defined = project.class_def(cls)
    run.block([s for s in defined.body if s[0] in (ir.IMPORT, ir.FROM)] if defined is not None else ())
    value = run.value(member.value) if member.value is not None else UNKNOWN
    if member.annotation is not None and vague(value):
        value = filled(value, annotated(project, path, member.annotation, qualified))
    return storable(value)


def _compared(project: Project, ref: str) -> frozenset[str]:
    defined = project.function(ref)
    return shapes.compared(defined.core) if defined is not None else frozenset()


QUESTIONS: dict[str, Question[Any]] = {
    "compared": Question("compared", _compared, frozenset),
    "driven": Question("driven", _driven, tuple),
    "driven_functions": Question("driven_functions", _driven_functions, dict),
    "summary": Question("summary", _summary, Summary),
    "attribute": Question("attribute", _attribute, lambda: UNKNOWN),
    "module_value": Question("module_value", _module_value, lambda: UNKNOWN),
    "class_value": Question("class_value", _class_value, lambda: UNKNOWN),
}
