"""The shape of facts: what each tuple holds. Nothing here runs; `lower` writes them, `project` reads them.

Facts are nested tuples of numbers and strings, so that `marshal` writes and reads them at memory speed and two
facts compare by value. Every expression and statement is a tuple whose first item is one of the numbers below,
except that a name that is read is just its `str` and a missing expression is `None`.

Lines count from the line of the enclosing `def` or `class` (whose own line is held by *its* parent), so a
function that only moved has equal facts. Columns are UTF-8 byte offsets from 0, as in `ast`; a place starts at
the identifier that does something: `.first` in `Order.objects.first()`, `open` in `open(p)`.

A template is a module of functions without classes: `template` is the whole file, `block NAME` each of its blocks.
Their one parameter is the context.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Expr: TypeAlias = Any  # str | None | tuple[int, ...]: a recursive tuple that type checkers cannot spell usefully
Stmt: TypeAlias = tuple[Any, ...]

# Expressions
CONST = 0  # (CONST, value)                       value: str, bytes, int, float, bool, None
ATTR = 1  # (ATTR, base, name, line, col)         line, col: of the name
CALL = 2  # (CALL, func, args, keywords, line, col, end_line, end_col)   keywords: ((name | None, expr), ...)
INDEX = 3  # (INDEX, base, index, line, col)
SEQUENCE = 4  # (SEQUENCE, "list" | "tuple" | "set", items, line, col)
DICT = 5  # (DICT, keys, values)                  a key None stands for **spread
COMPREHENSION = 6  # (COMPREHENSION, kind, element, value | None, ((target, iterable, conditions, line, col, end_line,
#                     end_col, is_async), ...), line, col)  kind: list, set, dict, generator; places: of the iterables
OPERATION = 7  # (OPERATION, operator, operands)  and, or, not, compare:<Op>, <BinOp>; of Jinja2 compare:Test
#                of compare:In and compare:NotIn in Python behind them line, col: of the whole comparison
CHOICE = 8  # (CHOICE, test, then, otherwise)
LAMBDA = 9  # (LAMBDA, core)                      core as of FUNCTION
AWAIT = 10  # (AWAIT, value, line, col)
STAR = 11  # (STAR, value)
STRING = 12  # (STRING, parts)                    f-string: constants and expressions; with its line in a template
NAMED = 13  # (NAMED, name, value)
YIELD = 14  # (YIELD, value | None, is_from)
SLICE = 15  # (SLICE, lower, upper, step)

# Expressions of templates
LOOKUP = 16  # (LOOKUP, base, name, line, col)    `base.name`: a key, attribute or index; what can be called is called
SCOPE = 17  # (SCOPE,)                            all local names, as a dict: what an included template sees
FILTER = 18  # (FILTER, name, value, argument | None, line, col)   `value|name:argument`; also `regroup`; of Jinja2,
#              behind it, its other arguments when there are any: ((name | None, expr), ...)
TAG = 19  # (TAG, name, args, keywords, line, col)   a tag that the project may define; keywords: ((name, expr), ...)
INCLUDE = 50  # (INCLUDE, template, names, only, line, col)   names: ((name, expr), ...); only: nothing else is seen
EXTENDS = 51  # (EXTENDS, template, block names, line, col)   the parent, with blocks of this file in place of its own
BLOCK = 52  # (BLOCK, name, line, col)            a block here: this file's function `block NAME`, unless overridden
FROM_TEMPLATE = 53  # (FROM_TEMPLATE, template, name | None, line, col)   its macro of that name; None: all of them

# Scripts of SQL
SCRIPT = 54  # (SCRIPT, dialect, text, line)      a statement that declares a table or an index

# Statements
ASSIGN = 20  # (ASSIGN, targets, value, annotation | None, line, col)
AUGMENT = 21  # (AUGMENT, target, operator, value, line)
EXPRESSION = 22  # (EXPRESSION, value)
RETURN = 23  # (RETURN, value)
FOR = 24  # (FOR, target, iterable, body, otherwise, is_async, line, col, iterable line, col, end_line, end_col)
WHILE = 25  # (WHILE, test, body, otherwise, line, col)
IF = 26  # (IF, test, body, otherwise, line, col)   line, col: of the test
WITH = 27  # (WITH, ((context, target | None), ...), body, is_async, line, col)
TRY = 28  # (TRY, body, ((type | None, name | None, body), ...), otherwise, final)
FUNCTION = 29  # (FUNCTION, line, col, core)      core: see below
CLASS = 30  # (CLASS, line, col, core)            core: (name, bases, keywords, decorators, body)
IMPORT = 31  # (IMPORT, ((module, alias | None), ...))
FROM = 32  # (FROM, module, level, ((name, alias | None), ...))   name "*": everything
RAISE = 33  # (RAISE, value | None)
BREAK = 34  # (BREAK,)
CONTINUE = 35  # (CONTINUE,)
DELETE = 36  # (DELETE, targets)
ASSERT = 37  # (ASSERT, test)
MATCH = 38  # (MATCH, subject, ((captured names, guard | None, body), ...))

INNER = (
    40  # (INNER, body)                names assigned inside are forgotten afterwards: `{% with %}`, loops of templates
)
SELDOM = 41  # (SELDOM, body)              runs once in a while: a cached fragment

LOADERS = 39  # (LOADERS, names)          last in a module: relation names that its loaders mention anywhere
#                          and, after `=`, attributes that queries give their rows: annotations, lists of a Prefetch

# The core of a function, equal as long as nothing but its position changed
C_NAME = 0
C_PARAMETERS = 1  # ((name, kind, annotation | None, default | None), ...)   kind: P_* below
C_DECORATORS = 2  # (expr, ...)
C_RETURNS = 3
C_ASYNC = 4
C_GENERATOR = 5
C_BODY = 6  # (stmt, ...)
C_SELF_WRITES = 7  # names of the attributes of the first parameter that the body assigns

P_POSITIONAL = 0
P_VARIADIC = 1
P_KEYWORD = 2
P_KEYWORDS = 3
P_CONTEXT = 4  # of templates: a dict whose keys become local names

# The core of a class
K_NAME = 0
K_BASES = 1
K_KEYWORDS = 2
K_DECORATORS = 3
K_BODY = 4
