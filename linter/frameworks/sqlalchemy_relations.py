"""How SQLAlchemy and SQLModel spell a relationship: its target, its direction, its loader, its other side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.schema import Relation, find_model
from .sqlalchemy_facts import constant, keyword, last_name, returned, string, unwrapped

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project

_RELATIONS = {"relationship", "relation", "Relationship", "RelationshipProperty", "dynamic_loader"}
_EAGER = {"joined", "selectin", "subquery", "immediate"}
_NEVER = {"raise", "raise_on_sql", "noload", "select_raise"}
_QUERIES = {"dynamic", "write_only"}


def is_relation(expr: Any) -> bool:
    return isinstance(expr, tuple) and expr[0] == ir.CALL and last_name(expr) in _RELATIONS


def relation(
    project: Project, info: ClassInfo, member: Member, call: Any, annotation: Any, links: Mapping[str, tuple[str, ...]]
) -> Relation:
    """One relationship. `links`: the columns of the class with what their foreign keys point to."""
    name = member.name
    spot = member.spot
    about, many, dynamic = unwrapped(annotation) if annotation is not None else (None, False, False)
    argument = call[2][0] if call[2] else keyword(call, "argument")
    target = _target(project, info, member, argument if argument is not None else about)
    extra = keyword(call, "sa_relationship_kwargs")
    options = dict(_pairs(extra)) if extra is not None else {}
    options.update({k: v for k, v in call[3] if k is not None})
    column = _own_column(project, info, member, target, options, links)
    uselist = constant(options.get("uselist"))
    if "secondary" in options or "collection_class" in options or "link_model" in options or many or uselist is True:
        kind = "many"
    elif uselist is False:
        kind = "one"
    elif annotation is not None and about is not None and last_name(about) and argument is None:
        kind = "one"  # Mapped["User"]: the annotation says how many
    elif target == info.ref:
        kind = "one" if "remote_side" in options else "many"
    else:
        kind = "one" if column else "many"
    lazy = constant(options.get("lazy")) if "lazy" in options else ""
    if last_name(call) == "dynamic_loader" or dynamic or lazy in _QUERIES:
        kind = "dynamic"
    secondary = "secondary" in options or "link_model" in options
    back, back_kind, back_eager = _other_side(options, kind, secondary=secondary)
    far = not secondary and (kind != "one" or not column)  # the key stands on the other side
    filters = _far_columns(project, target, info) if far else ()
    own = column if kind == "one" else ""
    eager = _eager(lazy, "lazy" in options)
    passive = constant(options.get("passive_deletes")) in (True, "all") or constant(options.get("viewonly")) is True
    return Relation(
        name, kind, target, spot, own, back, back_kind, eager, filters, back_eager=back_eager, passive=passive
    )


def declared(project: Project, member: Member, annotation: Any) -> Relation | None:
    """A relation that a class of rows only declares, mostly for type checkers: a backref, or what `declared_attr` makes
    of a mixin. An attribute that holds rows is hardly anything else."""
    from .sqlalchemy_models import is_model

    about, many, dynamic = unwrapped(annotation)
    bound = project.dotted(member.owner.partition("::")[0], about) if about is not None else None
    found = project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
    if found is None or dynamic or not is_model(project, found):
        return None
    spot = member.spot
    return Relation(member.name, "many" if many else "one", found.ref, spot, assumed=True)


def _eager(lazy: Any, given: bool) -> str:
    if lazy is False or lazy in _EAGER:
        return "always"
    return "never" if lazy in _NEVER or (given and lazy is None) else ""


def _pairs(expr: Any) -> list[tuple[str, Any]]:
    if isinstance(expr, tuple) and expr[0] == ir.DICT:
        return [(string(k), v) for k, v in zip(expr[1], expr[2], strict=False) if string(k)]
    if isinstance(expr, tuple) and expr[0] == ir.CALL:
        return [(k, v) for k, v in expr[3] if k is not None]
    return []


def _target(project: Project, info: ClassInfo, member: Member, expr: Any) -> str:
    """A class, a string ("User", "app.models.User"), or a lambda that gives the class."""
    if isinstance(expr, tuple) and expr[0] == ir.LAMBDA:
        expr = returned(expr[1])
    if string(expr):
        spelled = string(expr)
        if spelled.rpartition(".")[2] == info.name.rpartition(".")[2]:
            return info.ref
        bound = project.dotted(member.owner.partition("::")[0], spelled) if "." not in spelled else None
        if bound is not None and bound.kind == "class":
            return bound.ref
        return find_model(project, spelled.rpartition(".")[2], info.ref)
    if expr == info.name.rpartition(".")[2]:
        return info.ref
    bound = project.dotted(member.owner.partition("::")[0], expr) if expr is not None else None
    if bound is not None and bound.kind == "class":
        return bound.ref
    # A name imported for type checkers only, or not at all: a model of that name
    last = last_name(expr)
    return find_model(project, last, info.ref) if last else ""


def _own_column(
    project: Project,
    info: ClassInfo,
    member: Member,
    target: str,
    options: Mapping[str, Any],
    links: Mapping[str, tuple[str, ...]],
) -> str:
    """The own column whose foreign key leads to the target; "" when the key stands on the other side."""
    named = _column_names(options.get("foreign_keys"), info)
    if named:
        return next((n for n in named if n in links), "")
    if not target:
        return f"{member.name}_id" if f"{member.name}_id" in links else ""
    far = project.class_info(target)
    tables = _tables(project, far)
    leading = [c for c, points in links.items() if any(_leads(p, target, tables) for p in points)]
    close = [c for c in leading if c.startswith(member.name)]
    return (close or leading or [""])[0]


def _tables(project: Project, far: Any) -> set[str]:
    """The tables a class is stored in: its own, and those it inherits."""
    from .sqlalchemy_models import is_model, table_name

    if far is None:
        return set()
    out = set()
    for ancestor in far.lineage:
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        if own is not None and is_model(project, own):
            out.add(table_name(project, own).rpartition(".")[2])
    return out


def _leads(link: str, target: str, tables: set[str]) -> bool:
    """Whether a foreign key ("schema.table.column", "class:Model") leads to a model; schemas are not compared."""
    if link.startswith("class:"):
        return link[6:] == _short(target)
    return link.rpartition(".")[0].rpartition(".")[2] in tables


def _short(ref: str) -> str:
    return ref.rpartition("::")[2].rpartition(".")[2]


def _column_names(expr: Any, info: ClassInfo) -> list[str]:
    """`foreign_keys=[owner_id]`, `"User.owner_id"`, `lambda: User.owner_id`: names of columns of this class."""
    if isinstance(expr, tuple) and expr[0] == ir.LAMBDA:
        expr = returned(expr[1])
    if isinstance(expr, tuple) and expr[0] == ir.SEQUENCE:
        return [n for item in expr[2] for n in _column_names(item, info)]
    if isinstance(expr, str):
        return [expr]
    if isinstance(expr, tuple) and expr[0] == ir.ATTR:
        own = expr[1] in ("cls", info.name.rpartition(".")[2])
        return [expr[2]] if own else ["?"]
    spelled = string(expr).strip("[]() ")
    out = []
    for part in filter(None, (p.strip() for p in spelled.split(","))):
        cls, _, column = part.rpartition(".")
        out.append(column if not cls or cls.rpartition(".")[2] == info.name.rpartition(".")[2] else "?")
    return out


def _other_side(options: Mapping[str, Any], kind: str, *, secondary: bool) -> tuple[str, str, str]:
    """(name, kind, eager) of the relationship that `backref` makes, or the name that `back_populates` gives."""
    expr = options.get("backref")
    named = string(options.get("back_populates"))
    reverse = "many" if secondary or kind == "one" else "one"
    if expr is None:
        return (named, reverse, "") if named else ("", "", "")
    if string(expr):
        return string(expr), reverse, ""
    if isinstance(expr, tuple) and expr[0] == ir.CALL and expr[2]:
        if constant(keyword(expr, "uselist")) is False:
            reverse = "reverse-one"
        given = keyword(expr, "lazy")
        lazy = constant(given) if given is not None else ""
        if lazy in _QUERIES:
            reverse = "dynamic"
        return string(expr[2][0]), reverse, _eager(lazy, given is not None)
    return "", "", ""


def _far_columns(project: Project, target: str, info: ClassInfo) -> tuple[str, ...]:
    """Columns of the target whose foreign key leads here: what loading the collection filters."""
    from . import sqlalchemy_columns
    from .sqlalchemy_facts import declared

    found = project.class_info(target) if target else None
    if found is None:
        return ()
    here = _tables(project, info)
    for member in project.declared(found, nearest=True):
        expr, _ = declared(project, member)
        if (
            not isinstance(expr, tuple)
            or expr[0] != ir.CALL
            or last_name(expr) not in ("Column", "mapped_column", "Field")
        ):
            continue
        for link in sqlalchemy_columns._links(expr):
            if _leads(link, info.ref, here):
                first = expr[2][0] if expr[2] else None
                return (string(first) or member.name,)
    return ()
