"""Frames of frameworks that read one declared field: which line of the project declares it.

Serializers, admin classes, tables and GraphQL types say *what* is read in a class body; a framework does the reading.
In: a stack frame of a framework. Out: (file, line) of the declaration, or None. Imported by `execution.py` only.
"""

from __future__ import annotations

import ast
import inspect
import os
from collections.abc import Callable, Iterator
from functools import cache
from textwrap import dedent
from types import FrameType
from typing import Any

import declarations_schemas  # beside this file; the runners put its folder on the path

Found = tuple[str, int] | None


def declared(frame: FrameType) -> Found:
    found = declarations_schemas.declared(frame)
    if found is not None:
        return found
    reader = READERS.get(frame.f_code.co_name)
    return reader(frame.f_locals) if reader is not None else None


def of_serializer(names: dict[str, Any]) -> Found:
    """`Serializer.to_representation` at one of its fields; the list of children is a field of the parent."""
    field, serializer = names.get("field"), names.get("self")
    return line_of(type(serializer), field.field_name) if field is not None else None


def of_schema(names: dict[str, Any]) -> Found:
    """django-ninja's `DjangoGetter.__getattr__`: a field of a schema, by its name or what it is read from."""
    schema, key = getattr(names.get("self"), "_schema_cls", None), names.get("key")
    for name, field in schema.model_fields.items() if schema is not None else ():
        alias = field.validation_alias
        if key in (name, alias, *getattr(alias, "choices", ())):
            return line_of(schema, name)
    return None


def of_changelist(names: dict[str, Any]) -> Found:
    """`items_for_result`: a column of the admin's list."""
    name, changelist = names.get("field_name"), names.get("cl")
    if changelist is None or not isinstance(name, str):
        return None
    return line_of(type(changelist.model_admin), name)


def of_form(names: dict[str, Any]) -> Found:
    """A node of the admin's templates that shows a field of a form or of an inline."""
    try:
        layers = names["context"].flatten()
    except Exception:  # not a template's context, or one that is being built
        return None
    inline, admin, field = layers.get("inline_admin_formset"), layers.get("adminform"), layers.get("field")
    options = inline.opts if inline is not None else getattr(admin, "model_admin", None)
    if options is None:
        return None
    name = getattr(field, "field", None)
    name = name.get("name") if isinstance(name, dict) else getattr(name, "name", None)
    return line_of(type(options), name if isinstance(name, str) else "")


def of_table(names: dict[str, Any]) -> Found:
    """django-tables2: a cell of a row."""
    column = names.get("bound_column")
    return line_of(type(column._table), column.name) if column is not None else None


def of_graph(names: dict[str, Any]) -> Found:
    """graphql-core: a field of a type, and the type's class as graphene or strawberry keep it."""
    parent, nodes = names.get("parent_type"), names.get("field_nodes")
    nodes = nodes or getattr(names.get("field_details_list"), "nodes", None)
    if parent is None or not nodes:
        return None
    kept = getattr(parent, "graphene_type", None)
    if kept is None:
        kept = getattr((parent.extensions or {}).get("strawberry-definition"), "origin", None)
    return line_of(kept, snake(nodes[0].name.value)) if kept is not None else None


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


READERS: dict[str, Callable[[dict[str, Any]], Found]] = {
    "to_representation": of_serializer,
    "__getattr__": of_schema,
    "items_for_result": of_changelist,
    "render_annotated": of_form,
    "_get_and_render_with": of_table,
    "execute_field": of_graph,
}


@cache
def line_of(cls: type, name: str) -> Found:
    """Where a class of the project, or one that it inherits from, names a field: its assignment, a string in a tuple
    of the body or of `Meta`, or at last the tuple that means it ("__all__") and the class itself."""
    mine = [base for base in cls.__mro__ if ours(base)]
    for base in mine:
        for node in body(base):
            if name in targets(node):
                return place(base, node)
    statements = [(base, statement) for base in mine for statement in body(base)]
    # What makes a field a raw key says more than the tuple that merely shows it.
    statements.sort(key=lambda each: "raw_id_fields" not in targets(each[1]))
    for base, statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and node.value == name:
                return place(base, node)
    for base, statement in statements:
        for node in ast.walk(statement):
            if "fields" in targets(node):
                return place(base, node)
    return place(mine[0], definition(mine[0])) if mine else None


def ours(cls: type) -> bool:
    module = inspect.getmodule(cls)
    return str(getattr(module, "__file__", "")).startswith(os.getcwd() + os.sep)


def targets(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def body(cls: type) -> list[ast.stmt]:
    return definition(cls).body


def definition(cls: type) -> ast.ClassDef:
    lines, first = inspect.getsourcelines(cls)
    node = ast.parse(dedent("".join(lines))).body[0]
    assert isinstance(node, ast.ClassDef)
    ast.increment_lineno(node, first - 1)
    return node


def place(cls: type, node: ast.AST) -> Found:
    return str(inspect.getsourcefile(cls)), getattr(node, "lineno", 0)
