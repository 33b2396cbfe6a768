"""What becomes of a value inside its function: tested, counted, gone through, or used in any other way.

In: a function's core (see `facts.ir`). Out: for each call and each local name, the ways in which its value is used, as
paths from the inside out: in `if len(list(rows)) > 0` the value `rows` is used as ("list", "len", "zero"). Knows no
values: whether a call gives rows is the interpreter's knowledge.

The last word of a path: `zero` (compared so that only "none or some" matters), `truth`, `number` (arithmetic, other
comparisons, formatting), `each` (a loop goes through it), `method`, `attribute`, `identity` (`is None`), `item`
(indexed, or changed in place), `assigned` (to a local name), `value` (returned, passed or kept), `fold` (given alone to
`sorted`, `sum`, `max` and the like, perhaps with a key) or `other`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..facts import ir
from .frozen import replace

_LISTS = ("list", "tuple")
_FOLDS = ("sorted", "sum", "min", "max", "any", "all")
_EMPTY = {  # (operator, constant on the right): whether there are any
    ("Gt", 0), ("Eq", 0), ("NotEq", 0), ("GtE", 1), ("Lt", 1), ("LtE", 0),
}  # fmt: skip
_CHANGES = {  # methods that change what they are called on
    "append", "add", "update", "pop", "setdefault", "extend", "remove", "clear", "insert", "sort", "popitem", "discard",
}  # fmt: skip
_MIRROR = {"Gt": "Lt", "Lt": "Gt", "GtE": "LtE", "LtE": "GtE", "Eq": "Eq", "NotEq": "NotEq"}


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One way in which a value is used. `name`: the method, attribute, loop variable or local name it is about."""

    path: tuple[str, ...]
    name: str = ""
    node: Any = None
    """The call of a method or fold; for `each` the reads of the loop's variable, when it has a scope of its own."""
    loop: Any = None
    """For `each`: the comprehension or `for` statement."""
    outer: Use | None = None
    """For `each`: what becomes of the comprehension."""

    @property
    def last(self) -> str:
        return self.path[-1]


_OTHER = Use(("other",))
_ITEM = Use(("item",))
_TRUTH = Use(("truth",))
_NUMBER = Use(("number",))
_ZERO = Use(("zero",))


@dataclass(slots=True)
class Uses:
    """The uses of one function's values. Names are not told apart by assignment: whatever reads the name counts."""

    calls: dict[int, Use] = field(default_factory=dict)
    reads: dict[str, list[Use]] = field(default_factory=dict)
    bound: dict[str, list[Any]] = field(default_factory=dict)
    """What is assigned to each name; None for a loop variable, a parameter and anything else than a plain value."""
    opaque: bool = False
    """`locals()` reads every name."""

    def of(self, expr: Any) -> list[Use] | None:
        """The uses of a call's value or of a local name's; None when they cannot be told."""
        if self.opaque:
            return None
        if isinstance(expr, str):
            made = self.bound.get(expr)
            if not made or not all(isinstance(m, tuple) and m[0] in (ir.CALL, ir.AWAIT) for m in made):
                return None
            return self.reads.get(expr, [])
        use = self.calls.get(id(expr))
        return None if use is None else self.through(use)

    def through(self, use: Use) -> list[Use] | None:
        """A use, and what becomes of it when it is assigned to a name. A list keeps being called one."""
        if use.last != "assigned":
            return [use]
        reads = self.of(use.name)
        kept = use.path[:-1]
        return None if reads is None else [replace(u, path=(*kept, *u.path)) for u in reads]


def uses_of(core: Any) -> Uses:
    """The uses of a function's or lambda's values."""
    walk = _Walk()
    for name, _, _, default in core[ir.C_PARAMETERS]:
        walk.bind(name, None)
        walk.visit(default, _OTHER)
    walk.block(core[ir.C_BODY])
    return walk.uses


class _Walk:
    def __init__(self) -> None:
        self.uses = Uses()
        self.inner: list[dict[str, list[Use]]] = []
        """Variables of the comprehensions around."""

    def bind(self, target: Any, value: Any) -> None:
        if isinstance(target, str):
            self.uses.bound.setdefault(target, []).append(value)
        elif isinstance(target, tuple):
            if target[0] == ir.SEQUENCE:
                for part in target[2]:
                    self.bind(part, None)
            elif target[0] == ir.STAR:
                self.bind(target[1], None)
            else:
                self.visit(target[1], _ITEM if target[0] == ir.INDEX else _OTHER)
                if target[0] == ir.INDEX:
                    self.visit(target[2], _OTHER)

    # Expressions ------------------------------------------------------------------------------------------

    def visit(self, expr: Any, use: Use) -> None:
        if isinstance(expr, str):
            for scope in reversed(self.inner):
                if expr in scope:
                    scope[expr].append(use)
                    return
            self.uses.reads.setdefault(expr, []).append(use)
            return
        if not isinstance(expr, tuple):
            return
        op = expr[0]
        if op == ir.CALL:
            self.call(expr, use)
        elif op == ir.ATTR:
            inside = use.last == "item" or (use.last == "method" and use.name in _CHANGES)
            self.visit(expr[1], Use(("attribute", "item") if inside else ("attribute",), expr[2], expr))
        elif op == ir.OPERATION:
            self.operation(expr[1], expr[2], use)
        elif op == ir.COMPREHENSION:
            self.comprehension(expr, use)
        elif op == ir.AWAIT:
            self.uses.calls[id(expr)] = use
            self.visit(expr[1], use)
        elif op == ir.CHOICE:
            self.visit(expr[1], _TRUTH)
            self.visit(expr[2], use)
            self.visit(expr[3], use)
        elif op == ir.STRING:
            for part in expr[1]:
                self.visit(part, _NUMBER)
        elif op == ir.NAMED:
            self.bind(expr[1], None)
            self.visit(expr[2], _OTHER)
        elif op == ir.LAMBDA:
            for name, _, _, default in expr[1][ir.C_PARAMETERS]:
                self.bind(name, None)
                self.visit(default, _OTHER)
            self.block(expr[1][ir.C_BODY])
        elif op == ir.INDEX:
            self.visit(expr[1], _ITEM)
            self.visit(expr[2], _NUMBER)
        elif op == ir.SEQUENCE:
            self.every(expr[2])
        elif op == ir.DICT:
            self.every(expr[1])
            for value in expr[2]:
                self.visit(value, Use(("value",)))
        elif op in (ir.STAR, ir.YIELD):
            self.visit(expr[1], _OTHER)
        elif op == ir.SLICE:
            for part in expr[1:4]:
                self.visit(part, _NUMBER)

    def every(self, parts: Any) -> None:
        for part in parts:
            self.visit(part, _OTHER)

    def call(self, expr: Any, use: Use) -> None:
        self.uses.calls[id(expr)] = use
        func, args, keywords = expr[1], expr[2], expr[3]
        first = args[0] if len(args) == 1 and not keywords else None
        if func == "locals":
            self.uses.opaque = True
        if first is not None and func in ("len", "bool", *_LISTS):
            self.visit(first, replace(use, path=("list" if func in _LISTS else func, *use.path)))
            return
        if first is not None and func == "sum" and _counts(first):
            self.visit(first[4][0][1], replace(use, path=("len", *use.path)))
            return
        if func in _FOLDS and len(args) == 1 and all(key in ("key", "reverse") for key, _ in keywords):
            self.visit(args[0], Use(("fold",), func, expr, outer=use))
            for _, argument in keywords:
                self.visit(argument, Use(("value",)))
            return
        if isinstance(func, tuple) and func[0] == ir.ATTR:
            self.visit(func[1], Use(("method",), func[2], expr))
        else:
            self.visit(func, _OTHER)
        for argument in args:
            self.visit(argument, Use(("value",)))
        for _, argument in keywords:
            self.visit(argument, Use(("value",)))

    def operation(self, operator: str, operands: Any, use: Use) -> None:
        if operator == "not":
            self.visit(operands[0], _TRUTH)
        elif operator in ("and", "or"):
            for operand in operands[:-1]:
                self.visit(operand, use if use.last == "truth" else Use(("value",)))
            self.visit(operands[-1], use)
        elif operator in ("compare:In", "compare:NotIn"):
            self.every(operands)
        elif operator in ("compare:Is", "compare:IsNot"):
            for operand in operands:
                self.visit(operand, Use(("identity",)))
        elif operator.startswith("compare:") and len(operands) == 2:  # a chain compares numbers
            kind = operator[8:]
            left, right = operands
            self.visit(left, _ZERO if _is_empty(kind, right) else _NUMBER)
            self.visit(right, _ZERO if _is_empty(_MIRROR.get(kind, ""), left) else _NUMBER)
        else:
            for operand in operands:
                self.visit(operand, _NUMBER)

    def comprehension(self, expr: Any, use: Use) -> None:
        _, _, element, second, generators, *_ = expr
        scope: dict[str, list[Use]] = {}
        for generator in generators:
            for name in _target_names(generator[0]):
                scope[name] = []
        self.inner.append(scope)
        for generator in generators:
            for condition in generator[2]:
                self.visit(condition, _TRUTH)
        self.visit(element, Use(("value",)))
        self.visit(second, Use(("value",)))
        for generator in generators[1:]:
            self.visit(generator[1], self.each(generator, scope, expr, use))
        self.inner.pop()
        self.visit(generators[0][1], self.each(generators[0], scope, expr, use))

    def each(self, generator: Any, scope: dict[str, list[Use]], expr: Any, use: Use) -> Use:
        target = generator[0]
        return Use(("each",), target, scope[target], expr, use) if isinstance(target, str) else Use(("other",))

    # Statements -------------------------------------------------------------------------------------------

    def block(self, statements: Any) -> None:
        for s in statements:
            op = s[0]
            if op == ir.ASSIGN:
                self.assign(s[1], s[2])
            elif op == ir.AUGMENT:
                self.bind(s[1], None)
                self.visit(s[1], _OTHER)
                self.visit(s[3], _NUMBER)
            elif op in (ir.EXPRESSION, ir.RAISE):
                self.visit(s[1], _OTHER)
            elif op == ir.RETURN:
                self.visit(s[1], Use(("value",)))
            elif op in (ir.IF, ir.WHILE):
                self.visit(s[1], _TRUTH)
                self.block(s[2])
                self.block(s[3])
            elif op == ir.FOR:
                self.bind(s[1], None)
                self.visit(s[2], Use(("each",), s[1], loop=s) if isinstance(s[1], str) else _OTHER)
                self.block(s[3])
                self.block(s[4])
            elif op == ir.WITH:
                for context, target in s[1]:
                    self.visit(context, _OTHER)
                    self.bind(target, None)
                self.block(s[2])
            elif op == ir.TRY:
                self.block(s[1])
                for kind, name, body in s[2]:
                    self.visit(kind, _OTHER)
                    self.bind(name, None)
                    self.block(body)
                self.block(s[3])
                self.block(s[4])
            elif op == ir.ASSERT:
                self.visit(s[1], _TRUTH)
            elif op == ir.DELETE:
                self.every(s[1])
            elif op == ir.MATCH:
                self.visit(s[1], _OTHER)
                for names, guard, body in s[2]:
                    for name in names:
                        self.bind(name, None)
                    self.visit(guard, _TRUTH)
                    self.block(body)
            elif op == ir.FUNCTION:
                core = s[3]
                self.bind(core[ir.C_NAME], None)
                self.every(core[ir.C_DECORATORS])
                for name, _, _, default in core[ir.C_PARAMETERS]:
                    self.bind(name, None)
                    self.visit(default, _OTHER)
                self.block(core[ir.C_BODY])
            elif op == ir.CLASS:
                self.every(s[3][ir.K_BASES])
                self.block(s[3][ir.K_BODY])

    def assign(self, targets: Any, value: Any) -> None:
        if value is None:
            return  # only an annotation
        target = targets[0]
        if len(targets) == 1 and isinstance(target, str):
            self.visit(value, Use(("assigned",), target))
        else:
            self.visit(value, Use(("value",)))
        for each in targets:
            self.bind(each, value)


def _counts(expr: Any) -> bool:
    """`1 for _ in rows`."""
    if not isinstance(expr, tuple) or expr[0] != ir.COMPREHENSION or len(expr[4]) != 1:
        return False
    return bool(expr[2] == (ir.CONST, 1) and expr[3] is None and not expr[4][0][2])


def _is_empty(operator: str, other: Any) -> bool:
    """Whether comparing a number with this asks only whether there are any."""
    return (
        isinstance(other, tuple) and other[0] == ir.CONST and type(other[1]) is int and (operator, other[1]) in _EMPTY
    )


def _target_names(target: Any) -> list[str]:
    if isinstance(target, str):
        return [target]
    if not isinstance(target, tuple):
        return []
    if target[0] == ir.SEQUENCE:
        return [name for part in target[2] for name in _target_names(part)]
    return _target_names(target[1]) if target[0] == ir.STAR else []
