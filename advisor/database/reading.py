"""Statements read and indexes written by `linter.sql`; where a part of it is not there, the simplest that serves.

`accesses`: statement text and tables in, one `Access` per table out. `create_index`: the statement that makes an index
without stopping writers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Final, cast

from ...linter.sql.access import EQUAL, IN, NOT_NULL, NULL, RANGE, Access, Predicate, Proposal, Sort
from ...linter.sql.tables import Table
from .hypothetical import definition
from .model import Dialect

Fraction = Callable[[Table, str, str, str], float]
_SQL: Final = __name__.partition(".advisor.")[0] + ".linter.sql"
_READ: Final = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}
_LONGEST: Final = {"postgresql": 63, "mysql": 64, "mariadb": 64, "sqlite": 120}


def accesses(text: str, tables: Mapping[str, Table], *, dialect: Dialect, fraction: Fraction) -> list[Access]:
    """What a statement asks of each table; nothing when it is not understood."""
    if find_spec(f"{_SQL}.read") is not None:
        read = import_module(f"{_SQL}.read").accesses
        return cast("list[Access]", read(text, tables, dialect=_READ[dialect], fraction=fraction))
    return list(_simple(text, tables, _READ[dialect], fraction))


def create_index(proposal: Proposal, table: Table, dialect: Dialect) -> str:
    """CREATE INDEX, safe for a table that is being written."""
    if find_spec(f"{_SQL}.write") is not None:
        write = import_module(f"{_SQL}.write").create_index
        return str(write(proposal, table, _READ[dialect]))
    text = definition(proposal, table, _name(proposal, table, dialect))
    if dialect == "postgresql":
        return text.replace("CREATE INDEX ", "CREATE INDEX CONCURRENTLY ", 1)
    if dialect == "sqlite":
        return text
    return text.replace('"', "`") + " ALGORITHM=INPLACE LOCK=NONE"


def _name(proposal: Proposal, table: Table, dialect: Dialect) -> str:
    words = "_".join((table.name, *proposal.keys, "idx")).lower()
    plain = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in words)
    if len(plain) > _LONGEST[dialect] or proposal.where:
        mark = hashlib.blake2b(repr((words, proposal.where)).encode(), digest_size=3).hexdigest()
        plain = f"{plain[: _LONGEST[dialect] - 7].rstrip('_')}_{mark}"
    return plain if plain[0].isalpha() else f"i{plain}"[: _LONGEST[dialect]]


def _simple(text: str, tables: Mapping[str, Table], dialect: str, fraction: Fraction) -> Iterator[Access]:
    """AND-ed comparisons with values, ORDER BY and LIMIT of every query level."""
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(text.replace("%s", "?"), dialect=dialect)
    except (sqlglot.errors.SqlglotError, RecursionError):
        return
    for level in tree.find_all(exp.Select, exp.Update, exp.Delete):
        named = [
            one for one in level.find_all(exp.Table) if one.find_ancestor(exp.Select, exp.Update, exp.Delete) is level
        ]
        known = {one.alias_or_name.lower(): tables.get(one.name.lower()) for one in named}
        where = level.args.get("where")
        conditions = list(where.this.flatten() if isinstance(where.this, exp.And) else [where.this]) if where else []
        order, limit = level.args.get("order"), level.args.get("limit")
        for alias, table in known.items():
            if table is None:
                continue
            mine = [
                one
                for condition in conditions
                if (one := _predicate(condition, alias, table, len(known) > 1, fraction))
            ]
            sorts = [
                Sort(key, bool(one.args.get("desc")))
                for one in (order.expressions if order else ())
                if (key := _key(one.this, alias, table, len(known) > 1))
            ]
            whole = order is not None and len(sorts) == len(order.expressions)
            yield Access(
                table.name.lower(), tuple(mine), tuple(sorts) if whole else (), 100.0 if limit and whole else 0.0
            )


def _key(node: object, alias: str, table: Table, several: bool) -> str:
    from sqlglot import exp

    if isinstance(node, exp.Column) and (node.table.lower() == alias if node.table else not several):
        column = table.column(node.name)
        return column.name.lower() if column else ""
    if isinstance(node, exp.Lower) and (inner := _key(node.this, alias, table, several)):
        return f"lower({inner})"
    return ""


def _predicate(node: object, alias: str, table: Table, several: bool, fraction: Fraction) -> Predicate | None:
    from sqlglot import exp

    if isinstance(node, exp.Paren):
        return _predicate(node.this, alias, table, several, fraction)
    inverted = isinstance(node, exp.Not)
    test = node.this if isinstance(node, exp.Not) else node
    if not isinstance(test, exp.Expression) or (inverted and not isinstance(test, exp.Is)):
        return None
    kinds = (exp.EQ, exp.In, exp.Between, exp.LT, exp.GT, exp.LTE, exp.GTE, exp.Is)
    if not isinstance(test, kinds) or not (key := _key(test.this, alias, table, several)):
        return None
    other = test.args.get("expression")
    constant = other.sql() if isinstance(other, exp.Literal | exp.Boolean) else ""
    match test:
        case exp.EQ():
            kind = EQUAL
        case exp.In():
            kind = IN
        case exp.Is():
            kind = NOT_NULL if inverted else NULL
        case _:
            kind = RANGE
    if isinstance(other, exp.Column):
        return None
    return Predicate(key, kind, fraction(table, key, kind, constant), constant)
