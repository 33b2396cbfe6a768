"""The models of Flask-RESTX and the fields of Flask-RESTful: what marshalling reads of an object.

In: a module-level name, or an attribute of a class, that holds `api.model("Order", {...})`, `api.inherit(...)`,
`api.clone(...)`, `Model(...)`, or a dict of fields. Out: `Field`s, each where its key stands.
Source: flask-restx.readthedocs.io, "Response marshalling"; flask-restful.readthedocs.io, "Output Fields".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.frozen import replace
from ..project.memo import Question
from ..project.shapes import keyword, string
from .schema_fields import Field
from .sqlalchemy_facts import last_name, returned

if TYPE_CHECKING:
    from ..project.project import Project

_MAKES = {"model", "Model", "inherit", "clone", "OrderedModel", "extend"}
_PACKAGES = ("flask_restx", "flask_restful", "flask_restplus", "restx")
_UNREAD = {"Url", "Wildcard"}
_MAX_DEPTH = 5


def is_model(project: Project, ref: str) -> bool:
    """Whether a name holds fields to marshal, through the memo."""
    found: bool = project.memo.ask(MODEL, ref)
    return found


def _is_model(project: Project, ref: str) -> bool:
    return _definition(project, ref) is not None


def model_of_expr(project: Project, owner: str, expr: Any, depth: int = 0) -> str:
    """The reference of the model that an expression names: a name, an attribute of a class; "" for none."""
    path, _, within = owner.partition("::")
    if depth > _MAX_DEPTH or expr is None:
        return ""
    if isinstance(expr, tuple) and expr[0] == ir.LAMBDA:
        return model_of_expr(project, owner, returned(expr[1]), depth + 1)
    if isinstance(expr, str) and within:
        own = project.lookup(f"{path}::{within}", expr)
        if own is not None and own.kind == "value" and is_model(project, f"{own.owner}.{expr}"):
            return f"{own.owner}.{expr}"
    if isinstance(expr, tuple) and expr[0] == ir.ATTR:
        base = project.dotted(path, expr[1], within)
        if base is not None and base.kind == "class":
            member = project.lookup(base.ref, expr[2])
            found = f"{member.owner}.{expr[2]}" if member is not None and member.kind == "value" else ""
            return found if found and is_model(project, found) else ""
    bound = project.dotted(path, expr, within)
    if bound is None or bound.kind != "value":
        return ""
    ref = f"{bound.ref}::{bound.name}"
    if is_model(project, ref):
        return ref
    values = project.module_values(bound.ref, bound.name)
    other = values[0][0] if len(values) == 1 else None  # `_user = UserDto.user`
    named = isinstance(other, str) or (isinstance(other, tuple) and other[0] == ir.ATTR)
    return model_of_expr(project, f"{bound.ref}::", other, depth + 1) if named else ""


def _definition(project: Project, ref: str) -> Any:
    """The call or dict that makes a model; None."""
    path, _, name = ref.partition("::")
    cls, _, attribute = name.rpartition(".")
    if cls:
        info = project.class_info(f"{path}::{cls}")
        member = info.members.get(attribute) if info is not None else None
        made = member.value if member is not None and member.kind == "value" else None
    else:
        values = project.module_values(path, name)
        made = values[0][0] if len(values) == 1 else None
    if not isinstance(made, tuple):
        return None
    if made[0] == ir.CALL and last_name(made) in _MAKES:
        return made if any(_fields_in(project, path, a) for a in (*made[2], *(v for _, v in made[3]))) else None
    return made if _fields_in(project, path, made) else None


def _fields_in(project: Project, path: str, expr: Any) -> bool:
    """Whether an expression is a dict whose values are fields of the library."""
    if not isinstance(expr, tuple) or expr[0] != ir.DICT or not expr[2]:
        return False
    return any(_kind(project, path, value) for value in expr[2])


def _kind(project: Project, path: str, expr: Any) -> str:
    """The name of the library's field class; "" for what is no field."""
    func = expr[1] if isinstance(expr, tuple) and expr[0] == ir.CALL else expr
    bound = project.dotted(path, func)
    if bound is None:
        return ""
    if bound.kind == "external":
        return bound.ref.rpartition(".")[2] if bound.ref.startswith(_PACKAGES) else ""
    info = project.class_info(bound.ref) if bound.kind == "class" else None
    outside = (a[4:] for a in (info.lineage if info is not None else ()) if a.startswith("ext:"))
    return next((name.rpartition(".")[2] for name in outside if name.startswith(_PACKAGES)), "")


def fields(project: Project, ref: str) -> tuple[Field, ...]:
    """The fields of a model, with those of the models that it inherits."""
    found = {f.name: f for f in _of(project, ref, 0)}
    return tuple(found.values())


def _of(project: Project, ref: str, depth: int) -> Iterator[Field]:
    made = _definition(project, ref)
    if made is None or depth > _MAX_DEPTH:
        return
    path, _, name = ref.partition("::")
    cls = name.rpartition(".")[0]
    owner = f"{path}::{cls}"
    if made[0] == ir.DICT:
        yield from _of_dict(project, ref, owner, made, (0, 0))
        return
    for argument in (*made[2], *(v for _, v in made[3])):
        if isinstance(argument, tuple) and argument[0] == ir.DICT:
            yield from _of_dict(project, ref, owner, argument, (made[4], made[5]))
        else:
            parent = model_of_expr(project, owner, argument)
            if parent and parent != ref:
                yield from (replace(f, owner=f.owner) for f in _of(project, parent, depth + 1))


def _of_dict(project: Project, ref: str, owner: str, expr: Any, place: tuple[int, int]) -> Iterator[Field]:
    path = ref.partition("::")[0]
    for key, value in zip(expr[1], expr[2], strict=True):
        if key is None:
            parent = model_of_expr(project, owner, value)
            yield from _of(project, parent, 1) if parent and parent != ref else ()
            continue
        name, kind = string(key), _kind(project, path, value)
        if not name or not kind or kind in _UNREAD:
            continue
        called = isinstance(value, tuple) and value[0] == ir.CALL
        line, column = (value[4], value[5]) if called else place
        made = Field(name, "read", ref, line, column, (name,))
        if called:
            attribute = keyword(value, "attribute")
            if string(attribute):
                made = replace(made, sources=(string(attribute),))
            elif attribute is not None:
                made = replace(made, kind="function", code=attribute)
            made = replace(made, nested=_nested(project, owner, value, kind), by=_format(project, path, value[1]))
        yield made


def _format(project: Project, path: str, expr: Any) -> str:
    """The method by which a field class of the project's own shows what was read."""
    bound = project.dotted(path, expr)
    found = project.lookup(bound.ref, "format") if bound is not None and bound.kind == "class" else None
    return f"{found.owner}.format" if found is not None and found.kind == "function" else ""


def _nested(project: Project, owner: str, call: Any, kind: str, depth: int = 0) -> tuple[str, ...]:
    inner = keyword(call, "model", 0) if kind == "Nested" else keyword(call, "cls_or_instance", 0)
    if kind == "List" and isinstance(inner, tuple) and inner[0] == ir.CALL and depth < _MAX_DEPTH:
        return _nested(project, owner, inner, _kind(project, owner.partition("::")[0], inner), depth + 1)
    found = model_of_expr(project, owner, inner) if kind == "Nested" else ""
    return (found,) if found else ()


MODEL: Question[bool] = Question("restx_model", _is_model, bool)
