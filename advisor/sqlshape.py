"""What a normalised statement does: verb, tables, filtered and ordered columns.

In: text from `statements.normalise`. Out: `Query`, comparable with the linter's prediction. Parses with sqlglot; what
is cut off or too large for that is skimmed for verb and main table. Not a validator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ..linter.model import Query
from ..linter.sql.parse import depth

_MAX_PARSED: Final = 16_384
_MAX_DEPTH: Final = 60
_VERBS: Final = {exp.Select: "SELECT", exp.Insert: "INSERT", exp.Update: "UPDATE", exp.Delete: "DELETE"}
_PLACEHOLDER: Final = re.compile(r"(?<![\w\"`])\?(?![|&])")
_NAME: Final = r'(?:"[^"]+"|`[^`]+`|\[[^\]]+\]|[^\W\d][\w$]*)'
_TABLE: Final = rf"((?:{_NAME}\.)*{_NAME})"
_SKIM: Final = (
    ("SELECT", re.compile(rf"^SELECT\b.*?\bFROM (?:ONLY )?{_TABLE}", re.DOTALL)),
    ("INSERT", re.compile(rf"^(?:INSERT|REPLACE)\b.*?\bINTO {_TABLE}", re.DOTALL)),
    ("UPDATE", re.compile(rf"^UPDATE (?:ONLY )?{_TABLE}")),
    ("DELETE", re.compile(rf"^DELETE FROM (?:ONLY )?{_TABLE}")),
)


def query_of(text: str) -> Query | None:
    """The shape of a normalised statement; None when it is no SELECT, INSERT, UPDATE or DELETE."""
    tree = _parse(text)
    if tree is not None:
        try:
            return _described(tree)
        except RecursionError:
            pass
    return _skimmed(text)


def _parse(text: str) -> exp.Expression | None:
    if len(text) > _MAX_PARSED or depth(text) > _MAX_DEPTH:
        return None
    try:
        tree = sqlglot.parse_one(_PLACEHOLDER.sub("0", text), dialect="mysql" if "`" in text else "postgres")
    except (SqlglotError, RecursionError):
        return None
    while isinstance(tree, exp.SetOperation):
        tree = tree.this
    return tree if isinstance(tree, exp.Expression) and type(tree) in _VERBS else None


def _described(tree: exp.Expression) -> Query | None:
    levels = list(_levels(tree))
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    tables: list[str] = []
    for level in levels:
        tables += [table.name for table in _sources(level)]
    tables += [table.name for table in tree.find_all(exp.Table)]
    tables = [name for name in dict.fromkeys(tables) if name and name not in ctes]
    if not tables:
        return None
    filters: list[str] = []
    order: list[str] = []
    for level in levels:
        aliases = {table.alias_or_name: table.name for table in _sources(level)}
        where = level.args.get("where")
        if where is not None:
            filters += [_column(column, aliases) for column in _filtered(where.this)]
        by = level.args.get("order")
        for item in by.expressions if by is not None else ():
            if isinstance(item.this, exp.Column):
                order.append(("-" if item.args.get("desc") else "") + _column(item.this, aliases))
    return Query(_VERBS[type(tree)], tuple(tables), tuple(dict.fromkeys(filters)), tuple(dict.fromkeys(order)))


def _levels(tree: exp.Expression) -> Iterator[exp.Expression]:
    """The statement and the SELECT that its FROM wraps (SQLAlchemy's anon_1 around a LIMIT), outermost first."""
    for _ in range(8):
        yield tree
        source = _from(tree)
        inner = source.this.this if source is not None and isinstance(source.this, exp.Subquery) else None
        if not isinstance(inner, exp.Select):
            return
        tree = inner


def _from(tree: exp.Expression) -> exp.From | None:
    found = tree.args.get("from_") or tree.args.get("from")
    return found if isinstance(found, exp.From) else None


def _sources(tree: exp.Expression) -> list[exp.Table]:
    """Tables a statement names directly, the main one first; not those of subqueries."""
    found: list[exp.Expression | None] = []
    if isinstance(tree, exp.Insert | exp.Update | exp.Delete):
        target = tree.this
        found.append(target.this if isinstance(target, exp.Schema) else target)
    source = _from(tree)
    if source is not None:
        found += [source.this, *(join.this for join in source.this.args.get("joins") or ())]
    found += [join.this for join in tree.args.get("joins") or ()]
    return [table for table in found if isinstance(table, exp.Table)]


def _filtered(condition: exp.Expression) -> Iterator[exp.Column]:
    """Columns compared with a value or tested; not those compared with another column (joins)."""
    if isinstance(condition, exp.And | exp.Or):
        for part in condition.flatten():
            if isinstance(part, exp.Expression):
                yield from _filtered(part)
    elif isinstance(condition, exp.Not | exp.Paren):
        yield from _filtered(condition.this)
    elif isinstance(condition, exp.Exists):
        return
    else:
        columns = [
            node
            for node in condition.walk(prune=lambda node: isinstance(node, exp.Select | exp.Subquery))
            if isinstance(node, exp.Column)
        ]
        if isinstance(condition, exp.Binary) and condition.left.find(exp.Column) and condition.right.find(exp.Column):
            return
        yield from columns


def _column(column: exp.Column, aliases: dict[str, str]) -> str:
    return f"{aliases.get(column.table, column.table)}.{column.name}" if column.table else column.name


def _skimmed(text: str) -> Query | None:
    for verb, pattern in _SKIM:
        match = pattern.match(text)
        if match is not None:
            name = re.findall(_NAME, match.group(1))[-1]
            return Query(verb, (name.strip('"`[]'),))
    return None
