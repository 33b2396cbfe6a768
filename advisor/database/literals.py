"""Values for the holes of a statement, of the types of the columns that they are compared with.

For databases that only plan statements with values (MySQL, MariaDB). The values are made up: a plan made with them
says which indexes can be used, and how many rows an index of evenly spread values would give.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ...linter.sql.tables import Table
from .placeholders import Prepared

_COMPARED: Final = re.compile(
    r"(?:[\w`\"]+\.)?[`\"]?(?P<column>\w+)[`\"]?\s*(?:=|<>|!=|<=?|>=?|\blike\b|\bnot\s+in\b|\bin\b|\bbetween\b)\s*"
    r"(?P<values>\(?\s*\$\d+(?:\s*(?:,|\band\b)\s*\$\d+)*)",
    re.IGNORECASE,
)
_BY_TYPE: Final = (
    (("datetime", "timestamp"), "'2020-01-01 00:00:00'"),
    (("date",), "'2020-01-01'"),
    (("time",), "'00:00:00'"),
    (("char", "text", "enum", "set", "uuid", "inet", "json"), "'m'"),
)


def literal(statement: Prepared, tables: Mapping[str, Table]) -> dict[int, str]:
    """Number of a hole -> SQL of a value. Holes that are compared with no column that is known are missing."""
    named = [table for name, table in tables.items() if re.search(rf"\b{re.escape(name)}\b", statement.text, re.I)]
    out: dict[int, str] = {}
    for match in _COMPARED.finditer(statement.text):
        column = next((found for table in named if (found := table.column(match["column"])) is not None), None)
        if column is not None:
            for number in re.findall(r"\$(\d+)", match["values"]):
                out[int(number)] = _value(column.type)
    return out


def _value(kind: str) -> str:
    folded = kind.lower()
    return next((value for words, value in _BY_TYPE if any(word in folded for word in words)), "1")
