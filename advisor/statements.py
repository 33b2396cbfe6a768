"""SQL made comparable: literals dropped, placeholders and lists unified, hashed."""

from __future__ import annotations

import hashlib
import re

_LITERAL = re.compile(r"'(?:[^'\\]|''|\\.)*'|(?<![\w.$])\d+(?:\.\d+)?|%\(\w+\)s|%s|\$\d+|(?<!:):\w+")
_LIST = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")
_SPACE = re.compile(r"\s+")


def normalise(sql: str) -> str:
    """The statement without its literals, in one spelling."""
    return _SPACE.sub(" ", _LIST.sub("(?)", _LITERAL.sub("?", sql))).strip()


def fingerprint(sql: str) -> str:
    """Hash of `normalise(sql)`: 16 hexadecimal digits."""
    return hashlib.blake2b(normalise(sql).encode("utf-8", "replace"), digest_size=8).hexdigest()
