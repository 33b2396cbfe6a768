"""The index to add, in the words of the framework that maps the table, and where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..sql.write import fitting
from ..sql.write_python import DJANGO_NAME
from .needs import FOLDED, FUNCTION, GIN, NETWORK, TRIGRAM, Need
from .scripts import DIALECT

if TYPE_CHECKING:
    from .project import Project

_MAX_NAME = 60  # of PostgreSQL's 63


def named(need: Need) -> str:
    """`Model.column`, or `Model(a, b)` for several."""
    model = need.model.name.rpartition(".")[2]
    names = [spelled(need, column.name) for column in need.columns]
    return f"{model}.{names[0]}" if len(names) == 1 else f"{model}({', '.join(names)})"


def spelled(need: Need, name: str) -> str:
    """A column as its class spells it: a relation of Django by its own name."""
    if need.model.dialect != "django":
        return name
    own = [r for r in need.model.relations if r.pair is None]
    return next((r.name for r in own if name in (r.column, f"{r.name}_id")), name)


def remedy(project: Project, need: Need) -> str:
    """The index to add, and where."""
    if need.model.dialect == DIALECT:
        columns = ", ".join(f"{c.column} DESC" if c.name in need.descending else c.column for c in need.columns)
        where = f" WHERE {need.where}" if need.where else ""
        return f"`CREATE INDEX ON {need.model.table} ({columns}){where}`, in a script or migration of its own"
    django = need.model.dialect == "django"
    if need.kind == FUNCTION:
        return _range(need)
    if need.kind:
        return _special_django(need) if django else _special(need)
    place = project.place(need.place.spot)
    where = f"{place.path}:{place.line}"
    names = [spelled(need, column.name) for column in need.columns]
    model = need.model.name.rpartition(".")[2]
    if django:
        if len(names) > 1 or need.where:
            fields = ", ".join(f'"{_down(need, c.name)}{n}"' for c, n in zip(need.columns, names, strict=True))
            more = f", condition={_q(need)}" if need.where else ""
            more += f', name="{index_name(need)}"'
            return f"add `models.Index(fields=[{fields}]{more})` to `Meta.indexes` of `{model}`"
        if need.place.foreign_key:
            return f"take `db_index=False` from `{names[0]}` ({where})"
        return f"add `db_index=True` to `{names[0]}` ({where})"
    if len(names) > 1 or need.where:
        named = [(f'"{c.column}"', _down(need, c.name)) for c in need.columns]  # as the table calls them
        fields = ", ".join(f"desc({name})" if down else name for name, down in named)
        more = f', postgresql_where=text("{need.where}")' if need.where else ""
        return f'add `Index("{index_name(need)}", {fields}{more})` to `__table_args__` of `{model}`'
    return f"add `index=True` to the column `{names[0]}` ({where})"


def _down(need: Need, name: str) -> str:
    return "-" if name in need.descending else ""


def _named(need: Need, word: str) -> str:
    """A name for the index, as long as every database allows."""
    columns = "_".join(dict.fromkeys([need.place.name] if need.where else [c.name for c in need.columns]))
    if need.model.dialect == "django":
        return fitting(f"{need.model.name.rpartition('.')[2].lower()}_{columns}_{word}", DJANGO_NAME)
    return fitting(f"ix_{need.model.table.rpartition('.')[2]}_{columns}{'_' if word else ''}{word}", _MAX_NAME)


def index_name(need: Need) -> str:
    """The name that the remedy gives the index; "" when it gives none."""
    django = need.model.dialect == "django"
    if need.where:
        return _named(need, "todo")
    if need.kind:
        return _named(need, _word(need))
    return "" if len(need.columns) == 1 else _named(need, "idx" if django else "")


def _word(need: Need) -> str:
    """What tells an index of a special kind from others of its column."""
    django = need.model.dialect == "django"
    if need.kind == FOLDED:
        return "upper" if django else "lower"
    if need.kind == NETWORK:
        return "gist"
    return "trgm" if django and need.kind == TRIGRAM else "gin"


def _q(need: Need) -> str:
    """The condition of a partial index as Django spells it."""
    name = need.place.name
    if need.where.endswith(" IS NULL"):
        return f"Q({name}__isnull=True)"
    if need.where.startswith("NOT "):
        return f"Q({name}=False)"
    value = re.search(r" = (.+)$", need.where)
    if need.where.endswith(("IS NOT TRUE", "IS NOT FALSE")):
        return f"~Q({name}={need.where.rpartition(' ')[2].capitalize()})"
    return f"Q({name}={value[1] if value else 'True'})"


def _special_django(need: Need) -> str:
    column = need.columns[0].name
    model = need.model.name.rpartition(".")[2]
    if need.kind == FOLDED:
        index = f'models.Index(Upper("{column}"), name="{_named(need, _word(need))}")'
    elif need.kind == NETWORK:
        index = f'GistIndex(fields=["{column}"], name="{_named(need, _word(need))}", opclasses=["inet_ops"])'
    elif need.kind == GIN:
        index = f'GinIndex(fields=["{column}"], name="{_named(need, _word(need))}")'
    elif need.lookup in ("icontains", "istartswith", "iendswith"):  # Django sends UPPER(column) LIKE UPPER(…)
        index = f'GinIndex(OpClass(Upper("{column}"), name="gin_trgm_ops"), name="{_named(need, _word(need))}")'
    else:
        index = f'GinIndex(fields=["{column}"], name="{_named(need, _word(need))}", opclasses=["gin_trgm_ops"])'
    extension = " (PostgreSQL, after `TrigramExtension()` in a migration)" if need.kind == TRIGRAM else ""
    return f"add `{index}` to `Meta.indexes` of `{model}`{extension}"


def _special(need: Need) -> str:
    column = need.columns[0].name
    model = need.model.name.rpartition(".")[2]
    if need.kind == FOLDED:
        name = _named(need, _word(need))
        return (
            f'add `Index("{name}", func.lower({column}))` (or `upper`, as the query does) '
            f"to `__table_args__` of `{model}`"
        )
    method, classes, extension = "gin", "", ""
    if need.kind == NETWORK:
        method, classes = "gist", f', postgresql_ops={{"{column}": "inet_ops"}}'
    elif need.kind == TRIGRAM:
        classes = f', postgresql_ops={{"{column}": "gin_trgm_ops"}}'
        extension = " (PostgreSQL, after `CREATE EXTENSION pg_trgm`)"
    index = f'Index("{_named(need, _word(need))}", "{column}", postgresql_using="{method}"{classes})'
    return f"add `{index}` to `__table_args__` of `{model}`{extension}"


def _range(need: Need) -> str:
    """What to compare instead, where that is a range."""
    column = need.columns[0].name
    if need.lookup == "date":
        if need.model.dialect == "django":
            return f"compare a range, `{column}__gte=day, {column}__lt=day + timedelta(days=1)`, which an index serves"
        return f"compare a range, `{column} >= day` and `{column} < day + timedelta(days=1)`, which an index serves"
    return f"compare a range of `{column}`, or keep the {need.lookup} in an indexed column of its own"
