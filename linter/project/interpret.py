"""Running a function over abstract values. Gives its summary.

Nothing is executed, everything ends: bodies are finite, calls go through the memo (recursion answers with nothing),
closures nest a bounded number of times.
"""

from __future__ import annotations

from typing import Any

from ..facts import ir
from . import awaits, fetches, shapes, wholes
from .annotations import annotated, filled, parameter_origin, vague
from .calls import Calls
from .contexts import storable
from .dispatch import Dispatch, marks_of_body
from .effects import Summary
from .expressions import Expressions
from .frozen import replace
from .loops import Loops
from .members import Members
from .schema import find_model, model_of, relation_of
from .statements import Statements
from .summaries import self_of
from .targets import Targets
from .templates import Templates
from .values import ANYTHING, NAMED, NONE, UNKNOWN, Awaitable, Class, Container, Instance, Row, Value, parts

_ROW_METHODS = {
    "pk",
    "id",
    "save",
    "delete",
    "refresh_from_db",
    "full_clean",
    "_meta",
    "_state",
    "objects",
    "DoesNotExist",
}


class Interpretation(Statements, Expressions, Calls, Members, Dispatch, Targets, Loops, Templates):
    """One interpretation of one body."""

    def function(self, core: Any, context: tuple[Value, ...] | None, cls: str) -> Summary:
        """Bind the parameters and run the body."""
        self.cls = cls
        known = core[ir.C_DECORATORS]
        for i, (name, kind, annotation, default) in enumerate(core[ir.C_PARAMETERS]):
            if context is not None and i < len(context) and context[i] != UNKNOWN:
                given = context[i]
                if kind == ir.P_CONTEXT:
                    self.env.update(given.fields if isinstance(given, Container) else ())
                else:
                    self.env[name] = self.nearer(given, annotation)
                continue
            value = (
                annotated(self.project, self.path, annotation, cls.partition("::")[2])
                if annotation is not None
                else UNKNOWN
            )
            if i == 0 and cls and annotation is None and "staticmethod" not in known:
                value = Class(cls) if name == "cls" or "classmethod" in known else self_of(self.project, cls)
            elif annotation is None and default is None and kind == ir.P_POSITIONAL:
                value = self.named(name, core)
            elif (
                value == UNKNOWN and default is not None and not (isinstance(default, tuple) and default[0] == ir.CONST)
            ):
                value = self.value(default)
            if kind == ir.P_VARIADIC:
                value = Container("tuple", value)
            elif kind == ir.P_KEYWORDS:
                value = Container("dict", UNKNOWN, value)
            self.env[name] = parameter_origin(value, name)
            if default is not None:
                self.defaults[name] = default
        return self.body_of(core)

    def nearer(self, given: Value, annotation: Any) -> Value:
        """An argument of which only a base class is known, where the annotation of its parameter names a subclass."""
        if not isinstance(given, Instance) or not given.declared or annotation is None:
            return given
        told = annotated(self.project, self.path, annotation, self.cls.partition("::")[2])
        info = self.project.class_info(told.cls) if isinstance(told, Instance) and told.cls != given.cls else None
        return told if info is not None and given.cls in info.lineage else given

    def procedure(self, name: str, receiver: Value, given: Value) -> Summary:
        """Let the frameworks do what they do with the owner of this run."""
        self.env.update(self=receiver, given=given)
        self.self_name = "self"
        for framework in self.project.with_hook("procedure"):
            found = framework.procedure(self, name, receiver, given)
            if found is not None:
                self.returned = found
                break
        return Summary(
            storable(self.returned) if self.returned is not None else UNKNOWN,
            tuple(self.effects.values()),
            tuple(self.observed.values()),
            tuple(self.called),
            sites=tuple(self.sites.values()),
        )

    def named(self, name: str, core: Any) -> Value:
        """A parameter without annotation that has a model's name (`job`) and is used as a row of it would be."""

        ref = find_model(self.project, name.replace("_", ""), self.path) if len(name) > 2 else ""
        if not ref:
            return UNKNOWN
        read = shapes.attributes_read(core[ir.C_BODY], name)
        relations = [n for n in read if relation_of(self.project, ref, n) is not None]
        model = model_of(self.project, ref)
        if not relations or model is None:
            return UNKNOWN
        known = all(
            n in relations
            or model.column(n) is not None
            or self.project.lookup(ref, n) is not None
            or n in _ROW_METHODS
            for n in read
        )
        return Row(ref, frozenset({ANYTHING, NAMED})) if known else UNKNOWN

    def body_of(self, core: Any) -> Summary:
        parameters = core[ir.C_PARAMETERS]
        self.self_name = parameters[0][0] if parameters and self.cls else ""
        self.parameters = frozenset(p[0] for p in parameters)
        self.body = core[ir.C_BODY]
        opened = 0
        for decorator in core[ir.C_DECORATORS]:  # `@transaction.atomic`: the whole body is a transaction
            name = decorator[1] if isinstance(decorator, tuple) and decorator[0] == ir.CALL else decorator
            entered = [f.enter(self, decorator, self.value(name)) for f in self.project.with_hook("enter")]
            spots = [spot for spot in entered if spot is not None]
            self.transactions += spots[:1]
            opened += len(spots[:1])
        ended = self.block(core[ir.C_BODY])
        if opened:
            self.leave_transactions(opened)
        noted = self.offsets or self.lists or self.pages
        if (self.fetched or self.asked or self.effects or noted) and not self.rendering:
            fetches.observe(self, core)
        if len(self.waited) > 1:
            awaits.observe(self, core)
        if self.wholes:
            wholes.observe(self, core)
        returns = self.returned if self.returned is not None else UNKNOWN if ended or marks_of_body(core) else NONE
        if core[ir.C_GENERATOR]:
            returns = Container("iterator", self.yielded if self.yielded is not None else UNKNOWN)
        if self.unawaited and not core[ir.C_ASYNC] and any(isinstance(part, Awaitable) for part in parts(returns)):
            for key in self.unawaited:
                self.effects[key] = replace(self.effects[key], unawaited=True)
        if core[ir.C_RETURNS] is not None and vague(returns):
            told = annotated(self.project, self.path, core[ir.C_RETURNS], self.cls.partition("::")[2])
            returns = told if returns in (UNKNOWN, NONE) else filled(returns, told)
        if self.inline_depth == 0:
            returns = storable(returns)
        return Summary(
            returns,
            tuple(self.effects.values()),
            tuple(self.observed.values()),
            tuple(self.called),
            tuple((name, storable(value)) for name, value in self.self_writes.items()),
            tuple(self.sites.values()),
        )
