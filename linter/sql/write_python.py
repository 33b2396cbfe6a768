"""The text that makes an index, in Django's and SQLAlchemy's models and in their migrations.

In: an index, its table, and the names that the project has for them. Out: Python source. Migrations build without
keeping writers out on PostgreSQL, so they stand in no transaction. None where a framework cannot say what is asked.

Sources: https://docs.djangoproject.com/en/stable/ref/models/indexes/,
https://docs.djangoproject.com/en/stable/ref/contrib/postgres/operations/#concurrent-index-operations,
https://alembic.sqlalchemy.org/en/latest/api/runtime.html (autocommit_block),
https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#postgresql-indexes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .access import condition_parts
from .tables import BTREE, Part, Table, TableIndex
from .write import column_name, condition, dialect_name, index_name, quoted

DJANGO_NAME: Final = 30
"""Characters of an index's name that Django lets pass (models.E034)."""
_CLASSES: Final = {
    BTREE: "models.Index",
    "gin": "GinIndex",
    "gist": "GistIndex",
    "brin": "BrinIndex",
    "hash": "HashIndex",
    "spgist": "SpGistIndex",
}
_TRIGRAMS: Final = {"gin_trgm_ops", "gist_trgm_ops"}
_CALL: Final = re.compile(r"(lower|upper)\((\w+)\)\Z")
_COMPARED: Final = re.compile(r"(\w+) = ('(?:[^']|'')*'|-?\d+(?:\.\d+)?)\Z", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(\d+)_")


@dataclass(frozen=True, slots=True)
class Migration:
    """A file to be made, and what stands in it. `name` has no folder."""

    name: str
    text: str


# Django ---------------------------------------------------------------------------------------------------------------


def django_index(index: TableIndex, table: Table, fields: Mapping[str, str], name: str = "") -> str | None:
    """`models.Index(…)`, `GinIndex(…)` … for `Meta.indexes`. `fields`: lower-case column -> name of the field."""
    named = name or index.name or index_name(index, table, DJANGO_NAME)
    parts = [_django_part(part, fields) for part in index.parts]
    where = _django_condition(index.where, fields) if index.where else ""
    made = _CLASSES.get(index.method)
    if made is None or index.unique or None in parts or where is None:
        return None
    if any(part.expression or (part.opclass and len(parts) > 1) for part in index.parts):
        arguments = [_django_expression(part, text) for part, text in zip(index.parts, parts, strict=True) if text]
    else:
        listed = ", ".join(f'"{"-" if p.descending else ""}{text}"' for p, text in zip(index.parts, parts, strict=True))
        arguments = [f"fields=[{listed}]"]
        arguments += [f'opclasses=["{index.parts[0].opclass}"]'] if index.parts[0].opclass else []
    if index.include:
        held = ", ".join(f'"{fields.get(column.lower(), column)}"' for column in index.include)
        arguments.append(f"include=[{held}]")
    arguments += [f"condition={where}"] if where else []
    return f"{made}({', '.join([*arguments, f'name={chr(34)}{named}{chr(34)}'])})"


def django_migration(
    index: TableIndex,
    table: Table,
    fields: Mapping[str, str],
    *,
    app: str,
    model: str,
    leaf: str,
    dialect: str = "postgres",
    name: str = "",
) -> Migration | None:
    """The migration that follows an app's last one, `leaf` (its name without `.py`, "" for none)."""
    named = name or index.name or index_name(index, table, DJANGO_NAME)
    made = django_index(index, table, fields, named)
    if made is None:
        return None
    concurrently = dialect_name(dialect) == "postgres"
    operation = "AddIndexConcurrently" if concurrently else "migrations.AddIndex"
    extension = needs_trigrams(index)
    classes = [name for name in (*list(_CLASSES.values())[1:], "OpClass") if f"{name}(" in made]
    operations = ["AddIndexConcurrently"] * concurrently + ["TrigramExtension"] * extension
    imports = [f"from django.contrib.postgres.indexes import {', '.join(sorted(classes))}"] if classes else []
    imports += [f"from django.contrib.postgres.operations import {', '.join(operations)}"] if operations else []
    imports.append("from django.db import migrations, models")
    functions = [function for function in ("Lower", "Upper") if f"{function}(" in made]
    imports += [f"from django.db.models.functions import {', '.join(functions)}"] if functions else []
    after = f'[("{app}", "{leaf}")]' if leaf else "[]"
    number = _NUMBERED.match(leaf)
    width = len(number[1]) if number is not None else 4
    file = f"{int(number[1]) + 1 if number is not None else 1:0{width}d}_{named}.py"
    lines = [
        *imports,
        "",
        "",
        "class Migration(migrations.Migration):",
        *(
            ["    atomic = False  # CREATE INDEX CONCURRENTLY cannot stand in a transaction", ""]
            if concurrently
            else []
        ),
        f"    dependencies = {after}",
        "",
        "    operations = [",
        *(["        TrigramExtension(),"] if extension else []),
        f"        {operation}(",
        f'            model_name="{model.lower()}",',
        f"            index={made},",
        "        ),",
        "    ]",
    ]
    return Migration(file, "\n".join(lines) + "\n")


def needs_trigrams(index: TableIndex) -> bool:
    """Whether PostgreSQL has its operator class only from the extension `pg_trgm`."""
    return any(part.opclass in _TRIGRAMS for part in index.parts)


def _django_part(part: Part, fields: Mapping[str, str]) -> str | None:
    """The name of a field, or an expression over one."""
    if part.column:
        return fields.get(part.column.lower(), part.column)
    call = _CALL.match(part.expression)
    return f'{call[1].capitalize()}("{fields.get(call[2], call[2])}")' if call is not None else None


def _django_expression(part: Part, text: str) -> str:
    made = text if part.expression else f'"{text}"'
    if part.opclass:
        made = f'OpClass({made}, name="{part.opclass}")'
    if part.descending:
        made = f"{made}.desc()" if made.endswith(")") else f"models.F({made}).desc()"
    return made


def _django_condition(where: str, fields: Mapping[str, str]) -> str | None:
    """`models.Q(…)`; None for what no plain lookups say."""
    lookups: list[str] = []
    spelled = {part.lower(): part for part in re.split(r"\s+and\s+", where, flags=re.IGNORECASE)}
    for part in condition_parts(where):
        text = spelled.get(part, part)
        null = re.match(r"(\w+) is (not )?null\Z", part)
        flag = re.match(r"(not )?(\w+)\Z", part)
        value = _COMPARED.match(text)
        if null is not None:
            lookups.append(f"{fields.get(null[1], null[1])}__isnull={not null[2]}")
        elif flag is not None:
            lookups.append(f"{fields.get(flag[2], flag[2])}={not flag[1]}")
        elif value is not None:
            constant = value[2]
            python = repr(constant[1:-1].replace("''", "'")) if constant.startswith("'") else constant
            if python.startswith("'") and '"' not in python:
                python = f'"{python[1:-1]}"'
            field = fields.get(value[1].lower(), value[1])
            lookups.append(f"{field}={python}")
        else:
            return None
    return f"models.Q({', '.join(lookups)})"


# SQLAlchemy -----------------------------------------------------------------------------------------------------------


def sqlalchemy_index(index: TableIndex, table: Table, name: str = "") -> str:
    """`Index(…)` for `__table_args__`."""
    named = _text(name or index.name or index_name(index, table))
    return f"Index({', '.join([named, *_columns(index, table, ''), *_options(index, table, '')])})"


def alembic_migration(
    index: TableIndex, table: Table, *, down: str, dialect: str = "postgres", name: str = ""
) -> Migration:
    """The revision that follows `down`, an app's head ("" for none)."""
    named = name or index.name or index_name(index, table)
    concurrently = dialect_name(dialect) == "postgres"
    revision = hashlib.blake2b(f"{down}\0{table.name}\0{named}".encode(), digest_size=6).hexdigest()
    schema = [f"schema={_text(table.schema)}"] if table.schema else []
    columns = f"[{', '.join(_columns(index, table, 'sa.'))}]"
    safe = ["postgresql_concurrently=True"] if concurrently else []
    make = [_text(named), _text(table.name), columns, *schema, *_options(index, table, "sa.")]
    make += [*safe, *(["if_not_exists=True"] if concurrently else [])]
    drop = [
        _text(named),
        f"table_name={_text(table.name)}",
        *schema,
        *safe,
        *(["if_exists=True"] if concurrently else []),
    ]
    block = ["    with op.get_context().autocommit_block():  # CONCURRENTLY cannot stand in a transaction"]
    indent = "        " if concurrently else "    "
    lines = [
        f'"""Add an index to {table.name}."""',
        "",
        *(["import sqlalchemy as sa"] if any("sa." in argument for argument in make) else []),
        "from alembic import op",
        "",
        f"revision = {_text(revision)}",
        f"down_revision = {_text(down) if down else None}",
        "branch_labels = None",
        "depends_on = None",
        "",
        "",
        "def upgrade() -> None:",
        *(['    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")'] if needs_trigrams(index) else []),
        *(block if concurrently else []),
        f"{indent}op.create_index({', '.join(make)})",
        "",
        "",
        "def downgrade() -> None:",
        *(block if concurrently else []),
        f"{indent}op.drop_index({', '.join(drop)})",
    ]
    return Migration(f"{revision}_{named}.py", "\n".join(lines) + "\n")


def _columns(index: TableIndex, table: Table, module: str) -> list[str]:
    out: list[str] = []
    for part in index.parts:
        column = column_name(part.column, table)
        spelled = condition(part.expression, table, "postgres") or quoted(column, "postgres")
        if part.descending:
            out.append(_sql(f"{spelled} DESC", module))
        else:
            out.append(_sql(spelled, module) if part.expression else _text(column))
    return out


def _options(index: TableIndex, table: Table, module: str) -> list[str]:
    out = ["unique=True"] if index.unique else []
    out += [f"postgresql_using={_text(index.method)}"] if index.method != BTREE else []
    classes = {column_name(p.column, table): p.opclass for p in index.parts if p.opclass and p.column}
    if classes:
        out.append(f"postgresql_ops={{{', '.join(f'{_text(c)}: {_text(o)}' for c, o in classes.items())}}}")
    if index.include:
        out.append(f"postgresql_include=[{', '.join(_text(column) for column in index.include)}]")
    if index.where:
        where = _sql(condition(index.where, table, "postgres"), module)
        out += [f"postgresql_where={where}", f"sqlite_where={where}"]
    return out


def _sql(text: str, module: str) -> str:
    """`text(…)`, in which a colon would begin a parameter."""
    escaped = re.sub(r"(?<!:):(?!:)", r"\\:", text)
    return f"{module}text({_text(escaped)})"


def _text(value: str) -> str:
    """A literal in double quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
