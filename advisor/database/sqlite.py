"""The catalogue of SQLite, through its PRAGMA functions: https://www.sqlite.org/pragma.html#pragfunc.

Indexes' conditions and expressions stand only in the text that made them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any, Final

from sqlalchemy import Connection

from ...linter.sql.tables import ForeignKey, Part, TableColumn, TableIndex
from .catalogue import Building, Catalogue

_NAMES: Final = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
)
_SHADOWS: Final = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('shadow', 'virtual')"
_OF_ALL: Final = "FROM sqlite_master m JOIN {} WHERE m.type = 'table'"
_INDEXES: Final = (
    'SELECT m.name, l.name, l."unique", l.origin, l.partial, x.seqno, x.cid, x.name, x."desc", i.sql '
    "FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_xinfo(l.name) x "
    "LEFT JOIN sqlite_master i ON i.type = 'index' AND i.name = l.name "
    "WHERE m.type = 'table' AND x.key ORDER BY m.name, l.name, x.seqno"
)
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", re.DOTALL)


def catalogue(connection: Connection) -> Catalogue:
    """See `catalogue.read`."""
    found, building = Catalogue(), Building()
    version = tuple(int(part) for part in connection.exec_driver_sql("SELECT sqlite_version()").scalar_one().split("."))
    shadows = set(connection.exec_driver_sql(_SHADOWS).scalars()) if version >= (3, 37) else set()
    for name, text in connection.exec_driver_sql(_NAMES):
        if name not in shadows and not re.match(r"\s*create\s+virtual", text or "", re.IGNORECASE):
            building.names[name] = ("", name)
    keys: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    asked = 'SELECT m.name, p.name, p.type, p."notnull", p.pk ' + _OF_ALL.format("pragma_table_info(m.name) p")
    for table, name, kind, required, key in connection.exec_driver_sql(asked):
        if table in building.names:
            building.columns[table].append(TableColumn(name, kind, not required, "bool" in kind.lower()))
            if key:
                keys[table].append((key, name, kind))
    rows: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in connection.exec_driver_sql(_INDEXES):
        if row[0] in building.names:
            rows[row[0], row[1]].append(row)
    for (table, name), held in rows.items():
        _, _, unique, origin, partial, _, _, _, _, text = held[0]
        spelled = parts(text or "")
        building.indexes[table].append(
            TableIndex(
                tuple(
                    Part(
                        column=row[7] or "",
                        expression="" if row[7] else _expression(spelled, at),
                        descending=bool(row[8]),
                    )
                    for at, row in enumerate(held)
                ),
                name,
                bool(unique),
                origin == "pk",
                where=condition(text or "") if partial else "",
                constraint=origin != "c",
            )
        )
    for table, key in keys.items():  # the key of the tree that the table itself is
        if not any(index.primary for index in building.indexes[table]):
            named = tuple(Part(name) for _, name, _ in sorted(key))
            building.indexes[table].insert(0, TableIndex(named, "PRIMARY KEY", True, True, constraint=True))
    pointing: dict[tuple[str, int], list[Any]] = defaultdict(list)
    asked = 'SELECT m.name, f.id, f."from", f."table", f."to", f.on_delete '
    for row in connection.exec_driver_sql(asked + _OF_ALL.format("pragma_foreign_key_list(m.name) f")):
        if row[0] in building.names:
            pointing[row[0], row[1]].append(row)
    for (table, _), held in pointing.items():
        here, there = tuple(row[2] for row in held), tuple(row[4] for row in held if row[4])
        cascades = held[0][5].upper() in ("CASCADE", "SET NULL", "SET DEFAULT")
        building.keys[table].append(ForeignKey(here, held[0][3], there, cascades))
    found.tables.extend(table for _, table in building.tables())
    return found


def _expression(spelled: list[str], at: int) -> str:
    return spelled[at] if at < len(spelled) else "?"


def _hidden(text: str) -> str:
    return _QUOTED.sub(lambda match: "x" * len(match.group()), text)


def parts(definition: str) -> list[str]:
    """What stands between the commas of CREATE INDEX … ON table (…), without DESC and COLLATE."""
    hidden = _hidden(definition)
    start = hidden.find("(")
    if start < 0:
        return []
    out, depth, last = [], 0, start + 1
    for at in range(start, len(hidden)):
        depth += (hidden[at] == "(") - (hidden[at] == ")")
        if (depth == 1 and hidden[at] == ",") or depth == 0:
            text = re.sub(r"\s+(?:collate\s+\w+|asc|desc)\b", "", definition[last:at], flags=re.IGNORECASE)
            out.append(re.sub(r"\b\w+(?=\()", lambda match: match.group().lower(), " ".join(text.split())))
            last = at + 1
        if depth == 0:
            break
    return out


def condition(definition: str) -> str:
    """The WHERE of CREATE INDEX; "" when it has none."""
    hidden = _hidden(definition)
    depth = 0
    for at, character in enumerate(hidden):
        depth += (character == "(") - (character == ")")
        if depth == 0 and (match := re.compile(r"\bwhere\b\s*", re.IGNORECASE).match(hidden, at)):
            return " ".join(definition[match.end() :].split())
    return ""
