"""Graphene with Django or SQLAlchemy: what resolving a list of rows reads of each.

In: `DjangoObjectType` and `SQLAlchemyObjectType` classes, and object types with lists of them. Out: each list, gone
through row by row; of each row the relations that are fields, and the `resolve_…` methods. Which fields a client asks
for is not known, so rules must not be certain. Relations of rows that an optimiser prepared are taken to be loaded;
those of a type of SQLAlchemy that says `batching` are.
Source: `graphene_django.types`, `graphene_django.converter`, `graphene_django.fields`; graphene-django-optimizer;
`graphene_sqlalchemy.types`, `graphene_sqlalchemy.converter`, `graphene_sqlalchemy.fields`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.frozen import replace
from ..project.memo import Question
from ..project.schema import Relation, model_of, relation_of, reverse_of
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    UNKNOWN,
    Bound,
    Class,
    Container,
    External,
    Function,
    Row,
    Rows,
    Spot,
    Value,
    parts,
)
from .base import Arguments, Framework, Keywords
from .class_options import flag, method, method_spot, model_option, names, option, outside
from .django_choices import fetched
from .model_rows import every_row

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Member, Project
    from ..project.run import Run

TYPE = "resolver.type"
ROW = "resolver.row"
LISTS = "resolver.lists"
_LISTS = ("List", "DjangoListField", "DjangoConnectionField", "DjangoFilterConnectionField", "ConnectionField")
_DEFAULT = ("DjangoListField", "DjangoConnectionField", "DjangoFilterConnectionField", "SQLAlchemyConnectionField")
_WRAPS = ("NonNull", "List", "Field", "Required")
_OPTIMISES = ("graphene_django_optimizer.query", "gql_optimizer.query", "query_optimizer.optimize")
_HINTS = ("resolver_hints", "ManuallyOptimizedField", "AnnotatedField")
_ALCHEMY = "SQLAlchemyObjectType"
_QUERY = "get_query"
_DEPTH = 4  # wrappers around a type


class Graphene(Framework):
    name = "graphene"
    attributes_of = (Class,)
    calls_of = (Bound, External)

    @property
    def questions(self) -> Sequence[Question[Any]]:
        return tuple(QUESTIONS.values())

    def drives(self, project: Project, info: ClassInfo) -> Sequence[str]:
        if is_type(info):
            return (TYPE,)
        return (LISTS,) if _is_object(info) else ()

    def procedure(self, run: Run, name: str, receiver: Value, given: Value) -> Value | None:
        if name == TYPE:
            return rows_of_type(run, given)
        if name == ROW:
            if isinstance(given, Row):
                _row(run, given)
            return UNKNOWN
        if name == LISTS:
            for member, cls in lists_of(run.project, run.owner):
                _root(run, member, cls)
            return UNKNOWN
        return None

    def attribute(self, run: Run, value: Value, name: str, spot: Spot) -> Value | None:
        return Bound(value, name) if name == _QUERY and isinstance(value, Class) and _has_query(run, value) else None

    def call(self, run: Run, callee: Value, args: Arguments, keywords: Keywords, spot: Spot) -> Value | None:
        if isinstance(callee, Bound) and callee.name == _QUERY and isinstance(callee.of, Class):
            model = model_option(run.project, f"{callee.of.ref}.Meta") if _has_query(run, callee.of) else ""
            return every_row(run, model, spot) if model else None
        if isinstance(callee, External) and callee.name.endswith(_OPTIMISES) and args:
            known = frozenset({ANYTHING, ASSIGNED})
            return replace(args[0], loaded=args[0].loaded | known) if isinstance(args[0], Rows) else args[0]
        return None


def is_type(info: ClassInfo) -> bool:
    return outside(info, "DjangoObjectType", "DjangoNode", "OptimizedDjangoObjectType", _ALCHEMY)


def _has_query(run: Run, value: Class) -> bool:
    """`OrderType.get_query(info)` of SQLAlchemy's types, unless the project has one of its own."""
    info = run.project.class_info(value.ref)
    return info is not None and outside(info, _ALCHEMY) and run.project.lookup(value.ref, _QUERY) is None


def lists_of(project: Project, cls: str) -> Iterator[tuple[Member, str]]:
    """The fields of a type that are lists of rows: (the field, the type of its rows)."""
    info = project.class_info(cls)
    for member in info.members.values() if info is not None else ():
        call = member.value
        if member.kind != "value" or not isinstance(call, tuple) or call[0] != ir.CALL or not call[2]:
            continue
        if _is_list(call):
            found = _type_named(project, member.owner.partition("::")[0], call)
            if found:
                yield member, found


def _is_list(call: Any, depth: int = 0) -> bool:
    """`List(T)`, `Field(List(NonNull(T)))`, `DjangoListField(T)`"""
    if not isinstance(call, tuple) or call[0] != ir.CALL or depth > _DEPTH:
        return False
    last = spelled(call[1]).rpartition(".")[2]
    return last.endswith(_LISTS) or (last in _WRAPS and bool(call[2]) and _is_list(call[2][0], depth + 1))


def _type_named(project: Project, path: str, expr: Any, depth: int = 0) -> str:
    """The object type inside wrappers and lambdas; "" for scalars and what else there is."""
    if depth > _DEPTH * 2:
        return ""
    if isinstance(expr, tuple) and expr[0] == ir.CALL:
        return _type_named(project, path, expr[2][0], depth + 1) if expr[2] else ""
    if isinstance(expr, tuple) and expr[0] == ir.LAMBDA:
        returned = [s[1] for s in expr[1][ir.C_BODY] if s[0] == ir.RETURN]
        return _type_named(project, path, returned[0], depth + 1) if returned else ""
    if isinstance(expr, tuple) and expr[0] == ir.ATTR and expr[2] == "connection":  # what SQLAlchemy's types have
        return _type_named(project, path, expr[1], depth + 1)
    bound = project.dotted(path, expr)
    info = project.class_info(bound.ref) if bound is not None and bound.kind == "class" else None
    return info.ref if info is not None and (is_type(info) or _is_object(info)) else ""


def _is_object(info: ClassInfo) -> bool:
    return outside(info, "graphene.ObjectType")


def _root(run: Run, member: Member, cls: str) -> None:
    """A list that is asked for by itself."""
    project = run.project
    spot = run.spot(member.line, member.column, member.line, member.column + len(member.name))
    own = method(project, run.owner, f"resolve_{member.name}")
    last = spelled(member.value[1]).rpartition(".")[2]
    rows: Value = UNKNOWN
    if own is not None:
        rows = run.call_function(own, (UNKNOWN, UNKNOWN), {}, spot)
    elif last.endswith(_DEFAULT):
        rows = every_row(run, model_option(project, f"{cls}.Meta"), spot)
    resolve(run, rows, cls, spot)


def resolve(run: Run, rows: Value, cls: str, spot: Spot) -> None:
    """The rows of a list of this type."""
    for part in parts(rows):
        if isinstance(part, Rows | Container) and not (isinstance(part, Rows) and part.plain):
            run.perform(f"{cls}#{TYPE}", Class(cls), part, spot)


def rows_of_type(run: Run, given: Value) -> Value:
    """A list of rows of a type: of each row every field. Without rows: some rows, of which only methods are told."""
    project, cls = run.project, run.owner
    model = model_option(project, f"{cls}.Meta")
    listed = isinstance(given, Rows | Container)
    if not model and not listed:
        return UNKNOWN
    rows = given if listed else every_row(run, model, run.spot(0, 0))
    own = method(project, cls, "get_queryset") if model else None
    if own is not None and isinstance(rows, Rows):
        made = run.call_function(Function(own.ref, Class(cls)), (rows, UNKNOWN), {}, run.spot(0, 0))
        rows = made if isinstance(made, Rows) else rows
    for part in parts(rows):
        each, many, _ = run.iterated(part, run.spot(0, 0))
        loop = run.open_loop(many, False, "row", part, cls.rpartition("::")[2], 0, 0, "for")
        row = run.refreshed(each)
        if isinstance(row, Row) and listed:
            _row(run, row)
        elif isinstance(row, Row):
            _methods(run, replace(row, loaded=row.loaded | {ANYTHING}))
        run.close(loop)
    return UNKNOWN


def _row(run: Run, row: Row) -> None:
    """Every field of one row."""
    _methods(run, row)
    _declared(run, row)
    if model_option(run.project, f"{run.owner}.Meta") == row.model:
        _relations(run, row)


def _declared(run: Run, row: Row) -> None:
    """Fields that the class declares and no method resolves: the attribute of that name."""
    project = run.project
    info = project.class_info(run.owner)
    for member in info.members.values() if info is not None else ():
        call = member.value
        if member.kind != "value" or not isinstance(call, tuple) or call[0] != ir.CALL:
            continue
        name = member.name
        if method(project, run.owner, f"resolve_{name}") is not None or name == "Meta":
            continue
        spot = run.spot(member.line, member.column, member.line, member.column + len(name))
        inner = _type_named(project, member.owner.partition("::")[0], call)
        value = run.attribute(row, name, spot.line, spot.column)
        for part in parts(value):
            if isinstance(part, Rows):
                fetched(run, part, spot)
            elif isinstance(part, Function):
                run.call_value(part, (), {}, spot)
            elif isinstance(part, Row) and inner:
                run.perform(f"{inner}#{ROW}", Class(inner), part, spot)


def _methods(run: Run, row: Row) -> None:
    """`resolve_…` methods get the row as their first argument."""
    project = run.project
    info = project.class_info(run.owner)
    seen: set[str] = set()
    for ancestor in info.lineage if info is not None else ():
        own = None if ancestor.startswith("ext:") else project.class_def(ancestor)
        for name in own.methods if own is not None else ():
            if not name.startswith("resolve_") or name in seen:
                continue
            seen.add(name)
            ref = f"{ancestor}.{name}"
            defined = project.function(ref)
            if defined is None or any(spelled(_called(d)).endswith(_HINTS) for d in defined.core[ir.C_DECORATORS]):
                continue
            spot = method_spot(run, name)
            made = run.call_function(Function(ref), (row, UNKNOWN), {}, spot)
            for part in parts(made):
                if isinstance(part, Rows) and part.model:
                    run.iterated(part, spot)


def _called(decorator: Any) -> Any:
    return decorator[1] if isinstance(decorator, tuple) and decorator[0] == ir.CALL else decorator


def _relations(run: Run, row: Row) -> None:
    """The fields that the type makes of relations to models that have a type too."""
    project, cls = run.project, run.owner
    known = model_of(project, row.model)
    if known is None or flag(project, f"{cls}.Meta", "batching") is True:
        return
    wanted, left_out = _fields(project, cls)
    line, column = _place(run)
    typed: frozenset[str] = project.memo.ask(QUESTIONS["graphene_models"])
    every: dict[str, Relation] = {r.name: r for r in known.relations} | reverse_of(project, row.model)
    for name, relation in every.items():
        if name in left_out or (wanted is not None and name not in wanted) or relation.target not in typed:
            continue
        if project.lookup(cls, name) is not None:  # declared by the type itself
            continue
        if method(project, cls, f"resolve_{name}") is not None or relation_of(project, row.model, name) is None:
            continue
        spot = run.spot(line, column, line, column + len("fields"))
        fetched(run, run.attribute(row, name, line, column), spot)


def _fields(project: Project, cls: str) -> tuple[set[str] | None, set[str]]:
    """The names of the fields that a type has of its model, None for all; and of those it leaves out."""
    meta = f"{cls}.Meta"
    wanted: set[str] | None = None
    for name in ("fields", "only_fields"):
        written = names(project, meta, name)
        if written and "__all__" not in written:
            wanted = set(written)
    return wanted, {*names(project, meta, "exclude"), *names(project, meta, "exclude_fields")}


def _place(run: Run) -> tuple[int, int]:
    """Line and column of `Meta.fields`, from the type's own `class` line."""
    path, _, name = run.owner.partition("::")
    member = option(run.project, f"{run.owner}.Meta", "fields") or option(run.project, f"{run.owner}.Meta", "model")
    if member is None or member.owner != f"{run.owner}.Meta":
        return 0, 0
    return run.project.base_line(path, f"{name}.Meta") - run.project.base_line(path, name) + member.line, member.column


def _typed(project: Project) -> frozenset[str]:
    """The models that have a type."""
    out = set()
    for ref in project.classes():
        info = project.class_info(ref)
        if info is not None and is_type(info):
            out.add(model_option(project, f"{ref}.Meta"))
    return frozenset(out - {""})


QUESTIONS: dict[str, Question[Any]] = {"graphene_models": Question("graphene_models", _typed, frozenset)}
