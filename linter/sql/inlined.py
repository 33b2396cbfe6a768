"""Statements as a planner sees them: sub-selects that only filter stand in the level around them.

In: a tree of sqlglot and the tables that are known. Out: the same tree with such sub-selects of FROM and WITH written
into what reads them, so that conditions outside and inside meet. PostgreSQL, MySQL and SQLite do the same with what
neither groups, limits nor sorts out ("pull up": https://www.postgresql.org/docs/current/explicit-joins.html,
https://dev.mysql.com/doc/refman/8.4/en/derived-table-optimization.html). Done by sqlglot's optimizer; a statement that
it does not take stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlglot import exp
from sqlglot.errors import SqlglotError

from .tables import Table

_MAX_NODES: Final = 4_000


def inlined(tree: exp.Expression, tables: Mapping[str, Table], dialect: str) -> exp.Expression:
    """The tree, or one in which sub-selects are merged."""
    if not _worth_it(tree):
        return tree
    from sqlglot.optimizer.merge_subqueries import merge_subqueries  # most statements never need it
    from sqlglot.optimizer.qualify import qualify

    named = {node.name.lower() for node in tree.find_all(exp.Table)}
    schema: dict[str, object] = {
        name: {column.name.lower(): column.type or "text" for column in tables[name].columns}
        for name in sorted(named & tables.keys())
        if tables[name].columns
    }
    try:
        whole = qualify(
            tree.copy(),
            schema=schema,
            dialect=dialect,
            validate_qualify_columns=False,
            quote_identifiers=False,
            identify=False,
        )
        merged = merge_subqueries(whole)
    except (SqlglotError, RecursionError, ValueError, KeyError, AttributeError, TypeError):
        # An optimizer for whole statements meets texts that are cut and put together: what it trips over stays.
        return tree
    return merged if isinstance(merged, exp.Expression) else tree


def _worth_it(tree: exp.Expression) -> bool:
    found = False
    for count, node in enumerate(tree.walk()):
        if count > _MAX_NODES or (isinstance(node, exp.CTE) and node.args.get("materialized") is True):
            return False
        found = found or isinstance(node, exp.CTE) or (isinstance(node, exp.Select) and node is not tree)
    return found
