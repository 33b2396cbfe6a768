"""marshmallow's schema classes: which classes they are, and the fields each dumps of an object.

In: a class of the project, its ancestors, its `Meta`. Out: `Field`s. Also those of marshmallow-sqlalchemy, whose
relations are fields when `include_relationships` says so, of flask-marshmallow, APIFlask and flask-smorest.
Source: marshmallow.readthedocs.io, "Nesting schemas", "Custom fields", "Extending schemas";
marshmallow-sqlalchemy.readthedocs.io. Does not follow fields that code adds while the program runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..facts import ir
from ..project.frozen import replace
from ..project.memo import Question
from ..project.schema import model_of
from ..project.shapes import constant, keyword, string
from .class_options import model_named
from .drf_names import names_of
from .schema_fields import Field, Names
from .sqlalchemy_facts import last_name, returned

if TYPE_CHECKING:
    from ..project.project import Member, Project

Shown: TypeAlias = tuple[str, Names | None, Names]
"""A schema class, its fields that are shown (None: all), those that are not."""
_PACKAGES = ("marshmallow", "flask_marshmallow", "apiflask", "flask_smorest", "webargs", "flask_apispec")
_CLEAR = {"SQLAlchemySchema", "SQLAlchemyAutoSchema", "ModelSchema", "TableSchema"}
_IMPLIES = {"SQLAlchemyAutoSchema", "ModelSchema", "TableSchema"}
_EXTENSIONS = ("ma", "mm", "marshmallow")
_LINKS = {"URLFor", "AbsoluteURLFor", "UrlFor", "AbsoluteUrlFor", "Hyperlinks", "Constant", "File"}
KEYWORDS = {
    "only", "exclude", "many", "context", "load_only", "dump_only", "partial", "unknown", "session", "instance",
    "transient", "load_instance", "strict",
}  # fmt: skip
"""What the library's own schemas are made with; a project's own constructor may leave out any field."""
_MAX_DEPTH = 5


def is_schema(project: Project, ref: str) -> bool:
    """Whether a class is a schema of marshmallow, through the memo."""
    found: bool = project.memo.ask(SCHEMA, ref)
    return found


def _is_schema(project: Project, ref: str) -> bool:
    return bool(_base(project, ref))


def _base(project: Project, ref: str) -> str:
    """The last name of the library's class that a class inherits; "" for none."""
    info = project.class_info(ref)
    for ancestor in info.lineage if info is not None else ():
        name = ancestor[4:]
        last = name.rpartition(".")[2]
        if not ancestor.startswith("ext:") or not (last == "Schema" or last in _CLEAR):
            continue
        if name.startswith(_PACKAGES) or (last in _CLEAR and "ninja" not in name):
            return last
        head = name.rpartition(".")[0].rpartition(".")[2]
        if head in _EXTENSIONS:  # `ma.Schema`, where `ma = Marshmallow(app)`
            return last
    return ""


def fields(project: Project, ref: str) -> tuple[Field, ...]:
    """What a schema dumps, with what it inherits."""
    info = project.class_info(ref)
    hooks: dict[str, Field] = {}
    out: dict[str, Field] = dict(_implied(project, ref))
    for ancestor in reversed(info.lineage if info is not None else ()):
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        for member in own.members.values() if own is not None else ():
            if member.kind == "value" and isinstance(member.value, tuple) and member.value[0] == ir.CALL:
                out.pop(member.name, None)
                out.update((f.name, f) for f in _field(project, member))
            elif member.kind == "function" and (hook := _hook(project, f"{ancestor}.{member.name}")):
                hooks[member.name] = Field(member.name, hook, ancestor, 0, 0, by=member.name)
    listed, place = _names(project, ref, "fields")
    hidden = [n for option in ("exclude", "load_only") for n in _names(project, ref, option)[0] or ()]
    if listed is not None and place is not None:
        undeclared = (
            Field(name, "read", place.owner, place.line, place.column, (name,)) for name in listed if name not in out
        )
        out = {f.name: f for f in (*out.values(), *undeclared) if f.name in listed}
    shown = (f for f in out.values() if f.name not in hidden)
    first, last = ([f for f in hooks.values() if f.kind == kind] for kind in ("before", "after"))
    return (*first, *shown, *last)


def _hook(project: Project, ref: str) -> str:
    """before | after: whether a method is given each object before its fields are read, or when they have been."""
    defined = project.function(ref)
    for decorator in defined.core[ir.C_DECORATORS] if defined is not None else ():
        called = isinstance(decorator, tuple) and decorator[0] == ir.CALL
        if called and constant(keyword(decorator, "pass_many")) is True:
            continue
        if last_name(decorator) == "pre_dump":
            return "before"
        if last_name(decorator) == "post_dump" and called and constant(keyword(decorator, "pass_original")) is True:
            return "after"
    return ""


def _option(project: Project, ref: str, name: str) -> Member | None:
    meta = project.lookup(ref, "Meta")
    found = project.lookup(f"{meta.owner}.Meta", name) if meta is not None and meta.kind == "class" else None
    return found if found is not None and found.kind == "value" else None


def _names(project: Project, ref: str, name: str) -> tuple[list[str] | None, Member | None]:
    """(the names that an option of `Meta` lists, the option)."""
    member = _option(project, ref, name)
    return (names_of(project, member.owner, member.value), member) if member is not None else (None, None)


def _implied(project: Project, ref: str) -> Iterator[tuple[str, Field]]:
    """What a schema makes of a model's columns, and of its relations."""
    base = _base(project, ref)
    member = _option(project, ref, "model") or _option(project, ref, "table")
    if base not in _IMPLIES or member is None:
        return
    path = member.owner.partition("::")[0]
    model = model_of(project, model_named(project, path, member.value))
    if model is None:
        return
    asked = _option(project, ref, "include_relationships")
    place = asked or member
    for column in model.columns:
        yield column.name, Field(column.name, "column", place.owner, place.line, place.column, (column.name,))
    if base == "ModelSchema" or (asked is not None and constant(asked.value) is True):
        for relation in model.relations:
            made = Field(relation.name, "read", place.owner, place.line, place.column, (relation.name,))
            yield relation.name, made


# Declared fields ------------------------------------------------------------------------------------------


def _field(project: Project, member: Member) -> Iterator[Field]:
    call = member.value
    kind, own = _kind(project, member.owner, call[1])
    if not kind or constant(keyword(call, "load_only")) is True:
        return
    made = Field(member.name, "read", member.owner, member.line, member.column)
    if kind == "Method":
        by = string(keyword(call, "serialize", 0))
        yield from (replace(made, kind="method", by=by),) if by else ()
        return
    if kind == "Function":
        code = keyword(call, "serialize", 0)
        yield from (replace(made, kind="function", code=code),) if code is not None else ()
        return
    source = string(keyword(call, "attribute")) or member.name
    if kind == "auto_field":
        source = string(keyword(call, "column_name", 0)) or source
    made = replace(made, sources=(source,))
    if own and project.lookup(own, "_serialize") is not None:
        found = project.lookup(own, "_serialize")
        made = replace(made, by=f"{found.owner}._serialize" if found is not None else "")
    yield _with_nested(project, made, call, kind)


def _kind(project: Project, owner: str, expr: Any) -> tuple[str, str]:
    """(name of the library's field class, the project's own class that inherits it); "" for what is no field."""
    path, _, within = owner.partition("::")
    last = last_name(expr)
    if last in _LINKS:
        return "", ""
    if last in ("auto_field", "Related", "RelatedList"):
        return "auto_field", ""
    bound = project.dotted(path, expr, within)
    if bound is None:
        return (last, "") if isinstance(expr, tuple) and last[:1].isupper() else ("", "")
    if bound.kind == "external":
        return (last, "") if bound.ref.startswith(_PACKAGES) or ".fields." in bound.ref else ("", "")
    info = project.class_info(bound.ref) if bound.kind == "class" else None
    outside = [a[4:] for a in (info.lineage if info is not None else ()) if a.startswith("ext:")]
    for name in outside:
        if name.startswith(_PACKAGES) or "fields." in name:
            return name.rpartition(".")[2], bound.ref
    return "", ""


def _with_nested(project: Project, made: Field, call: Any, kind: str, depth: int = 0) -> Field:
    """The field with the schema that it dumps what it reads with."""
    if depth > _MAX_DEPTH:
        return made
    inner = keyword(call, "nested", 0) if kind in ("Nested", "Pluck") else keyword(call, "cls_or_instance", 0)
    if kind == "List" and isinstance(inner, tuple) and inner[0] == ir.CALL:
        return _with_nested(project, made, inner, _kind(project, made.owner, inner[1])[0], depth + 1)
    if kind not in ("Nested", "Pluck"):
        return made
    found, only, exclude = shown_by(project, made.owner, inner)
    if not found:
        return made
    if kind == "Pluck":
        plucked = string(keyword(call, "field_name", 1))
        return replace(made, nested=(found,), only=(plucked,) if plucked else None)
    wanted, hidden = narrowed_by(project, made.owner, call)
    only = wanted if wanted is not None else only
    return replace(made, nested=(found,), only=only, exclude=(*exclude, *hidden))


def shown_by(project: Project, owner: str, expr: Any, depth: int = 0) -> Shown:
    """What an expression names: a schema class, an object of one, a lambda that gives it, its name; "" for anything
    else."""
    path, _, within = owner.partition("::")
    if depth > _MAX_DEPTH:
        return "", None, ()
    if isinstance(expr, tuple) and expr[0] == ir.LAMBDA:
        return shown_by(project, owner, returned(expr[1]), depth + 1)
    if isinstance(expr, tuple) and expr[0] == ir.CALL:
        found, _, _ = shown_by(project, owner, expr[1], depth + 1)
        if found and own_constructor(project, found, [k for k, _ in expr[3]], placed=bool(expr[2])):
            return found, (), ()
        return (found, *narrowed_by(project, owner, expr)) if found else ("", None, ())
    if string(expr):
        name = string(expr)
        if name == "self":
            return owner, None, ()
        bound = project.dotted(path, name.rpartition(".")[2])
        if bound is not None and bound.kind == "class" and is_schema(project, bound.ref):
            return bound.ref, None, ()
        named: dict[str, str] = project.memo.ask(NAMED)
        return named.get(name.rpartition(".")[2], ""), None, ()
    bound = project.dotted(path, expr, within)
    if bound is not None and bound.kind == "class" and is_schema(project, bound.ref):
        return bound.ref, None, ()
    if bound is not None and bound.kind == "value":
        for value, _ in project.module_values(bound.ref, bound.name)[:1]:
            if isinstance(value, tuple) and value[0] == ir.CALL:
                return shown_by(project, f"{bound.ref}::", value, depth + 1)
    return "", None, ()


def own_constructor(project: Project, ref: str, keywords: Sequence[str | None], *, placed: bool) -> bool:
    """Whether a schema is made in a way that only its own constructor understands."""
    own = placed or any(name not in KEYWORDS for name in keywords)
    return own and project.lookup(ref, "__init__") is not None


def narrowed_by(project: Project, owner: str, call: Any) -> tuple[Names | None, Names]:
    """What `only=` and `exclude=` of a call say."""
    only, exclude = keyword(call, "only"), keyword(call, "exclude")
    wanted = names_of(project, owner, only) if only is not None else None
    hidden = names_of(project, owner, exclude) if exclude is not None else None
    return (tuple(wanted) if wanted is not None else None), tuple(hidden or ())


def _named(project: Project) -> dict[str, str]:
    """The schemas by their names, those left out that several share."""
    out: dict[str, str] = {}
    for ref in project.classes():
        if is_schema(project, ref):
            name = ref.rpartition("::")[2].rpartition(".")[2]
            out[name] = "" if name in out else ref
    return out


SCHEMA: Question[bool] = Question("marshmallow_schema", _is_schema, bool)
NAMED: Question[dict[str, str]] = Question("marshmallow_names", _named, dict)
