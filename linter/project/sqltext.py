"""SQL that is written in the source, as far as it can be read without running anything.

In: values of strings. Out: the text with `?` for what is put into it, its verb, and its first table. Of the text only
these are looked at: what it means is for `sqlglot`, which is too slow to be asked of every string.
"""

from __future__ import annotations

import re

from .values import UNKNOWN, Const, Container, Value, parts

TEXT = "text"  # kind of the container that stands for SQL with holes; `value` is the text
_MAX_TEXT = 4000
_COMMENTS = r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_BEGINS = re.compile(rf"{_COMMENTS}(?:with|select|insert|update|delete|replace|merge)\b", re.IGNORECASE | re.DOTALL)
_STATEMENT = re.compile(
    rf"{_COMMENTS}(?:(?P<select>select)\b.*?\bfrom|(?P<with>with)\b.*?\bfrom|(?P<insert>insert|replace|merge)\b.*?\binto"
    r"|(?P<update>update)(?:\s+or\s+\w+)?(?:\s+only)?|(?P<delete>delete)\s+from)\s+"
    r"[\"`\[]?(?:\w+[\"`\]]?\.[\"`\[]?)?(?P<table>\w+)",
    re.IGNORECASE | re.DOTALL,
)
_CATALOGUE = re.compile(
    r"\b(?:information_schema|pg_catalog)\.|\b(?:sqlite_master|sqlite_schema|pg_class)\b", re.IGNORECASE
)
_HOLE = "?"
_DRAWS = re.compile(r"(?:\border\s+by|^)\s+?(?:random|rand|newid)\s*\(", re.IGNORECASE)


def is_sql(value: object) -> bool:
    """Whether a constant is a statement that names its table."""
    return isinstance(value, str) and _BEGINS.match(value) is not None and _STATEMENT.match(value) is not None


def draws(text: str) -> bool:
    """Whether a statement, or what it is sorted by, asks for a random order."""
    return bool(text) and _DRAWS.search(text) is not None


def begins(values: list[Value]) -> bool:
    """Whether the first part of a text says that it is a statement."""
    return bool(values) and _BEGINS.match(_text(values[0])) is not None


def joined(values: list[Value]) -> Value:
    """The value of a text made of these parts: a constant when all of them are."""
    if all(isinstance(v, Const) and isinstance(v.value, str | int) for v in values):
        return Const("".join(_text(v) for v in values)[:_MAX_TEXT])
    return with_holes("".join(_text(v) or _HOLE for v in values)) if begins(values) else UNKNOWN


def with_holes(text: str) -> Value:
    return Container(TEXT, UNKNOWN, Const(text[:_MAX_TEXT]))


def formatted(value: Value) -> Value:
    """`text % values` and `text.format(…)`: the statement is still the same one where its table is written."""
    text = text_of(value)
    return with_holes(re.sub(r"%\(?\w*\)?[sd]|\{[^}]*\}", _HOLE, text)) if _BEGINS.match(text) else UNKNOWN


def text_of(value: Value) -> str:
    """The text that a value is known to be, with `?` for what is not known; "" for none."""
    return next((text for part in parts(value) if (text := _text(part))), "")


def statement(text: str) -> tuple[str, str] | None:
    """(verb, table) of a statement; None when it has none of these, or its table is put into it, or is
    one that the database describes itself with."""
    found = _STATEMENT.match(text) if text else None
    if found is None or _CATALOGUE.search(text):
        return None
    verb = next((name for name in ("insert", "update", "delete") if found[name]), "select")
    return verb.upper(), found["table"]


def _text(value: Value) -> str:
    if isinstance(value, Container) and value.kind == TEXT and isinstance(value.value, Const):
        value = value.value
    return str(value.value) if isinstance(value, Const) and isinstance(value.value, str | int) else ""
