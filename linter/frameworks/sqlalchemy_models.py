"""How SQLAlchemy, Flask-SQLAlchemy and SQLModel spell models: which classes are mapped, to which tables, with what.

In: classes of the project. Out: `schema.Model`. Source: docs.sqlalchemy.org, "Declarative Mapping" and "Relationship
API"; sqlmodel.tiangolo.com. Columns and relationships are read by `sqlalchemy_columns` and `sqlalchemy_relations`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.annotations import spelled
from ..project.frozen import replace
from ..project.memo import Question
from ..project.project import Member
from ..project.schema import Column, Index, Model, Relation
from . import sqlalchemy_columns as columns_of
from . import sqlalchemy_imperative as imperative
from . import sqlalchemy_relations as relations_of
from .sqlalchemy_facts import constant, declared, last_name, string
from .sqlalchemy_indexes import indexes

if TYPE_CHECKING:
    from ..project.project import ClassInfo, Project

_BASES = {
    "DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass", "AutomapBase", "SQLAlchemyBaseUserTable",
    "SQLAlchemyBaseUserTableUUID", "UUIDBase", "UUIDAuditBase", "BigIntBase", "BigIntAuditBase",
}  # fmt: skip
_MAKERS = {"declarative_base", "automap_base", "generate_base", "declarative_base_factory", "as_declarative"}
_MAPS = {"Column", "mapped_column", "relationship", "relation", "column_property", "deferred"}


def is_model(project: Project, info: ClassInfo) -> bool:
    """Whether a class is mapped: a declarative base among its ancestors, and no plain pydantic schema of SQLModel."""
    outside = [a[4:] for a in info.lineage if a.startswith("ext:")]
    if any(a in ("sqlmodel.SQLModel", "sqlmodel.main.SQLModel") for a in outside):
        return constant(dict(info.keywords).get("table")) is True
    for name in outside:
        last = name.rpartition(".")[2]
        if last in _BASES and (
            name.startswith(("sqlalchemy.", "flask_sqlalchemy", "advanced_alchemy", "fastapi_users")) or "." not in name
        ):
            return True
    if any(_made(project, info, a) for a in info.lineage):
        return True
    if imperative.mapped(project, info.ref) is not None:
        return True
    if any(
        name.rpartition(".")[2] in ("Model", "Base", "BaseModel", "ModelBase", "ORMBase") or name.endswith(".Model")
        for name in outside
    ):
        return _maps(project, info)
    return False


def _made(project: Project, info: ClassInfo, ancestor: str) -> bool:
    """`Base = declarative_base()`, and `@as_declarative() class Base`."""
    if not ancestor.startswith("ext:"):
        defined = project.class_def(ancestor)
        decorators = defined.core[ir.K_DECORATORS] if defined is not None else ()
        if any(last_name(d) in ("as_declarative", "mapped", "mapped_as_dataclass") for d in decorators):
            return True
        # `ModelBase = declarative_base(cls=ModelBase)` after the class of that name
        path, _, own = ancestor.partition("::")
        return any(last_name(value) in _MAKERS for value, _ in project.module_values(path, own)[:3])
    module, _, name = ancestor[4:].rpartition(".")
    found = project.modules.find(module, info.ref.partition("::")[0]) if module else None
    if found is None or found.endswith("/"):
        return False
    return any(last_name(value) in _MAKERS for value, _ in project.module_values(found, name)[:3])


def bases(project: Project, path: str, written: Any) -> Sequence[tuple[str, Any]] | None:
    """`db.Model` of Flask-SQLAlchemy inherits the class that `db = SQLAlchemy(model_class=Base)` was given as well."""
    if not isinstance(written, tuple) or written[0] != ir.ATTR or written[2] != "Model":
        return None
    bound = project.dotted(path, written[1])
    if bound is None or bound.kind != "value":
        return None
    for value, _ in project.module_values(bound.ref, bound.name)[:1]:
        given = dict(value[3]).get("model_class") if isinstance(value, tuple) and value[0] == ir.CALL else None
        if isinstance(given, tuple) and given[0] == ir.CALL:
            given = dict(given[3]).get("cls")  # declarative_base(cls=Base)
        if given is not None:
            return [(path, written), (bound.ref, given)]
    return None


def _maps(project: Project, info: ClassInfo) -> bool:
    """Whether a class with an unknown base says how it is mapped."""
    for ancestor in info.lineage:
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        if own is None:
            continue
        if "__tablename__" in own.members or "__table__" in own.members:
            return True
        if any(
            last_name(m.value) in _MAPS
            for m in own.members.values()
            if isinstance(m.value, tuple) and m.value[0] == ir.CALL
        ):
            return True
    return False


def table_name(project: Project, info: ClassInfo) -> str:
    """The table of a mapped class, without asking what the model contains."""
    for ancestor in info.lineage:
        own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
        if own is None:
            continue
        member = own.members.get("__tablename__")
        if member is not None and member.kind == "value" and string(member.value):
            return string(member.value)
        table = own.members.get("__table__")
        if table is not None and isinstance(table.value, tuple) and table.value[0] == ir.CALL and table.value[2]:
            return string(table.value[2][0])
        if member is not None and member.kind == "function":
            break
    told = imperative.mapped(project, info.ref)
    if told is not None and told[1][1][2]:
        return string(told[1][1][2][0])
    name = info.name.rpartition(".")[2]
    if info.inherits("sqlmodel.SQLModel", "sqlmodel.main.SQLModel"):
        return name.lower()
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _abstract(project: Project, info: ClassInfo) -> bool:
    own = info.members.get("__abstract__")
    if own is not None and constant(own.value) is True:
        return True
    if any(spelled(b).rpartition(".")[2] in _BASES for b in info.bases):
        return "__tablename__" not in info.members
    return _made(project, info, info.ref)


def model(project: Project, info: ClassInfo) -> Model | None:
    """Everything a mapped class and its ancestors declare; None when it is not mapped."""
    if not is_model(project, info):
        return None
    sqlmodel = info.inherits("sqlmodel.SQLModel", "sqlmodel.main.SQLModel")
    columns: dict[str, Column] = {}
    links: dict[str, tuple[str, ...]] = {}
    found: list[tuple[Any, Any, Any]] = []
    relations: dict[str, Relation] = {}
    for member in project.declared(info):
        expr, annotation = declared(project, member)
        made = columns_of.column(project, info, member, expr, annotation, sqlmodel=sqlmodel)
        if made is not None:
            columns[member.name], links[member.name] = made
        elif relations_of.is_relation(expr):
            found.append((member, expr, annotation))
        elif expr is None and annotation is not None:
            only = relations_of.declared(project, member, annotation)
            relations.update({only.name: only} if only is not None else {})
    told = imperative.mapped(project, info.ref)
    if told is not None:
        listed = imperative.properties(*told)
        found += [(member, member.value, None) for member in listed if relations_of.is_relation(member.value)]
    for column, points_to in _table_columns(project, info):
        columns.setdefault(column.name, column)
        links.setdefault(column.name, points_to)
    for member, expr, annotation in found:
        relation = relations_of.relation(project, info, member, expr, annotation, links)
        relations[relation.name] = relation
    declared_indexes = list(indexes(project, info, columns))
    primary = [c.name for c in columns.values() if c.primary]
    primary.sort(key=lambda name: columns[name].spot.owner != info.ref)  # its own come before those of its mixins
    for index in declared_indexes:
        if index.method == "primary":
            primary = list(index.columns)
    if len(primary) > 1:
        declared_indexes.append(Index(tuple(primary), unique=True))
        for name in primary:
            kept = columns[name]
            columns[name] = replace(kept, indexed=name == primary[0], primary=False)
    return Model(
        info.ref,
        "sqlalchemy",
        table_name(project, info),
        tuple(columns.values()),
        tuple(relations.values()),
        tuple(i for i in declared_indexes if i.method != "primary"),
        (),
        _abstract(project, info),
        primary[0] if primary else "id",
        info.name.rpartition(".")[2].lower(),
    )


def _table_columns(project: Project, info: ClassInfo) -> Iterator[tuple[Column, tuple[str, ...]]]:
    """`__table__ = Table("name", metadata, Column(...), ...)`, and the table of an imperative mapping."""
    member = info.members.get("__table__")
    told = imperative.mapped(project, info.ref)
    if told is not None:
        path, call, _ = told[1]
        member = Member("value", f"{path}::", "", (), call, None, call[4], call[5])
    call = member.value if member is not None else None
    if member is None or not isinstance(call, tuple) or call[0] != ir.CALL or last_name(call) != "Table":
        return
    for argument in call[2]:
        if last_name(argument) == "Column" and argument[2] and string(argument[2][0]):
            made = columns_of.column(project, info, member, argument, None, sqlmodel=False, name=string(argument[2][0]))
            if made is not None:
                yield made


# Indexes --------------------------------------------------------------------------------------------------


# Tables ---------------------------------------------------------------------------------------------------


def by_table(project: Project, name: str) -> str:
    """The model whose table has this name (with or without a schema in front); "" for none."""
    tables: dict[str, str] = project.memo.ask(TABLES)
    return tables.get(name) or tables.get(name.rpartition(".")[2], "")


def _tables(project: Project) -> dict[str, str]:
    out: dict[str, str] = {}
    for ref in project.classes():
        info = project.class_info(ref)
        if info is not None and is_model(project, info) and not _abstract(project, info):
            # The first class of a single-table hierarchy stands for its table
            out.setdefault(table_name(project, info), ref)
    return out


TABLES: Question[dict[str, str]] = Question("sqlalchemy_tables", _tables, dict)
