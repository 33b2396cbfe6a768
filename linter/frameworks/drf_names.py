"""What names and lists of names in code for Django REST framework stand for: kinds of classes, `Meta.fields`.

In: classes and expressions of the project. Out: which of the framework's classes they come from, and the names that a
written list holds. Runs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.memo import Question
from ..project.shapes import string

if TYPE_CHECKING:
    from ..project.project import Project

_VIEWS = ("ViewSet", "ViewSetMixin", "APIView", "ModelMixin")
_NOT_REST = ("django.core.", "itsdangerous", "kombu", "pydantic", "marshmallow", "celery")
KEYS = ("PrimaryKeyRelatedField", "HyperlinkedRelatedField")  # show a key that the row itself has
_MAX_STEPS = 12  # names that stand for names


def kind_of(project: Project, ref: str) -> str:
    """serializer | list (of serializers) | view | field | pagination | ""; through the memo."""
    found: str = project.memo.ask(KIND, ref)
    return found


def _kind(project: Project, ref: str) -> str:
    info = project.class_info(ref)
    for ancestor in info.lineage if info is not None else ():
        name = ancestor[4:]
        if not ancestor.startswith("ext:") or name.startswith(_NOT_REST):
            continue
        last = name.rpartition(".")[2]
        if last == "ListSerializer":
            return "list"
        if last.endswith("Serializer"):
            return "serializer"
        if last.endswith(_VIEWS):
            return "view"
        if name.startswith("rest_framework.pagination."):
            return "pagination"
        if last.endswith("Field") and ("rest_framework" in name or "serializers" in name.split(".")):
            return "field"
    return ""


def outside(project: Project, ref: str) -> list[str]:
    """The last names of a class's ancestors outside the project, nearest first."""
    info = project.class_info(ref)
    return [a.rpartition(".")[2] for a in (info.lineage if info is not None else ()) if a.startswith("ext:")]


def resolved(project: Project, owner: str, expr: Any) -> str:
    """The class of the project that an expression in a class's body names; ""."""
    path, _, within = owner.partition("::")
    bound = project.dotted(path, expr, within)
    return bound.ref if bound is not None and bound.kind == "class" else ""


def last_outside(project: Project, owner: str, expr: Any) -> tuple[str, str]:
    """(class of the project, last name of the framework's field or serializer class it is or inherits from)."""
    path, _, within = owner.partition("::")
    bound = project.dotted(path, expr, within)
    if bound is None:
        return "", ""
    if bound.kind == "external":
        last = bound.ref.rpartition(".")[2]
        return "", last if last.endswith(("Field", "Serializer")) and not bound.ref.startswith("django.") else ""
    if bound.kind != "class" or kind_of(project, bound.ref) not in ("serializer", "list", "field"):
        return "", ""
    return bound.ref, next((n for n in outside(project, bound.ref) if n.endswith(("Field", "Serializer"))), "")


def names_of(project: Project, owner: str, expr: Any, steps: int = 0) -> list[str] | None:
    """The strings of a list that is written, perhaps as the sum of others; None when it is computed.

    `owner`: the class or module (`path::`) that the expression stands in.
    """
    if steps > _MAX_STEPS or expr is None:
        return None
    if string(expr):
        return [string(expr)]
    if isinstance(expr, str):
        return _of_name(project, owner, expr, steps)
    if not isinstance(expr, tuple):
        return None
    if expr[0] == ir.SEQUENCE:
        return _joined(
            project, owner, [i[1] if isinstance(i, tuple) and i[0] == ir.STAR else i for i in expr[2]], steps
        )
    if expr[0] == ir.OPERATION and expr[1] in ("Add", "BitOr"):
        return _joined(project, owner, expr[2], steps)
    if expr[0] == ir.CALL and expr[1] in ("list", "tuple", "sorted", "set") and len(expr[2]) == 1:
        return names_of(project, owner, expr[2][0], steps + 1)
    if expr[0] == ir.ATTR:
        base = project.dotted(owner.partition("::")[0], expr[1])
        if base is not None and base.kind == "class":
            member = project.lookup(base.ref, expr[2])
            return names_of(project, member.owner, member.value, steps + 1) if member is not None else None
        if base is not None and base.kind == "module":
            bound = project.member_of_module(base.ref, expr[2])
            return _of_module(project, bound.ref, bound.name, steps) if bound is not None else None
    return None


def _joined(project: Project, owner: str, parts: Any, steps: int) -> list[str] | None:
    out: list[str] = []
    for part in parts:
        found = names_of(project, owner, part, steps + 1)
        if found is None:
            return None
        out += found
    return out


def _of_name(project: Project, owner: str, name: str, steps: int) -> list[str] | None:
    """A name in the body of a class is the class's own, or the module's."""
    info = project.class_info(owner)
    member = info.members.get(name) if info is not None else None
    if member is not None:
        return names_of(project, owner, member.value, steps + 1) if member.kind == "value" else None
    bound = project.name(owner.partition("::")[0], name)
    return _of_module(project, bound.ref, bound.name, steps) if bound is not None and bound.kind == "value" else None


def _of_module(project: Project, path: str, name: str, steps: int) -> list[str] | None:
    values = project.module_values(path, name)
    return names_of(project, f"{path}::", values[0][0], steps + 1) if len(values) == 1 else None


KIND: Question[str] = Question("drf_kind", _kind, str)
