"""Facts of source: where things stand, what stays equal when code moves, and that all of Python can be lowered."""

from __future__ import annotations

import ast
import marshal
import sysconfig
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slowlint.linter.facts import ir, lower_module

_SECONDS = 8.0


def _facts(source: str) -> tuple[Any, ...]:
    return lower_module(ast.parse(textwrap.dedent(source)))


def _walk(facts: Any, kind: int) -> Iterator[tuple[Any, ...]]:
    if isinstance(facts, tuple):
        if facts and facts[0] == kind and type(facts[0]) is int:
            yield facts
        for part in facts:
            yield from _walk(part, kind)


def _functions(facts: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    return {s[3][ir.C_NAME]: s for s in facts if s[0] == ir.FUNCTION}


def test_a_place_starts_at_the_identifier_that_does_something() -> None:
    (statement,) = _facts("x = Order.objects.filter(a=1).first()\n")
    call = statement[2]
    assert call[0] == ir.CALL and call[1][2] == "first"
    assert call[4:] == (1, 30, 1, 37)
    inner = call[1][1]
    assert inner[1][2] == "filter" and inner[4:6] == (1, 18)


def test_a_chain_over_lines_has_each_name_on_its_own() -> None:
    facts = _facts(
        """\
        x = (
            Order.objects
            .filter(a=1)
            .first()
        )
        """
    )
    call = facts[0][2]
    assert call[4:6] == (4, 5)
    assert call[1][1][4:6] == (3, 5)


def test_columns_are_bytes() -> None:
    (statement,) = _facts('x = f("größe").first()\n')
    line, column = statement[2][4:6]
    assert (line, column) == (1, len('x = f("größe").'.encode()))


def test_lines_count_from_the_function() -> None:
    function = _functions(_facts("import a\n\n\ndef f(x):\n    return x.name\n"))["f"]
    assert function[1] == 4
    (returned,) = function[3][ir.C_BODY]
    assert returned[1][3:5] == (1, 13)


def test_a_function_that_only_moved_has_equal_facts() -> None:
    body = "def f(rows):\n    for row in rows:\n        yield row.author.name, [r.x for r in row]\n"
    before = _functions(_facts(body))["f"]
    after = _functions(_facts("import os\n\nX = 1\n\n\n" + body))["f"]
    assert before[1] + 5 == after[1]
    assert before[3] == after[3]


def test_a_class_that_only_moved_has_equal_facts() -> None:
    body = "class A(B):\n    x = f(1)\n\n    def m(self):\n        return self.x.y\n"
    before, after = _facts(body)[0], _facts("'''Words.'''\n\n\n" + body)[-1]
    assert (before[0], after[0]) == (ir.CLASS, ir.CLASS)
    assert before[3] == after[3]


def test_what_moves_inside_a_function_is_another_fact() -> None:
    one = _functions(_facts("def f(x):\n    return x.name\n"))["f"]
    two = _functions(_facts("def f(x):\n\n    return x.name\n"))["f"]
    assert one[3] != two[3]


def test_what_a_function_is_stands_in_its_core() -> None:
    source = "@cached(1)\nasync def f(self, a: int = 1, *b, c=None, **d) -> str:\n    self.x = yield a\n"
    core = _functions(_facts(source))["f"][3]
    assert core[ir.C_ASYNC] and core[ir.C_GENERATOR]
    assert [(name, kind) for name, kind, *_ in core[ir.C_PARAMETERS]] == [
        ("self", ir.P_POSITIONAL),
        ("a", ir.P_POSITIONAL),
        ("b", ir.P_VARIADIC),
        ("c", ir.P_KEYWORD),
        ("d", ir.P_KEYWORDS),
    ]
    assert core[ir.C_SELF_WRITES] == ("x",)
    assert core[ir.C_RETURNS] == "str"
    assert next(_walk(core[ir.C_DECORATORS], ir.CALL))[1] == "cached"


# One line or block for each kind of node of Python's grammar that can stand in a module
EVERYTHING = """
import a.b as c, d
from . import e
from f import *
global_: int
x: list[int] = [1, 2.0, 3j, b"4", "5", None, True, ..., -6, not 7, ~8]
(p, [q, *r]), s.t, u["v"] = w = y
x += 1; x //= 2; del x, u[1:2:3], u[...]
{1, 2}; {"a": 1, **b}; (*a, *b); [*a]
[i for i in j if k if l for m in n]; {i for i in j}; {i: j for i, j in k}; (i for i in j)
lambda a, /, b=1, *c, d, **e: (yield)
a if b else c; a and b or c; a < b <= c != d is e is not f in g not in h; a == b
a + b - c * d / e // f % g ** h @ i << j >> k | l & m ^ n; +a
f"{a!r:>{width}} {b} c"
(z := 1); f(*a, k=1, **b); a[b][c].d(e)(f)
assert a, b
for a, b in c:
    break
else:
    continue_ = 1
while a:
    continue
else:
    pass
with a as b, c:
    raise A from b
try:
    raise
except (A, B) as e:
    pass
except C:
    pass
else:
    pass
finally:
    pass
try:
    pass
except* A as group:
    pass
@a.b
@c(1)
class D(E, metaclass=F):
    g: int = 1
    def h(self): nonlocal_ = 1
async def i():
    async with a as b: await c
    async for d in e: yield f
    return [g async for h in k]
def l():
    global m
    m = 1
    def n():
        nonlocal o
        yield from p
    o = 2
    return
match a:
    case 1 | "b" | None: pass
    case [c, *d]: pass
    case {"e": f, **g}: pass
    case H(i, j=k) if l: pass
    case A.B as m: pass
    case -1: pass
    case _: pass
if a: pass
elif b: pass
else: pass
"""


def test_every_kind_of_node_is_lowered() -> None:
    tree = ast.parse(EVERYTHING)
    facts = lower_module(tree)
    assert marshal.loads(marshal.dumps(facts)) == facts
    seen = {type(node) for node in ast.walk(tree)}
    kinds = {
        kind
        for kind in vars(ast).values()
        if isinstance(kind, type)
        and issubclass(kind, ast.stmt | ast.expr | ast.pattern)
        and kind.__subclasses__() == []
    }
    gone = {"Num", "Str", "Bytes", "NameConstant", "Ellipsis"}  # old names of Constant
    later = {"TypeAlias", "TemplateStr", "Interpolation"}  # Python 3.12, 3.14: below
    assert {kind.__name__ for kind in kinds - seen} - gone - later == set()


@pytest.mark.parametrize("source", ["type A[T] = list[T]\ndef f[T](x: T) -> T: return x.a\n", 'x = t"{a.b} c"\n'])
def test_later_syntax_is_lowered_where_python_knows_it(source: str) -> None:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        assert isinstance(lower_module(ast.parse("x = 1\n")), tuple)  # this Python has no such syntax to lower
        return
    assert isinstance(lower_module(tree), tuple)


def test_the_standard_library_is_lowered_without_an_error() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    until = time.monotonic() + _SECONDS
    read = 0
    for file in sorted(library.rglob("*.py"), key=lambda f: (f.stat().st_size > 100_000, f.as_posix())):
        if "site-packages" in file.parts:
            continue
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError):  # files that test the parser
            continue
        facts = lower_module(tree)
        assert len(facts) <= len(tree.body) + 1, file  # at most the names of loaders more
        marshal.dumps(facts)
        read += 1
        if read >= 400 or time.monotonic() > until:
            break
    assert read >= 100
