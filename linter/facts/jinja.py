"""A Jinja2 template's text in, facts out (see `ir`), in the same shapes as Django's.

Differences that remain: calls have arguments (`CALL` over `LOOKUP`), macros are functions nested where they stand,
and what stands outside of the blocks of a template that extends another one runs, but shows nothing. `super()` is
spelled as Django's `block.super`, tests as comparisons. Names of other files are not looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from . import ir
from .jinja_parser import Columns, parse
from .template_expressions import NOTHING, constant
from .template_tags import assign_all
from .templates import TemplateDamage, core, template_function

_MAX_STATEMENTS = 60  # nested in each other
_MAX_EXPRESSIONS = 60
_MAX_ALTERNATIVES = 30  # `elif` one in the other; later ones stand one after the other
_MAX_STRING = 20_000
_NEWLINE = re.compile(r"\r\n|\r")
_TEXT = (ir.STRING, ())
_COMPARISONS = {
    "eq": "Eq", "ne": "NotEq", "gt": "Gt", "gteq": "GtE", "lt": "Lt", "lteq": "LtE", "in": "In", "notin": "NotIn",
}  # fmt: skip
_TESTS = {
    "in": "In", "eq": "Eq", "equalto": "Eq", "==": "Eq", "ne": "NotEq", "!=": "NotEq", "gt": "Gt", "greaterthan": "Gt",
    ">": "Gt", "ge": "GtE", ">=": "GtE", "lt": "Lt", "lessthan": "Lt", "<": "Lt", "le": "LtE", "<=": "LtE",
    "sameas": "Is",
}  # fmt: skip
_NONE_TESTS = {"none": "Is", "undefined": "Is", "defined": "IsNot"}
_OPERATORS = {
    "Add": "Add", "Sub": "Sub", "Mul": "Mult", "Div": "Div", "FloorDiv": "FloorDiv", "Mod": "Mod", "Pow": "Pow",
    "And": "and", "Or": "or",
}  # fmt: skip
_UNARY = {"Not": "not", "Neg": "USub", "Pos": "UAdd"}


def lower(text: str) -> tuple[ir.Stmt, ...]:
    """Lower a template. Raises `TemplateDamage` where jinja2 finds no tokens, or nests too deeply."""
    text = _NEWLINE.sub("\n", text)
    try:
        template = parse(text)
    except TemplateSyntaxError as e:
        raise TemplateDamage(e.lineno, e.message or "not a template") from e
    except (RuntimeError, ValueError, AssertionError) as e:  # a RecursionError is a RuntimeError
        raise TemplateDamage(1, f"cannot be parsed: {e}") from e
    return _Lowering(Columns(text)).run(template)


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    """All nodes below, without recursion: chains of operators nest deeply."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += found.iter_child_nodes()


class _Lowering:
    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.base = 0
        self.depth = 0
        self.statements_deep = 0
        self.silent = False  # what is shown here is not
        self.blocks: dict[str, ir.Stmt] = {}
        self.block_names: tuple[str, ...] = ()
        self.statements: dict[type, Callable[[Any], Sequence[ir.Stmt]]] = {
            nodes.Output: self._output, nodes.For: self._for, nodes.If: self._if, nodes.With: self._with,
            nodes.Assign: self._assign, nodes.AssignBlock: self._assign_block, nodes.Block: self._block,
            nodes.Extends: self._extends, nodes.Include: self._include, nodes.Import: self._import,
            nodes.FromImport: self._from_import, nodes.Macro: self._macro, nodes.CallBlock: self._call_block,
            nodes.FilterBlock: self._filter_block, nodes.ExprStmt: lambda n: ((ir.EXPRESSION, self.expr(n.node)),),
            nodes.Break: lambda n: ((ir.BREAK,),), nodes.Continue: lambda n: ((ir.CONTINUE,),),
            nodes.Scope: lambda n: self.body(n.body), nodes.ScopedEvalContextModifier: lambda n: self.body(n.body),
        }  # fmt: skip
        self.expressions: dict[type, Callable[[Any], ir.Expr]] = {
            nodes.Name: self._name, nodes.Const: lambda n: _constant(n.value),
            nodes.TemplateData: lambda n: NOTHING, nodes.Getattr: self._getattr, nodes.Getitem: self._getitem,
            nodes.Call: self._call, nodes.Filter: self._filter, nodes.Test: self._test, nodes.Compare: self._compare,
            nodes.CondExpr: self._choice, nodes.Concat: lambda n: (ir.STRING, self.many(n.nodes)),
            nodes.List: lambda n: (ir.SEQUENCE, "list", self.many(n.items), *self._line(n), 0),
            nodes.Tuple: lambda n: (ir.SEQUENCE, "tuple", self.many(n.items), *self._line(n), 0),
            nodes.Dict: lambda n: (ir.DICT, self.many([i.key for i in n.items]), self.many([i.value for i in n.items])),
            nodes.MarkSafe: lambda n: self.expr(n.expr), nodes.MarkSafeIfAutoescape: lambda n: self.expr(n.expr),
            nodes.NSRef: lambda n: (ir.ATTR, n.name, n.attr, *self.place(n, n.attr)),
        }  # fmt: skip

    def run(self, template: nodes.Template) -> tuple[ir.Stmt, ...]:
        names: dict[str, None] = {}
        for node in _walk(template):
            if isinstance(node, nodes.Block):
                names[node.name] = None
        self.block_names = tuple(sorted(names))
        parents = [node for node in template.body if isinstance(node, nodes.Extends)]
        self.silent = bool(parents)
        body = list(self.body([node for node in template.body if not isinstance(node, nodes.Extends)]))
        for parent in parents[:1]:  # the parent is rendered last, with what was set before
            body += self._extends(parent)
        return (template_function(body), *self.blocks.values())

    # Places

    def _line(self, node: Any) -> tuple[int]:
        return ((node.lineno or self.base) - self.base,)

    def place(self, node: Any, name: str) -> tuple[int, int]:
        """Where a name stands, told by its line and its turn."""
        line = node.lineno or self.base
        return line - self.base, self.columns.find(line, name)

    # Statements

    def body(self, found: Sequence[Any]) -> tuple[ir.Stmt, ...]:
        if self.statements_deep >= _MAX_STATEMENTS:
            return ()
        self.statements_deep += 1
        out: list[ir.Stmt] = []
        for node in found:
            lowered = self.statements.get(type(node))
            if lowered is not None:
                out += lowered(node)
        self.statements_deep -= 1
        return tuple(out)

    def _output(self, node: Any) -> Sequence[ir.Stmt]:
        if self.silent:
            return ()
        values = [self.expr(n) for n in node.nodes]
        lines = [(n.lineno or self.base) - self.base for n in node.nodes]
        shown = zip(values, lines, strict=True)
        return [(ir.EXPRESSION, (ir.STRING, (v,), line)) for v, line in shown if not constant(v)]

    def _for(self, node: Any) -> Sequence[ir.Stmt]:
        place = self.place(node, "for")
        target = self.expr(node.target)
        iterable = self.expr(node.iter)
        start, end = self._ends(iterable, node)
        condition = None if node.test is None else self.expr(node.test)
        body = self.body(node.body)
        if condition is not None:
            body = ((ir.IF, condition, body, (), *place),)
        loop = (ir.FOR, target, iterable, body, self.body(node.else_), False, *place, *start, *end)
        return ((ir.INNER, (loop,)),)

    def _ends(self, expr: ir.Expr, node: Any) -> tuple[tuple[int, int], tuple[int, int]]:
        """Start and end of the last identifier of an expression."""
        name = ""
        line, column = self._line(node)[0], 0
        if isinstance(expr, str):
            name = expr
            found = self.columns.last.get(expr)
            line, column = (found[0] - self.base, found[1]) if found else (line, 0)
        elif isinstance(expr, tuple) and expr[0] == ir.CALL:
            return (expr[4], expr[5]), (expr[6], expr[7])
        elif isinstance(expr, tuple) and expr[0] in (ir.LOOKUP, ir.FILTER):
            name = expr[2] if expr[0] == ir.LOOKUP else expr[1]
            line, column = expr[3:5] if expr[0] == ir.LOOKUP else expr[4:6]
        return (line, column), (line, column + len(name.encode("utf-8", "surrogatepass")))

    def _if(self, node: Any) -> Sequence[ir.Stmt]:
        branches = []
        deep = self.statements_deep
        for i, branch in enumerate([node, *node.elif_]):
            nested = i <= _MAX_ALTERNATIVES and self.statements_deep < _MAX_STATEMENTS
            line, column = self.place(branch, "if" if i == 0 else "elif")
            test = self.expr(branch.test)
            place = (line, column + (3 if i == 0 else 5) if column else 0)
            branches.append((test, self.body(branch.body), place, nested))
            if nested and i:
                self.statements_deep += 1
        result = self.body(node.else_)
        self.statements_deep = deep
        flat = tuple([(ir.IF, test, body, (), *place) for test, body, place, nested in branches if not nested])
        result = (*flat, *result)
        for test, body, place, nested in reversed(branches):
            if nested:
                result = ((ir.IF, test, body, result, *place),)
        return result

    def _with(self, node: Any) -> Sequence[ir.Stmt]:
        pairs = []
        for target, value in zip(node.targets, node.values, strict=True):
            place = self.place(target, getattr(target, "name", ""))
            if isinstance(target, nodes.Name):
                pairs.append((target.name, self.expr(value), place))
        return ((ir.INNER, (*assign_all(pairs), *self.body(node.body))),)

    def _assign(self, node: Any) -> Sequence[ir.Stmt]:
        target = self.expr(node.target)
        place = self._ends(target, node)[0]
        return ((ir.ASSIGN, (target,), self.expr(node.node), None, *place),)

    def _assign_block(self, node: Any) -> Sequence[ir.Stmt]:
        target = self.expr(node.target)
        place = self._ends(target, node)[0]
        value = _TEXT if node.filter is None else self.expr(node.filter)
        return (*self._inner(self._shown(node.body)), (ir.ASSIGN, (target,), value, None, *place))

    def _shown(self, body: Any) -> tuple[ir.Stmt, ...]:
        """Statements whose text goes somewhere, even where nothing is shown."""
        silent, self.silent = self.silent, False
        lowered = self.body(body)
        self.silent = silent
        return lowered

    @staticmethod
    def _inner(body: tuple[ir.Stmt, ...]) -> Sequence[ir.Stmt]:
        return ((ir.INNER, body),) if body else ()

    def _filter_block(self, node: Any) -> Sequence[ir.Stmt]:
        inside = self._inner(self.body(node.body))
        return (*inside, (ir.EXPRESSION, self.expr(node.filter)))

    def _function(self, node: Any, name: str, parameters: tuple[Any, ...] | None) -> ir.Stmt:
        """A function for what is inside; lines in it count from its tag."""
        outer = self.base, self.statements_deep
        self.base, self.statements_deep = node.lineno, 0 if parameters is None else self.statements_deep
        body = self._shown(node.body)
        self.base, self.statements_deep = outer
        return core(name, body) if parameters is None else core(name, body, parameters)

    def _block(self, node: Any) -> Sequence[ir.Stmt]:
        line, column = self.place(node, "block")
        if node.name not in self.blocks:
            self.blocks[node.name] = ()  # blocks of this name in it are another mistake
            inside = self._function(node, f"block {node.name}", None)
            self.blocks[node.name] = (ir.FUNCTION, node.lineno, column, inside)
        return () if self.silent else ((ir.EXPRESSION, (ir.BLOCK, node.name, line, column)),)

    def _extends(self, node: Any) -> Sequence[ir.Stmt]:
        place = self.place(node, "extends")
        return ((ir.EXPRESSION, (ir.EXTENDS, self.expr(node.template), self.block_names, *place)),)

    def _include(self, node: Any) -> Sequence[ir.Stmt]:
        if self.silent:
            return ()
        place = self.place(node, "include")
        return ((ir.EXPRESSION, (ir.INCLUDE, self.expr(node.template), (), not node.with_context, *place)),)

    def _import(self, node: Any) -> Sequence[ir.Stmt]:
        place = self.place(node, "import")
        value = (ir.FROM_TEMPLATE, self.expr(node.template), None, *place)
        return ((ir.ASSIGN, (node.target,), value, None, *place),)

    def _from_import(self, node: Any) -> Sequence[ir.Stmt]:
        place = self.place(node, "from")
        template = self.expr(node.template)
        out = []
        for name in node.names:
            original, alias = name if isinstance(name, tuple) else (name, name)
            at = self.place(node, original)
            out.append((ir.ASSIGN, (alias,), (ir.FROM_TEMPLATE, template, original, *place), None, *at))
        return out

    def _parameters(self, node: Any) -> tuple[Any, ...]:
        missing = len(node.args) - len(node.defaults)
        made: dict[str, Any] = {}
        for i, argument in enumerate(node.args):
            default = self.expr(node.defaults[i - missing]) if i >= missing else NOTHING
            made[argument.name] = (argument.name, ir.P_POSITIONAL, None, default)
        return tuple(made.values())

    def _macro(self, node: Any) -> Sequence[ir.Stmt]:
        place = self.place(node, "macro")
        parameters = self._parameters(node)
        if any(isinstance(n, nodes.Name) and n.name == "caller" for part in node.body for n in _walk(part)):
            parameters = (*parameters, ("caller", ir.P_KEYWORD, None, NOTHING))
        return ((ir.FUNCTION, *place, self._function(node, node.name, parameters)),)

    def _call_block(self, node: Any) -> Sequence[ir.Stmt]:
        """The body is a function that the called macro gets as `caller`."""
        place = self.place(node, "call")
        parameters = self._parameters(node)
        call = self.expr(node.call)
        caller = (ir.FUNCTION, *place, self._function(node, "caller", parameters))
        if isinstance(call, tuple) and call[0] == ir.CALL:
            call = (*call[:3], (*call[3], ("caller", "caller")), *call[4:])
        return ((ir.INNER, (caller, (ir.EXPRESSION, call))),)

    # Expressions

    def expr(self, node: Any) -> ir.Expr:
        lowered = self.expressions.get(type(node))
        if lowered is None:
            lowered = self._operation if isinstance(node, nodes.BinExpr | nodes.UnaryExpr) else lambda n: NOTHING
        if self.depth >= _MAX_EXPRESSIONS:
            return NOTHING
        self.depth += 1
        made = lowered(node)
        self.depth -= 1
        return made

    def many(self, found: Sequence[Any]) -> tuple[ir.Expr, ...]:
        return tuple([self.expr(n) for n in found])

    def _name(self, node: Any) -> ir.Expr:
        self.columns.find(node.lineno or 0, node.name)
        return node.name

    def _getattr(self, node: Any) -> ir.Expr:
        base = self.expr(node.node)
        return (ir.LOOKUP, base, node.attr, *self.place(node, node.attr))

    def _getitem(self, node: Any) -> ir.Expr:
        base = self.expr(node.node)
        key = node.arg
        if isinstance(key, nodes.Const) and isinstance(key.value, str):
            return (ir.LOOKUP, base, key.value[:_MAX_STRING], *self.place(node, key.value))
        if isinstance(key, nodes.Slice):
            parts = [None if p is None else self.expr(p) for p in (key.start, key.stop, key.step)]
            return (ir.INDEX, base, (ir.SLICE, *parts), *self._line(node), 0)
        return (ir.INDEX, base, self.expr(key), *self._line(node), 0)

    def _call(self, node: Any) -> ir.Expr:
        if isinstance(node.node, nodes.Name) and node.node.name == "super" and not node.args:
            return (ir.LOOKUP, "block", "super", *self.place(node, "super"))
        func = self.expr(node.node)
        start, end = self._ends(func, node)
        args = list(self.many(node.args))
        keywords: list[Any] = [(k.key, self.expr(k.value)) for k in node.kwargs]
        if node.dyn_args is not None:
            args.append((ir.STAR, self.expr(node.dyn_args)))
        if node.dyn_kwargs is not None:
            keywords.append((None, self.expr(node.dyn_kwargs)))
        return (ir.CALL, func, tuple(args), tuple(keywords), *start, *end)

    def _filter(self, node: Any) -> ir.Expr:
        value = _TEXT if node.node is None else self.expr(node.node)  # without a value: over the text of a block
        place = self.place(node, node.name)
        given = self.many(node.args)
        more = (*[(None, a) for a in given[1:]], *[(k.key, self.expr(k.value)) for k in node.kwargs])
        return (ir.FILTER, node.name, value, given[0] if given else None, *place, *([more] if more else ()))

    def _test(self, node: Any) -> ir.Expr:
        value = self.expr(node.node)
        if node.name in _NONE_TESTS:
            return (ir.OPERATION, "compare:" + _NONE_TESTS[node.name], (value, NOTHING))
        return (ir.OPERATION, "compare:" + _TESTS.get(node.name, "Test"), (value, *self.many(node.args or ())))

    def _compare(self, node: Any) -> ir.Expr:
        operands = (self.expr(node.expr), *[self.expr(o.expr) for o in node.ops])
        return (ir.OPERATION, "compare:" + _COMPARISONS[node.ops[0].op], operands)

    def _choice(self, node: Any) -> ir.Expr:
        then = self.expr(node.expr1)
        test = self.expr(node.test)
        return (ir.CHOICE, test, then, NOTHING if node.expr2 is None else self.expr(node.expr2))

    def _operation(self, node: Any) -> ir.Expr:
        kind = type(node)
        if kind.__name__ in _UNARY:
            return (ir.OPERATION, _UNARY[kind.__name__], (self.expr(node.node),))
        operands = []
        while type(node) is kind:  # a ~ b ~ c in one: chains nest deeply to the left
            operands.append(node.right)
            node = node.left
        operands.append(node)
        return (ir.OPERATION, _OPERATORS[kind.__name__], self.many(operands[::-1]))


def _constant(value: Any) -> ir.Expr:
    if type(value) is str:
        return (ir.CONST, value[:_MAX_STRING])
    return (ir.CONST, value) if type(value) in (int, float, bool) else NOTHING
