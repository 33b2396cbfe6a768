"""The catalogue of PostgreSQL 13 to 18: https://www.postgresql.org/docs/current/catalogs.html.

Takes no locks on tables: functions that open a relation (`pg_relation_size`, `pg_get_expr` of new versions) would wait
for whoever holds it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

from sqlalchemy import Connection

from ...linter.sql.tables import ForeignKey, Part, TableColumn, TableIndex
from .catalogue import Building, Catalogue

_OURS: Final = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)' "
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass "
    "AND d.objid = c.oid AND d.deptype = 'e')"
)
_TABLES: Final = (
    "SELECT c.oid::bigint, n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid), "
    "(SELECT min(h.inhparent::bigint) FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid) "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    f"WHERE c.relkind IN ('r', 'p') AND {_OURS} ORDER BY n.nspname, c.relname"
)
_COLUMNS: Final = (
    "SELECT a.attrelid::bigint, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), "
    "NOT a.attnotnull, t.typtype = 'e' OR t.typname = 'bool' "
    "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
    "WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped "
    "AND c.relnamespace <> 'pg_catalog'::regnamespace ORDER BY a.attrelid, a.attnum"
)
_INDEXES: Final = (
    "SELECT i.indrelid::bigint, x.relname, m.amname, i.indisunique, i.indisprimary, "
    "i.indisvalid AND i.indisready AND i.indislive, i.indnkeyatts, i.indkey::text, i.indoption::text, "
    "i.indclass::text, o.conindid IS NOT NULL OR i.indisreplident OR x.relispartition, "
    "CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN pg_catalog.pg_get_indexdef(i.indexrelid) END, "
    "CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, true) "
    "FROM generate_series(1, i.indnkeyatts::int) k) END "
    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid "
    "JOIN pg_catalog.pg_am m ON m.oid = x.relam LEFT JOIN (SELECT DISTINCT conindid FROM pg_catalog.pg_constraint "
    "WHERE conindid <> 0) o ON o.conindid = i.indexrelid "
    "WHERE x.relnamespace <> 'pg_catalog'::regnamespace ORDER BY i.indrelid, x.relname"
)
_CLASSES: Final = "SELECT oid::bigint, opcname FROM pg_catalog.pg_opclass WHERE NOT opcdefault"
_KEYS: Final = (
    "SELECT conrelid::bigint, confrelid::bigint, conkey::int[], confkey::int[], confdeltype::text IN ('c', 'n', 'd') "
    "FROM pg_catalog.pg_constraint WHERE contype = 'f' ORDER BY conrelid, conname"
)
_DESCENDING, _NULLS_FIRST = 1, 2  # pg_index.indoption

_CAST: Final = re.compile(
    r"::(?:character varying|bit varying|double precision|(?:timestamp|time) with(?:out)? time zone"
    r'|"(?:[^"]|"")+"|[\w.]+)(?:\(\d+(?:,\d+)?\))?(?:\[\])*'
)
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_PLAIN_NAME: Final = re.compile(r'"([a-z_][a-z0-9_$]*)"')


def catalogue(connection: Connection) -> Catalogue:
    """See `catalogue.read`."""
    found, building = Catalogue(), Building()
    parents: dict[int, int | None] = {}
    for number, schema, name, visible, parent in connection.exec_driver_sql(_TABLES):
        building.names[number] = ("" if visible else schema, name)
        parents[number] = parent
    columns: dict[int, dict[int, str]] = defaultdict(dict)
    for number, place, name, kind, nullable, few in connection.exec_driver_sql(_COLUMNS):
        if number in building.names:
            columns[number][place] = name
            building.columns[number].append(TableColumn(name, kind, nullable, few))
    classes: dict[str, str] = {str(number): name for number, name in connection.exec_driver_sql(_CLASSES)}
    for row in connection.exec_driver_sql(_INDEXES):
        number, name, method, unique, primary, valid, keys, places, options, opclasses, owned, text, spelled = row
        if number not in building.names:
            continue
        parts = []
        held = [int(place) for place in places.split()]
        settings = [int(option) for option in options.split()]
        for at, (place, opclass) in enumerate(zip(held[:keys], opclasses.split(), strict=False)):
            setting = settings[at] if at < len(settings) else 0
            descending, first = bool(setting & _DESCENDING), bool(setting & _NULLS_FIRST)
            parts.append(
                Part(
                    column=columns[number].get(place, "") if place else "",
                    expression="" if place else plain(spelled[at]),
                    descending=descending,
                    nulls_first=None if descending == first else first,
                    opclass=classes.get(opclass, ""),
                )
            )
        building.indexes[number].append(
            TableIndex(
                tuple(parts),
                name,
                unique,
                primary,
                method,
                include=tuple(columns[number].get(place, "") for place in held[keys:]),
                where=plain(condition(text or "")),
                constraint=owned,
                valid=valid,
            )
        )
    for number, target, here, there, cascades in connection.exec_driver_sql(_KEYS):
        if number in building.names and target in building.names:
            names = tuple(columns[number].get(place, "") for place in here)
            pointed = tuple(columns[target].get(place, "") for place in there)
            building.keys[number].append(ForeignKey(names, building.names[target][1], pointed, cascades))
    for number, table in building.tables():
        assert isinstance(number, int)
        found.tables.append(table)
        found.numbers[number] = table
        parent = parents[number]
        if parent is not None and parent in building.names:
            found.parents[number] = parent
    return found


def condition(definition: str) -> str:
    """The WHERE of CREATE INDEX, as `pg_get_indexdef` spells it; "" when it has none."""
    hidden = _QUOTED.sub(lambda match: "x" * len(match.group()), definition)
    depth = 0
    for at, character in enumerate(hidden):
        depth += (character == "(") - (character == ")")
        if depth == 0 and hidden.startswith(" WHERE ", at):
            return definition[at + 7 :].strip()
    return ""


def plain(expression: str) -> str:
    """An expression without the casts that PostgreSQL adds and quotes that names do not need."""
    out, last = [], 0
    for match in _QUOTED.finditer(expression):
        out.append(_CAST.sub("", expression[last : match.start()]))
        name = _PLAIN_NAME.fullmatch(match.group())
        out.append(name[1] if name else match.group())
        last = match.end()
    out.append(_CAST.sub("", expression[last:]))
    text = "".join(out)
    text = re.sub(r"(?<!\w)\((\w+)\)", r"\1", text)  # (status)::text
    text = re.sub(r"(?<=\w\()\((\w+)\)(?=\))", r"\1", text)
    if text.startswith("(") and text.endswith(")") and _closes(text):
        text = text[1:-1]
    return re.sub(r"\b(\w+) = true\b", r"\1", text)


def _closes(text: str) -> bool:
    """Whether the first parenthesis is closed by the last one."""
    depth = 0
    for at, character in enumerate(_QUOTED.sub(lambda match: "x" * len(match.group()), text)):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at == len(text) - 1
    return False
