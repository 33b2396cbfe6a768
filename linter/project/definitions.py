"""A file's facts arranged by what they define: functions and methods, classes, module-level values, with their lines.

Every definition has a digest that does not change when it only moves, so that answers about it stay valid.
Functions nested in functions belong to the function around them.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..facts import ir


@dataclass(slots=True)
class FunctionDef:
    core: Any
    line: int
    column: int
    cls: str
    """Qualified name of the class around it, "" for none."""


@dataclass(slots=True)
class ClassDef:
    core: Any
    line: int
    column: int
    methods: tuple[str, ...]
    body: tuple[Any, ...]
    """The statements of the class body that are not functions or classes."""
    nested: tuple[str, ...]


@dataclass(slots=True)
class Definitions:
    """What one file defines, by qualified name. `loose`: the module's own statements without definitions."""

    functions: dict[str, FunctionDef] = field(default_factory=dict)
    classes: dict[str, ClassDef] = field(default_factory=dict)
    values: dict[str, list[tuple[Any, Any]]] = field(default_factory=dict)
    """Module-level names: (value, annotation) of each assignment."""
    loose: tuple[Any, ...] = ()
    loaders: tuple[str, ...] = ()
    """Relation names that loaders in this file mention."""
    called: tuple[tuple[str, Any], ...] | None = None
    """(function, call) of the calls that stand as statements, once somebody has asked (see `routes.called`)."""

    def digests(self) -> dict[tuple[str, str], bytes]:
        """(kind, qualified name) → digest; kinds are function, class, value."""
        out: dict[tuple[str, str], bytes] = {}
        for name, function in self.functions.items():
            out["function", name] = _digest(function.core)
        for name, cls in self.classes.items():
            cores = [self.functions[f"{name}.{m}"].core for m in cls.methods]
            shape = [(core[ir.C_NAME], core[ir.C_DECORATORS], _short(core)) for core in cores]
            core = cls.core
            out["class", name] = _digest((core[:4], cls.body, cls.nested, tuple(shape)))
        for name, values in self.values.items():
            out["value", name] = _digest(tuple(values))
        return out


def _short(core: Any) -> tuple[int, ...]:
    """The kinds of statements of a body of one at most: whether it is there to be overridden."""
    return tuple(s[0] for s in core[ir.C_BODY]) if len(core[ir.C_BODY]) <= 1 else (-1,)


def _digest(fact: Any) -> bytes:
    return hashlib.blake2b(marshal.dumps(fact, 2), digest_size=12).digest()


def definitions(body: Sequence[ir.Stmt]) -> Definitions:
    out = Definitions()
    loose: list[Any] = []
    _module(body, out, loose)
    out.loose = tuple(loose)
    return out


def _module(statements: Sequence[ir.Stmt], out: Definitions, loose: list[Any]) -> None:
    for s in statements:
        op = s[0]
        if op == ir.FUNCTION:
            out.functions[s[3][ir.C_NAME]] = FunctionDef(s[3], s[1], s[2], "")
        elif op == ir.CLASS:
            _class(s, "", 0, out)
        else:
            if op == ir.LOADERS:
                out.loaders = s[1]
            elif op == ir.ASSIGN:
                for target in s[1]:
                    if isinstance(target, str):
                        out.values.setdefault(target, []).append((s[2], s[3]))
            elif op == ir.IF:
                _module([*s[2], *s[3]], out, [])
            elif op == ir.TRY:
                _module([*s[1], *(x for h in s[2] for x in h[2]), *s[3], *s[4]], out, [])
            elif op == ir.WITH:
                _module(s[2], out, [])
            loose.append(s)


def _class(statement: Any, outer: str, base: int, out: Definitions) -> None:
    core = statement[3]
    name = f"{outer}.{core[ir.K_NAME]}" if outer else core[ir.K_NAME]
    line = base + statement[1]
    methods: dict[str, None] = {}
    nested: list[str] = []
    body: list[Any] = []

    def walk(statements: Sequence[Any]) -> None:
        for s in statements:
            op = s[0]
            if op == ir.FUNCTION:
                member = s[3][ir.C_NAME]
                full = f"{name}.{member}"
                # `@x.setter` and `@overload` twins: the getter and the last definition count
                if full in out.functions and _is_setter(s[3]):
                    continue
                methods[member] = None
                out.functions[full] = FunctionDef(s[3], line + s[1], s[2], name)
            elif op == ir.CLASS:
                nested.append(s[3][ir.K_NAME])
                _class(s, name, line, out)
            elif op == ir.IF:
                walk(s[2])
                walk(s[3])
            else:
                body.append(s)

    walk(core[ir.K_BODY])
    out.classes[name] = ClassDef(core, line, statement[2], tuple(methods), tuple(body), tuple(nested))


def _is_setter(core: Any) -> bool:
    return any(
        isinstance(d, tuple)
        and d[0] == ir.ATTR
        and d[2] in ("setter", "deleter", "expression", "comparator", "inplace")
        for d in core[ir.C_DECORATORS]
    )
