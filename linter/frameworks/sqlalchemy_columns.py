"""How SQLAlchemy and SQLModel spell a column: `Column`, `mapped_column`, a bare `Mapped[int]`, `Field`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.schema import COMPUTED, Column
from .sqlalchemy_facts import constant, keyword, last_name, string, unwrapped

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project

_COLUMNS = {"Column", "mapped_column", "MappedColumn", "deferred", "column_property", "synonym"}
_FEW = {"Boolean", "BOOLEAN", "Enum", "bool", "Bool", "PyIntEnum", "ChoiceType", "SAEnum", "ENUM"}


def column(
    project: Project, info: ClassInfo, member: Member, expr: Any, annotation: Any, *, sqlmodel: bool, name: str = ""
) -> tuple[Column, tuple[str, ...]] | None:
    """A column and the "table.column" or class names its foreign keys point to; None when it is none."""
    name = name or member.name
    is_call = isinstance(expr, tuple) and expr[0] == ir.CALL
    kind = last_name(expr) if is_call else ""
    put_off = kind == "deferred" or (is_call and constant(keyword(expr, "deferred")) is True)
    if (
        kind in ("deferred", "column_property")
        and expr[2]
        and isinstance(expr[2][0], tuple)
        and expr[2][0][0] == ir.CALL
    ):
        inner = last_name(expr[2][0])
        if inner in ("Column", "mapped_column"):
            expr, kind = expr[2][0], inner
    mapped = (
        last_name(annotation[1]) in ("Mapped", "DeferredMapped")
        if isinstance(annotation, tuple) and annotation[0] == ir.INDEX
        else False
    )
    plain = expr is None or not is_call or kind == "Field" or constant(expr) is not None
    about, many, _ = unwrapped(annotation) if annotation is not None else (None, False, False)
    if kind not in _COLUMNS:
        bare = mapped and expr is None and not many and not _is_class(project, member, about)
        field = (
            sqlmodel
            and annotation is not None
            and plain
            and not name.startswith(("_", "model_"))
            and kind != "Relationship"
        )
        own = mapped and is_call and kind not in ("relationship", "relation", "association_proxy") and not many
        if not (bare or field or own):
            return None
    call = expr if is_call else (ir.CALL, "", (), ())
    nested = keyword(call, "sa_column")
    if isinstance(nested, tuple) and nested[0] == ir.CALL:
        call = nested
    links = tuple(_links(call))
    unique = constant(keyword(call, "unique")) is True
    primary = constant(keyword(call, "primary_key")) is True
    indexed = constant(keyword(call, "index")) is True or unique or primary
    first = call[2][0] if call[2] else None
    database_name = string(first) or string(keyword(call, "name")) or name
    types = [last_name(a) for a in call[2] if not string(a)] + [last_name(about)]
    if kind in ("column_property", "synonym"):
        types = [COMPUTED]
    few = (
        any(t in _FEW for t in types)
        or _is_enum(project, member, about)
        or any(_is_enum(project, member, a) for a in call[2])
    )
    spot = member.spot
    made = Column(
        name,
        database_name,
        next((t for t in types if t), ""),
        spot,
        indexed,
        unique,
        primary,
        few,
        _target(project, member, links),
        _cascades(call),
        put_off,
        "asked" if constant(keyword(call, "index")) is True and not unique else "",
    )
    return made, links


def _links(call: Any) -> list[str]:
    """What the foreign keys of a column point to, as spelled: "user.id", or "User.id" for a class."""
    out = []
    for argument in call[2]:
        if last_name(argument) == "ForeignKey" and argument[0] == ir.CALL:
            target = argument[2][0] if argument[2] else keyword(argument, "column")
            if string(target):
                out.append(string(target))
            elif isinstance(target, tuple) and target[0] == ir.ATTR:
                out.append(f"class:{last_name(target[1])}")
            elif isinstance(target, str):
                out.append(f"class:{target}")
    plain = keyword(call, "foreign_key")
    return [*out, string(plain)] if string(plain) else out


def _cascades(call: Any) -> bool:
    """Whether the database deletes or changes the row with the one that it points to."""
    keys = [a for a in call[2] if last_name(a) == "ForeignKey" and a[0] == ir.CALL]
    rule = next((string(keyword(key, "ondelete")) for key in keys), "") or string(keyword(call, "ondelete"))
    return rule.upper() in ("CASCADE", "SET NULL", "SET DEFAULT")


def _target(project: Project, member: Member, links: tuple[str, ...]) -> str:
    from .sqlalchemy_models import by_table

    for link in links:
        if link.startswith("class:"):
            bound = project.dotted(member.owner.partition("::")[0], link[6:])
            return bound.ref if bound is not None and bound.kind == "class" else "?"
        return by_table(project, link.rpartition(".")[0]) or "?"
    return ""


def _is_class(project: Project, member: Member, about: Any) -> bool:
    """Whether an annotation names a mapped class: then it is a relationship whose value stands elsewhere."""
    from .sqlalchemy_models import is_model

    bound = project.dotted(member.owner.partition("::")[0], about) if about is not None else None
    found = project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
    return found is not None and is_model(project, found)


def _is_enum(project: Project, member: Member, expr: Any) -> bool:
    if not isinstance(expr, str | tuple) or (isinstance(expr, tuple) and expr[0] != ir.ATTR):
        return False
    bound = project.dotted(member.owner.partition("::")[0], expr)
    found = project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
    return found is not None and any(a.startswith("ext:") and a.endswith("Enum") for a in found.lineage)
