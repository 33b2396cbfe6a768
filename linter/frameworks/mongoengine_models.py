"""How MongoEngine spells documents: fields, references, embedded documents.

In: classes of the project. Out: `schema.Model`. Of indexes nothing is said: many are made by hand.
Source: docs.mongoengine.org, "Defining documents": Reference fields, Dereferencing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.schema import Column, Model, Relation, find_model
from ..project.shapes import constant, keyword, string
from ..project.values import Spot

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project

_DOCUMENTS = ("Document", "DynamicDocument", "EmbeddedDocument", "DynamicEmbeddedDocument")
_REFERENCES = ("ReferenceField", "CachedReferenceField")
_LISTS = ("ListField", "SortedListField", "EmbeddedDocumentListField")
_LIBRARIES = ("mongoengine.", "flask_mongoengine.")


def is_model(project: Project, info: ClassInfo) -> bool:
    """Whether a class is a document: by its base, or, behind a `db` of the project's own, by its fields as well."""
    for ancestor in info.lineage:
        if ancestor.startswith("ext:") and ancestor.rpartition(".")[2] in _DOCUMENTS:
            if ancestor[4:].startswith(_LIBRARIES):
                return True
            if "." in ancestor and any(_field(project, member) for member in info.members.values()):
                return True
    return False


def _field(project: Project, member: Member) -> tuple[str, Any] | None:
    """(kind of field, its call's facts) when a class attribute is a field."""
    call = member.value
    if member.kind != "value" or not isinstance(call, tuple) or call[0] != ir.CALL:
        return None
    kind = spelled(call[1]).rpartition(".")[2]
    if not kind.endswith("Field"):
        return None
    bound = project.dotted(member.owner.partition("::")[0], call[1])
    if bound is not None and bound.kind == "external":
        return (kind, call) if bound.ref.startswith(_LIBRARIES) else None
    if bound is not None and bound.kind == "class":
        own = project.class_info(bound.ref)
        outside = [a[4:] for a in own.lineage if a.startswith("ext:")] if own is not None else []
        return (kind, call) if any(a.startswith(_LIBRARIES) for a in outside) else None
    return (kind, call) if isinstance(call[1], tuple) and call[1][:2] == (ir.ATTR, "db") else None


def model(project: Project, info: ClassInfo) -> Model | None:
    """Everything a document class and its ancestors declare; None when it is none."""
    if not is_model(project, info):
        return None
    columns: dict[str, Column] = {
        "id": Column("id", "_id", "ObjectIdField", Spot(info.ref, 0, 0, 0, 0), True, True, True)
    }
    relations: dict[str, Relation] = {}
    for member in project.declared(info):
        found = _field(project, member)
        if found is not None:
            _declare(project, info, member, *found, columns, relations)
    name = info.name.rpartition(".")[2]
    meta = info.members.get("meta")
    written = meta.value if meta is not None and isinstance(meta.value, tuple) and meta.value[0] == ir.DICT else None
    options = {string(k): v for k, v in zip(written[1], written[2], strict=True)} if written is not None else {}
    embedded = any(a.startswith("ext:") and "Embedded" in a.rpartition(".")[2] for a in info.lineage)
    return Model(
        info.ref,
        "mongoengine",
        string(options.get("collection")) or re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(),
        tuple(columns.values()),
        tuple(relations.values()),
        abstract=embedded or constant(options.get("abstract")) is True,
        primary_key="id",
        label=name.lower(),
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
    many = kind in _LISTS
    inner = call[2][0] if many and call[2] and isinstance(call[2][0], tuple) and call[2][0][0] == ir.CALL else call
    of = spelled(inner[1]).rpartition(".")[2] if many and kind != "EmbeddedDocumentListField" else kind
    kept = "always" if of.startswith("Embedded") or constant(keyword(call, "dbref")) == "lazy" else ""
    if of in _REFERENCES or of.startswith("EmbeddedDocument"):
        target = _target(project, info, member, keyword(inner, "document_type", 0))
        relations[name] = Relation(name, "many" if many else "one", target, spot, back="+", eager=kept)
    elif of == "GenericReferenceField" and not many:
        relations[name] = Relation(name, "generic", "", spot)
    else:
        columns[name] = Column(name, name, kind, spot, indexed=True)


def _target(project: Project, info: ClassInfo, member: Member, expr: Any) -> str:
    if isinstance(expr, tuple) and expr[0] == ir.CONST and isinstance(expr[1], str):
        return info.ref if expr[1] == "self" else find_model(project, expr[1], info.ref)
    bound = project.dotted(member.owner.partition("::")[0], expr)
    return bound.ref if bound is not None and bound.kind == "class" else ""
