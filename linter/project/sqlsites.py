"""What statements that are written as text ask of the tables that the project knows.

In: the text of a statement, with `?` for what is put into it. Out: for each table that it asks, the model and the
conditions as `conditions` spells them. A table that neither a model nor a script tells of is passed over. Each text is
read once and remembered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..model import Query
from ..sql.access import EQUAL, IN, NOT_NULL, NULL, PREFIX, RANGE, Predicate
from ..sql.tables import Part, Table, TableColumn, TableIndex
from . import conditions
from .effects import Effect
from .frozen import replace
from .memo import Question
from .schema import models
from .scripts import elsewhere

if TYPE_CHECKING:
    from .project import Project
    from .run import Run

_FOLDED = re.compile(r"(lower|upper)\((\w+)\)")
_KINDS = {
    EQUAL: conditions.EQUAL, IN: conditions.EQUAL, RANGE: conditions.RANGE, PREFIX: conditions.RANGE,
    NULL: conditions.NULL, NOT_NULL: conditions.NOT_NULL, "not": conditions.NOT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What a statement asks of one table. `order` as in `Query`; `limit` 0 for none."""

    model: str
    table: str
    conditions: tuple[str, ...]
    order: tuple[str, ...]
    limit: int


def sites(run: Run, effect: Effect, text: str) -> None:
    """Tell what a statement, which `effect` sends, asks of each table."""
    found: tuple[Asked, ...] = run.project.memo.ask(QUESTIONS["sql"], text) if text else ()
    for asked in found:
        verb = effect.query.verb if effect.query is not None else "SELECT"
        query = Query(verb, (asked.table,), conditions.names(asked.conditions), asked.order)
        run.site(replace(effect, model=asked.model, query=query, conditions=asked.conditions, limit=asked.limit))


def _tables(project: Project) -> tuple[dict[str, Table], dict[str, str]]:
    """Tables by their names in lower case, and the references of their models."""
    made = elsewhere(project)
    tables: dict[str, Table] = {}
    refs: dict[str, str] = {}
    for model in models(project):
        name = model.table.lower()
        if not name or name in tables:
            continue
        columns = tuple(TableColumn(c.column, c.type, few=c.few) for c in model.columns)
        alone = tuple(
            TableIndex((Part(c.column),), unique=c.unique or c.primary, primary=c.primary)
            for c in model.columns
            if c.indexed or c.unique or c.primary
        )
        tables[name], refs[name] = Table(model.table, columns, (*alone, *made.get(name, ()))), model.ref
    return tables, refs


def _read(project: Project, text: str) -> tuple[Asked, ...]:
    tables, refs = project.memo.ask(QUESTIONS["sql_tables"])
    if not tables:
        return ()
    from ..sql.read import accesses

    out = []
    for access in accesses(text, tables, dialect="mysql" if "`" in text else "postgres"):
        name = access.table.lower()
        compared = tuple(dict.fromkeys(_condition(p) for p in access.predicates))
        order = tuple(f"{'-' if sort.descending else ''}{sort.key}" for sort in access.sort)
        out.append(Asked(refs[name], access.table, compared, order, round(access.limit)))
    return tuple(out)


def _condition(predicate: Predicate) -> str:
    folded = _FOLDED.fullmatch(predicate.key)
    if folded is not None:
        return conditions.spell("", folded[2], folded[1])
    if not predicate.key.isidentifier():
        return conditions.OTHER
    return conditions.spell("", predicate.key, _KINDS.get(predicate.kind, conditions.SCAN))


QUESTIONS: dict[str, Question[Any]] = {
    "sql_tables": Question("sql_tables", _tables, lambda: ({}, {})),
    "sql": Question("sql", _read, tuple),
}
