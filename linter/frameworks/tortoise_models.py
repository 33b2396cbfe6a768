"""How Tortoise ORM spells models: fields, relations, `Meta`.

In: classes of the project. Out: `schema.Model`. Source: tortoise.github.io, "Models" and "Fields": a relation names its
model as `app.Model`, what the other side calls it is `related_name` or made of the class's name, and the key is
`name_id`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.schema import Column, Index, Model, Relation, find_model
from ..project.shapes import constant, keyword, string, strings
from ..project.values import Spot

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project

_BASES = ("tortoise.models.Model", "tortoise.Model")
_KEYS = ("ForeignKeyField", "OneToOneField")
_RELATIONS = (*_KEYS, "ManyToManyField")


def is_model(project: Project, info: ClassInfo) -> bool:
    return info.inherits(*_BASES)


def _field(project: Project, member: Member) -> tuple[str, Any] | None:
    """(kind of field, its call's facts) when a class attribute is a field of Tortoise's, or of the project's own."""
    call = member.value
    if member.kind != "value" or not isinstance(call, tuple) or call[0] != ir.CALL:
        return None
    kind = spelled(call[1]).rpartition(".")[2]
    bound = project.dotted(member.owner.partition("::")[0], call[1])
    if bound is None or not kind.endswith("Field"):
        return None
    if bound.kind == "external":
        return (kind, call) if bound.ref.startswith("tortoise.") else None
    return (kind, call) if bound.kind == "class" else None


def model(project: Project, info: ClassInfo) -> Model | None:
    """Everything a model class and its ancestors declare; None when it is none of Tortoise's."""
    if not is_model(project, info):
        return None
    columns: dict[str, Column] = {}
    relations: dict[str, Relation] = {}
    for member in project.declared(info):
        found = _field(project, member)
        if found is not None:
            _declare(project, info, member, *found, columns, relations)
    primary = next((c.name for c in columns.values() if c.primary), "")
    if not primary:
        columns["id"] = Column("id", "id", "IntField", Spot(info.ref, 0, 0, 0, 0), True, True, True)
    meta = project.class_info(f"{info.ref}.Meta")
    written = {m.name: m.value for m in meta.members.values()} if meta is not None else {}
    name = info.name.rpartition(".")[2].lower()
    return Model(
        info.ref,
        "tortoise",
        string(written.get("table")) or name,
        tuple(columns.values()),
        tuple(relations.values()),
        tuple(_indexes(written, relations)),
        tuple(strings(written.get("ordering"))),
        constant(written.get("abstract")) is True,
        primary or "id",
        name,
    )


def _declare(
    project: Project,
    info: ClassInfo,
    member: Member,
    kind: str,
    call: Any,
    columns: dict[str, Column],
    relations: dict[str, Relation],
) -> None:
    name = member.name
    spot = member.spot
    unique = constant(keyword(call, "unique")) is True or kind == "OneToOneField"
    primary = any(constant(keyword(call, word)) is True for word in ("pk", "primary_key"))
    indexed = unique or primary or any(constant(keyword(call, word)) is True for word in ("index", "db_index"))
    own = "asked" if indexed and not (unique or primary) else ""
    if kind in _RELATIONS:
        label = info.name.rpartition(".")[2].lower()
        target = _target(project, info, member, keyword(call, "to", 0) or keyword(call, "model_name"))
        asked = keyword(call, "related_name", 1 if kind != "ManyToManyField" else 4)
        back = string(asked) or ("+" if constant(asked) is False else label if kind == "OneToOneField" else f"{label}s")
        if kind == "ManyToManyField":
            relations[name] = Relation(name, "many", target, spot, back=back, back_kind="many")
            return
        key = f"{name}_id"
        relations[name] = Relation(
            name, "one", target, spot, key, back, "reverse-one" if kind == "OneToOneField" else "many",
            null=constant(keyword(call, "null")) is True,
        )  # fmt: skip
        held = string(keyword(call, "source_field")) or key
        columns[key] = Column(key, held, kind, spot, indexed, unique, primary, foreign_key=target or "?", own_index=own)
        return
    few = kind in ("BooleanField", "CharEnumField", "IntEnumField")
    held = string(keyword(call, "source_field")) or name
    columns[name] = Column(name, held, kind, spot, indexed, unique, primary, few, own_index=own)


def _target(project: Project, info: ClassInfo, member: Member, expr: Any) -> str:
    """The model that a relation points to: `"app.Model"`, or a class."""
    if isinstance(expr, tuple) and expr[0] == ir.CONST and isinstance(expr[1], str):
        return find_model(project, expr[1], info.ref)
    bound = project.dotted(member.owner.partition("::")[0], expr)
    return bound.ref if bound is not None and bound.kind == "class" else ""


def _indexes(written: dict[str, Any], relations: dict[str, Relation]) -> Iterator[Index]:
    """`unique_together` and `indexes`: tuples of names, or one tuple."""
    for option in ("unique_together", "indexes"):
        expr = written.get(option)
        if not isinstance(expr, tuple) or expr[0] != ir.SEQUENCE:
            continue
        for names in [strings(expr)] if strings(expr) else [strings(item) for item in expr[2]]:
            columns = tuple(relations[n].column if n in relations else n for n in names)
            if columns:
                yield Index(columns, option == "unique_together")
