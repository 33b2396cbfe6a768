"""What CREATE, ALTER and DROP say of tables and indexes.

In: the text of one statement and its dialect. Out: `Act`s, in order; None when it declares something that cannot be
read. Expressions and conditions come out in the spelling that predicates are compared in (`spelling.canonical`).

Sources: https://www.postgresql.org/docs/current/sql-createindex.html,
https://dev.mysql.com/doc/refman/8.4/en/create-table.html, https://sqlite.org/lang_createtable.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from .changes import (
    Act,
    AddColumn,
    AddForeignKey,
    AddIndex,
    DropColumn,
    DropIndex,
    DropTable,
    MakeTable,
    Name,
    RenameColumn,
    RenameIndex,
    RenameTable,
)
from .spelling import canonical, condition
from .tables import BTREE, ForeignKey, Part, Table, TableColumn, TableIndex

_DEFAULT_SCHEMAS: Final = ("public", "main", "dbo")
_ON_CONFLICT: Final = re.compile(r"\bon\s+conflict\s+\w+", re.IGNORECASE)
_KEY: Final = re.compile(r'(?<!["\w])(?<!primary )(?<!foreign )(?:key|transaction)(?!["\w])', re.IGNORECASE)
"""Names of columns and tables that PostgreSQL and SQLite take and the parser does not."""
_ARRAY: Final = re.compile(r"(?<=\w)\s+array\b(?!\s*\[)", re.IGNORECASE)
_USING_INDEX: Final = re.compile(
    r'alter\s+table\b.*\badd\s+(?:constraint\s+"?(?P<to>\w+)"?\s+)?(?:unique|primary\s+key)\s+using\s+index\s+"?(?P<index>\w+)',
    re.IGNORECASE | re.DOTALL,
)
_MATTERS: Final = re.compile(
    r"create\b|drop\b|alter\s+table\b.*\b(?:add|drop)\s+(?:constraint|primary|unique|index|key|column|foreign)",
    re.IGNORECASE | re.DOTALL,
)
_FEW: Final = (exp.DataType.Type.BOOLEAN, exp.DataType.Type.ENUM)
_FEW_TEXT: Final = re.compile(r"(?:tinyint|bit)\s*\(\s*1\s*\)|enum|bool", re.IGNORECASE)


def acts(text: str, dialect: str) -> list[Act] | None:
    """What a statement changes; [] for nothing that matters here, None for what cannot be read."""
    adopted = _USING_INDEX.match(text)
    if adopted is not None:
        return [RenameIndex(adopted["index"], adopted["to"] or adopted["index"], constraint=True)]
    if dialect == "sqlite":
        text = _ON_CONFLICT.sub("", text)
    found = _tried(text, dialect)
    if found is None and dialect != "mysql":
        eased = _ARRAY.sub("[]", _KEY.sub(r'"\g<0>"', text))
        found = _tried(eased, dialect) if eased != text else None
    return _unread(text) if found is None else found


def _tried(text: str, dialect: str) -> list[Act] | None:
    try:
        tree = sqlglot.parse_one(text, read=dialect)
        if isinstance(tree, exp.Command) or not isinstance(tree, exp.Expression):
            return None
        for name in tree.find_all(exp.Identifier) if dialect == "postgres" else ():
            if not name.args.get("quoted"):  # PostgreSQL keeps what is not quoted in lower case
                name.set("this", str(name.this).lower())
        return list(_acts(tree, dialect))
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError):
        # Scripts of other databases are read, too; whatever the parser makes of them is one statement lost.
        return None


def _unread(text: str) -> list[Act] | None:
    return None if _MATTERS.match(text) is not None else []


def _acts(tree: exp.Expression, dialect: str) -> Iterator[Act]:
    if isinstance(tree, exp.Create):
        if tree.kind == "TABLE":
            yield from _create_table(tree, dialect)
        elif tree.kind == "INDEX" and isinstance(tree.this, exp.Index):
            yield from _create_index(tree, dialect)
    elif isinstance(tree, exp.Drop):
        yield from _drop(tree)
    elif isinstance(tree, exp.Alter):
        yield from _alter(tree, dialect)


def _create_table(tree: exp.Create, dialect: str) -> Iterator[Act]:
    properties = tree.args.get("properties")
    skipped = (exp.TemporaryProperty, exp.PartitionedOfProperty)
    if not isinstance(tree.this, exp.Schema) or (properties is not None and properties.find(*skipped) is not None):
        return
    name = _name(tree.this.this)
    columns: list[TableColumn] = []
    indexes: list[TableIndex] = []
    keys: list[ForeignKey] = []
    for item in tree.this.expressions:
        if isinstance(item, exp.ColumnDef):
            columns.append(_column(item, dialect))
            indexes += _inline(item)
            keys += _references(item)
        else:
            for act in _constraint(item, name, dialect):
                if isinstance(act, AddIndex):
                    indexes.append(act.index)
                elif isinstance(act, AddForeignKey):
                    keys.append(act.key)
    if dialect == "mysql":
        indexes += key_indexes(indexes, keys)
    yield MakeTable(Table(name.name, tuple(columns), tuple(indexes), tuple(keys), name.schema))


def key_indexes(indexes: Iterable[TableIndex], keys: Iterable[ForeignKey]) -> list[TableIndex]:
    """The indexes that MySQL makes for foreign keys that no index begins with."""
    have = [index.keys for index in indexes]
    out: list[TableIndex] = []
    for key in keys:
        wanted = tuple(column.lower() for column in key.columns)
        if not any(each[: len(wanted)] == wanted for each in have):
            have.append(wanted)
            out.append(TableIndex(tuple(Part(column) for column in key.columns)))
    return out


def _column(item: exp.ColumnDef, dialect: str) -> TableColumn:
    kind = item.args.get("kind")
    spelled = str(kind.sql(dialect)).lower() if isinstance(kind, exp.Expression) else ""
    kinds = [c.args.get("kind") for c in item.args.get("constraints") or ()]
    strict = any(isinstance(k, exp.NotNullColumnConstraint) and not k.args.get("allow_null") for k in kinds)
    strict = strict or any(isinstance(k, exp.PrimaryKeyColumnConstraint) for k in kinds) or "serial" in spelled
    few = (isinstance(kind, exp.DataType) and kind.this in _FEW) or _FEW_TEXT.match(spelled) is not None
    return TableColumn(item.name, spelled, not strict, few)


def _inline(item: exp.ColumnDef) -> Iterator[TableIndex]:
    for constraint in item.args.get("constraints") or ():
        kind = constraint.args.get("kind")
        primary = isinstance(kind, exp.PrimaryKeyColumnConstraint)
        if primary or isinstance(kind, exp.UniqueColumnConstraint):
            yield TableIndex((Part(item.name),), constraint.name, unique=True, primary=primary, constraint=True)


def _references(item: exp.ColumnDef) -> Iterator[ForeignKey]:
    for constraint in item.args.get("constraints") or ():
        kind = constraint.args.get("kind")
        if isinstance(kind, exp.Reference):
            yield _foreign((item.name,), kind)


def _foreign(columns: tuple[str, ...], reference: exp.Reference) -> ForeignKey:
    target = reference.this
    table = target.this if isinstance(target, exp.Schema) else target
    named = tuple(c.name for c in target.expressions) if isinstance(target, exp.Schema) else ()
    options = " ".join(str(option).upper() for option in reference.args.get("options") or ())
    cascades = re.search(r"ON (?:DELETE|UPDATE) (?:CASCADE|SET)", options) is not None
    return ForeignKey(columns, table.name if isinstance(table, exp.Expression) else "", named, cascades)


def _constraint(item: exp.Expression, table: Name, dialect: str, name: str = "") -> Iterator[Act]:
    """A constraint or an index of a whole table."""
    if isinstance(item, exp.Constraint):
        for inner in item.expressions:
            yield from _constraint(inner, table, dialect, item.name)
    elif isinstance(item, exp.PrimaryKey):
        parts = tuple(_part(each, dialect) for each in item.expressions)
        include = _include(item.args.get("include"))
        yield AddIndex(table, TableIndex(parts, name, unique=True, primary=True, constraint=True, include=include))
    elif isinstance(item, exp.UniqueColumnConstraint) and isinstance(item.this, exp.Schema):
        own = item.this.this.name if isinstance(item.this.this, exp.Expression) else ""
        parts = tuple(_part(each, dialect) for each in item.this.expressions)
        include = _include(item.args.get("include"))
        yield AddIndex(table, TableIndex(parts, name or own, unique=True, constraint=True, include=include))
    elif isinstance(item, exp.IndexColumnConstraint):
        method = str(item.args.get("kind") or "").lower() or BTREE
        for option in item.args.get("options") or ():
            using = option.args.get("using")
            method = str(using).lower() if using and method == BTREE else method
        parts = tuple(_part(each, dialect) for each in item.expressions)
        yield AddIndex(table, TableIndex(parts, item.name or name, method=method))
    elif isinstance(item, exp.ForeignKey) and isinstance(item.args.get("reference"), exp.Reference):
        yield AddForeignKey(table, _foreign(tuple(c.name for c in item.expressions), item.args["reference"]))


def _include(parameters: object) -> tuple[str, ...]:
    found = parameters.args.get("include") if isinstance(parameters, exp.Expression) else None
    return tuple(each.name for each in found or ())


def _create_index(tree: exp.Create, dialect: str) -> Iterator[Act]:
    index, parameters = tree.this, tree.this.args.get("params")
    table = index.args.get("table")
    if not isinstance(table, exp.Table) or parameters is None:
        return
    using, where = parameters.args.get("using"), parameters.args.get("where")
    kind = str(index.args.get("kind") or tree.args.get("index_type") or "")
    made = TableIndex(
        tuple(_part(each, dialect) for each in parameters.args.get("columns") or ()),
        index.name,
        unique=bool(tree.args.get("unique")),
        method=(using.name.lower() if isinstance(using, exp.Expression) else kind.lower()) or BTREE,
        include=_include(parameters),
        where=condition(where.this) if where is not None else "",
    )
    yield AddIndex(_name(table), made, bool(tree.args.get("concurrently")))


def _part(node: exp.Expression, dialect: str) -> Part:
    """One part of an index. MySQL's length of a prefix stands where PostgreSQL has an operator class."""
    descending, nulls, opclass = False, None, ""
    if isinstance(node, exp.Ordered):
        descending = bool(node.args.get("desc"))
        first = bool(node.args.get("nulls_first"))
        nulls = first if dialect == "postgres" and first != descending else None
        node = node.this
    if isinstance(node, exp.Opclass):
        opclass, node = node.expression.name.lower(), node.this
    if isinstance(node, exp.ColumnPrefix):
        return Part(node.this.name, "", descending, nulls, f"({node.expression.name})")
    if dialect == "mysql" and isinstance(node, exp.Anonymous) and len(node.expressions) == 1:  # `name(20)`
        return Part(node.name, "", descending, nulls, f"({node.expressions[0].name})")
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Column | exp.Identifier):
        return Part(node.name, "", descending, nulls, opclass)
    return Part("", canonical(node), descending, nulls, opclass)


def _name(table: exp.Expression) -> Name:
    schema = table.args.get("db")
    spelled = schema.name if isinstance(schema, exp.Expression) else ""
    return Name(table.name, "" if spelled.lower() in _DEFAULT_SCHEMAS else spelled)


def _drop(tree: exp.Drop) -> Iterator[Act]:
    kind = str(tree.args.get("kind") or "").upper()
    for table in tree.args.get("tables") or ():
        if kind == "TABLE":
            yield DropTable(_name(table))
        elif kind == "INDEX":
            on = tree.args.get("cluster")
            yield DropIndex(_name(on.this) if isinstance(on, exp.Expression) else None, table.name)


def _alter(tree: exp.Alter, dialect: str) -> Iterator[Act]:
    kind, table = str(tree.args.get("kind") or "").upper(), _name(tree.this)
    for action in tree.args.get("actions") or ():
        if isinstance(action, exp.AlterRename):
            yield RenameIndex(table.name, action.this.name) if kind == "INDEX" else RenameTable(table, action.this.name)
        elif kind == "INDEX":
            continue
        elif isinstance(action, exp.AddConstraint):
            for constraint in action.expressions:
                yield from _constraint(constraint, table, dialect)
        elif isinstance(action, exp.ColumnDef):
            yield AddColumn(table, _column(action, dialect))
            yield from (AddIndex(table, index) for index in _inline(action))
            yield from (AddForeignKey(table, key) for key in _references(action))
        elif isinstance(action, exp.ModifyColumn) and isinstance(action.this, exp.ColumnDef):
            yield AddColumn(table, _column(action.this, dialect))
        elif isinstance(action, exp.RenameColumn):
            yield RenameColumn(table, action.this.name, action.args["to"].name)
        elif isinstance(action, exp.Drop):
            yield from _drop_part(action, table)


def _drop_part(action: exp.Drop, table: Name) -> Iterator[Act]:
    kind = str(action.args.get("kind") or "COLUMN").upper()
    for dropped in action.args.get("tables") or ():
        if kind == "COLUMN":
            yield DropColumn(table, dropped.name)
        elif kind in ("CONSTRAINT", "INDEX", "KEY"):
            yield DropIndex(table, dropped.name)
        elif kind == "PRIMARY KEY":
            yield DropIndex(table, "", primary=True)
