"""Plain statements that the parser does not take, read by their words.

In: one statement. Out: `Act`s, or None when it is not of these: an index on columns, with options behind it that say
nothing here (`NULLS NOT DISTINCT`, `USING BTREE`, `ON ONLY`); several indexes dropped at once; renamed tables. An index
that is missed is told to be missing, so it is worth the trouble; one with a condition or an expression is left alone.
"""

from __future__ import annotations

import re
from typing import Final

from .changes import Act, AddIndex, DropIndex, Name, RenameTable
from .tables import BTREE, Part, TableIndex

_NAME: Final = r'[\w"`]+(?:\.[\w"`]+)?'
_INDEX: Final = re.compile(
    rf"""create\s+(?:(?P<unique>unique)\s+|(?P<kind>fulltext|spatial)\s+)?index\s+(?:(?P<concurrently>concurrently)\s+)?
    (?:if\s+not\s+exists\s+)?(?:(?!on\s|using\s)(?P<name>{_NAME})\s+)?(?:using\s+\w+\s+)?on\s+(?:only\s+)?
    (?P<table>{_NAME})\s*(?:using\s+(?P<method>\w+)\s*)?
    \((?P<columns>(?:[^()]|\(\d+\))+)\)(?P<rest>.*)\Z""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_COLUMN: Final = re.compile(r'["`]?(?P<name>\w+)["`]?(?P<length>\(\d+\))?(?:\s+(?P<way>asc|desc))?\Z', re.IGNORECASE)
_DROP: Final = re.compile(
    rf"drop\s+index\s+(?:concurrently\s+)?(?:if\s+exists\s+)?(?P<names>{_NAME}(?:\s*,\s*{_NAME})*)"
    r"\s*(?:cascade|restrict)?\Z",
    re.IGNORECASE,
)
_RENAME: Final = re.compile(rf"rename\s+table\s+(?P<table>{_NAME})\s+to\s+(?P<to>{_NAME})\Z", re.IGNORECASE)
_REST: Final = re.compile(r"\b(?:where|include)\b", re.IGNORECASE)


def read(text: str, dialect: str) -> list[Act] | None:
    """What a plain statement changes; None when its words do not say."""
    dropped = _DROP.match(text)
    if dropped is not None:
        return [DropIndex(None, _name(name, dialect).name) for name in dropped["names"].split(",")]
    renamed = _RENAME.match(text)
    if renamed is not None:
        return [RenameTable(_name(renamed["table"], dialect), _name(renamed["to"], dialect).name)]
    found = _INDEX.match(text)
    if found is None or _REST.search(found["rest"]) is not None:
        return None
    columns = [_COLUMN.match(column.strip()) for column in found["columns"].split(",")]
    parts = tuple(
        Part(_plain(c["name"], dialect, c[0]), descending=(c["way"] or "").lower() == "desc", opclass=c["length"] or "")
        for c in columns
        if c is not None
    )
    if len(parts) != len(columns):
        return None
    method = (found["method"] or found["kind"] or BTREE).lower()
    name = _name(found["name"], dialect).name if found["name"] else ""
    index = TableIndex(parts, name, unique=found["unique"] is not None, method=method)
    return [AddIndex(_name(found["table"], dialect), index, found["concurrently"] is not None)]


def _name(text: str, dialect: str) -> Name:
    words = [_plain(word.strip().strip('"`'), dialect, word.strip()) for word in text.split(".")]
    schema = words[-2] if len(words) > 1 and words[-2].lower() != "public" else ""
    return Name(words[-1], schema)


def _plain(name: str, dialect: str, spelled: str) -> str:
    return name.lower() if dialect == "postgres" and not spelled.startswith('"') else name
