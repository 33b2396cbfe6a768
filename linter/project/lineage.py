"""What a class is made of: its own members, and the order in which its ancestors are searched for others.

In: the facts of a class statement and what its bases mean. Out: a `ClassInfo`, and of all classes together which ones
inherit from which. Source of the order: docs.python.org, "The Python 2.3 Method Resolution Order" (C3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from .bases import bases_of
from .dispatch import marks_of_body
from .marks import marks

if TYPE_CHECKING:
    from .project import ClassInfo, Member, Project

_MAX_LINEAGE = 60


def class_info(project: Project, ref: str) -> ClassInfo | None:
    """A class by its reference; None when no file defines it."""
    from .project import ClassInfo

    defined = project.class_def(ref)
    if defined is None:
        return None
    path, _, name = ref.partition("::")
    lines = [_lineage(project, *base, ref, name.rpartition(".")[0]) for base in _bases(project, path, defined.core)]
    lineage = (ref, *linearised(lines))[:_MAX_LINEAGE]
    core = defined.core
    return ClassInfo(ref, lineage, _members(project, ref, defined), tuple(core[ir.K_KEYWORDS]), tuple(core[ir.K_BASES]))


def _bases(project: Project, path: str, core: Any) -> list[tuple[str, Any, bool]]:
    """(file, facts of the name, whether it is written in this file) of each base."""
    return [(file, base, file == path) for file, base in bases_of(project, path, core[ir.K_BASES])]


def _lineage(project: Project, file: str, base: Any, own: bool, ref: str, outer: str) -> tuple[str, ...]:
    """A base and its ancestors; nothing for a base that stands for none."""
    bound = project.dotted(file, base, outer if own else "")
    if bound is None:
        return (f"ext:{spelled(base)}",)
    if bound.kind == "class" and bound.ref != ref:
        inherited = project.class_info(bound.ref)
        return inherited.lineage if inherited is not None else (bound.ref,)
    if bound.kind == "external":
        return (f"ext:{bound.ref}",)
    if bound.kind == "value":
        return (f"ext:{project.modules.dotted(bound.ref)}.{bound.name}",)
    return ()


def linearised(lines: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The ancestors of a class with bases of these lineages: each before its own ancestors, and before what a base
    that is written further right inherits. Where Python itself finds no such order, the first that is left goes on."""
    if len(lines) == 1:
        return tuple(lines[0])
    pending = [list(line) for line in (*lines, [line[0] for line in lines if line]) if line]
    out: list[str] = []
    while pending:
        later = {name for line in pending for name in line[1:]}
        chosen = next((line[0] for line in pending if line[0] not in later), pending[0][0])
        out.append(chosen)
        pending = [left for line in pending if (left := [name for name in line if name != chosen])]
    return tuple(out)


def _members(project: Project, ref: str, defined: Any) -> dict[str, Member]:
    from .project import Member

    path, _, name = ref.partition("::")
    members: dict[str, Member] = {}
    for s in defined.body:
        if s[0] == ir.ASSIGN:
            for target in s[1]:
                if isinstance(target, str):
                    members[target] = Member("value", ref, target, (), s[2], s[3], s[4], s[5])
    for method in defined.methods:
        core = project.definitions(path).functions[f"{name}.{method}"].core
        members[method] = Member("function", ref, method, (*marks(core[ir.C_DECORATORS]), *marks_of_body(core)))
    for inner in defined.nested:
        members[inner] = Member("class", ref, inner)
    return members


def spelled(expr: Any) -> str:
    if isinstance(expr, str):
        return expr
    if isinstance(expr, tuple) and expr[0] == ir.ATTR:
        return f"{spelled(expr[1])}.{expr[2]}"
    if isinstance(expr, tuple) and expr[0] in (ir.CALL, ir.INDEX):
        return spelled(expr[1])
    return "?"
