"""SQL text to sqlglot's trees, whatever it comes from, within bounds.

In: statements with any style of placeholder (`?`, `$1`, `%s`, `%(name)s`, `:name`), in one of three dialects. Out:
trees in which every placeholder is the same. Never raises: what cannot be read is left out.
"""

from __future__ import annotations

import logging
import re
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

MAX_TEXT: Final = 65_536
MAX_DEPTH: Final = 80
_PARAMETER: Final = ":p"
_VARYING: Final = re.compile(
    r"""
      (?P<kept>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*.*?\*/|::|\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$)
    | \$\w+ | %\(\w+\)s | %[sd]\b | (?<![\w:\]]):[A-Za-z_]\w* | (?P<mark>(?<![?@])\?(?![?|&])\d*)
    """,
    re.DOTALL | re.VERBOSE,
)
_TYPED: Final = re.compile(rf"\b(interval|date|timestamptz|timestamp|time)\s+{_PARAMETER}\b", re.IGNORECASE)
_OR: Final = re.compile(r"\A\s*update\s+or\s+\w+\b", re.IGNORECASE)  # SQLite's; it changes nothing that is asked
_OPERAND: Final = re.compile(r"""([\w"'`)\]]+)\s*\Z""")
_VALUE: Final = re.compile(r"""\s*(?:'|\$\d|%s|%\(|:[A-Za-z_]|\?|array\b)""", re.IGNORECASE)
_BEFORE_VALUE: Final = frozenset(
    "select where and or not in like ilike between limit offset values set then else when case on having by any all "
    "returning from is distinct interval escape similar to join using".split()
)
logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its warnings on odd statements are not the user's business


def parsed(text: str, dialect: str) -> list[exp.Expression]:
    """The statements of a text; [] for what is too large, too deep or not understood."""
    if len(text) > MAX_TEXT or depth(text) > MAX_DEPTH:
        return []
    try:
        found = sqlglot.parse(one_placeholder(text, dialect), dialect=dialect)
    except (SqlglotError, RecursionError, ValueError):
        return []
    return [tree for tree in found if isinstance(tree, exp.Expression)]


def one_placeholder(text: str, dialect: str = "postgres") -> str:
    """The same text with one spelling for whatever varies; strings, names and comments as they are."""
    text = text.replace("%%", "%")

    def spelled(found: re.Match[str]) -> str:
        operator = found["mark"] is not None and dialect == "postgres" and _is_operator(text, found)
        return found[0] if found["kept"] is not None or operator else _PARAMETER

    # `INTERVAL $1` is what pg_stat_statements keeps of `INTERVAL '1 day'`.
    return _OR.sub("update", _TYPED.sub(r"\1 '1'", _VARYING.sub(spelled, text)))


def _is_operator(text: str, mark: re.Match[str]) -> bool:
    """Whether a question mark is PostgreSQL's operator of JSON, which stands between two operands."""
    before = _OPERAND.search(text, max(mark.start() - 80, 0), mark.start())
    if before is None or before[1].lower() in _BEFORE_VALUE:
        return False
    return _VALUE.match(text, mark.end()) is not None


def depth(text: str) -> int:
    """How deep its parentheses are nested."""
    deepest = now = 0
    for character in text:
        if character == "(":
            now += 1
            deepest = max(deepest, now)
        elif character == ")":
            now -= 1
    return deepest
