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
    | \$\d+ | %\(\w+\)s | %s | (?<![\w:]):[A-Za-z_]\w* | (?<![?@])\?(?![?|&])\d*
    """,
    re.DOTALL | re.VERBOSE,
)
logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its warnings on odd statements are not the user's business


def parsed(text: str, dialect: str) -> list[exp.Expression]:
    """The statements of a text; [] for what is too large, too deep or not understood."""
    if len(text) > MAX_TEXT or depth(text) > MAX_DEPTH:
        return []
    try:
        found = sqlglot.parse(one_placeholder(text), dialect=dialect)
    except (SqlglotError, RecursionError, ValueError):
        return []
    return [tree for tree in found if isinstance(tree, exp.Expression)]


def one_placeholder(text: str) -> str:
    """The same text with one spelling for whatever varies; strings, names and comments as they are."""
    return _VARYING.sub(lambda found: found[0] if found["kept"] is not None else _PARAMETER, text.replace("%%", "%"))


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
