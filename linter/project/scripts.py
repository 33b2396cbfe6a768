"""Indexes and tables that a project makes outside of its models: SQL scripts, and what only migrations do.

In: the facts of `.sql` files, and the migrations. Out: `Table`s by lower-case name, for silence and for tables that no
model maps. Models stay the truth for columns. Scripts are put together in the order of their names, numbers by their
size, as migration tools run them. sqlglot is imported only when a script declares something.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..sql.tables import BTREE, Part, Table, TableIndex
from .memo import Question
from .migrations import DROP, INDEX, migrations
from .schema import Column, Model
from .values import Spot

if TYPE_CHECKING:
    from ..sql.changes import Change
    from ..sql.ddl import Script
    from .project import Project

DIALECT = "sql"  # of a model that only a script tells of
_NUMBER = re.compile(r"(\d+)")


def scripted(project: Project) -> dict[str, Table]:
    """The tables that SQL scripts make, by lower-case name; one without columns has only indexes."""
    found: dict[str, Table] = project.memo.ask(QUESTIONS["scripted"])
    return found


def elsewhere(project: Project) -> dict[str, tuple[TableIndex, ...]]:
    """The indexes by lower-case name of the table that scripts and migrations make, beside what models declare."""
    out: dict[str, list[TableIndex]] = {name: list(table.indexes) for name, table in scripted(project).items()}
    made = [change for migration in migrations(project) for change in migration.changes]
    dropped = Counter(change.name.lower() for change in made if change.does == DROP)
    for change in made:
        if change.does != INDEX or not change.columns or not change.of_database:
            continue  # models tell of the others
        if change.name and dropped[change.name.lower()] > 0:
            dropped[change.name.lower()] -= 1
            continue
        parts = tuple(Part(column) for column in change.columns)
        out.setdefault(change.table, []).append(TableIndex(parts, change.name, change.unique))
    return {name: tuple(indexes) for name, indexes in out.items()}


def script_models(project: Project) -> dict[str, Model]:
    """The tables with columns that scripts make, as models, by reference (`path::table`)."""
    found: dict[str, Model] = project.memo.ask(QUESTIONS["script_models"])
    return found


def plain(indexes: Iterable[TableIndex]) -> list[tuple[str, ...]]:
    """The columns of those that are B-trees over columns and hold all rows."""
    usable = (i for i in indexes if i.method == BTREE and not i.where and i.valid)
    return [index.keys for index in usable if all(part.column and not part.opclass for part in index.parts)]


def in_order(paths: Iterable[str]) -> list[str]:
    """Scripts as they are run: `V2` before `V10`."""
    return sorted(paths, key=lambda path: [(int(p), "") if p.isdigit() else (-1, p) for p in _NUMBER.split(path)])


def _changes(project: Project, path: str) -> tuple[Change, ...]:
    written = [statement for statement in project.file(path).loose if statement[0] == ir.SCRIPT]
    if not written:
        return ()
    from ..sql.changes import Change
    from ..sql.declarations import acts

    return tuple(Change(act, line) for _, dialect, text, line in written for act in acts(text, dialect) or ())


def _script(project: Project) -> Script | None:
    project.memo.read_input(("tree",))
    if not project.scripts:
        return None
    found = [(path, project.memo.ask(QUESTIONS["script"], path)) for path in in_order(project.scripts)]
    if not any(changes for _, changes in found):
        return None
    from ..sql.ddl import fold

    return fold(found)


def _scripted(project: Project) -> dict[str, Table]:
    script: Script | None = project.memo.ask(QUESTIONS["scripts"])
    out: dict[str, Table] = {}
    for table in script.tables if script is not None else ():
        out.setdefault(table.name.lower(), table)
    return out


def _script_models(project: Project) -> dict[str, Model]:
    script: Script | None = project.memo.ask(QUESTIONS["scripts"])
    out: dict[str, Model] = {}
    for table in script.tables if script is not None else ():
        place = script.place(table) if script is not None and table.columns else None
        if place is not None:
            model = _model(table, *place)
            out[model.ref] = model
    return out


def _model(table: Table, path: str, line: int) -> Model:
    spot = Spot(f"{path}::", line, 0, line, 0)
    keys = table.primary_key
    pointing = {key.columns[0].lower(): key.cascades for key in table.foreign_keys if len(key.columns) == 1}
    columns = tuple(
        Column(
            c.name,
            c.name,
            c.type,
            spot,
            indexed=keys[:1] == (c.name.lower(),),
            unique=keys == (c.name.lower(),),
            primary=keys == (c.name.lower(),),
            few=c.few,
            foreign_key="?" if c.name.lower() in pointing else "",
        )
        for c in table.columns
    )
    return Model(f"{path}::{table.name}", DIALECT, table.name, columns, (), primary_key="".join(keys[:1]))


QUESTIONS: dict[str, Question[Any]] = {
    "script": Question("script", _changes, tuple),
    "scripts": Question("scripts", _script, lambda: None),
    "script_models": Question("script_models", _script_models, dict),
    "scripted": Question("scripted", _scripted, dict),
}
