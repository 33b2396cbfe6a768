"""How Peewee spells models: fields, foreign keys and their back references, `Meta`.

In: classes of the project. Out: `schema.Model`. Source: docs.peewee-orm.com, "Models and Fields"; names of 2.x
(`related_name`, `rel_model`, `db_table`) are read as well, for they are what older projects write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.schema import Column, Index, Model, Relation, find_model
from ..project.shapes import constant, keyword, string, strings
from ..project.values import Spot

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project

_LIBRARIES = ("peewee.", "playhouse.", "peewee_async.", "peeweedb.", "peewee_aio.")
_BASES = ("Model", "AioModel", "BaseModel", "AIOModel", "KV", "FTSModel", "FTS5Model", "VirtualModel")
_PRIMARY = ("AutoField", "BigAutoField", "PrimaryKeyField", "IdentityField", "RowIDField", "DocIDField")
_KEYS = ("ForeignKeyField", "DeferredForeignKey", "DeferredRelation")


def is_model(project: Project, info: ClassInfo) -> bool:
    """Whether a class is mapped by Peewee: by its base, or, where that is not to be seen, by its fields."""
    outside = [a[4:] for a in info.lineage if a.startswith("ext:")]
    if any(a.startswith(_LIBRARIES) and a.rpartition(".")[2] in _BASES for a in outside):
        return True
    if not any(a.rpartition(".")[2] in ("Model", "BaseModel") for a in outside):
        return False
    return any(_field(project, member) for member in info.members.values())


def _field(project: Project, member: Member) -> tuple[str, Any] | None:
    """(kind of field, its call's facts) when a class attribute is a field of Peewee's."""
    call = member.value
    if member.kind != "value" or not isinstance(call, tuple) or call[0] != ir.CALL:
        return None
    kind = spelled(call[1]).rpartition(".")[2]
    bound = project.dotted(member.owner.partition("::")[0], call[1])
    if bound is None:
        return None
    if bound.kind == "external":
        last = bound.ref.rpartition(".")[2]
        known = last.endswith(("Field", "ForeignKey")) or last in ("CompositeKey", "BareField")
        return (last, call) if bound.ref.startswith(_LIBRARIES) and known else None
    own = project.class_info(bound.ref) if bound.kind == "class" else None
    base = next((a for a in own.lineage if a.startswith("ext:") and a[4:].startswith(_LIBRARIES)), "") if own else ""
    if not base.endswith(("Field", "ForeignKey")):
        return None
    last = base.rpartition(".")[2]
    return (last if last in (*_KEYS, *_PRIMARY, "BooleanField", "ManyToManyField") else kind), call


def model(project: Project, info: ClassInfo) -> Model | None:
    """Everything a model class and its ancestors declare; None when it is none of Peewee's."""
    if not is_model(project, info):
        return None
    columns: dict[str, Column] = {}
    relations: dict[str, Relation] = {}
    for member in project.declared(info):
        found = _field(project, member)
        if found is not None:
            _declare(project, info, member, *found, columns, relations)
        elif member.kind == "value" and member.value == (ir.CONST, None):
            columns.pop(member.name, None)  # `field = None` takes it away
            relations.pop(member.name, None)
    meta = _meta(project, info)
    composite = meta.get("primary_key")
    called = isinstance(composite, tuple) and composite[0] == ir.CALL  # `CompositeKey("a", "b")`
    keys = tuple(string(a) for a in composite[2]) if isinstance(composite, tuple) and called else ()
    declared = bool(columns or relations)
    primary = next((c.name for c in columns.values() if c.primary), "")
    if not primary and composite is None:
        columns["id"] = Column("id", "id", "AutoField", Spot(info.ref, 0, 0, 0, 0), True, True, True)
        primary = "id"
    name = info.name.rpartition(".")[2]
    own_meta = project.class_info(f"{info.ref}.Meta")
    written = {m.name: m.value for m in own_meta.members.values()} if own_meta is not None else {}
    table = string(written.get("table_name")) or string(written.get("db_table"))
    indexes = [Index(_attributes(keys, columns, relations), unique=True)] if keys else []
    return Model(
        info.ref,
        "peewee",
        table or re.sub(r"\W+", "_", name.lower()),
        tuple(columns.values()),
        tuple(relations.values()),
        (*indexes, *_indexes(meta.get("indexes"), columns, relations)),
        _ordering(meta.get("order_by")),
        not declared,
        primary or (keys[0] if keys else "id"),
        name.lower(),
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
    columns.pop(name, None)
    relations.pop(name, None)
    if kind == "GFKField":
        pair = string(keyword(call, "", 0)) or "object_type", string(keyword(call, "", 1)) or "object_id"
        relations[name] = Relation(name, "generic", "", spot, pair=pair)
        return
    label = info.name.rpartition(".")[2].lower()
    if kind in _KEYS:
        written = keyword(call, "model", 0) or keyword(call, "rel_model") or keyword(call, "rel_model_name")
        target = _target(project, info, member, written)
        back = string(keyword(call, "backref", 2)) or string(keyword(call, "related_name", 1)) or f"{label}_set"
        held = f"{name}_id" if not name.endswith("_id") else name
        held = string(keyword(call, "column_name")) or string(keyword(call, "db_column")) or held
        key = string(keyword(call, "object_id_name")) or (held if held != name else f"{name}_id")
        unique = constant(keyword(call, "unique")) is True
        indexed = unique or constant(keyword(call, "index")) is not False
        lazy = constant(keyword(call, "lazy_load")) is not False
        relations[name] = Relation(
            name, "one", target, spot, key, back, "many", "" if lazy else "never",
            null=constant(keyword(call, "null")) is True,
        )  # fmt: skip
        primary = constant(keyword(call, "primary_key")) is True
        own = "" if unique or primary or not indexed else "asked" if keyword(call, "index") else "given"
        columns[key] = Column(key, held, kind, spot, indexed, unique, primary, foreign_key=target or "?", own_index=own)
        return
    if kind == "ManyToManyField":
        target = _target(project, info, member, keyword(call, "model", 0) or keyword(call, "rel_model"))
        back = string(keyword(call, "backref", 1)) or string(keyword(call, "related_name")) or f"{label}s"
        relations[name] = Relation(name, "many", target, spot, back=back, back_kind="many")
        return
    primary = kind in _PRIMARY or constant(keyword(call, "primary_key")) is True
    unique = primary or constant(keyword(call, "unique")) is True
    indexed = unique or constant(keyword(call, "index")) is True
    few = kind == "BooleanField" or keyword(call, "choices") is not None
    held = string(keyword(call, "column_name")) or string(keyword(call, "db_column")) or name
    own = "asked" if indexed and not unique else ""
    columns[name] = Column(name, held, kind, spot, indexed, unique, primary, few, own_index=own)


def _target(project: Project, info: ClassInfo, member: Member, expr: Any) -> str:
    """The model a key points to: a class, `"self"`, the name of one that is defined later."""
    if isinstance(expr, tuple) and expr[0] == ir.CONST and isinstance(expr[1], str):
        return info.ref if expr[1] == "self" else find_model(project, expr[1], info.ref)
    bound = project.dotted(member.owner.partition("::")[0], expr)
    if bound is not None and bound.kind == "class":
        return bound.ref
    if bound is not None and bound.kind == "value":  # `DeferredUser = DeferredRelation("User")`
        for value, _ in project.module_values(bound.ref, bound.name)[:1]:
            if isinstance(value, tuple) and value[0] == ir.CALL and value[2]:
                return find_model(project, string(value[2][0]), info.ref) if string(value[2][0]) else ""
    return ""


def _meta(project: Project, info: ClassInfo) -> dict[str, Any]:
    """`Meta` of the class over those of its ancestors."""
    out: dict[str, Any] = {}
    for ancestor in reversed(info.lineage):
        meta = None if ancestor.startswith("ext:") else project.class_info(f"{ancestor}.Meta")
        for member in meta.members.values() if meta is not None else ():
            if member.kind == "value":
                out[member.name] = member.value
    return out


def _indexes(expr: Any, columns: dict[str, Column], relations: dict[str, Relation]) -> Iterator[Index]:
    """`indexes = ((("a", "b"), True), …)`: names of fields, and whether they are unique."""
    if not isinstance(expr, tuple) or expr[0] != ir.SEQUENCE:
        return
    for item in expr[2]:
        if isinstance(item, tuple) and item[0] == ir.SEQUENCE and item[2]:
            names = tuple(strings(item[2][0]))
            unique = len(item[2]) > 1 and constant(item[2][1]) is True
            if names:
                yield Index(_attributes(names, columns, relations), unique)


def _attributes(names: tuple[str, ...], columns: dict[str, Column], relations: dict[str, Relation]) -> tuple[str, ...]:
    return tuple(relations[n].column if n in relations and n not in columns else n for n in names)


def _ordering(expr: Any) -> tuple[str, ...]:
    return tuple(strings(expr)) if expr is not None else ()
