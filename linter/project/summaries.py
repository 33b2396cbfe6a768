"""Functions as their callers see them: contexts in, summaries out.

A function is interpreted once per *kind* of arguments: rows count by model and what is loaded, not by where they
came from. So a summary speaks of "the rows of parameter p", and a caller puts its own rows in their place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..frameworks import catalogue
from .conditions import GIVEN, together
from .effects import Summary
from .memo import Question
from .values import (
    ANYTHING,
    NONE,
    UNKNOWN,
    Awaitable,
    Bound,
    Class,
    Closure,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Instance,
    Origin,
    Row,
    Rows,
    Union,
    Value,
    join,
    union,
)

if TYPE_CHECKING:
    from .project import Project

_MAX_CONTEXTS = 64  # per function; what calls it with more kinds of arguments gets the annotated kind
_MAX_LOADED = 40
_DEPTH = 3  # containers inside containers


def abstract(value: Value, name: str, depth: int = 0) -> Value:
    """A value as a context: where it comes from replaced by the parameter it is passed as."""
    kind = type(value)
    if depth > _NESTING:
        return UNKNOWN
    if kind is Row:
        return replace(value, origin=Origin(parameter=name), path="", fresh=0, loaded=_bounded(value.loaded))  # type: ignore[union-attr,type-var]
    if kind is Rows:
        return replace(  # type: ignore[type-var]
            value, origin=Origin(parameter=name), path="", fresh=0, loaded=_bounded(value.loaded), filters=(GIVEN,) if value.filters else (), order=(), asked=None,  # type: ignore[union-attr]
            parent=None if value.parent is None else abstract(value.parent, name, depth + 1),  # type: ignore[union-attr]
        )
    if kind is Const:
        return value if isinstance(value.value, bool) or value.value is None else UNKNOWN  # type: ignore[union-attr]
    if kind is Container:
        if depth >= _DEPTH:
            return UNKNOWN
        return Container(
            value.kind,  # type: ignore[union-attr]
            abstract(value.of, name, depth + 1),  # type: ignore[union-attr]
            None if value.value is None else abstract(value.value, name, depth + 1),  # type: ignore[union-attr]
            value.constant,  # type: ignore[union-attr]
            value.batched,  # type: ignore[union-attr]
        )
    if kind is Awaitable:
        return Awaitable(abstract(value.of, name, depth + 1))  # type: ignore[union-attr]
    if kind is Union:
        made = union([abstract(v, name, depth + 1) for v in value.of])  # type: ignore[union-attr]
        if isinstance(made, Union) and not any(isinstance(v, Row | Rows | Container | Function) for v in made.of):
            return made if len(made.of) <= _FEW_KINDS else UNKNOWN
        return made
    if kind is ExternalInstance and value.made is not None:  # type: ignore[union-attr]
        return ExternalInstance(value.cls)  # type: ignore[union-attr]
    if kind is External and value.of is None and value.name.startswith("builtins.") and value.name.count(".") > 2:  # type: ignore[union-attr]  # noqa: PLR2004
        return UNKNOWN  # attributes of a name that nobody defines
    if kind is External and value.of is not None:  # type: ignore[union-attr]
        known = catalogue.load()
        useful = known.lookup(value.name) is not None or known.returns(value.name) is not None  # type: ignore[union-attr]
        return External(value.name, abstract(value.of, name, depth + 1)) if useful else UNKNOWN  # type: ignore[union-attr]
    if kind is Function and value.bound is not None:  # type: ignore[union-attr]
        return Function(value.ref, abstract(value.bound, name, depth + 1))  # type: ignore[union-attr]
    return value


def _bounded(loaded: frozenset[str]) -> frozenset[str]:
    return loaded if len(loaded) <= _MAX_LOADED else frozenset({ANYTHING})


def concrete(value: Value, bindings: dict[str, Value], now: int) -> Value:
    """A returned value as the caller sees it: rows of a parameter are the caller's rows again."""
    kind = type(value)
    if kind is Row or kind is Rows:
        origin = value.origin  # type: ignore[union-attr]
        if origin is not None and origin.parameter:
            from .record import _rowlike

            row = _rowlike(bindings.get(origin.parameter), value.model)  # type: ignore[union-attr]
            if row is None:
                return replace(value, origin=None, fresh=now)  # type: ignore[type-var]
            path = ".".join(filter(None, [row.path, value.path]))  # type: ignore[union-attr]
            if kind is Rows and type(row) is Rows and row.model == value.model and GIVEN in value.filters:  # type: ignore[union-attr]
                value = replace(value, filters=together(row.filters, (f for f in value.filters if f != GIVEN)))  # type: ignore[union-attr,type-var]
            if kind is Rows and value.parent is not None:  # type: ignore[union-attr]
                value = replace(value, parent=concrete(value.parent, bindings, now))  # type: ignore[union-attr,type-var]
            return replace(value, origin=row.origin, path=path, fresh=row.fresh)  # type: ignore[type-var]
        if kind is Rows and value.parent is not None:  # type: ignore[union-attr]
            value = replace(value, parent=concrete(value.parent, bindings, now))  # type: ignore[union-attr,type-var]
        return replace(value, fresh=now)  # type: ignore[type-var]
    if kind is Container:
        inner = None if value.value is None else concrete(value.value, bindings, now)  # type: ignore[union-attr]
        items = tuple(concrete(v, bindings, now) for v in value.items)  # type: ignore[union-attr]
        return replace(value, of=concrete(value.of, bindings, now), value=inner, items=items)  # type: ignore[union-attr,type-var]
    if kind is Awaitable:
        return Awaitable(concrete(value.of, bindings, now))  # type: ignore[union-attr]
    if kind is Union:
        return union([concrete(v, bindings, now) for v in value.of])  # type: ignore[union-attr]
    if kind is Function and value.bound is not None:  # type: ignore[union-attr]
        return Function(value.ref, concrete(value.bound, bindings, now))  # type: ignore[union-attr]
    return value


def summary(project: Project, ref: str, context: tuple[Value, ...] | None) -> Summary:
    """What a function does for arguments of these kinds (None: as annotated), through the memo."""
    if context is not None:
        known = project.contexts.setdefault(ref, set())
        if context not in known and len(known) >= _MAX_CONTEXTS:
            context = None
        else:
            known.add(context)
    found: Summary = project.memo.ask(QUESTIONS["summary"], ref, context)
    return found


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


def _summary(project: Project, ref: str, context: tuple[Value, ...] | None) -> Summary:
    from .interpret import Run

    defined = project.function(ref)
    if defined is None:
        return Summary()
    run = Run(project, ref, is_async=runs_on_loop(defined.core))
    try:
        return run.function(defined.core, context, f"{ref.partition('::')[0]}::{defined.cls}" if defined.cls else "")
    except RecursionError:  # an expression nested beyond all reason: this function is not looked into
        return Summary()


def runs_on_loop(core: Any) -> bool:
    """Whether a function's body runs on an event loop: `async def`, or a decorator that makes it a coroutine."""
    from .project import marks

    return bool(core[ir.C_ASYNC]) or "coroutine" in marks(core[ir.C_DECORATORS])


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


def settled(value: Value) -> Value:
    """A value kept beyond the call that made it: which rows of which query is no longer known."""
    kind = type(value)
    if kind is Row or kind is Rows:
        parameter = value.origin is not None and value.origin.parameter  # type: ignore[union-attr]
        if kind is Rows:
            value = replace(value, parent=None)  # type: ignore[type-var]
        if kind is Row or parameter:
            return replace(value, loaded=value.loaded | {ANYTHING}, origin=None, fresh=0)  # type: ignore[union-attr,type-var]
        return replace(value, fresh=0)  # type: ignore[type-var]
    if kind is Closure:
        return UNKNOWN
    if kind is Container:
        inner = None if value.value is None else settled(value.value)  # type: ignore[union-attr]
        return replace(value, of=settled(value.of), value=inner, items=())  # type: ignore[union-attr,type-var]
    if kind is Union:
        return Union(tuple(settled(v) for v in value.of))  # type: ignore[union-attr]
    return value


_FEW_KINDS = 2  # objects of more classes than this are not told apart in contexts
_NESTING = 5  # values inside values: more is the trace of a recursion


def storable(value: Value, depth: int = 0) -> Value:
    """A value that can be remembered between runs: closures cannot, and nesting has an end."""
    kind = type(value)
    if depth > _NESTING:
        return UNKNOWN
    if kind is Closure:
        return UNKNOWN
    if kind is Class or kind is Instance:
        return value
    if kind is Container:
        inner = None if value.value is None else storable(value.value, depth + 1)  # type: ignore[union-attr]
        items = tuple(storable(v, depth + 1) for v in value.items)  # type: ignore[union-attr]
        return replace(value, of=storable(value.of, depth + 1), value=inner, items=items)  # type: ignore[union-attr,type-var]
    if kind is Union:
        return union([storable(v, depth + 1) for v in value.of])  # type: ignore[union-attr]
    if kind is Awaitable:
        return Awaitable(storable(value.of, depth + 1))  # type: ignore[union-attr]
    if kind is Function and value.bound is not None:  # type: ignore[union-attr]
        return Function(value.ref, storable(value.bound, depth + 1))  # type: ignore[union-attr]
    if kind is Bound:
        return Bound(storable(value.of, depth + 1), value.name)  # type: ignore[union-attr]
    if kind is External and value.of is not None:  # type: ignore[union-attr]
        return External(value.name, storable(value.of, depth + 1))  # type: ignore[union-attr]
    if kind is Row and value.aliases:  # type: ignore[union-attr]
        return replace(value, aliases=tuple((n, storable(v, depth + 1)) for n, v in value.aliases))  # type: ignore[union-attr,type-var]
    return value


def driven(project: Project, cls: str) -> Summary | None:
    """What a framework does with a class whose methods it calls once per item of another method's result."""
    found: Summary | None = project.memo.ask(QUESTIONS["driven"], cls)
    return found


def _driven(project: Project, cls: str) -> Summary | None:
    from .interpret import Run

    info = project.class_info(cls)
    drives = next((d for f in project.frameworks if info is not None and (d := f.drives(project, info))), None)
    member = project.lookup(cls, drives[0]) if drives is not None else None
    if drives is None or member is None:
        return None
    ref = f"{member.owner}.{member.name}"
    run = Run(project, ref)
    return run.per_item(ref, self_of(project, cls), cls, drives[1])


QUESTIONS: dict[str, Question[Any]] = {
    "driven": Question("driven", _driven, lambda: None),
    "summary": Question("summary", _summary, Summary),
    "attribute": Question("attribute", _attribute, lambda: UNKNOWN),
}
