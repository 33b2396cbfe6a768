"""Frames of libraries that fill or dump schemas, or list rows: which line declares the field that is read.

In: a stack frame. Out: (file, line) of the field, or None. Used by `declarations` only.
pydantic reads attributes from compiled code, so only the attribute of SQLAlchemy that is read is on the stack: the
field is the one of that name, or alias, in the classes that the caller fills, for the model whose name the class begins
with when several have one.
"""

from __future__ import annotations

import ast
import os
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

Found = tuple[str, int] | None


def declared(frame: FrameType) -> Found:
    name, module = frame.f_code.co_name, frame.f_globals.get("__name__", "")
    if name == "__get__" and module == "sqlalchemy.orm.attributes" and frame.f_back is not None:
        return of_class(frame.f_locals, frame.f_back)
    if name == "serialize" and module == "marshmallow.fields":
        return of_schema(frame.f_locals)
    if name == "output" and module == "flask_restx.fields":
        return of_model(frame)
    if name == "_get_list_value" and module == "flask_admin.model.base":
        return line_of(type(frame.f_locals["self"]), frame.f_locals["name"])
    return None


def of_class(names: dict[str, Any], caller: FrameType) -> Found:
    """An attribute that pydantic reads to fill a class."""
    back: FrameType | None = caller
    while back is not None and not {"cls", "self"} & back.f_locals.keys():  # pydantic's own validators of lists
        back = back.f_back
    if back is None or not caller.f_globals.get("__name__", "").startswith(("pydantic", "fastapi", "sqlmodel")):
        return None
    held = back.f_locals
    about = held.get("cls") or held.get("self")
    kept = getattr(about, "_type", None) or getattr(getattr(about, "field_info", None), "annotation", None)
    if not isinstance(about, type):
        about = kept or type(about)
    found = [cls for cls in filled(about, set()) for f in read_from(cls) if names["self"].key in f]
    named = [cls for cls in found if cls.__name__.startswith(type(names["instance"]).__name__)] or found
    for cls in dict.fromkeys(named):
        for field in cls.model_fields:
            if names["self"].key in aliases(cls, field):
                return line_of(cls, field)
    return None


def filled(annotation: Any, seen: set[Any]) -> Iterator[Any]:
    """The classes of pydantic in an annotation, and in theirs."""
    for inner in typing.get_args(annotation):
        yield from filled(inner, seen)
    if isinstance(annotation, type) and hasattr(annotation, "model_fields") and annotation not in seen:
        seen.add(annotation)
        yield annotation
        for field in annotation.model_fields.values():
            yield from filled(field.annotation, seen)


def read_from(cls: Any) -> Iterator[set[str]]:
    yield from (aliases(cls, field) for field in cls.model_fields)


def aliases(cls: Any, field: str) -> set[str]:
    return {field, str(cls.model_fields[field].validation_alias)}


def of_schema(names: dict[str, Any]) -> Found:
    """A field of marshmallow, and the schema that it is bound to."""
    return line_of(type(names["self"].parent), names["self"].name)


def of_model(frame: FrameType) -> Found:
    """A field of Flask-RESTX: the line of its key, in the module that makes a model of these fields."""
    caller: FrameType | None = frame
    while caller is not None and caller.f_code.co_name != "marshal":
        caller = caller.f_back
    return key_in_module(str(frame.f_locals.get("key")), tuple(fields_of(caller))) if caller is not None else None


def fields_of(frame: FrameType) -> Iterator[str]:
    fields = frame.f_locals.get("fields")
    yield from sorted(getattr(fields, "resolved", fields) or ())


@cache
def key_in_module(key: str, keys: tuple[str, ...]) -> Found:
    """The line of a key, in the dict of a source file of the project whose keys are all among these, and most."""
    found: list[tuple[int, str, int]] = []
    for file in sorted(Path(os.getcwd()).rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "flask_restx" in text else ():
            written = [k.value for k in node.keys if isinstance(k, ast.Constant)] if isinstance(node, ast.Dict) else []
            if isinstance(node, ast.Dict) and key in written and set(written) <= set(keys):
                lines = [k.lineno for k in node.keys if isinstance(k, ast.Constant) and k.value == key]
                found.append((len(written), str(file), lines[0]))
    return max(found)[1:] if found else None


def line_of(cls: type, name: str) -> Found:
    from declarations import line_of as place

    return place(cls, name)
