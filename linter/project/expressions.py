"""What an expression is, and what evaluating it does: one method per construct of the facts."""

from __future__ import annotations

import builtins as builtin_names
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..facts import ir
from ..frameworks import catalogue
from . import annotations, builtins
from .calls import Calls
from .effects import Loop
from .record import OpenLoop
from .values import (
    ANYTHING,
    NONE,
    UNKNOWN,
    Awaitable,
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
    Term,
    Union,
    Value,
    either,
    join,
    parts,
    union,
)

_BUILTINS = frozenset(dir(builtin_names))
_DOTS = 9  # no library's objects nest their methods deeper
_FEW = 10  # a loop over at most so many rows by a constant is not worth a finding


class Expressions(Calls):
    """Evaluation. `self.env` holds local names; everything else is asked of the project."""

    def value(self, expr: Any) -> Value:
        if isinstance(expr, str):
            return self.name(expr)
        if expr is None:
            return UNKNOWN
        return _EVALUATE[expr[0]](self, expr)

    def name(self, name: str) -> Value:
        local = self.env.get(name)
        return local if local is not None else self.global_name(name)

    def global_name(self, name: str) -> Value:
        binding = self.project.name(self.path, name)
        if binding is None:
            return External(f"builtins.{name}") if name in _BUILTINS else UNKNOWN
        return self.bound_to(binding)

    # Attributes -------------------------------------------------------------------------------------------

    def attribute(self, value: Value, name: str, line: int, column: int) -> Value:
        kind = type(value)
        if kind is Unknown_:
            return UNKNOWN
        if isinstance(value, Union):
            return union([self.attribute(v, name, line, column) for v in value.of])
        spot = self.spot(line, column, line, column + len(name))
        if isinstance(value, Module):
            binding = self.project.member_of_module(value.path, name)
            return self.bound_to(binding) if binding is not None else UNKNOWN
        for framework in self.project.frameworks:
            found = framework.attribute(self, value, name, spot)
            if found is not None:
                return found
        if isinstance(value, External):
            if isinstance(value.of, ExternalInstance):  # an attribute of an object, not a method after all
                given = catalogue.load().returns(value.name)
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
        if isinstance(value, Container):
            return Bound(value, name)
        return UNKNOWN

    # Loops ------------------------------------------------------------------------------------------------

    def iterate(self, value: Value, expr: Any, line: int, column: int, end_line: int, end_column: int) -> tuple[Value, bool, bool]:
        """What each round gets, whether the rounds are many, and whether they are known to be rows."""
        spot = self.spot(line, column, end_line, end_column)
        element: Value = UNKNOWN
        many, known = False, False
        outer, self.expression = self.expression, expr
        for part in parts(value):
            each, some, sure = self._iterate(part, spot)
            element = join(element, each)
            many, known = many or some, known or sure
        self.expression = outer
        if many and not known and _constant(expr):
            many = False
        return element, many, known

    def _iterate(self, value: Value, spot: Any) -> tuple[Value, bool, bool]:
        for framework in self.project.frameworks:
            found = framework.iterate(self, value, spot)
            if found is not None:
                limit = value.limit if isinstance(value, Rows) else 0
                return found, not 0 < limit <= _FEW, True
        if isinstance(value, Container):
            return value.of, not (value.constant or value.batched), isinstance(value.of, Row)
        if isinstance(value, Const | Class | Module):
            return UNKNOWN, False, False
        if isinstance(value, Instance):
            member = self.project.lookup(value.cls, "__iter__")
            if member is not None:
                made = self.call_function(Function(f"{member.owner}.__iter__", value), (), {}, spot)
                return self._iterate(made, spot) if isinstance(made, Container) else (UNKNOWN, True, False)
        if isinstance(value, External) and _is_setting(value.name):
            return UNKNOWN, False, False
        if isinstance(value, ExternalInstance):
            given = catalogue.load().items(value.cls)
            return (ExternalInstance(given, value.made) if given else UNKNOWN), True, False
        return UNKNOWN, True, False

    def open_loop(self, many: bool, known: bool, target: Any, source: Value, expr: Any, line: int, column: int, kind: str) -> OpenLoop:
        self.opened += 1
        info = None
        if many:
            origin = source.origin if isinstance(source, Row | Rows) else None
            info = Loop(self.spot(line, column), spelled(target), spelled(expr), origin, known, kind)
        loop = OpenLoop(self.opened, info, set(), set())
        self.loops.append(loop)
        return loop

    def read_implied(self, element: Value, place: Sequence[int]) -> None:
        """What the framework reads of every row by itself, at the place of what is iterated."""
        if isinstance(element, Row):
            for name in element.implied:
                self.attribute(self.refreshed(element), name, place[0], place[1])

    def refreshed(self, element: Value) -> Value:
        """An element as this round's own."""
        if isinstance(element, Row | Rows):
            return replace(element, fresh=self.now)
        if isinstance(element, Container):
            inner = None if element.value is None else self.refreshed(element.value)
            items = tuple(self.refreshed(v) for v in element.items)
            return replace(element, of=self.refreshed(element.of), value=inner, items=items)
        if isinstance(element, Union):
            return Union(tuple(self.refreshed(v) for v in element.of))
        return element

    def bind(self, target: Any, value: Value, number: int) -> None:
        """Assign to a name, a tuple of targets, an attribute or an item."""
        if isinstance(target, str):
            self.env[target] = value
            self.fresh[target] = number
            if self.loops:
                self.loops[-1].assigned.add(target)
            return
        if not isinstance(target, tuple):
            return
        op = target[0]
        if op == ir.SEQUENCE:
            items = value.items if isinstance(value, Container) and len(value.items) == len(target[2]) else ()
            whole = value.of if isinstance(value, Container) else UNKNOWN
            for i, inner in enumerate(target[2]):
                self.bind(inner, items[i] if items else whole, number)
        elif op == ir.STAR:
            self.bind(target[1], Container("list", value), number)
        elif op == ir.ATTR:
            self.assign_attribute(target, value)
        elif op == ir.INDEX:
            key = self.value(target[2])
            base = target[1]
            if isinstance(base, str):
                have = self.env.get(base)
                if isinstance(have, Container):
                    old = have.value if have.value is not None else UNKNOWN
                    made = replace(have, value=join(old, value), items=(), constant=have.constant and not self.loops)
                    if have.kind == "list":
                        made = replace(made, of=join(have.of, value))
                    elif have.kind == "dict":
                        made = replace(made, of=join(have.of, key))
                    self.env[base] = made
                self.fresh[base] = max(number, self.fresh.get(base, 0))
            else:
                self.value(base)

    def assign_attribute(self, target: Any, value: Value) -> None:
        base = self.value(target[1])
        if target[1] == self.self_name:
            have = self.self_writes.get(target[2])
            self.self_writes[target[2]] = value if have is None else join(have, value)
        if isinstance(base, Row) and isinstance(target[1], str):
            # What was assigned is in memory
            from .schema import relation_of

            if relation_of(self.project, base.model, target[2]) is not None:
                self.env[target[1]] = replace(base, loaded=base.loaded | {target[2]})

    # Constructs -------------------------------------------------------------------------------------------

    def _attr(self, expr: Any) -> Value:
        base = self.value(expr[1])
        self.now_loaded = ""
        outer, self.expression = self.expression, expr
        found = self.attribute(base, expr[2], expr[3], expr[4])
        self.expression = outer
        if self.now_loaded and isinstance(expr[1], str) and isinstance(base, Row) and self.env.get(expr[1]) is base:
            # The first read keeps the relation on the row: later ones are free
            self.env[expr[1]] = replace(base, loaded=base.loaded | {self.now_loaded})
        self.now_loaded = ""
        return found

    def _index(self, expr: Any) -> Value:
        base = self.value(expr[1])
        index = self.value(expr[2])
        spot = self.spot(expr[3], expr[4])
        return union([self.item(b, expr[2], index, spot) for b in parts(base)])

    def _sequence(self, expr: Any) -> Value:
        kind, items = expr[1], expr[2]
        spread = any(isinstance(i, tuple) and i[0] == ir.STAR for i in items)
        values = tuple(self.value(i) for i in items)
        return Container(kind, union(values) if values else UNKNOWN, None, not spread, False, () if spread else values[:12])

    def _star(self, expr: Any) -> Value:
        value = self.value(expr[1])
        return self._iterate(value, self.spot(1, 0))[0] if isinstance(value, Container | Rows) else UNKNOWN

    def _dict(self, expr: Any) -> Value:
        keys = [self.value(k) for k in expr[1] if k is not None]
        values = [self.value(v) for v in expr[2]]
        key = union(keys) if keys else UNKNOWN
        whole = None not in expr[1]
        return Container("dict", key, union(values) if values else None, whole, False, tuple(keys[:12]) if whole and len(keys) <= 12 else ())

    def _comprehension(self, expr: Any) -> Value:
        _, kind, element, second, generators, line, column = expr
        env, fresh = dict(self.env), dict(self.fresh)
        depth = len(self.loops)
        constant, batched = True, False
        for target, iterable, conditions, *place, is_async in generators:
            source = self.value(iterable)
            self.awaiting = is_async
            each, many, known = self.iterate(source, iterable, *place)
            self.awaiting = False
            constant = constant and not many and not (isinstance(source, Container) and source.batched)
            loop = self.open_loop(many, known, target, source, iterable, line, column, "comprehension")
            self.bind(target, self.refreshed(each), loop.number)
            self.read_implied(each, place)
            for condition in conditions:
                self.condition(condition)
        of = self.value(element)
        value = self.value(second) if second is not None else None
        while len(self.loops) > depth:
            self.close(self.loops[-1])
        self.env, self.fresh = env, fresh
        return Container(kind, of, value, constant, batched)

    def _operation(self, expr: Any) -> Value:
        operator, operands = expr[1], expr[2]
        if operator in ("and", "or"):
            values = [self.condition(o) if i < len(operands) - 1 else self.value(o) for i, o in enumerate(operands)]
            return union(values) if operator == "or" else values[-1]
        if operator == "not":
            tested = self.condition(operands[0])
            return Const(not tested.value) if isinstance(tested, Const) else UNKNOWN
        values = [self.value(o) for o in operands]
        if any(isinstance(v, Term) or (isinstance(v, Container) and v.kind == "q") for v in values):
            for framework in self.project.frameworks:
                found = framework.operation(self, operator, values)
                if found is not None:
                    return found
        if operator in ("compare:Is", "compare:IsNot", "compare:Eq", "compare:NotEq") and len(values) == 2:  # noqa: PLR2004
            return _compared(operator, values[0], values[1])
        if operator in ("compare:In", "compare:NotIn"):
            self.truth(values[-1], operands[-1])
        if operator in ("BitOr", "BitAnd", "Add"):
            rows = [v for v in values if isinstance(v, Rows)]
            if rows:
                return union(rows)
            if operator == "Add" and all(isinstance(v, Container) for v in values):
                return replace(union(values), items=()) if isinstance(union(values), Container) else union(values)  # type: ignore[type-var]
        if operator in ("Mod", "Add") and isinstance(values[0], Const) and isinstance(values[0].value, str):
            return UNKNOWN
        if operator == "Div":
            return builtins.divided(values[0])
        return UNKNOWN

    def condition(self, expr: Any) -> Value:
        """Evaluate for truth."""
        value = self.value(expr)
        self.truth(value, expr)
        return value

    def truth(self, value: Value, expr: Any) -> None:
        if isinstance(value, Rows):
            line, column = _end_of(expr)
            if not line:  # a plain name: where the test that asks stands
                line, column = self.tested_at
            spot = self.spot(line, column)
            for framework in self.project.frameworks:
                framework.truth(self, value, spot)

    def _choice(self, expr: Any) -> Value:
        self.condition(expr[1])
        self.guards += 1 if self.rare(expr[1], ()) else 0
        result = either(self.value(expr[2]), self.value(expr[3]))
        self.guards -= 1 if self.rare(expr[1], ()) else 0
        return result

    def _lambda(self, expr: Any) -> Value:
        return Closure(expr[1], self.owner, 0, self.env)

    def _await(self, expr: Any) -> Value:
        return self.awaited(self.value(expr[1]))

    def awaited(self, value: Value) -> Value:
        """What awaiting gives; what was pending happens now."""
        out = []
        for part in parts(value):
            if isinstance(part, Awaitable):
                self.settle(part.pending)
            out.append(part.of if isinstance(part, Awaitable) else part)
        return union(out)

    def _string(self, expr: Any) -> Value:
        for part in expr[1]:
            inner = self.value(part)
            if isinstance(inner, Row | Instance):
                self.call_special(inner, "__str__")
        return UNKNOWN

    def _named(self, expr: Any) -> Value:
        value = self.value(expr[2])
        self.bind(expr[1], value, self.now)
        return value

    def _yield(self, expr: Any) -> Value:
        value = self.value(expr[1])
        if expr[2]:
            value = value.of if isinstance(value, Container) else UNKNOWN
        self.yielded = value if self.yielded is None else join(self.yielded, value)
        return UNKNOWN

    def _slice(self, expr: Any) -> Value:
        for part in expr[1:4]:
            if part is not None:
                self.value(part)
        return Const(None)

    def rare(self, test: Any, body: Any) -> bool:
        """Whether a condition makes its branch rare in a loop: a memo (`key not in cache`), a first-round flag."""
        raise NotImplementedError  # in Statements, which knows the body


Unknown_ = type(UNKNOWN)

_EVALUATE: dict[int, Callable[[Any, Any], Value]] = {
    ir.CONST: lambda run, e: NONE if e[1] is None else Const(e[1]),
    ir.ATTR: Expressions._attr,
    ir.CALL: lambda run, e: run.call(e),
    ir.INDEX: Expressions._index,
    ir.SEQUENCE: Expressions._sequence,
    ir.DICT: Expressions._dict,
    ir.COMPREHENSION: Expressions._comprehension,
    ir.OPERATION: Expressions._operation,
    ir.CHOICE: Expressions._choice,
    ir.LAMBDA: Expressions._lambda,
    ir.AWAIT: Expressions._await,
    ir.STAR: Expressions._star,
    ir.STRING: Expressions._string,
    ir.NAMED: Expressions._named,
    ir.YIELD: Expressions._yield,
    ir.SLICE: Expressions._slice,
}


def _compared(operator: str, a: Value, b: Value) -> Value:
    """`x is None` and equality of constants, where both sides are known."""
    positive = operator in ("compare:Is", "compare:Eq")
    if isinstance(a, Const) and isinstance(b, Const):
        return Const((a.value == b.value) is positive)
    return UNKNOWN


def spelled(expr: Any) -> str:
    """An expression in short, for messages."""
    return annotations.spelled(expr)


def _is_setting(name: str) -> bool:
    return name.startswith("django.conf.settings.") or name.rpartition(".")[2].isupper()


def _constant(expr: Any) -> bool:
    """Whether what is looped over is a small fixed set by its spelling: CONSTANTS, `cls.fields`, `_meta`."""
    while isinstance(expr, tuple) and expr[0] == ir.CALL:
        func = expr[1]
        if isinstance(func, tuple) and func[0] == ir.ATTR and func[2] in ("items", "keys", "values", "get_fields", "get_models", "__subclasses__"):
            expr = func[1] if func[2] in ("items", "keys", "values") else None
            if expr is None:
                return True
        else:
            return False
    if isinstance(expr, str):
        return expr.isupper() and len(expr) > 1
    if isinstance(expr, tuple) and expr[0] == ir.ATTR:
        return bool(expr[2].isupper()) or expr[2] in ("_meta", "choices", "page_range", "sorted_tables") or _constant(expr[1])
    return False


def _end_of(expr: Any) -> tuple[int, int]:
    if isinstance(expr, tuple) and expr[0] == ir.CALL:
        return expr[4], expr[5]
    if isinstance(expr, tuple) and expr[0] == ir.ATTR:
        return expr[3], expr[4]
    return 0, 0


__all__ = ["ANYTHING", "Expressions", "spelled"]
