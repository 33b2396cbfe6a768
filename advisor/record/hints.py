"""What a framework renders when a query runs: serializer and field, template line, response model.

Code that a framework runs for the application (a serializer reading a relation, a template walking a list) leaves no
application frame on the stack, or only the view's. These functions look at the framework's own frames and write one
line into `Findings.hint`:

    serializer MODULE.CLASS[.FIELD]         Django REST framework, innermost serializer
    template PATH:LINE                      Django and Jinja2, innermost template
    model MODULE.CLASS                      pydantic validating or FastAPI serialising a response

followed by ` reads MODULE.CLASS.ATTRIBUTE` when a lazy ORM attribute was being read.
Local variables of library frames are only read, and only those named here; an unknown version of a library yields no
hint, never an error (`processor.py` catches everything).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, Final


class Findings:
    """What a walk over one stack has found so far, innermost first."""

    __slots__ = ("attribute", "frame", "list_serializer", "subject")

    def __init__(self) -> None:
        self.frame: FrameType | None = None
        """The application's frame."""
        self.subject = ""
        self.attribute = ""
        """The lazy ORM attribute being read, MODULE.CLASS.ATTRIBUTE."""
        self.list_serializer = ""
        """A `many=True` serializer iterating: the field of the serializer around it says more, if there is one."""

    @property
    def hint(self) -> str:
        """The finished line, "" while nothing has been found."""
        if not self.subject:
            return ""
        return f"{self.subject} reads {self.attribute}" if self.attribute else self.subject

    def finish(self) -> str:
        """The line at the end of the walk."""
        if not self.subject and self.list_serializer:
            self.subject = self.list_serializer
        return self.hint


def _name(cls: Any) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _serializer(frame: FrameType, found: Findings) -> None:
    """`Serializer.to_representation` and `ListSerializer.to_representation` share file and function name."""
    if found.subject:
        return
    variables = frame.f_locals
    serializer = variables["self"]
    if "data" in variables and hasattr(serializer, "child"):
        found.list_serializer = found.list_serializer or f"serializer {_name(type(serializer.child))}"
        return
    field = getattr(variables.get("field"), "field_name", "")
    found.subject = f"serializer {_name(type(serializer))}" + (f".{field}" if field else "")


def _django_template(frame: FrameType, found: Findings) -> None:
    if found.subject:
        return
    node = frame.f_locals["self"]
    origin = getattr(node, "origin", None) or frame.f_locals["context"].template.origin
    found.subject = f"template {origin.name}:{node.token.lineno}"


def jinja_template(frame: FrameType, found: Findings) -> None:
    """A frame of a compiled Jinja2 template: its lines are the generated code's, mapped back by the template."""
    if found.subject:
        return
    template = frame.f_globals["__jinja_template__"]
    line = template.get_corresponding_lineno(frame.f_lineno)
    found.subject = f"template {template.filename or template.name or '<template>'}:{line}"


def _model_of(annotation: Any) -> Any:
    """The first class with fields in `list[X]`, `X | None`, `Annotated[X, ...]`, `dict[str, X]`; None without one."""
    pending = [annotation]
    for _ in range(20):
        if not pending:
            break
        candidate = pending.pop(0)
        arguments = getattr(candidate, "__args__", ())
        if arguments:
            pending.extend(arguments)
        elif hasattr(candidate, "model_fields") or hasattr(candidate, "__fields__"):
            return candidate
    return None


def _model(found: Findings, annotation: Any) -> None:
    model = _model_of(annotation)
    if model is not None and not found.subject:
        found.subject = f"model {_name(model)}"


def _pydantic_class(frame: FrameType, found: Findings) -> None:
    _model(found, frame.f_locals["cls"])


def _pydantic_adapter(frame: FrameType, found: Findings) -> None:
    _model(found, frame.f_locals["self"]._type)


def _fastapi_response(frame: FrameType, found: Findings) -> None:
    field = frame.f_locals.get("field")
    if field is not None:
        _model(found, getattr(getattr(field, "field_info", None), "annotation", None) or getattr(field, "type_", None))


def _sqlalchemy_attribute(frame: FrameType, found: Findings) -> None:
    """The outermost library read below the application counts, so later frames overwrite earlier ones."""
    if found.frame is None and not found.subject and frame.f_locals.get("instance") is not None:
        attribute = frame.f_locals["self"]
        found.attribute = f"{_name(attribute.class_)}.{attribute.key}"


def _django_attribute(frame: FrameType, found: Findings) -> None:
    if found.frame is None and not found.subject and frame.f_locals.get("instance") is not None:
        descriptor = frame.f_locals["self"]
        # Forward relations know their field, reverse one-to-one relations the relation.
        name = descriptor.field.name if hasattr(descriptor, "field") else descriptor.related.get_accessor_name()
        found.attribute = f"{_name(type(frame.f_locals['instance']))}.{name}"


HINTS: Final[Mapping[str, Mapping[str, Callable[[FrameType, Findings], None]]]] = {
    "rest_framework/serializers.py": {"to_representation": _serializer},
    "django/template/base.py": {"render_annotated": _django_template},
    "django/db/models/fields/related_descriptors.py": {"__get__": _django_attribute},
    "sqlalchemy/orm/attributes.py": {"__get__": _sqlalchemy_attribute},
    "pydantic/main.py": {"model_validate": _pydantic_class, "from_orm": _pydantic_class},
    "pydantic/type_adapter.py": {"validate_python": _pydantic_adapter},
    "fastapi/routing.py": {"serialize_response": _fastapi_response},
}
"""Path ends in an environment's packages, function names there, and what reads their frames."""
