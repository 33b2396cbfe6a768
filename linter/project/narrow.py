"""Rows of which little is read: one column of each, or nothing but the key and what hangs on it.

In: a fetch and how its rows are used. Out: observations of the kinds `columns`, `one`, and `unbounded` (a whole table).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import size
from .conditions import names
from .fetched import CHOSEN, FETCHED, FEW_ROWS, LIMITED, Fetched, add, column_of, methods, of_given_row
from .schema import Model, model_of, relation_of
from .uses import Use, Uses
from .values import ANYTHING, ASSIGNED, NAMED

if TYPE_CHECKING:
    from .run import Run

_WHOLE_TABLES = ("django", "sqlalchemy")
_NARROWS = {"where", "filter", "filter_by", "join", "outerjoin", "having", "slice", "paginate"}
_DISTINCT = {"distinct", "union", "intersection", "difference", "raw", "from_statement"}
_FEW_COLUMNS = 3  # a row of so few columns is hardly larger than one of them
_MANY_COLUMNS = 15
_STREAMED = {
    "iterator", "aiterator", "in_bulk", "none", "raw", "union", "intersection", "difference", "yield_per", "stream",
    "stream_scalars",
}  # fmt: skip
_LOADERS = {"select_related", "prefetch_related"}
_LOCKS = {"select_for_update"}  # a join may be there to lock its rows as well
_ONE = ("get", "first", "last", "latest", "earliest")
_LARGE = ("TextField", "JSONField", "BinaryField", "ArrayField", "HStoreField", "RichTextField")


def of_columns(run: Run, fetched: Fetched, each: Use, uses: Uses) -> bool:
    """Rows that a loop goes through, reading one column of each; True when that was told."""
    rows = fetched.rows
    model = model_of(run.project, rows.model) if rows.model else None
    if model is None or fetched.spot is None or rows.plain or rows.only is not None or 0 < rows.limit <= FEW_ROWS:
        return False
    if of_given_row(rows):
        return False  # who made the parent row may have prefetched these
    if len(model.columns) <= _FEW_COLUMNS or any(name in ("*entities", "*tuples") for name, _ in rows.aliases):
        return False
    reads = each.node
    if reads is None:
        reads = uses.reads.get(each.name, []) if uses.bound.get(each.name) == [None] else []
    read = {use.name if use.path == ("attribute",) else "" for use in reads}
    if len(read) != 1 or not (column := column_of(model, *read)):
        return False
    made = methods(fetched.expr, uses)
    if column != "pk" and made & _DISTINCT:
        return False  # distinct rows are not distinct values
    if model.dialect != "django" and "options" in made:
        return False  # the query says which columns it loads
    add(run, "columns", fetched, fetched.spot, column)
    return True


def of_loaders(run: Run, fetched: Fetched, each: Use, uses: Uses) -> None:
    """Rows that a loop goes through without reading a relation that their query loaded, and that nobody else sees."""
    rows = fetched.rows
    model = model_of(run.project, rows.model) if rows.model else None
    if model is None or fetched.spot is None or rows.owner or rows.relation or rows.plain:
        return
    if model.dialect == "django":
        made = methods(fetched.expr, uses) if rows.kind == "query" else set()
        loaded = {path.partition(".")[0] for path in rows.loaded} if made & _LOADERS and not made & _LOCKS else set()
    else:
        loaded = set(dict(rows.aliases).get(FETCHED, ()))
    if not loaded or loaded & {ANYTHING, ASSIGNED, NAMED}:
        return
    reads = each.node if each.node is not None else uses.reads.get(each.name, [])
    if each.node is None and uses.bound.get(each.name) != [None]:
        return
    for use in reads:
        known = model.column(use.name) or relation_of(run.project, rows.model, use.name)
        if use.path[0] != "attribute" or known is None:
            return  # a method or property may read what it likes
    read = {use.name for use in reads}
    if model.dialect != "django":
        # What the session knows by its key serves other rows of the function, and the children of these
        relations = [relation_of(run.project, rows.model, name) for name in read]
        if len(run.fetched) > 1 or any(relation is not None for relation in relations):
            return
    for name in sorted(loaded - read):
        if relation_of(run.project, rows.model, name) is not None:
            add(run, "unused", fetched, fetched.spot, name, sure=False)


def of_one(run: Run, one: Fetched, uses: Uses) -> None:
    """A row fetched alone, with all its columns, of which only the key is used: read, or to follow a relation."""
    rows = one.rows
    model = model_of(run.project, rows.model) if rows.model else None
    if (
        model is None
        or model.abstract
        or model.dialect != "django"
        or one.spot is None
        or one.how.lstrip("a") not in _ONE
    ):
        return
    if rows.plain or rows.only is not None or one.loop or rows.asked is not None or not _wide(model):
        return
    if model.primary_key in names(rows.filters):
        return  # whoever asks by the key asks whether there is such a row
    found = uses.of(one.expr)
    read = [use for use in found or () if use.last not in ("identity", "truth")]
    if not read or any(use.path != ("attribute",) for use in read):
        return
    for use in read:
        relation = relation_of(run.project, rows.model, use.name)
        many = relation is not None and relation.kind in ("many", "generic-many")
        if not many and use.name not in ("pk", model.primary_key):
            return
    add(run, "one", one, one.spot, one.how, sure=False)


def unbounded(run: Run, fetched: Fetched, uses: Uses) -> None:
    """All rows of a table, gone through where the query was made. Whether that matters depends on who calls it."""
    rows = fetched.rows
    model = model_of(run.project, rows.model) if rows.model else None
    if model is None or model.dialect not in _WHOLE_TABLES or fetched.spot is None or fetched.loop:
        return
    if any(key in (LIMITED, CHOSEN) for key, _ in rows.aliases) or (model.dialect != "django" and rows.plain):
        return
    if model.dialect != "django" and methods(fetched.expr, uses) & _NARROWS:
        return
    if rows.kind != "query" or rows.filters or rows.limit or rows.relation or methods(fetched.expr, uses) & _STREAMED:
        return
    if not size.kept_by_hand(model):
        add(run, "unbounded", fetched, fetched.spot, "grows" if size.grows(model) else "", sure=False)


def _wide(model: Model) -> bool:
    """Whether a row is so large that fetching all of it is worth a word."""
    large = any(column.type.rpartition(".")[2] in _LARGE for column in model.columns)
    return large or len(model.columns) >= _MANY_COLUMNS
