"""What a type annotation promises about a value, and how expressions are spelled in messages."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..facts import ir, lower_module
from .conditions import GIVEN
from .contexts import abstract
from .dispatch import has_subclasses
from .frozen import replace
from .values import (
    ANYTHING,
    NONE,
    UNKNOWN,
    Awaitable,
    Class,
    Container,
    ExternalInstance,
    Instance,
    Origin,
    Row,
    Rows,
    Value,
    join,
    union,
)

if TYPE_CHECKING:
    from .project import Project

_LISTS = {
    "list": "list", "List": "list", "set": "set", "Set": "set", "frozenset": "set", "FrozenSet": "set",
    "tuple": "tuple", "Tuple": "tuple", "deque": "deque", "Sequence": "sequence", "MutableSequence": "sequence",
    "Iterable": "sequence", "Iterator": "sequence", "Collection": "sequence", "AsyncIterator": "sequence",
    "AsyncIterable": "sequence", "Generator": "sequence", "AsyncGenerator": "sequence",
}  # fmt: skip
_MORE = (ir.CONST, None)  # `...`
_DICTS = {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict"}
_ROWS = {"QuerySet", "Manager", "BaseManager", "RelatedManager", "ManyToManyRelatedManager", "ScalarResult", "Query"}
_CONTEXT_MANAGERS = ("AbstractContextManager", "AbstractAsyncContextManager", "ContextManager", "AsyncContextManager")
"""What they are made for is what `with` gives."""
_THROUGH = {"Optional", "Union", "Annotated", "ClassVar", "Final", "Required", "NotRequired", "Mapped", "Self"}


def annotated(project: Project, path: str, expr: Any, within: str = "", depth: int = 0) -> Value:
    """The value of something with this annotation; `within`: qualified name of the class it stands in."""
    from .schema import model_of

    if depth > 6 or expr is None:
        return UNKNOWN
    if isinstance(expr, tuple) and expr[0] == ir.CONST:
        return annotated(project, path, _parsed(expr[1]), within, depth + 1) if isinstance(expr[1], str) else NONE
    if isinstance(expr, tuple) and expr[0] == ir.OPERATION and expr[1] == "BitOr":
        return union([annotated(project, path, part, within, depth + 1) for part in expr[2]])
    if isinstance(expr, tuple) and expr[0] == ir.INDEX:
        return _generic(project, path, expr, within, depth)
    binding = project.dotted(path, expr, within)
    if binding is None:
        return Container(expr, UNKNOWN) if expr in ("list", "set", "tuple") else UNKNOWN
    if binding.kind == "class":
        if model_of(project, binding.ref) is not None:
            return Row(binding.ref, frozenset({ANYTHING}))
        return Instance(binding.ref, declared=has_subclasses(project, binding.ref))
    if binding.kind == "external":
        if binding.ref in ("typing.Any", "typing_extensions.Any", "builtins.object"):
            return UNKNOWN
        for framework in project.with_hook("instance"):
            found = framework.instance(project, binding.ref)
            if found is not None:
                return found
        return UNKNOWN if binding.ref.startswith(("typing.", "collections.abc.")) else ExternalInstance(binding.ref)
    if binding.kind == "value":  # an alias: `SessionDep = Annotated[Session, Depends(get_session)]`
        for value, _ in project.module_values(binding.ref, binding.name)[:1]:
            return annotated(project, binding.ref, value, "", depth + 1)
    return UNKNOWN


def _generic(project: Project, path: str, expr: Any, within: str, depth: int) -> Value:
    base = spelled(expr[1]).rpartition(".")[2]
    inside = expr[2]
    arguments = inside[2] if isinstance(inside, tuple) and inside[0] == ir.SEQUENCE else (inside,)

    def value(i: int) -> Value:
        return annotated(project, path, arguments[i], within, depth + 1) if i < len(arguments) else UNKNOWN

    if base in ("Optional", "Annotated", "ClassVar", "Final", "Mapped", *_CONTEXT_MANAGERS):
        return value(0)
    if base == "Union":
        return union([value(i) for i in range(len(arguments))])
    if base in _LISTS:
        fixed = base in ("tuple", "Tuple") and (len(arguments) != 2 or arguments[-1] != _MORE)
        return Container(_LISTS[base], value(0), constant=fixed)
    if base in _DICTS:
        return Container("dict", value(0), value(1))
    if base in ("type", "Type"):
        of = value(0)
        return Class(of.model) if isinstance(of, Row) else Class(of.cls) if isinstance(of, Instance) else UNKNOWN
    if base in ("Awaitable", "Coroutine", "Future", "Task"):
        return Awaitable(value(len(arguments) - 1))
    if base in _ROWS:
        of = value(0)
        if isinstance(of, Row):
            return Rows(
                of.model,
                "query",
                frozenset({ANYTHING}),
                dialect="sqlalchemy-result"
                if base == "ScalarResult"
                else "sqlalchemy-query"
                if base == "Query"
                else "django",
            )
        return UNKNOWN
    return annotated(project, path, expr[1], within, depth + 1)


def vague(value: Value) -> bool:
    """Whether an annotation may say more than this: nothing is known, or not what a container holds."""
    if isinstance(value, Container):
        return UNKNOWN in (value.of, value.value) or (value.kind == "dict" and value.value is None)
    return value in (UNKNOWN, NONE) or isinstance(value, ExternalInstance | Awaitable)


def filled(value: Value, told: Value) -> Value:
    """A value, and what its annotation says where nothing is known of it: the items of a list that is empty so far.

    What is outside the project and stands for something else is only how it is declared: `items: Order = Field(...)`.
    """
    if told == UNKNOWN or not vague(value):
        return value
    if value in (UNKNOWN, NONE):
        return join(value, told)
    if isinstance(value, ExternalInstance):
        return told if isinstance(told, Instance | Row | Container) else value
    if isinstance(value, Awaitable) and isinstance(told, Awaitable):
        return replace(value, of=filled(value.of, told.of))
    if isinstance(value, Container) and isinstance(told, Container):
        inner = told.value if value.value in (None, UNKNOWN) else value.value
        return replace(value, of=filled(value.of, told.of), value=inner if told.kind == "dict" else value.value)
    return value


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Any:
    """A string annotation as facts; None when it is no expression."""
    if len(text) > 500:
        return None
    try:
        facts = lower_module(ast.parse(text.strip()))
    except (SyntaxError, ValueError, RecursionError):
        return None
    return facts[0][1] if len(facts) == 1 and facts[0][0] == ir.EXPRESSION else None


def parameter_origin(value: Value, name: str) -> Value:
    """A parameter's value with its rows tied to the parameter."""
    found = abstract(value, name)
    if isinstance(found, Rows) and found.kind != "manager":
        return replace(found, filters=(GIVEN,))  # whoever passes it may have filtered it
    return found


def spelled(expr: Any, depth: int = 0) -> str:
    """An expression as source, shortened."""
    if isinstance(expr, str):
        return expr
    if not isinstance(expr, tuple) or depth > 8:
        return "…"
    op = expr[0]
    if op in (ir.ATTR, ir.LOOKUP):
        return f"{spelled(expr[1], depth + 1)}.{expr[2]}"
    if op == ir.CALL:
        return f"{spelled(expr[1], depth + 1)}({'…' if expr[2] or expr[3] else ''})"
    if op == ir.INDEX:
        return f"{spelled(expr[1], depth + 1)}[…]"
    if op == ir.SEQUENCE:
        inner = ", ".join(spelled(i, depth + 1) for i in expr[2][:4])
        return inner if expr[1] == "tuple" else f"[{inner}]"
    if op == ir.CONST:
        return repr(expr[1])[:30]
    if op in (ir.AWAIT, ir.STAR):
        return spelled(expr[1], depth + 1)
    return "…"


__all__ = ["Origin", "annotated", "parameter_origin", "spelled"]
