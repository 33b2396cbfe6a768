"""SQL scripts, cut into statements without reading them.

In: the text of a schema dump or a migration. Out: those of its statements that say something of tables and indexes,
each with its line. Data (`INSERT`, COPY blocks), bodies of functions and procedures, commands of the shells `psql` and
`mysql`, and what a migration would do to go back are passed over. Knows quotes and comments, nothing else, so that a
script that declares nothing costs one search.

Sources: https://www.postgresql.org/docs/current/sql-syntax-lexical.html,
https://dev.mysql.com/doc/refman/8.4/en/comments.html, https://sqlite.org/lang_keywords.html; sections of migrations:
https://github.com/amacneil/dbmate, https://pressly.github.io/goose/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_SCRIPT: Final = 8_000_000
"""Characters; a longer one is a dump of data."""

_DECLARES: Final = re.compile(r"\b(?:create|alter|drop)\b[^;]{0,80}?\b(?:table|index)\b", re.IGNORECASE)
_STARTS: Final = re.compile(
    r"(?:create\s+(?:or\s+replace\s+)?(?:unlogged\s+)?table|create\s+(?:unique\s+|fulltext\s+|spatial\s+|clustered\s+|"
    r"nonclustered\s+)*index|alter\s+(?:table|index)|drop\s+(?:table|index)|rename\s+table)\b",
    re.IGNORECASE,
)
_BLANK: Final = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
_COPY: Final = re.compile(r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_SECTION: Final = re.compile(r"--+\s*(?:\+\s*\w+|migrate|rambler|!)\s*:?\s*(up|down)s?\b", re.IGNORECASE)
_SHELL: Final = re.compile(r"\s*(?:\\[^\n]*|delimiter[ \t]+(?P<mark>\S+)[^\n]*)(?:\n|\Z)", re.IGNORECASE)
_MYSQL: Final = re.compile(
    r"\b(?:table|exists|into|on)\s+`\w+`|\bauto_increment\b|\bengine\s*=|\bint(?:\(\d+\))?\s+unsigned\b", re.IGNORECASE
)
_SQLITE: Final = re.compile(r"\bautoincrement\b|\bpragma\b|\bwithout\s+rowid\b", re.IGNORECASE)
_SEEN: Final = 100_000  # characters of a script that tell its dialect

_STRING: Final = {"": r"[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'", "mysql": r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\""}
_REST: Final = r"|\"[^\"]*\"|`[^`]*`|(?P<comment>--[^\n]*)|/\*.*?\*/"
_TOKEN: Final = {
    "": re.compile(_STRING[""] + _REST + r"|\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$|(?P<end>;)", re.DOTALL),
    "mysql": re.compile(_STRING["mysql"] + _REST + r"|\#[^\n]*|(?P<end>;)", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement and the line that it begins on."""

    text: str
    line: int


def declares(text: str) -> bool:
    """Whether a script says anything of tables or indexes."""
    return _DECLARES.search(text) is not None


def dialect_of(text: str) -> str:
    """The dialect that a script is written in, by what only that one says; postgres when nothing does."""
    seen = text[:_SEEN]
    if _MYSQL.search(seen) is not None:
        return "mysql"
    return "sqlite" if _SQLITE.search(seen) is not None else "postgres"


def pieces(text: str, dialect: str) -> Iterator[Piece]:
    """The statements that declare tables and indexes, in the order that they are run."""
    if len(text) > MAX_SCRIPT or not declares(text):
        return
    token = _TOKEN["mysql" if dialect == "mysql" else ""]
    start = at = counted = 0
    line = 1
    back = False
    while True:
        start, skipped = _shell(text, start)
        at = max(at, start)
        if skipped:  # a procedure between two DELIMITERs
            at = start
        found = token.search(text, at)
        end = found.start() if found is not None else len(text)
        if found is not None and not found["end"]:
            section = _SECTION.match(found[0]) if found["comment"] else None
            if section is not None:
                back = section[1].lower() == "down"
                start = found.end()
            at = found.end()
            continue
        if not back:
            begins = _first(text, start, end)
            if _STARTS.match(text, begins, end) is not None:
                line += text.count("\n", counted, begins)
                counted = begins
                yield Piece(text[begins:end].strip(), line)
        if found is None:
            return
        start = at = _after_copy(text, start, found.end())


def _first(text: str, start: int, end: int) -> int:
    blank = _BLANK.match(text, start, end)
    return blank.end() if blank is not None else start


def _shell(text: str, start: int) -> tuple[int, bool]:
    """Behind the commands of a shell that a statement may begin with, and whether a procedure was passed over."""
    skipped = False
    while (command := _SHELL.match(text, start)) is not None:
        start = command.end()
        if command["mark"] not in (None, ";"):
            after = re.compile(r"^\s*delimiter[ \t]+;[^\n]*", re.IGNORECASE | re.MULTILINE).search(text, start)
            start = after.end() if after is not None else len(text)
        skipped = True
    return start, skipped


def _after_copy(text: str, start: int, end: int) -> int:
    """Behind the data of a COPY block, which ends with `\\.` on a line of its own."""
    begins = _first(text, start, end)
    if text[begins : begins + 4].lower() != "copy" or _COPY.match(text, begins, end) is None:
        return end
    data = text.find("\n\\.", end - 1)
    return len(text) if data < 0 else data + 3
