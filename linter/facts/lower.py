"""Syntax tree in, facts out (see `ir`): one walk, one tuple per construct that can matter.

Dropped here: docstrings, type parameters, complex constants' values. Deeper nesting than Python's own
parser allows does not reach this module; `lower_module` raises `RecursionError` for it like `ast` does.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from . import ir

_KINDS = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}
_MAX_STRING = 20_000  # SQL scripts are shorter; data blobs are not worth keeping
_MAX_BYTES = 40  # of bytes only counts what they are
_NOTHING = (ir.CONST, None)
# What loads relations with rows, in any framework: whatever these mention is loaded somewhere
_LOADERS = {
    "select_related", "prefetch_related", "prefetch_related_objects", "Prefetch", "GenericPrefetch",
    "joinedload", "selectinload", "subqueryload", "contains_eager", "immediateload", "defaultload", "undefer",
}  # fmt: skip
_LOADING = ("prefetch", "select_related", "joinedload", "eager")  # parts of names that hold such lists


def lower_module(tree: ast.Module) -> tuple[ir.Stmt, ...]:  # one closure per construct, sharing `base`
    """Lower a module's body. Lines are relative to line 0 (so: absolute) outside functions and classes."""
    base = 0
    yields = False
    self_name = ""
    self_writes: list[str] = []
    loaded: set[str] = set()

    def constant(node: Any) -> ir.Expr:
        value = node.value
        kind = type(value)
        if kind is str:
            return (0, value if len(value) <= _MAX_STRING else value[:_MAX_STRING])
        if kind is bytes:
            return (0, value[:_MAX_BYTES])
        return (0, value) if kind is int or kind is bool or kind is float or value is None else _NOTHING

    def attribute(node: Any) -> ir.Expr:
        inner = node.value
        kind = type(inner)
        name = node.attr
        return (
            1,
            inner.id if kind is ast.Name else expressions[kind](inner),
            name,
            node.end_lineno - base,
            node.end_col_offset - len(name),
        )

    def call(node: Any) -> ir.Expr:
        inner = node.func
        kind = type(inner)
        if kind is ast.Attribute:
            func = attribute(inner)
            line, col = func[3], func[4]
        else:
            func = inner.id if kind is ast.Name else expressions[kind](inner)
            line, col = inner.lineno - base, inner.col_offset
        keywords = node.keywords
        args = node.args
        if (inner.attr if kind is ast.Attribute else func) in _LOADERS:
            for argument in args:
                loaded.update(_mentioned(argument))
            loaded.update([f"={k.value.value}" for k in keywords if k.arg == "to_attr" and _is_text(k.value)])
        elif kind is ast.Attribute and inner.attr == "annotate":
            loaded.update([f"={k.arg}" for k in keywords if k.arg is not None])
        return (
            2,
            func,
            tuple([a.id if type(a) is ast.Name else expressions[type(a)](a) for a in args]) if args else (),
            tuple([(k.arg, expression(k.value)) for k in keywords]) if keywords else (),
            line,
            col,
            node.end_lineno - base,
            node.end_col_offset,
        )

    def expression(node: Any) -> ir.Expr:
        kind = type(node)
        return node.id if kind is ast.Name else expressions[kind](node)

    def optional(node: Any) -> ir.Expr:
        return None if node is None else expression(node)

    def many(nodes: Any) -> tuple[ir.Expr, ...]:
        return tuple([n.id if type(n) is ast.Name else expressions[type(n)](n) for n in nodes])

    def comprehension(node: Any) -> ir.Expr:
        is_dict = type(node) is ast.DictComp
        generators = []
        for g in node.generators:
            it = g.iter
            generators.append(
                (
                    expression(g.target),
                    expression(it),
                    many(g.ifs),
                    *_start(it, base),
                    *_end(it, base),
                    bool(g.is_async),
                )
            )
        return (
            6,
            "dict" if is_dict else _KINDS[type(node)],
            expression(node.key if is_dict else node.elt),
            expression(node.value) if is_dict else None,
            tuple(generators),
            node.lineno - base,
            node.col_offset,
        )

    def lambda_(node: Any) -> ir.Expr:
        body = ((ir.RETURN, expression(node.body)),)
        return (9, ("<lambda>", parameters(node.args), (), None, False, False, body, ()))

    def yield_(node: Any) -> ir.Expr:
        nonlocal yields
        yields = True
        return (14, optional(node.value), type(node) is ast.YieldFrom)

    def compare(node: Any) -> ir.Expr:
        operator = type(node.ops[0]).__name__
        operands = (expression(node.left), *many(node.comparators))
        if operator in ("In", "NotIn"):  # a search: it has a place
            return (7, "compare:" + operator, operands, node.lineno - base, node.col_offset)
        return (7, "compare:" + operator, operands)

    def operation(node: Any) -> ir.Expr:
        kind = type(node.op)
        operands = []
        while type(node) is ast.BinOp and type(node.op) is kind:  # a + b + c + … in one: chains nest deeply to the left
            operands.append(expression(node.right))
            node = node.left
        operands.append(expression(node))
        return (7, kind.__name__, tuple(reversed(operands)))

    expressions: dict[type, Callable[[Any], ir.Expr]] = {
        ast.Name: lambda n: n.id,
        ast.Constant: constant,
        ast.Attribute: attribute,
        ast.Call: call,
        ast.Subscript: lambda n: (
            3,
            expression(n.value),
            expression(n.slice),
            n.value.end_lineno - base,
            n.value.end_col_offset,
        ),
        ast.List: lambda n: (4, "list", many(n.elts), n.lineno - base, n.col_offset),
        ast.Tuple: lambda n: (4, "tuple", many(n.elts), n.lineno - base, n.col_offset),
        ast.Set: lambda n: (4, "set", many(n.elts), n.lineno - base, n.col_offset),
        ast.Dict: lambda n: (5, tuple([optional(k) for k in n.keys]), many(n.values)),
        ast.ListComp: comprehension,
        ast.SetComp: comprehension,
        ast.DictComp: comprehension,
        ast.GeneratorExp: comprehension,
        ast.BoolOp: lambda n: (7, "and" if type(n.op) is ast.And else "or", many(n.values)),
        ast.BinOp: operation,
        ast.UnaryOp: lambda n: (7, "not" if type(n.op) is ast.Not else type(n.op).__name__, (expression(n.operand),)),
        ast.Compare: compare,
        ast.IfExp: lambda n: (8, expression(n.test), expression(n.body), expression(n.orelse)),
        ast.Lambda: lambda_,
        ast.Await: lambda n: (10, expression(n.value), n.lineno - base, n.col_offset),
        ast.Starred: lambda n: (11, expression(n.value)),
        ast.JoinedStr: lambda n: (12, many(n.values)),
        ast.FormattedValue: lambda n: expression(n.value),
        ast.NamedExpr: lambda n: (13, n.target.id, expression(n.value)),
        ast.Yield: yield_,
        ast.YieldFrom: yield_,
        ast.Slice: lambda n: (15, optional(n.lower), optional(n.upper), optional(n.step)),
    }
    for name in ("TemplateStr", "Interpolation"):  # Python 3.14
        if hasattr(ast, name):
            expressions[getattr(ast, name)] = expressions[
                ast.JoinedStr if name == "TemplateStr" else ast.FormattedValue
            ]

    def parameters(args: Any) -> tuple[tuple[str, int, ir.Expr, ir.Expr], ...]:
        out: list[tuple[str, int, ir.Expr, ir.Expr]] = []
        plain = [*args.posonlyargs, *args.args]
        missing = len(plain) - len(args.defaults)
        for i, a in enumerate(plain):
            out.append(
                (a.arg, 0, optional(a.annotation), expression(args.defaults[i - missing]) if i >= missing else None)
            )
        if args.vararg:
            out.append((args.vararg.arg, 1, optional(args.vararg.annotation), None))
        for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            out.append((a.arg, 2, optional(a.annotation), optional(d)))
        if args.kwarg:
            out.append((args.kwarg.arg, 3, optional(args.kwarg.annotation), None))
        return tuple(out)

    def function(node: Any) -> ir.Stmt:
        nonlocal base, yields, self_name, self_writes
        outer = (base, yields, self_name, self_writes)
        start = node.lineno
        base, yields, self_writes = start, False, []
        arguments = node.args.posonlyargs or node.args.args
        self_name = arguments[0].arg if arguments else ""
        body = block(node.body)
        core = (
            node.name,
            parameters(node.args),
            many(node.decorator_list),
            optional(node.returns),
            type(node) is ast.AsyncFunctionDef,
            yields,
            body,
            tuple(sorted(set(self_writes))),
        )
        base, yields, self_name, self_writes = outer
        return (29, start - base, node.col_offset, core)

    def class_(node: Any) -> ir.Stmt:
        nonlocal base
        outer, start = base, node.lineno
        base = start
        keywords = tuple([(k.arg, expression(k.value)) for k in node.keywords])
        core = (node.name, many(node.bases), keywords, many(node.decorator_list), block(node.body))
        base = outer
        return (30, start - base, node.col_offset, core)

    def assign(node: Any) -> ir.Stmt:
        value = node.value
        kind = type(value)
        targets = node.targets
        for t in targets:
            note_self(t)
            name = t.id if type(t) is ast.Name else t.attr if type(t) is ast.Attribute else ""
            if any(part in name for part in _LOADING):
                loaded.update(_mentioned(value))
        return (
            20,
            many(targets),
            value.id if kind is ast.Name else expressions[kind](value),
            None,
            node.lineno - base,
            node.col_offset,
        )

    def note_self(target: Any) -> None:
        kind = type(target)
        if kind is ast.Attribute:
            if type(target.value) is ast.Name and target.value.id == self_name:
                self_writes.append(target.attr)
        elif kind is ast.Tuple:
            for t in target.elts:
                note_self(t)

    def annotated(node: Any) -> ir.Stmt:
        note_self(node.target)
        place = (node.lineno - base, node.col_offset)
        return (20, (expression(node.target),), optional(node.value), expression(node.annotation), *place)

    def for_(node: Any) -> ir.Stmt:
        it = node.iter
        return (
            24,
            expression(node.target),
            expression(it),
            block(node.body),
            block(node.orelse),
            type(node) is ast.AsyncFor,
            node.lineno - base,
            node.col_offset,
            *_start(it, base),
            *_end(it, base),
        )

    def with_(node: Any) -> ir.Stmt:
        items = tuple([(expression(i.context_expr), optional(i.optional_vars)) for i in node.items])
        for i in node.items:
            if i.optional_vars is not None:
                note_self(i.optional_vars)
        return (27, items, block(node.body), type(node) is ast.AsyncWith, node.lineno - base, node.col_offset)

    def try_(node: Any) -> ir.Stmt:
        handlers = tuple([(optional(h.type), h.name, block(h.body)) for h in node.handlers])
        return (28, block(node.body), handlers, block(node.orelse), block(node.finalbody))

    def match(node: Any) -> ir.Stmt:
        cases = tuple([(_captured(c.pattern), optional(c.guard), block(c.body)) for c in node.cases])
        return (38, expression(node.subject), cases)

    def plain(node: Any) -> ir.Stmt | None:
        value = node.value
        if type(value) is ast.Constant:  # a docstring, or nothing
            return None
        return (22, expression(value))

    statements: dict[type, Callable[[Any], ir.Stmt | None]] = {
        ast.Assign: assign,
        ast.AnnAssign: annotated,
        ast.AugAssign: lambda n: (21, expression(n.target), type(n.op).__name__, expression(n.value), n.lineno - base),
        ast.Expr: plain,
        ast.Return: lambda n: (23, optional(n.value)),
        ast.For: for_,
        ast.AsyncFor: for_,
        ast.While: lambda n: (
            25,
            expression(n.test),
            block(n.body),
            block(n.orelse),
            n.lineno - base,
            n.col_offset,
        ),
        ast.If: lambda n: (
            26,
            expression(n.test),
            block(n.body),
            block(n.orelse),
            n.test.lineno - base,
            n.test.col_offset,
        ),
        ast.With: with_,
        ast.AsyncWith: with_,
        ast.Try: try_,
        ast.FunctionDef: function,
        ast.AsyncFunctionDef: function,
        ast.ClassDef: class_,
        ast.Import: lambda n: (31, tuple([(a.name, a.asname) for a in n.names])),
        ast.ImportFrom: lambda n: (32, n.module or "", n.level, tuple([(a.name, a.asname) for a in n.names])),
        ast.Raise: lambda n: (33, optional(n.exc)),
        ast.Break: lambda n: (34,),
        ast.Continue: lambda n: (35,),
        ast.Delete: lambda n: (36, many(n.targets)),
        ast.Assert: lambda n: (37, expression(n.test)),
        ast.Match: match,
    }
    if hasattr(ast, "TryStar"):
        statements[ast.TryStar] = try_

    def block(nodes: Any) -> tuple[ir.Stmt, ...]:
        out = []
        for node in nodes:
            lowered = statements.get(type(node))
            if lowered is not None:  # pass, global, nonlocal, type aliases say nothing that matters
                made = lowered(node)
                if made is not None:
                    out.append(made)
        return tuple(out)

    body = block(tree.body)
    return (*body, (ir.LOADERS, tuple(sorted(loaded)))) if loaded else body


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _start(expr: ast.expr, base: int) -> tuple[int, int]:
    """Where the identifier that does something starts: the last name of an attribute or call chain."""
    node: Any = expr
    while type(node) is ast.Await:
        node = node.value
    kind = type(node)
    if kind is ast.Call:
        node = node.func
        kind = type(node)
    if kind is ast.Attribute:
        return node.end_lineno - base, node.end_col_offset - len(node.attr)
    return node.lineno - base, node.col_offset


def _end(node: Any, base: int) -> tuple[int, int]:
    return node.end_lineno - base, node.end_col_offset


def _mentioned(node: Any) -> list[str]:
    """The relation names in a loader's argument: strings by their parts, attributes by their names."""
    out = []
    for part in ast.walk(node):
        if type(part) is ast.Constant and type(part.value) is str:
            out += part.value.replace(".", "__").split("__")
        elif type(part) is ast.Attribute:
            out.append(part.attr)
    return out


def _captured(pattern: Any) -> tuple[str, ...]:
    """Names that a `case` pattern binds."""
    names = []
    for node in ast.walk(pattern):
        if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            names.append(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.append(node.rest)
    return tuple(names)
