"""Reading SQLAlchemy declarations off the facts of a class body. Knows spellings, no models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled

if TYPE_CHECKING:
    from ..project.project import Member, Project

LISTS = {
    "list", "List", "set", "Set", "Sequence", "Collection", "Iterable", "MutableSequence", "MutableSet", "OrderingList",
    "dict", "Dict", "WriteOnlyMapped", "DynamicMapped", "InstrumentedList", "AppenderQuery", "frozenset",
}  # fmt: skip


def last_name(expr: Any) -> str:
    """The last name of what is called or spelled: `Column` of `db.Column(...)`."""
    while isinstance(expr, tuple) and expr[0] == ir.CALL:
        expr = expr[1]
    if isinstance(expr, str):
        return expr
    return str(expr[2]) if isinstance(expr, tuple) and expr[0] == ir.ATTR else ""


def constant(expr: Any) -> Any:
    return expr[1] if isinstance(expr, tuple) and expr[0] == ir.CONST else None


def string(expr: Any) -> str:
    value = constant(expr)
    return value if isinstance(value, str) else ""


def keyword(call: Any, name: str) -> Any:
    return next((value for key, value in call[3] if key == name), None)


def declared(project: Project, member: Member) -> tuple[Any, Any]:
    """What a class attribute is made of, as (expression, annotation): its value, or what a `declared_attr` returns."""
    if member.kind == "value":
        value = member.value
        if isinstance(value, tuple) and value[0] == ir.CALL and last_name(value) == "declared_attr" and value[2]:
            inner = value[2][0]
            if isinstance(inner, tuple) and inner[0] == ir.LAMBDA:
                return returned(inner[1]), member.annotation
            return inner, member.annotation
        return value, member.annotation
    if member.kind != "function":
        return None, None
    defined = project.function(f"{member.owner}.{member.name}")
    if defined is None or not any("declared_attr" in spelled(d) for d in defined.core[ir.C_DECORATORS]):
        return None, None
    return returned(defined.core), defined.core[ir.C_RETURNS]


def returned(core: Any) -> Any:
    """The expression that a small function gives back; the last one when there are several."""
    found = None
    for s in core[ir.C_BODY]:
        if s[0] == ir.RETURN:
            found = s[1]
        elif s[0] == ir.IF and found is None:
            inner = next((x[1] for x in (*s[3], *s[2]) if x[0] == ir.RETURN), None)
            found = inner
    return found


def unwrapped(annotation: Any) -> tuple[Any, bool, bool]:
    """What an annotation is about, inside `Mapped[...]`, `Optional[...]` and lists: (name, many, dynamic)."""
    from ..project.annotations import _parsed

    many = dynamic = False
    for _ in range(8):
        if isinstance(annotation, tuple) and annotation[0] == ir.CONST and isinstance(annotation[1], str):
            annotation = _parsed(annotation[1])
        elif isinstance(annotation, tuple) and annotation[0] == ir.INDEX:
            base = last_name(annotation[1])
            many = many or base in LISTS
            dynamic = dynamic or base in ("DynamicMapped", "WriteOnlyMapped", "AppenderQuery")
            inside = annotation[2]
            if isinstance(inside, tuple) and inside[0] == ir.SEQUENCE:
                items = [
                    i for i in inside[2] if constant(i) is not None or not isinstance(i, tuple) or i[0] != ir.CONST
                ]
                inside = items[-1] if base in ("dict", "Dict") and items else items[0] if items else None
            annotation = inside
        elif isinstance(annotation, tuple) and annotation[0] == ir.OPERATION and annotation[1] == "BitOr":
            annotation = next((p for p in annotation[2] if p != (ir.CONST, None)), None)
        else:
            break
    return annotation, many, dynamic
