"""The schemas of django-ninja: which classes they are, and the fields each reads of an object.

In: a class of the project, or a module-level name that holds a class which `create_schema()` made. Out: fields, those
of `Meta.fields` among them. A foreign key shows the key that stands in the row; a relation to many is a list of keys.
Source: django-ninja's schema.py, orm/metaclass.py, orm/factory.py and orm/fields.py. Does not follow lists of names
that are computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.memo import Question
from ..project.schema import Model, model_of
from ..project.shapes import constant, keyword, string
from .class_options import model_named
from .drf_names import names_of
from .pydantic_fields import declared, is_plain, nested_in
from .schema_fields import Field

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project

PACKAGES = ("ninja", "ninja_extra", "ninja_schema")
_SCHEMAS = ("Schema", "ModelSchema")
_MAKES = "create_schema"
# `Meta` of today, `Config` of old versions and of ninja_schema
_LISTED, _EXCLUDED = ("fields", "model_fields", "include"), ("exclude", "model_exclude")
_MAX_LEVELS = 3  # of `depth`
_MAX_STEPS = 6  # schemas that schemas are made of


def is_schema(project: Project, ref: str) -> bool:
    """Whether a class, or what a module-level name holds, is a schema; through the memo."""
    found: bool = project.memo.ask(SCHEMA, ref)
    return found


def shows(project: Project, ref: str) -> bool:
    """Whether a class is filled from attributes where a schema nests it: a schema, or a plain class of pydantic."""
    return is_schema(project, ref) or is_plain(project, ref)


def fields_of(project: Project, ref: str) -> tuple[Field, ...]:
    """The fields of a schema, through the memo."""
    found: tuple[Field, ...] = project.memo.ask(FIELDS, ref)
    return found


def of_package(name: str, *lasts: str) -> bool:
    """Whether a full name is one of these of django-ninja, or of what builds on it."""
    return name.partition(".")[0] in PACKAGES and name.rpartition(".")[2] in lasts


def _is_schema(project: Project, ref: str) -> bool:
    info = project.class_info(ref)
    if info is None:
        return _made(project, ref) is not None
    if any(a.startswith("ext:") and of_package(a[4:], *_SCHEMAS) for a in info.lineage):
        return True
    return any(_bases(project, own) for own in _own(project, info))


def _own(project: Project, info: ClassInfo) -> Iterator[ClassInfo]:
    """The ancestors in the project, the farthest first."""
    for ancestor in reversed(info.lineage):
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        if own is not None:
            yield own


def _fields(project: Project, ref: str) -> tuple[Field, ...]:
    out: dict[str, Field] = {}
    info = project.class_info(ref)
    call = _made(project, ref) if info is None else None
    if call is not None:
        out.update(_by_call(project, ref, call, call[4], call[5]))
    for own in _own(project, info) if info is not None else ():
        for base in _bases(project, own):
            if isinstance(base, str):
                out.update({f.name: f for f in fields_of(project, base)})
            else:
                out.update(_by_call(project, own.ref, base, 0, 0))
        out.update(_by_meta(project, own))
        out.update({f.name: f for f in declared(project, own.ref, shows)})
    return tuple(out.values())


# Schemas made by a call -----------------------------------------------------------------------------------


def _made(project: Project, ref: str) -> Any:
    """The call of `create_schema()` that a module-level name holds; None."""
    path, _, name = ref.partition("::")
    values = project.module_values(path, name) if name and "." not in name else []
    return values[0][0] if len(values) == 1 and _makes(project, path, values[0][0]) else None


def _makes(project: Project, path: str, expr: Any) -> bool:
    if not isinstance(expr, tuple) or expr[0] != ir.CALL or spelled(expr[1]).rpartition(".")[2] != _MAKES:
        return False
    bound = project.dotted(path, expr[1])
    return bound is not None and bound.kind == "external" and of_package(bound.ref, _MAKES)


def _bases(project: Project, info: ClassInfo) -> list[Any]:
    """Bases of a class that calls make: the call, or the reference of the name that holds what it made."""
    path = info.ref.partition("::")[0]
    out: list[Any] = []
    for base in info.bases:
        bound = project.dotted(path, base)
        if _makes(project, path, base):
            out.append(base)
        elif bound is not None and bound.kind == "value" and _made(project, f"{bound.ref}::{bound.name}") is not None:
            out.append(f"{bound.ref}::{bound.name}")
    return out


def _by_call(project: Project, owner: str, call: Any, line: int, column: int) -> Iterator[tuple[str, Field]]:
    path = owner.partition("::")[0]
    base = project.dotted(path, keyword(call, "base_class"))
    if base is not None and base.kind == "class" and is_schema(project, base.ref):
        yield from ((f.name, f) for f in fields_of(project, base.ref))
    model = model_of(project, model_named(project, path, keyword(call, "model", 0)))
    listed, excluded = keyword(call, "fields"), keyword(call, "exclude")
    depth = constant(keyword(call, "depth"))
    if model is not None:
        names = _names(project, f"{path}::", model, listed, excluded)
        yield from _implied(model, names, owner, line, column, depth if isinstance(depth, int) else 0)
    custom = keyword(call, "custom_fields")
    for item in custom[2] if isinstance(custom, tuple) and custom[0] == ir.SEQUENCE else ():
        if isinstance(item, tuple) and item[0] == ir.SEQUENCE and len(item[2]) > 1 and string(item[2][0]):
            name = string(item[2][0])
            nested = nested_in(project, path, item[2][1], "", shows)
            yield name, Field(name, "read", owner, line, column, (name,), nested)


# Fields that nobody declared ------------------------------------------------------------------------------


def _by_meta(project: Project, info: ClassInfo) -> Iterator[tuple[str, Field]]:
    """What a ModelSchema makes of its own `Meta`; a descendant's changes nothing."""
    path = info.ref.partition("::")[0]
    bounds = [project.dotted(path, base) for base in info.bases]
    if not any(b is not None and b.kind == "external" and of_package(b.ref, "ModelSchema") for b in bounds):
        return
    for inner in ("Meta", "Config"):
        meta = f"{info.ref}.{inner}"
        member = _option(project, meta, ("model",))
        if inner not in info.members or member is None:
            continue
        model = model_of(project, model_named(project, member.owner.partition("::")[0], member.value))
        listed, excluded = _option(project, meta, _LISTED), _option(project, meta, _EXCLUDED)
        place = listed or excluded
        if model is None or place is None:
            continue
        names = _names(
            project, place.owner, model, listed and listed.value, excluded.value if excluded is not None else None
        )
        depth = _option(project, meta, ("depth",)) if inner == "Config" else None  # django-ninja itself knows none
        levels = constant(depth.value) if depth is not None else 0
        levels = levels if isinstance(levels, int) else 0
        yield from _implied(model, names, place.owner, place.line, place.column, levels)
        return


def _option(project: Project, meta: str, names: tuple[str, ...]) -> Member | None:
    found = (project.lookup(meta, name) for name in names)
    return next((m for m in found if m is not None and m.kind == "value"), None)


def _names(project: Project, owner: str, model: Model, listed: Any, excluded: Any) -> list[str]:
    """The names of the fields that a list leaves; none when it is computed."""
    own = [c.name for c in model.columns if not c.foreign_key]
    own += [r.name for r in model.relations]
    if listed is not None:
        names = names_of(project, owner, listed)
        return own if names == ["__all__"] or constant(listed) == "__all__" else names or []
    if excluded is None:
        return own
    hidden = names_of(project, owner, excluded)
    return [name for name in own if name not in hidden] if hidden is not None else []


def _implied(
    model: Model, names: list[str], owner: str, line: int, column: int, depth: int
) -> Iterator[tuple[str, Field]]:
    depth = min(depth, _MAX_LEVELS)
    for name in dict.fromkeys(names):
        relation = model.relation(name)
        if relation is None:
            yield name, Field(name, "column", owner, line, column, (name,))
        elif relation.kind not in ("one", "many", "generic-many"):
            continue
        elif depth > 0:
            yield name, Field(name, "deep", owner, line, column, (name,), depth=depth)
        elif relation.kind == "one":
            key = relation.column or f"{name}_id"
            yield name, Field(name, "column", owner, line, column, (key,))
        else:
            yield name, Field(name, "read", owner, line, column, (name,))


SCHEMA: Question[bool] = Question("ninja_schema", _is_schema, bool)
FIELDS: Question[tuple[Field, ...]] = Question("ninja_fields", _fields, tuple)
