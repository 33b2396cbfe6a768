"""Reading and deleting mapped objects: what a relationship, a column, a proxy is, and the query that it costs.

A row whose session has committed is *expired*: the first read of anything fetches all its columns anew.
Source: docs.sqlalchemy.org, "Relationship Loading Techniques", "Session Basics" (Committing, Expiring), "Cascades",
"Association Proxy", "Writing SELECT statements for Inheritance Mappings".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..model import Query
from ..project.conditions import NARROW
from ..project.effects import EXPIRED, WRITE, Effect
from ..project.frozen import replace
from ..project.loaders import ever_loaded
from ..project.memo import Question
from ..project.schema import Column, Relation, model_of, models, relation_of
from ..project.values import (
    ANYTHING,
    ASSIGNED,
    COMPUTED,
    NAMED,
    UNKNOWN,
    Container,
    Origin,
    Row,
    Rows,
    Spot,
    Union,
    Value,
    below,
    parts,
    union,
)
from . import sqlalchemy_terms as terms
from .sqlalchemy_facts import last_name, string
from .sqlalchemy_rows import ASYNC, COLLECTED, has, site

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

_REFRESHED = "*refreshed"  # in `loaded` of an expired row: it was fetched again
_COMMITTED = "*committed"  # in the aliases of a row: expired
_DEPTH = 4  # lists of dicts of tuples of rows


def relation_value(run: Run, row: Row, relation: Relation, spot: Spot, *, awaited: bool = False) -> Value:
    """Read a relationship of an object: what it is, and the query it costs when it is not in memory."""
    name = relation.name
    told = ASSIGNED in row.loaded or COMPUTED in row.loaded or ever_loaded(run.project, name)
    unknown = ANYTHING in row.loaded and told
    kept = tuple((k, v) for k, v in row.aliases if k != _COMMITTED)
    refetch(run, row, spot)
    if relation.kind == "dynamic":
        known = _parent(run, row, relation)
        query = Rows(relation.target, "query", known, Origin(spot, ""), fresh=run.now, dialect="sqlalchemy-query")
        return replace(query, filters=relation.filters or (NARROW,), aliases=kept)
    eager = relation.eager == "always" and f"!{name}" not in row.loaded
    present = name in row.loaded or eager or relation.eager == "never"
    if relation.kind == "one" and relation.target != row.model:
        # A many-to-one asks the identity map first
        present = present or relation.target in dict(row.aliases).get(COLLECTED, ()) or relation.target in run.held
    anew = not present and not unknown
    if anew:
        if relation.assumed:
            row = replace(row, loaded=row.loaded | {ANYTHING})
        if awaited or not has(row, ASYNC):
            run.load(row, relation, spot, blocks=not awaited)
        elif _surely_asked(run, row):
            run.load(row, relation, spot, unawaited=True)
    site(run, relation, spot)  # by whatever query, its rows were found by their key
    if not relation.target:
        return UNKNOWN
    path = f"{row.path}.{name}" if row.path else name
    loaded = below(row.loaded, name)
    if anew:
        loaded -= {ANYTHING}  # this very read has loaded them
    if relation.kind == "many":
        loaded |= _parent(run, row, relation)
    only = terms.not_deferred(run.project, relation.target)
    made = Row(relation.target, loaded, row.origin, path, only, kept, row.fresh)
    return Container("list", made) if relation.kind == "many" else made


def _surely_asked(run: Run, row: Row) -> bool:
    """Whether a row of an asynchronous session was asked for right here, or is what a framework renders, so that what
    its query loaded is all there is. Elsewhere the session may know the other row already, or reading may hang on what
    the caller says: code that runs does not raise."""
    here = row.origin is not None and row.origin.spot is not None and row.origin.spot.owner == run.owner
    return (here or bool(run.setting)) and not run.doubts and not run.guards


def _parent(run: Run, row: Row, relation: Relation) -> frozenset[str]:
    """What rows of a collection know: their parent stands in the session's identity map, with what it has loaded."""
    back = relation.back
    target = model_of(run.project, relation.target)
    if not back and target is not None:
        keys = [r.name for r in target.relations if r.kind == "one" and r.target == row.model and r.column]
        back = keys[0] if len(keys) == 1 else ""
    if not back:
        return frozenset()
    return frozenset({back, *(f"{back}.{p}" for p in row.loaded if p.count(".") < 2)})


def column_value(run: Run, row: Row, column: Column, spot: Spot) -> Value:
    """Read a column: a query when the mapping, `load_only()` or `defer()` left it out, or a commit expired the row."""
    if refetch(run, row, spot):
        return UNKNOWN
    kept = row.only is None or column.name in row.only or ANYTHING in row.only or column.name in row.loaded
    if not kept and not column.primary and ANYTHING not in row.loaded:
        _read_column(run, row, column, spot)
    return UNKNOWN


def of_subclass(run: Run, row: Row, name: str, spot: Spot) -> Value | None:
    """A column that only a subclass has, in a table of its own: a query per row, unless the query joins that table."""
    found = run.project.memo.ask(SUBCLASS_COLUMNS, row.model).get(name)
    if found is None:
        return None
    if not row.loaded & {terms.SUBCLASSES, ANYTHING, NAMED, found.name}:
        _read_column(run, row, found, spot)
    return UNKNOWN


def _read_column(run: Run, row: Row, column: Column, spot: Spot) -> None:
    relation = Relation(column.name, "column", row.model, column.spot)
    run.load(row, relation, spot, "column", blocks=not has(row, ASYNC))


def _subclass_columns(project: Project, ref: str) -> Mapping[str, Column]:
    """Columns of the subclasses of a model that stand in tables of their own."""
    mine = model_of(project, ref)
    if mine is None or mine.dialect != "sqlalchemy":
        return {}
    found: dict[str, Column] = {}
    for model in models(project):
        if model.ref != ref and model.dialect == "sqlalchemy" and model.table != mine.table:
            info = project.class_info(model.ref)
            if info is not None and ref in info.lineage:
                found.update({c.name: c for c in model.columns if mine.column(c.name) is None})
    return found


# Expiry ---------------------------------------------------------------------------------------------------


def refetch(run: Run, row: Row, spot: Spot) -> bool:
    """Read something of an expired row; True when the row is one."""
    if not has(row, _COMMITTED):
        return False
    if _REFRESHED not in row.loaded and not has(row, ASYNC):
        run.load(row, Relation(_REFRESHED, "column", row.model, spot), spot, EXPIRED)
    return True


def expire(run: Run) -> None:
    """A session commits: every row that was asked for here is fetched again when it is read. Of a single row that is
    one query, which is not worth a word."""
    run.held.clear()
    for name, value in list(run.env.items()):
        if isinstance(value, Rows | Container | Union) or (isinstance(value, Row) and value.fresh and run.loops):
            run.env[name] = _expired(run.project, value, 0)


def _expired(project: Project, value: Value, depth: int) -> Value:
    if isinstance(value, Row | Rows):
        model = model_of(project, value.model)
        asked = value.origin is not None and value.origin.spot is not None
        in_memory = isinstance(value, Row) or value.kind == "list"
        if model is None or model.dialect != "sqlalchemy" or not asked or not in_memory or NAMED in value.loaded:
            return value
        kept = tuple((k, v) for k, v in value.aliases if k not in (_COMMITTED, COLLECTED))
        return replace(value, loaded=frozenset(), aliases=(*kept, (_COMMITTED, True)))
    if isinstance(value, Union):
        return union([_expired(project, part, depth) for part in value.of])
    if isinstance(value, Container) and depth < _DEPTH:
        return replace(
            value,
            of=_expired(project, value.of, depth + 1),
            value=None if value.value is None else _expired(project, value.value, depth + 1),
            items=tuple(_expired(project, item, depth + 1) for item in value.items),
            fields=tuple((key, _expired(project, each, depth + 1)) for key, each in value.fields),
        )
    return value


def refreshed(run: Run) -> None:
    """`session.refresh(row)`: the row that a name holds is fetched anew, here."""
    call = run.expression
    name = call[2][0] if isinstance(call, tuple) and call[0] == ir.CALL and call[2] else None
    held = run.env.get(name) if isinstance(name, str) else None
    if isinstance(name, str) and isinstance(held, Row):
        kept = tuple((k, v) for k, v in held.aliases if k != _COMMITTED)
        run.env[name] = replace(held, aliases=kept)


# Deleting -------------------------------------------------------------------------------------------------


def deleted(run: Run, row: Row, spot: Spot, *, waits: bool) -> None:
    """`session.delete(row)` reads the collections below the row, to delete their rows or to take the key away."""
    gone = model_of(run.project, row.model)
    query = Query("DELETE", (gone.table,), (gone.primary_key,)) if gone is not None else None
    run.site(Effect(WRITE, "delete", spot, model=row.model, query=query, how="delete"))
    for relation in gone.relations if gone is not None else ():
        loaded = relation.name in row.loaded or ANYTHING in row.loaded or relation.eager == "always"
        if relation.kind == "many" and not relation.passive and not loaded:
            run.load(row, relation, spot, blocks=waits)


# Proxies --------------------------------------------------------------------------------------------------


def proxied(run: Run, row: Row, name: str, spot: Spot) -> Value | None:
    """`tag_names = association_proxy("tags", "name")`: the relation is read, and of each of its rows the attribute."""
    member = run.project.lookup(row.model, name)
    call = member.value if member is not None and member.kind == "value" else None
    if not isinstance(call, tuple) or call[0] != ir.CALL or last_name(call) != "association_proxy":
        return None
    named = [string(argument) for argument in call[2]] + [string(value) for _, value in call[3]]
    relation = relation_of(run.project, row.model, named[0]) if named else None
    if relation is None or len(named) < 2:
        return UNKNOWN
    found = relation_value(run, row, relation, spot)
    if isinstance(found, Container):
        return replace(found, of=_each(run, found.of, named[1], spot))
    return run.attribute(found, named[1], spot.line, spot.column)


def _each(run: Run, value: Value, name: str, spot: Spot) -> Value:
    """The attribute of each row of a collection, which is read in a loop of its own."""
    loop = run.open_loop(True, True, name, value, name, spot.line, spot.column, "callback")
    found: list[Any] = [run.attribute(run.refreshed(p), name, spot.line, spot.column) for p in parts(value)]
    run.close(loop)
    return union(found)


SUBCLASS_COLUMNS: Question[Mapping[str, Column]] = Question("subclass_columns", _subclass_columns, dict)
