"""What names, attributes and items lead to: locals, module level, classes and their ancestors, containers."""

from __future__ import annotations

import builtins as builtin_names
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..files import names_template
from . import offsets, sqltext, standard
from .frozen import replace
from .run import Run
from .summaries import attribute_of, class_value, module_value
from .values import (
    MAX_FIELDS,
    NONE,
    UNKNOWN,
    Bound,
    Class,
    Closure,
    Const,
    Container,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    Row,
    Rows,
    Spot,
    Union,
    Unknown,
    Value,
    join,
    union,
)

if TYPE_CHECKING:
    from .project import Member

_BUILTINS = frozenset(dir(builtin_names))
_FEW = 10  # a slice of so few items is as good as a list of constants
_DOTS = 9  # no library's objects nest their methods deeper


def _part_of_template(value: object) -> bool:
    """Whether a constant is a template's name or the folder of one, which no test compares."""
    return names_template(value) or (isinstance(value, str) and value.endswith("/"))


class Members(Run):
    """Names, attributes and items of one run."""

    def name(self, name: str) -> Value:
        local = self.env.get(name)
        return local if local is not None else self.global_name(name)

    def scope(self) -> Container:
        known = [(n, v) for n, v in self.env.items() if n != "*" and type(v) not in (Unknown, Closure)]
        return Container("dict", UNKNOWN, UNKNOWN, True, fields=tuple(known[:MAX_FIELDS]))

    def global_name(self, name: str) -> Value:
        if self.rendering:
            known = (f.template_global(self, name) for f in self.project.with_hook("template_global"))
            return next((v for v in known if v is not None), None) or self.of_file(name)
        binding = self.project.name(self.path, name)
        if binding is None:
            return External(f"builtins.{name}") if name in _BUILTINS else UNKNOWN
        return self.bound_to(binding)

    def bound_to(self, binding: Any) -> Value:
        """The value of a name at module level."""
        kind = binding.kind
        if kind == "class":
            return Class(binding.ref)
        if kind == "function":
            return Function(binding.ref)
        if kind == "module":
            return Module(binding.ref)
        if kind == "external":
            return External(binding.ref)
        return module_value(self.project, binding.ref, binding.name)

    def attribute(self, value: Value, name: str, line: int, column: int) -> Value:
        kind = type(value)
        if kind is Unknown:
            return UNKNOWN
        if isinstance(value, Union):
            return union([self.attribute(v, name, line, column) for v in value.of])
        spot = self.spot(line, column, line, column + len(name))
        if isinstance(value, Module):
            binding = self.project.member_of_module(value.path, name)
            return self.bound_to(binding) if binding is not None else UNKNOWN
        for framework in self.project.reading(kind):
            found = framework.attribute(self, value, name, spot)
            if found is not None:
                return found
        if isinstance(value, External):
            if isinstance(value.of, ExternalInstance):  # an attribute of an object, not a method after all
                given = self.project.catalogue.returns(value.name)
                if given is not None:
                    return External(f"{given}.{name}", ExternalInstance(given, value.of.made))
            if value.name.count(".") < _DOTS and (value.of is None or isinstance(value.of, ExternalInstance)):
                return External(f"{value.name}.{name}", value.of)
            return UNKNOWN
        if isinstance(value, ExternalInstance):
            return External(f"{value.cls}.{name}", value)
        if isinstance(value, Class):
            return self.class_attribute(value.ref, name, value)
        if isinstance(value, Instance):
            return self.member(value.cls, name, value, spot)
        if isinstance(value, Row):
            return self.member(value.model, name, value, spot)
        if isinstance(value, Rows):
            return Bound(value, name)
        if isinstance(value, Container) or (isinstance(value, Const) and sqltext.is_sql(value.value)):
            return Bound(value, name)
        return UNKNOWN

    def member(self, cls: str, name: str, value: Value, spot: Spot) -> Value:
        """`value.name`, where value is an object of a class of the project."""
        if isinstance(value, Instance):
            held = value.field(name)
            if held is not None:
                return held
        member = self.project.lookup(cls, name)
        if member is None:
            found = attribute_of(self.project, cls, name)
            if found == UNKNOWN and name in self.self_writes and self.env.get(self.self_name) == value:
                found = self.self_writes[name]  # this very method has just set it
            if found != UNKNOWN:
                return found
            return self.inherited(cls, name, value)
        if member.kind == "class":
            return Class(f"{member.owner}.{name}")
        if member.kind == "value":
            return self.class_value(member, cls)
        method = self.method(member, cls, value)
        if "property" in member.marks or "cached_property" in member.marks:
            return self.call_function(method, (), {}, spot, memoised="cached_property" in member.marks)
        if "staticmethod" in member.marks:
            return replace(method, bound=None)
        if "classmethod" in member.marks:
            return replace(method, bound=Class(cls))
        return method

    def inherited(self, cls: str, name: str, value: Value) -> Value:
        """A member that a class can only have from an ancestor outside the project."""
        info = self.project.class_info(cls)
        outside = [a[4:] for a in info.lineage if a.startswith("ext:")] if info is not None else []
        return External(f"{outside[0]}.{name}", value) if outside else UNKNOWN

    def class_attribute(self, cls: str, name: str, value: Value) -> Value:
        """`Class.name`."""
        member = self.project.lookup(cls, name)
        if member is None:
            return self.inherited(cls, name, value)
        if member.kind == "class":
            return Class(f"{member.owner}.{name}")
        if member.kind == "value":
            return self.class_value(member, cls)
        if "classmethod" in member.marks:
            return self.method(member, cls, value)
        return Function(f"{member.owner}.{name}")

    def class_value(self, member: Member, cls: str) -> Value:
        found = class_value(self.project, member.owner, member.name)
        if isinstance(found, Const) and (sqltext.is_sql(found.value) or _part_of_template(found.value)):
            return found
        written = attribute_of(self.project, cls, member.name) if found in (UNKNOWN, NONE) else UNKNOWN
        return join(found, written)

    def item(self, value: Value, expr: Any, index: Value, spot: Spot) -> Value:
        """`value[index]`."""
        if isinstance(value, Rows):
            bounds = expr[1:4] if isinstance(expr, tuple) and expr[0] == ir.SLICE else None
            if bounds is not None:
                offsets.note(self, value, bounds[0], spot)
                self.taken(value)
                last = self.value(bounds[1]) if bounds[1] is not None else UNKNOWN
                limit = last.value if isinstance(last, Const) and isinstance(last.value, int) else -bool(bounds[1])
                return replace(value, kind="query" if value.kind == "manager" else value.kind, limit=max(limit, -1))
            if isinstance(index, Const) and isinstance(index.value, str):
                return UNKNOWN  # no row has such a number: it was a dict all the same
            for framework in self.project.with_hook("item"):
                found = framework.item(self, value, spot)
                if found is not None:
                    return found
            return UNKNOWN
        if isinstance(value, Container):
            if isinstance(expr, tuple) and expr[0] == ir.SLICE:
                last = self.value(expr[2]) if expr[2] is not None else UNKNOWN
                few = isinstance(last, Const) and isinstance(last.value, int) and 0 < last.value <= _FEW
                return replace(value, items=(), constant=value.constant or few)
            if value.kind == "dict":
                held = value.field(index.value) if isinstance(index, Const) and isinstance(index.value, str) else None
                found = held if held is not None else value.value or UNKNOWN
                new = bool(self.loops) and isinstance(found, Row) and self.freshness(expr) >= self.now
                return replace(found, fresh=self.now) if new and isinstance(found, Row) else found
            if isinstance(index, Const) and isinstance(index.value, int) and 0 <= index.value < len(value.items):
                return value.items[index.value]
            return value.of
        if isinstance(value, Instance):
            held = standard.typed_item(self, value, index, spot)
            return held if held is not None else self.call_special(value, "__getitem__")
        if isinstance(value, Class):  # `Page[Order]` is made as `Page` is; of an enumeration it is a member
            info = self.project.class_info(value.ref)
            enumerated = info is not None and any(a.startswith("ext:enum.") for a in info.lineage)
            return UNKNOWN if enumerated or "__class_getitem__" in getattr(info, "members", ()) else value
        if isinstance(value, External) and value.of is None:
            called = value.name.rpartition(".")[2]
            return value if called[:1].isupper() and not called.isupper() else UNKNOWN
        if isinstance(value, ExternalInstance):
            known = self.project.catalogue
            given = known.returns(f"{value.cls}.__getitem__") or known.items(value.cls)
            return ExternalInstance(given, value.made) if given else UNKNOWN
        return UNKNOWN
