"""Expressions and conditions in one spelling, whoever wrote them.

In: trees of sqlglot, or the text of an index's expression or condition (a script's, a model's, `pg_get_expr`'s). Out:
text that `Part.expression`, `Predicate.key` and `TableIndex.where` are compared in: lower case, columns without table
and quotes, no casts to text (PostgreSQL writes them into what it keeps), parentheses round what is no call.
"""

from __future__ import annotations

import logging
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # what it does not support is not the user's business
_TEXTS: Final = (exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR, exp.DataType.Type.CHAR, exp.DataType.Type.BPCHAR)
_ATOMS: Final = (exp.Column, exp.Literal, exp.Func, exp.Cast, exp.Boolean, exp.Null)


def canonical(expression: exp.Expression) -> str:
    """An expression over one table's columns, as predicates and indexes name it; a column is its name."""
    if isinstance(expression, exp.Column):
        return expression.name.lower()
    plain = _plain(expression)
    text = str(plain.sql(dialect="postgres", normalize_functions="lower", comments=False)).lower()
    return text if isinstance(plain, exp.Column) or _is_call(plain, text) else f"({text})"


def condition(where: exp.Expression | str, dialect: str = "postgres") -> str:
    """The condition of a partial index; text that cannot be read stays as it is."""
    tree = _read(where, dialect) if isinstance(where, str) else where
    if tree is None:
        return str(where).strip()
    plain = _plain(tree)
    parts = plain.flatten(unnest=False) if isinstance(plain, exp.And) else (plain,)
    return " AND ".join(_conjunct(part) for part in parts if isinstance(part, exp.Expression))


def expression(text: str, dialect: str = "postgres") -> str:
    """The text of an index's expression, as `canonical` spells it."""
    tree = _read(text, dialect)
    return canonical(tree) if tree is not None else text.strip().lower()


def _conjunct(part: exp.Expression) -> str:
    """One comparison. `active = TRUE`, `active IS TRUE` and `active` are the same; so are `NOT x IS NULL` and
    `x IS NOT NULL`, which sqlglot writes in either way."""
    negated = isinstance(part, exp.Not)
    inner = part.this if negated else part
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        positive = negated == bool(inner.args.get("negate"))
        return f"{_sql(inner.this)} IS {'NULL' if positive else 'NOT NULL'}"
    if isinstance(inner, exp.Is | exp.EQ) and isinstance(inner.expression, exp.Boolean):
        wanted = bool(inner.expression.this) != (negated != bool(inner.args.get("negate")))
        return _sql(inner.this) if wanted else f"NOT {_sql(inner.this)}"
    return _sql(part)


def _plain(tree: exp.Expression) -> exp.Expression:
    """A copy without tables, quotes, casts to text, and parentheses that say nothing; inner parts first."""
    root = exp.Paren(this=tree.copy())
    for node in reversed(list(root.walk(bfs=False))):
        if isinstance(node, exp.Column):
            node.replace(exp.column(exp.to_identifier(node.name.lower(), quoted=False)))
        elif node is not root and isinstance(node, exp.Expression) and _needless(node):
            node.replace(node.this)
    plain: exp.Expression = root.this
    return plain.pop() if isinstance(plain, exp.Expression) else tree


def _needless(node: exp.Expression) -> bool:
    """Whether a node is a parenthesis or a cast that changes nothing."""
    if isinstance(node, exp.Cast):
        return node.to.this in _TEXTS
    if not isinstance(node, exp.Paren) or isinstance(node.parent, exp.Any):
        return False
    inner, around = node.this, node.parent
    if isinstance(inner, _ATOMS) and not isinstance(inner, exp.Connector):  # which is a function to sqlglot, too
        return True
    if around is None or around.parent is None:
        return True
    if isinstance(around, exp.Connector | exp.Not):
        return not isinstance(inner, exp.Connector) or (isinstance(inner, exp.And) and isinstance(around, exp.And))
    return False


def _is_call(tree: exp.Expression, text: str) -> bool:
    return isinstance(tree, exp.Func) and text.endswith(")") and text.partition("(")[0].replace("_", "a").isalnum()


def _sql(tree: exp.Expression) -> str:
    return str(tree.sql(dialect="postgres", normalize_functions="lower", comments=False))


def _read(text: str, dialect: str) -> exp.Expression | None:
    try:
        tree = sqlglot.parse_one(text, dialect=dialect)
    except (SqlglotError, RecursionError, ValueError):
        return None
    return tree if isinstance(tree, exp.Expression) else None
