"""The texts that make a missing index, ready to be put into the project.

In: a `Need`, and the project's migrations. Out: `Snippet`s in the words of the framework that maps the table: the line
for the model, the migration that follows the newest one, the SQL. Which database it is, settings and drivers say; where
they do not, PostgreSQL's way is taken, for there an index that is made plainly keeps all writers out.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..model import Snippet
from ..sql import snippets
from ..sql.tables import Part, Table, TableColumn, TableIndex
from .index_remedies import index_name, spelled
from .migrations import Migration, dialect, last, migrations
from .needs import FOLDED, FUNCTION, GIN, NETWORK, TRIGRAM, Need
from .schema import Model

if TYPE_CHECKING:
    from .project import Project

_DJANGO, _SQLALCHEMY = "django", "sqlalchemy"
_WITHOUT_CASE = ("icontains", "istartswith", "iendswith")  # Django compares `UPPER(column)`
_SQL = (_DJANGO, _SQLALCHEMY, "peewee", "tortoise")
_MANY = 8  # classes that have a column from one base class


class Texts:
    """Snippets for needs. What it knows of migrations is read once."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def dialect(self) -> str:
        return dialect(self.project)

    @cached_property
    def _last(self) -> dict[str, list[Migration]]:
        return last(migrations(self.project))

    @cached_property
    def _leaves(self) -> dict[str, Migration]:
        """Django's newest migrations by folder, but where a later file could not be read as one."""
        found = {chain: those[-1] for chain, those in self._last.items() if those[-1].dialect == _DJANGO}
        for path in self.project.modules.paths:
            folder, _, file = path.rpartition("/")
            if folder in found and file[:1].isdigit() and file > f"{found[folder].name}.py":
                del found[folder]
        return found

    def of(self, need: Need) -> tuple[Snippet, ...]:
        """() for what no index serves, and for what its database has no index for."""
        if need.kind == FUNCTION or need.model.dialect not in _SQL:
            return ()
        if need.kind and need.kind != FOLDED and self.dialect != "postgres":
            return ()
        if len(need.models) == 1:
            return self._of(need, need.model)
        every = [self._of(need, model)[-1] for model in need.models[:_MANY]]  # of a base class: each table its own
        return tuple(dict.fromkeys(every))

    def _of(self, need: Need, model: Model) -> tuple[Snippet, ...]:
        table, index = _table(model), _index(need, model)
        name = model.name.rpartition(".")[2]
        if model.dialect == _DJANGO:
            fields = {c.column.lower(): spelled(need, c.name) for c in model.columns}
            leaf = self._leaf(model)
            texts = snippets.django(
                index,
                table,
                fields,
                app=leaf.label if leaf is not None else "",
                model=name,
                folder=leaf.chain if leaf is not None else "",
                leaf=leaf.name if leaf is not None else "",
                dialect=self.dialect,
            )
            return _safely(texts) if not (need.kind or need.where or need.columns[1:]) else texts
        if model.dialect == _SQLALCHEMY:
            head = self._head(model)
            folder, down = (head.chain, head.name) if head is not None else ("", "")
            return snippets.sqlalchemy(index, table, model=name, folder=folder, down=down, dialect=self.dialect)
        return (snippets.statement(index, table, self.dialect),)

    def _leaf(self, model: Model) -> Migration | None:
        """The newest migration of a model's app: that of its label, or of the nearest folder above it."""
        app, path = model.label.partition(".")[0], model.ref.partition("::")[0]
        chains = self._leaves
        labelled = [leaf for leaf in chains.values() if app and leaf.label.lower() == app]
        if labelled:
            return max(labelled, key=lambda leaf: (_shared(leaf.path, path), leaf.path))
        folder = path.rpartition("/")[0]
        while folder:
            if f"{folder}/migrations" in chains:
                return chains[f"{folder}/migrations"]
            folder = folder.rpartition("/")[0]
        return None

    def _head(self, model: Model) -> Migration | None:
        """The one newest revision of Alembic in the nearest folder; None when there are several."""
        path = model.ref.partition("::")[0]
        chains = [those for those in self._last.values() if those[-1].dialect == "alembic"]
        near = max(chains, key=lambda those: (_shared(those[0].path, path), len(those[0].path)), default=[])
        return near[0] if len(near) == 1 else None


def _safely(texts: tuple[Snippet, ...]) -> tuple[Snippet, ...]:
    """Where the remedy is a word at the field, Django would build the index while nobody may write."""
    title = f"{texts[0].title} instead, which can be made while others write"
    return (replace(texts[0], title=title), *texts[1:]) if len(texts) > 2 else texts


def _shared(one: str, other: str) -> int:
    """So many folders two paths have in common."""
    count = 0
    for a, b in zip(one.split("/"), other.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count


def _table(model: Model) -> Table:
    schema, _, name = model.table.replace('"', "").rpartition(".")
    columns = tuple(TableColumn(c.column, "") for c in model.columns)
    taken = tuple(TableIndex((), index.name) for index in model.indexes if index.name)
    return Table(name, columns, taken, schema=schema)


def _index(need: Need, model: Model) -> TableIndex:
    """The index in names of the database. A model that has the columns from a base class may call them otherwise."""
    own = [model.column(column.name) or column for column in need.columns]
    name = index_name(need) if model is need.model else ""
    if not need.kind:
        parts = tuple(Part(c.column, descending=c.name in need.descending) for c in own)
        return TableIndex(parts, name, where=need.where)
    column = own[0].column
    django = model.dialect == _DJANGO
    if need.kind == FOLDED:
        function = "upper" if need.lookup == "upper" or (django and need.lookup == "iexact") else "lower"
        return TableIndex((Part(expression=f"{function}({column})"),), name)
    classes = {GIN: "", NETWORK: "inet_ops", TRIGRAM: "gin_trgm_ops"}
    method = "gist" if need.kind == NETWORK else "gin"
    if need.kind == TRIGRAM and django and need.lookup in _WITHOUT_CASE:
        return TableIndex((Part(expression=f"upper({column})", opclass="gin_trgm_ops"),), name, method=method)
    return TableIndex((Part(column, opclass=classes[need.kind]),), name, method=method)
