"""Django's migrations: which indexes and tables their operations make.

In: files `APP/migrations/*.py` with a class `Migration`. Out: `Migration`s. Tables are named by their models, in lower
case. Source: docs.djangoproject.com, "Migration Operations", "PostgreSQL specific database migration operations".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.migrations import ALTERED, DROP, FIELD, INDEX, TABLE, UNIQUE, Change, Migration
from ..project.shapes import constant, keyword, string
from ..project.values import Spot
from . import django_indexes
from .sqlalchemy_facts import last_name

if TYPE_CHECKING:
    from ..project.project import Project

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TABLES = re.compile(r"create\s+table\s+(?:if\s+not\s+exists\s+)?(?:[\w\"]+\.)?(?P<table>[\w\"]+)", re.IGNORECASE)
_CREATES = re.compile(
    r"create\s+(?P<unique>unique\s+)?index\s+(?P<concurrently>concurrently\s+)?(?:if\s+not\s+exists\s+)?"
    r"(?:(?P<name>[\w\"]+)\s+)?on\s+(?:only\s+)?(?:[\w\"]+\.)?(?P<table>[\w\"]+)"
    r"(?:\s*(?:using\s+btree\s*)?\((?P<columns>[\w\",\s]+)\)(?!\s*where\b))?",
    re.IGNORECASE,
)
_DROPS = re.compile(
    r"drop\s+index\s+(?:concurrently\s+)?(?:if\s+exists\s+)?(?:[\w\"]+\.)?(?P<name>[\w\"]+)", re.IGNORECASE
)
_KEYS = ("ForeignKey", "OneToOneField", "TreeForeignKey")
_MAX_DEPTH = 4


def migration(project: Project, path: str) -> Migration | None:
    """What one file holds; None when it is no migration."""
    folder, _, file = path.rpartition("/")
    if not folder.endswith("migrations") or not project.defines(path, "class", "Migration"):
        return None
    info = project.class_info(f"{path}::Migration")
    values = {name: m.value for name, m in info.members.items() if m.kind == "value"} if info is not None else {}
    operations = values.get("operations")
    if not isinstance(operations, tuple) or operations[0] != ir.SEQUENCE or _chosen(project, f"{path}::Migration"):
        return None
    owner = f"{path}::Migration"
    outside = constant(values.get("atomic")) is False
    changes = [replace(c, outside=outside) for call in operations[2] for c in _changes(owner, call, 0)]
    name, after = file.removesuffix(".py"), tuple(_after(folder, values))
    return Migration(path, "django", folder, name, after, tuple(changes), _label(project, folder, values))


def _chosen(project: Project, ref: str) -> bool:
    """Whether the class chooses between lists of operations, by a setting: somebody has thought of large tables."""
    defined = project.class_def(ref)
    body = defined.body if defined is not None else ()
    return len([s for s in body if s[0] == ir.ASSIGN and "operations" in s[1]]) > 1


def _after(folder: str, values: dict[str, Any]) -> Iterator[str]:
    """The names of those before it, and of those that it replaces. An app may be labelled otherwise than its folder;
    but every app has a first migration of the same name."""
    app = folder.rpartition("/")[0].rpartition("/")[2]
    for written in (values.get("dependencies"), values.get("replaces")):
        for pair in written[2] if isinstance(written, tuple) and written[0] == ir.SEQUENCE else ():
            if isinstance(pair, tuple) and pair[0] == ir.SEQUENCE and len(pair[2]) == 2:
                name = string(pair[2][1])
                if string(pair[2][0]) == app or not name.startswith("0001_initial"):
                    yield name


def _label(project: Project, folder: str, values: dict[str, Any]) -> str:
    """How an app is labelled: as its folder, or as the dependency on another migration of this folder is."""
    app = folder.rpartition("/")[0].rpartition("/")[2]
    written = values.get("dependencies")
    pairs = written[2] if isinstance(written, tuple) and written[0] == ir.SEQUENCE else ()
    named = [
        (string(p[2][0]), string(p[2][1]))
        for p in pairs
        if isinstance(p, tuple) and p[0] == ir.SEQUENCE and len(p[2]) == 2
    ]
    here = [pair for pair in named if pair[0] and project.defines(f"{folder}/{pair[1]}.py", "class", "Migration")]
    here.sort(key=lambda pair: (pair[0] != app, pair[1].startswith("0001_initial")))
    return here[0][0] if here else app


def _changes(owner: str, call: Any, depth: int) -> Iterator[Change]:
    if not isinstance(call, tuple) or call[0] != ir.CALL or depth > _MAX_DEPTH:
        return
    kind = last_name(call)
    spot = Spot(owner, *call[4:8])
    table = (string(keyword(call, "model_name", 0)) or string(keyword(call, "name", 0))).lower()
    if kind == "CreateModel":
        yield Change(TABLE, table, spot, how=kind)
        options = keyword(call, "options", 2)
        if isinstance(options, tuple) and options[0] == ir.DICT:
            for key, value in zip(options[1], options[2], strict=True):
                if string(key) == "db_table" and string(value):
                    yield Change(TABLE, string(value).strip('"').lower(), spot, how=kind)
        fields = keyword(call, "fields", 1)
        for pair in fields[2] if isinstance(fields, tuple) and fields[0] == ir.SEQUENCE else ():
            if isinstance(pair, tuple) and pair[0] == ir.SEQUENCE and len(pair[2]) == 2:
                yield from _of_field(FIELD, table, string(pair[2][0]), pair[2][1], spot, kind)
    elif kind in ("AddIndex", "AddIndexConcurrently", "AddConstraint"):
        made = keyword(call, "index" if kind != "AddConstraint" else "constraint", 1)
        found = django_indexes.index(made) if isinstance(made, tuple) and made[0] == ir.CALL else None
        if found is not None:
            concurrently = kind == "AddIndexConcurrently"
            yield Change(INDEX, table, spot, found.columns, found.name, found.unique, kind, concurrently)
    elif kind in ("RemoveIndex", "RemoveIndexConcurrently", "RemoveConstraint"):
        yield Change(DROP, table, spot, name=string(keyword(call, "name", 1)), how=kind)
    elif kind in ("AddField", "AlterField"):
        does, name = FIELD if kind == "AddField" else ALTERED, string(keyword(call, "name", 1))
        yield from _of_field(does, table, name, keyword(call, "field", 2), spot, kind)
    elif kind == "AlterUniqueTogether":
        groups = keyword(call, "unique_together", 1)
        if isinstance(groups, tuple) and groups[0] == ir.CALL and groups[2]:  # `set([…])`
            groups = groups[2][0]
        for group in groups[2] if isinstance(groups, tuple) and groups[0] == ir.SEQUENCE else ():
            names = tuple(map(string, group[2])) if isinstance(group, tuple) and group[0] == ir.SEQUENCE else ()
            yield Change(INDEX, table, spot, names, unique=True, how=kind)
    elif kind == "RunSQL":
        yield from scripted(spot, call[2][0] if call[2] else keyword(call, "sql"), kind)
    elif kind == "SeparateDatabaseAndState":
        inner = keyword(call, "database_operations", 0)
        for each in inner[2] if isinstance(inner, tuple) and inner[0] == ir.SEQUENCE else ():
            yield from _changes(owner, each, depth + 1)


def _of_field(does: str, table: str, name: str, field: Any, spot: Spot, how: str) -> Iterator[Change]:
    if not isinstance(field, tuple) or field[0] != ir.CALL or not name:
        return
    unique = constant(keyword(field, "unique")) is True
    key = last_name(field) in _KEYS or constant(keyword(field, "primary_key")) is True
    asked = constant(keyword(field, "db_index"))
    indexed = unique or asked is True or (asked is None and (key or last_name(field).endswith("SlugField")))
    yield Change(does, table, spot, (name,), unique=unique, how=how, indexed=indexed)


def scripted(spot: Spot, expr: Any, how: str) -> Iterator[Change]:
    """The indexes that a text of SQL, or a list of texts, makes and drops."""
    if isinstance(expr, tuple) and expr[0] == ir.SEQUENCE:
        for part in expr[2]:
            yield from scripted(spot, part, how)
        return
    if isinstance(expr, tuple) and expr[0] == ir.CALL and expr[2]:  # `text("…")`
        expr = expr[2][0]
    if isinstance(expr, tuple) and expr[0] == ir.STRING:
        text = "".join(string(part) or "x" for part in expr[1])
    else:
        text = string(expr)
    text = _COMMENT.sub(" ", text)
    for found in _TABLES.finditer(text):
        yield Change(TABLE, found["table"].strip('"').lower(), spot, how=how)
    for found in _CREATES.finditer(text):
        yield Change(
            INDEX,
            found["table"].strip('"').lower(),
            spot,
            _columns(found["columns"] or ""),
            name=(found["name"] or "").strip('"'),
            unique=bool(found["unique"]),
            how=how,
            concurrently=bool(found["concurrently"]),
            of_database=True,
        )
    for found in _DROPS.finditer(text):
        yield Change(DROP, "", spot, name=found["name"].strip('"'), how=how)


def _columns(written: str) -> tuple[str, ...]:
    """`a, "b" DESC` as names; how each is sorted does not matter to what it serves alone."""
    return tuple(part.split()[0].strip('"') for part in written.split(",") if part.strip())


def safer(change: Change) -> str:
    """How to make the index of a change without keeping writers out."""
    alone = "set `atomic = False` on the `Migration` class, and leave nothing else in it"
    if change.concurrently:
        return alone
    if change.unique:
        return f"{'add the column without `unique`, then ' if change.how == 'AddField' else ''}{UNIQUE}; {alone}"
    if change.how in ("AddField", "AlterField"):
        return (
            "leave `db_index` out, add an `Index` to `Meta.indexes`, and make it by `AddIndexConcurrently` in a "
            "migration with `atomic = False`"
        )
    if change.how == "RunSQL":
        return "`CREATE INDEX CONCURRENTLY IF NOT EXISTS …`, and `atomic = False` on the migration"
    return (
        "`AddIndexConcurrently` of `django.contrib.postgres.operations`, and `atomic = False` on the `Migration` class"
    )
