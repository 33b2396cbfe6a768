"""What SQLAlchemy's statements, queries, results and mapped objects do: which calls build, which run, what they give.

A `Select` and an insert, update or delete is `Rows` of dialect "sqlalchemy" (`kind`: query, insert, update, delete),
a legacy `Query` one of "sqlalchemy-query", what an execution gives one of "sqlalchemy-result".
Source: docs.sqlalchemy.org, "ORM Querying Guide", "Legacy Query API", "Result".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..model import Query
from ..project.conditions import CONSTANT, JOIN, SCAN, together
from ..project.effects import QUERY, Effect
from ..project.fetched import CONDITIONS
from ..project.frozen import replace
from ..project.schema import Relation, model_of, relation_of
from ..project.values import (
    UNKNOWN,
    Class,
    Const,
    Container,
    Origin,
    Row,
    Rows,
    Spot,
    Term,
    Value,
    parts,
    union,
    written,
)
from . import sqlalchemy_terms as terms
from .sqlalchemy_identity import asked_for_one, shared

if TYPE_CHECKING:
    from ..project.run import Run

FILTERS = {"filter", "where", "having", "filter_by"}
JOINS = {"join", "outerjoin", "join_from", "outerjoin_from", "select_from", "select_entity_from"}
# Methods of statements, queries and results that give another one with the same rows
SAME = {
    "distinct", "group_by", "execution_options", "enable_eagerloads", "populate_existing", "with_for_update", "params",
    "correlate", "correlate_except", "prefix_with", "suffix_with", "with_hint", "with_statement_hint", "autoflush",
    "reset_joinpoint", "union", "union_all", "intersect", "except_", "enable_assertions", "yield_per",
    "from_self", "from_statement", "values", "returning", "on_conflict_do_nothing", "on_conflict_do_update",
    "ordered_values", "set_label_style", "unique", "with_session", "only_return_tuples", "tuples", "columns", "freeze",
    "with_labels", "apply_labels", "tablesample", "lateral", "with_parent",
}  # fmt: skip
CLAUSES = {
    "subquery", "exists", "as_scalar", "scalar_subquery", "cte", "label", "alias", "statement", "selectable", "compile",
}  # fmt: skip
NARROWS = {"with_entities", "add_columns", "add_column", "with_only_columns", "add_entity"}
LISTS = {"all", "fetchall", "fetchmany", "partitions"}
ONE = {
    "first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "fetchone", "first_or_404",
    "one_or_404",
}  # fmt: skip
GETS = {"get", "get_or_404", "get_one"}
_WRITES = {"insert": "INSERT", "update": "UPDATE", "delete": "DELETE"}
TUPLES = "*tuples"
ASYNC = "*async"
LOCKED = "*locked"  # the query locks its rows: it has to fetch them
EVERY = "*every"  # what came are all rows of the table
COLLECTED = "*collected"  # models whose rows came along as collections: they stand in the session's identity map


def marked(rows: Rows, name: str, value: bool) -> Rows:
    kept = {k: v for k, v in rows.aliases if k != name}
    return replace(rows, aliases=tuple({**kept, name: True}.items()) if value else tuple(kept.items()))


def has(rows: Rows | Row, name: str) -> bool:
    return any(k == name for k, _ in rows.aliases)


def statement(run: Run, args: Sequence[Value], spot: Spot, dialect: str) -> Rows:
    """`select(...)` or `session.query(...)`: which model it gives rows of, and in which shape."""
    items: list[Value] = []
    loaded: frozenset[str] = frozenset()
    for argument in args:
        for part in parts(argument):
            if isinstance(part, Container) and part.kind == "polymorphic":
                loaded |= {terms.SUBCLASSES}
            items += (part.items or (part.of,)) if isinstance(part, Container) else (part,)
    made: list[tuple[str, frozenset[str]]] = []
    about = ""
    for item in items:
        ref = next((p.ref for p in parts(item) if isinstance(p, Class)), "")
        mapped = model_of(run.project, ref) if ref else None
        made.append((ref if mapped is not None else "", frozenset()))
        if mapped is None:
            term = next((p for p in parts(item) if isinstance(p, Term) and p.model), None)
            about = about or (term.model if term is not None else "")
    model = next((ref for ref, _ in made if ref), "")
    only = terms.not_deferred(run.project, model) if model else None
    origin = Origin(spot, "", model=model)
    rows = Rows(model or about, "query", loaded, origin, only=only, fresh=run.now, plain=not model, dialect=dialect)
    end = terms.extreme(run.project, about, items[0]) if about and len(items) == 1 else ()
    rows = replace(rows, order=end, limit=1) if end else rows
    return terms.with_entities(rows, made) if len(made) > 1 else rows


def row_of(rows: Rows, fresh: int) -> Value:
    """One row of an executed query: an object, a tuple of objects and values, or a plain value."""
    several = terms.entities(rows)
    kept = tuple((name, held) for name, held in rows.aliases if name in (ASYNC, COLLECTED, LOCKED))
    if len(several) > 1:
        first = next((i for i, (ref, _) in enumerate(several) if ref == rows.model), -1)
        items: list[Value] = []
        # The rows of a line stand in the session beside each other: a many-to-one finds them
        beside = (*dict(kept).get(COLLECTED, ()), *(ref for ref, _ in several if ref))
        kept = (*((name, held) for name, held in kept if name != COLLECTED), (COLLECTED, beside))
        for i, (ref, loaded) in enumerate(several):
            own = rows.loaded if i == first else loaded
            items.append(
                Row(ref, own, rows.origin, "", rows.only if i == first else None, kept, fresh) if ref else UNKNOWN
            )
        return Container("row", union(items), items=tuple(items), constant=True)
    if rows.plain or not rows.model:
        return UNKNOWN
    row = Row(rows.model, rows.loaded, rows.origin, rows.path, rows.only, kept, fresh)
    return Container("row", row, items=(row,), constant=True) if has(rows, TUPLES) else row


def asked(
    run: Run, rows: Rows, spot: Spot, how: str, *, waits: bool = True, verb: str = "", limit: int | None = None
) -> Rows:
    """A statement runs; what it gives. `waits`: the thread does so."""
    run.query(rows, verb or _WRITES.get(rows.kind, "SELECT"), spot, how, limit=limit, blocks=waits)
    kept = (*(each for each in rows.aliases if each[0] != CONDITIONS), (CONDITIONS, rows.filters))
    result = replace(
        rows, kind="list", dialect="sqlalchemy-result", fresh=run.now, filters=(), order=(), path="", aliases=kept
    )
    if result.kind == "list" and rows.kind in _WRITES:
        result = replace(result, plain=True, cached=True)  # what RETURNING gives comes with the write
    elif not (rows.filters or rows.limit or rows.plain or terms.entities(rows)):
        result = marked(result, EVERY, True)
    return result if waits else marked(result, ASYNC, True)


# Building -------------------------------------------------------------------------------------------------


def build(
    run: Run, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot
) -> Value | None:
    """A method that gives another statement; None when it is none."""
    project = run.project
    new = replace(rows, fresh=run.now) if rows.kind == "query" else rows
    if name in FILTERS:
        found = terms.columns(project, rows.model, args, SCAN)
        own: list[str] = []
        for key in keywords:
            term = terms.attribute(project, rows.model, key) if rows.model else None
            equal = (
                terms.compared(project, [term], f":{CONSTANT}" if written(keywords[key]) else "")
                if term is not None
                else UNKNOWN
            )
            own += terms.columns(project, rows.model, [equal])
        one = shared(project, rows.model, [*keywords, *asked_for_one(rows.model, args)])
        return replace(new, filters=together(rows.filters, [*found, *own]), loaded=new.loaded | one)
    if name in JOINS:
        return _joined(run, new, name, args)
    if name == "options":
        found_rows = terms.applied(run, new, args)
        return _collections(run, found_rows, rows.loaded, spot)
    if name == "order_by":
        return replace(new, order=(*rows.order, *terms.sorted_by(project, rows.model, args)))
    if name == "group_by" and rows.plain:  # an extreme of each group
        return replace(new, order=(), limit=0)
    if name == "limit":
        few = next((a.value for a in args if isinstance(a, Const) and isinstance(a.value, int)), -1)
        return replace(new, limit=few)
    if name in ("slice", "offset", "fetch"):
        return replace(new, limit=rows.limit or -1)
    if name in NARROWS:
        if name in ("add_columns", "add_column", "add_entity"):
            added = terms.entities(statement(run, (UNKNOWN, *args), spot, rows.dialect))[1:]
            have = terms.entities(rows) or ((rows.model if not rows.plain else "", rows.loaded),)
            return terms.with_entities(new, [*have, *added])
        made = statement(run, args, spot, rows.dialect)
        return replace(
            made,
            model=made.model or rows.model,
            filters=rows.filters,
            order=rows.order,
            limit=rows.limit,
            loaded=rows.loaded,
        )
    if name in CLAUSES:
        return UNKNOWN
    if name == "with_for_update":
        return marked(new, LOCKED, True)
    return new if name in SAME else None


def _joined(run: Run, rows: Rows, name: str, args: Sequence[Value]) -> Rows:
    """A join filters the key it goes over; it loads nothing."""
    project = run.project
    found = [
        c
        for c in terms.columns(project, rows.model, [a for a in args if isinstance(a, Term)])
        if c.endswith(f":{JOIN}")
    ]
    for argument in args:
        for part in parts(argument):
            if isinstance(part, Class) and model_of(project, part.ref) is not None:
                if not rows.model:
                    rows = replace(rows, model=part.ref)
                elif not name.startswith("select") and len(args) == 1:
                    found += _between(run, rows.model, part.ref)
            elif isinstance(part, Term) and part.kind == "relation":
                relation = relation_of(project, part.model, part.name)
                if relation is not None and relation.column:
                    found += terms.columns(project, rows.model, [part], JOIN)
                elif relation is not None and relation.target:
                    found += [
                        terms.column_name(project, rows.model, relation.target, f"{c}:{JOIN}") for c in relation.filters
                    ]
    return replace(rows, filters=together(rows.filters, filter(None, found)))


def _between(run: Run, a: str, b: str) -> list[str]:
    """The foreign key between two models, on whichever side it stands."""
    for one, other in ((a, b), (b, a)):
        model = model_of(run.project, one)
        for column in model.columns if model is not None else ():
            if column.foreign_key == other:
                return [terms.column_name(run.project, a, one, f"{column.name}:{JOIN}")]
    return []


def _collections(run: Run, rows: Rows, before: frozenset[str], spot: Spot) -> Rows:
    """A collection that is loaded with the rows is asked for by its foreign key; its rows are known from then on."""
    collected = dict(rows.aliases).get(COLLECTED, ())
    for path in sorted(rows.loaded - before):
        model, names = rows.model, path.split(".")
        relation: Relation | None = None
        for name in names:
            relation = relation_of(run.project, model, name)
            if relation is None:
                break
            model = relation.target
        if relation is not None:
            site(run, relation, spot)
            if relation.kind == "many" and relation.target not in collected:
                collected = (*collected, relation.target)
    kept = {k: v for k, v in rows.aliases if k != COLLECTED}
    return replace(rows, aliases=tuple({**kept, COLLECTED: collected}.items())) if collected else rows


def site(run: Run, relation: Relation, spot: Spot) -> None:
    target = model_of(run.project, relation.target) if relation.target else None
    if target is not None and relation.filters:
        query = Query("SELECT", (target.table,), relation.filters)
        made = Effect(
            QUERY, relation.name, spot, model=target.ref, query=query, conditions=relation.filters, how="relation"
        )
        run.site(made)


# Running --------------------------------------------------------------------------------------------------


def of_query(
    run: Run, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot, *, waits: bool
) -> Value | None:
    """A method of a legacy `Query` that runs it."""
    if name == "all":
        run.fetch(rows, run.expression, spot)
    if name in LISTS:
        result = asked(run, rows, spot, name, waits=waits)
        hold(run, result)
        return listed(result, run.now)
    if name in ONE:
        result = asked(run, rows, spot, name, waits=waits, limit=1 if name.startswith("first") else None)
        several = terms.entities(result)
        if name == "scalar" and len(several) > 1:
            result = terms.with_entities(result, ())
        return row_of(result, run.now)
    if name in GETS:
        model = model_of(run.project, rows.model)
        by_key = replace(rows, filters=(model.primary_key,) if model is not None else ())
        return row_of(asked(run, by_key, spot, name, waits=waits), run.now)
    if name == "count":
        run.counted_rows(rows, spot)
        run.query(rows, "SELECT", spot, name, order=(), blocks=waits)
        return UNKNOWN
    if name in ("update", "delete"):
        run.query(rows, name.upper(), spot, name, order=(), blocks=waits)
        return UNKNOWN
    if name == "paginate":
        return marked(asked(run, rows, spot, name, waits=waits, limit=-1), "*page", True)
    return None


def hold(run: Run, rows: Rows) -> None:
    """All rows of a table are in a list, so that the session answers for their keys: it keeps what somebody holds."""
    if has(rows, EVERY) and not run.loops:
        run.held.add(rows.model)


def listed(rows: Rows, now: int) -> Value:
    """A Python list of the rows."""
    return Container("list", row_of(rows, now), constant=0 < rows.limit <= 10)


def of_result(run: Run, rows: Rows, name: str, args: Sequence[Value]) -> Value | None:
    """A method of a result: everything is in memory, or comes without a further statement."""
    if name in ("scalars", "mappings"):
        several = terms.entities(rows)
        plain = replace(terms.with_entities(rows, ()), plain=rows.plain or bool(several and not several[0][0]))
        return marked(plain if name == "scalars" else replace(plain, plain=True), TUPLES, False)
    if name == "all" and not terms.entities(rows):
        compared = dict(rows.aliases).get(CONDITIONS, ())
        run.fetch(replace(rows, kind="query", filters=compared), run.expression, run.here)
    if name == "partitions":
        return Container("list", listed(rows, rows.fresh), batched=True)
    if name in LISTS:
        hold(run, rows)
        return listed(rows, rows.fresh)
    if name in ONE:
        if name.startswith("scalar"):
            several = terms.entities(rows)
            rows = marked(
                replace(terms.with_entities(rows, ()), plain=rows.plain or bool(several and not several[0][0])),
                TUPLES,
                False,
            )
        return row_of(rows, rows.fresh)
    if name in ("items", "iter_pages"):
        return listed(rows, rows.fresh) if name == "items" else UNKNOWN
    return rows if name in SAME or name in NARROWS else None
