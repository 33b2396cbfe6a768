"""What an expression is, and what evaluating it does: one method per construct of the facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..facts import ir
from . import builtins, holding, joins, shapes, sqltext, work
from .effects import LOAD, QUERY, WRITE
from .frozen import replace
from .run import Run
from .values import (
    MAX_FIELDS,
    MAX_ITEMS,
    NONE,
    UNKNOWN,
    Awaitable,
    Closure,
    Const,
    Container,
    Row,
    Rows,
    Spot,
    Term,
    Value,
    either,
    join,
    parts,
    union,
)

_MAX_TEXT = 300


class Expressions(Run):
    """Evaluating, in one run."""

    def value(self, expr: Any) -> Value:
        if isinstance(expr, str):
            return self.name(expr)
        if expr is None:
            return UNKNOWN
        return _EVALUATE[expr[0]](self, expr)

    def condition(self, expr: Any) -> Value:
        """Evaluate for truth."""
        value = self.value(expr)
        if self.truth(value, expr):
            line, column = _end_of(expr)
            self.fetch(value, expr, self.spot(line, column) if line else None)
        return value

    def truth(self, value: Value, expr: Any) -> bool:
        if not isinstance(value, Rows):
            return False
        line, column = _end_of(expr)
        if not line:  # a plain name: where the test that asks stands
            line, column = self.tested_at
        spot = self.spot(line, column)
        return any([framework.truth(self, value, spot) for framework in self.project.with_hook("truth")])

    def awaited(self, value: Value) -> Value:
        """What awaiting gives; what was pending happens now."""
        out = []
        for part in parts(value):
            if isinstance(part, Awaitable):
                self.settle(part.pending)
            out.append(part.of if isinstance(part, Awaitable) else part)
        return union(out)

    def _attr(self, expr: Any) -> Value:
        if self.narrowed and isinstance(expr[1], str):
            told = self.env.get(f"{expr[1]}.{expr[2]}")
            if told is not None:
                return told
        of_attribute = isinstance(expr[1], tuple) and expr[1][0] == ir.ATTR
        outer_key, self.for_key = self.for_key, of_attribute and expr[2] in ("pk", "id")
        base = self.value(expr[1])
        self.for_key = outer_key
        self.now_loaded = ""
        outer, self.expression = self.expression, expr
        found = self.attribute(base, expr[2], expr[3], expr[4])
        self.expression = outer
        self.keep_loaded(expr[1], base)
        return found

    def keep_loaded(self, name: Any, row: Value) -> None:
        """The first read keeps the relation on the row: later ones are free."""
        if self.now_loaded and isinstance(name, str) and isinstance(row, Row) and self.env.get(name) is row:
            self.env[name] = replace(row, loaded=row.loaded | {self.now_loaded})
        self.now_loaded = ""

    def _index(self, expr: Any) -> Value:
        base = self.value(expr[1])
        index = self.value(expr[2])
        spot = self.spot(expr[3], expr[4])
        return union([self.item(b, expr[2], index, spot) for b in parts(base)])

    def _sequence(self, expr: Any) -> Value:
        kind, items = expr[1], expr[2]
        spread = any(isinstance(i, tuple) and i[0] == ir.STAR for i in items)
        values = tuple(self.value(i) for i in items)
        return Container(
            kind, union(values) if values else UNKNOWN, None, not spread, False, () if spread else values[:MAX_ITEMS]
        )

    def _star(self, expr: Any) -> Value:
        value = self.value(expr[1])
        return self.iterated(value, self.spot(1, 0))[0] if isinstance(value, Container | Rows) else UNKNOWN

    def _dict(self, expr: Any) -> Value:
        keys = [self.value(k) for k in expr[1] if k is not None]
        values = [self.value(v) for v in expr[2]]
        key = union(keys) if keys else UNKNOWN
        whole = None not in expr[1]
        fields: dict[str, Value] = {}
        left = iter(keys)
        for k, v in zip(expr[1], values, strict=True):
            if k is None:  # **other
                fields.update(v.fields if isinstance(v, Container) else ())
            elif isinstance(written := next(left), Const) and isinstance(written.value, str):
                fields[written.value] = v
        return Container(
            "dict",
            key,
            union(values) if values else None,
            whole,
            False,
            tuple(keys[:MAX_ITEMS]) if whole and len(keys) <= MAX_ITEMS else (),
            tuple(fields.items())[:MAX_FIELDS],
        )

    def _comprehension(self, expr: Any) -> Value:
        _, kind, element, second, generators, line, column = expr
        env, fresh = dict(self.env), dict(self.fresh)
        depth = len(self.loops)
        constant, batched, rows = True, False, False
        for target, iterable, conditions, *place, is_async in generators:
            source = self.value(iterable)
            self.awaiting = is_async
            each, many, known = self.iterate(source, iterable, *place)
            self.awaiting = False
            constant = constant and not many and not (isinstance(source, Container) and source.batched)
            loop = self.open_loop(many, known, target, source, iterable, line, column, "comprehension")
            rows = rows or loop.rows
            self.bind(target, self.refreshed(each), loop.number)
            self.read_implied(each, place)
            for condition in conditions:
                self.condition(condition)
                self.narrow(condition)
            if conditions:
                joins.tested(self, conditions, source)
        of = self.in_each_round(self.value(element))
        value = self.value(second) if second is not None else None
        while len(self.loops) > depth:
            self.close(self.loops[-1])
        self.env, self.fresh = env, fresh
        return Container(kind, of, value, constant, batched, rows=rows)

    def in_each_round(self, value: Value) -> Value:
        """Of coroutines that are collected, to be awaited together, each asks the database for itself; what they ask of
        other services they ask at the same time."""
        if not isinstance(value, Awaitable) or not value.pending or not self.loops:
            return value
        asked = [each for each in value.pending if each[0].kind in (LOAD, QUERY, WRITE)]
        self.settle(asked)
        return replace(value, pending=tuple(each for each in value.pending if each not in asked))

    def _operation(self, expr: Any) -> Value:
        operator, operands = expr[1], expr[2]
        if operator in ("and", "or"):
            return self._decided(operator, operands)
        if operator == "not":
            tested = self.condition(operands[0])
            return Const(not tested.value) if isinstance(tested, Const) else UNKNOWN
        values = [self.value(o) for o in operands]
        if any(isinstance(v, Term) or (isinstance(v, Container) and v.kind == "q") for v in values):
            for framework in self.project.with_hook("operation"):
                found = framework.operation(self, operator, values)
                if found is not None:
                    return found
        if operator in ("compare:Is", "compare:IsNot", "compare:Eq", "compare:NotEq") and len(values) == 2:
            return _compared(operator, values[0], values[1])
        if operator in ("compare:In", "compare:NotIn"):
            self.truth(values[-1], operands[-1])
            for part in parts(values[-1]):
                self.call_special(part, "__contains__")
            if len(expr) > 3:
                work.contains(self, expr, values[-1])
            return _contained(operator, values[0], values[-1])
        if operator in ("BitOr", "BitAnd", "Add"):
            rows = [v for v in values if isinstance(v, Rows)]
            if rows:
                return union(rows)
            if operator == "Add" and all(isinstance(v, Container) for v in values):
                added = union(values)
                return replace(added, items=()) if isinstance(added, Container) else added
        if operator in ("Mod", "Add") and isinstance(values[0], Const | Container) and sqltext.begins(values[:1]):
            return sqltext.joined(values) if operator == "Add" else sqltext.formatted(values[0])
        if operator in ("Mod", "Add") and isinstance(values[0], Const) and isinstance(values[0].value, str):
            return _text(operator, values[0].value, values[1])
        if operator == "Div":
            return builtins.divided(self, values[0])
        return UNKNOWN

    def _decided(self, operator: str, operands: Any) -> Value:
        """`a and b`, `a or b`; an `isinstance` among them says what a name holds in those that follow."""
        values = []
        doubtful = False
        told: dict[str, tuple[Value | None, Value]] = {}
        for i, operand in enumerate(operands):
            last = i == len(operands) - 1
            kept = operator == "or" and i > 0 and self.remembered(operands[0])
            self.doubts, self.guards = self.doubts + doubtful, self.guards + kept
            values.append(self.value(operand) if last else self.condition(operand))
            self.doubts, self.guards = self.doubts - doubtful, self.guards - kept
            if not last and shapes.asks_type(operand):
                for name, (old, new) in self.told_apart(operand, operator == "and").items():
                    told[name] = told.get(name, (old, new))[0], new
            doubtful = operator == "or"
            decided = values[-1]
            if isinstance(decided, Const) and bool(decided.value) is (operator == "or"):
                break
            if operator == "or" and isinstance(decided, Const) and not last:
                values.pop()  # `name or "default"`, without a name
        self.forget(told)
        if operator == "and":
            return values[-1]
        return union(values)

    def told_apart(self, test: Any, holds: bool) -> dict[str, tuple[Value | None, Value]]:
        """Narrow what a test is about; what each name held before, and what it holds now."""
        before = dict(self.env)
        self.narrow(test, holds)
        return {n: (before.get(n), value) for n, value in self.env.items() if before.get(n) is not value}

    def forget(self, told: dict[str, tuple[Value | None, Value]]) -> None:
        """Undo that, but for names that were assigned since."""
        for name, (old, new) in told.items():
            if self.env.get(name) is new:
                if old is None:
                    del self.env[name]
                else:
                    self.env[name] = old

    def _choice(self, expr: Any) -> Value:
        tested = self.condition(expr[1])
        if isinstance(tested, Const):
            return self.value(expr[2] if tested.value else expr[3])
        asks = shapes.asks_type(expr[1])
        rare = self.rare(expr[1], ()) or self.remembered(expr[1])
        self.guards += rare
        told = self.told_apart(expr[1], True) if asks else {}
        then = self.value(expr[2])
        self.forget(told)
        told = self.told_apart(expr[1], False) if asks else {}
        result = either(then, self.value(expr[3]))
        self.forget(told)
        self.guards -= rare
        return result

    def _lambda(self, expr: Any) -> Value:
        return Closure(expr[1], self.owner, 0, self.env)

    def _await(self, expr: Any) -> Value:
        self.coroutine = expr[1]
        value = self.value(expr[1])
        self.coroutine = None
        if self.locks:
            holding.awaited(self, self.spot(expr[2], expr[3]))
        if self.is_async:
            self.waited[id(expr)] = value
        if not any(isinstance(part, Rows) for part in parts(value)):
            return self.awaited(value)
        line, column = _end_of(expr[1])
        spot = self.spot(line or expr[2], column if line else expr[3])
        outer, self.expression = self.expression, expr[1]
        found = union([self.sent(part, spot) for part in parts(value)])
        self.expression = outer
        return found

    def sent(self, value: Value, spot: Spot) -> Value:
        """What awaiting one alternative gives, perhaps a query that is sent by that."""
        for framework in self.project.with_hook("awaited"):
            found = framework.awaited(self, value, spot)
            if found is not None:
                return found
        return self.awaited(value)

    def _string(self, expr: Any) -> Value:
        if len(expr) > 2:  # a template's `{{ … }}`, whose own place is where `__str__` is called
            outer, self.expression = self.expression, (ir.CALL, "str", expr[1], (), expr[2], 0, expr[2], 0)
            self._show(expr[1])
            self.expression = outer
            return UNKNOWN
        values = self._show(expr[1])
        if sqltext.begins(values):
            values = [self._written(part, value) for part, value in zip(expr[1], values, strict=True)]
        return sqltext.joined(values)

    def _written(self, part: Any, value: Value) -> Value:
        """A name in SQL that a file sets to one text, which is then the name of a table."""
        binding = self.project.name(self.path, part) if isinstance(part, str) and part not in self.env else None
        if value != UNKNOWN or binding is None or binding.kind != "value":
            return value
        found = self.project.module_values(binding.ref, binding.name)
        text = shapes.string(found[0][0]) if len(found) == 1 else ""
        return Const(text) if text else value

    def _show(self, shown: Any) -> list[Value]:
        values = [self.value(part) for part in shown]
        for inner in (p for value in values for p in parts(value)):
            self.shown(inner)
        return values

    def _named(self, expr: Any) -> Value:
        value = self.value(expr[2])
        self.bind(expr[1], value, self.now)
        return value

    def _yield(self, expr: Any) -> Value:
        value = self.value(expr[1])
        if expr[2]:
            self.settle(value.pending if isinstance(value, Container) else ())
            value = value.of if isinstance(value, Container) else UNKNOWN
        self.yielded = value if self.yielded is None else join(self.yielded, value)
        return UNKNOWN

    def _slice(self, expr: Any) -> Value:
        for part in expr[1:4]:
            if part is not None:
                self.value(part)
        return Const(None)


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
    ir.LOOKUP: lambda run, e: run.look_up(e),
    ir.SCOPE: lambda run, e: run.scope(),
    ir.FILTER: lambda run, e: run.filtered(e),
    ir.TAG: lambda run, e: run.tagged(e),
    ir.INCLUDE: lambda run, e: run.include(e),
    ir.EXTENDS: lambda run, e: run.extends(e),
    ir.FROM_TEMPLATE: lambda run, e: run.imported(e),
    ir.BLOCK: lambda run, e: run.shown_block(e),
}


def _compared(operator: str, a: Value, b: Value) -> Value:
    """`x is None` and equality of constants, where both sides are known."""
    positive = operator in ("compare:Is", "compare:Eq")
    if isinstance(a, Const) and isinstance(b, Const):
        return Const((a.value == b.value) is positive)
    return UNKNOWN


def _text(operator: str, text: str, value: Value) -> Value:
    """`"pages/" + name`, `"pages/%s.html" % name`, where both are known: the names of templates are made so."""
    if not isinstance(value, Const) or not isinstance(value.value, str) or len(text) + len(value.value) > _MAX_TEXT:
        return UNKNOWN
    if operator == "Add":
        return Const(text + value.value)
    return Const(text.replace("%s", value.value)) if text.count("%") == text.count("%s") == 1 else UNKNOWN


def _contained(operator: str, item: Value, container: Value) -> Value:
    """`"list" in ("list", "retrieve")`, where every item is written."""
    if not isinstance(item, Const) or not isinstance(container, Container) or not container.items:
        return UNKNOWN
    items = container.items
    if not container.constant or len(items) >= MAX_ITEMS or not all(isinstance(i, Const) for i in items):
        return UNKNOWN
    return Const((item in items) is (operator == "compare:In"))


def _end_of(expr: Any) -> tuple[int, int]:
    if isinstance(expr, tuple) and expr[0] == ir.CALL:
        return expr[4], expr[5]
    if isinstance(expr, tuple) and expr[0] in (ir.ATTR, ir.LOOKUP):
        return expr[3], expr[4]
    return 0, 0
