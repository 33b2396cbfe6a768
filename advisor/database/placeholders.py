"""Statements with holes, made into what a database can plan.

In: one statement with any style of placeholder, as drivers write it (`%s`, `%(name)s`, `?`, `:name`, `$1`) or as
pg_stat_statements keeps it, which also puts `$1` where no placeholder may stand (`INTERVAL $1`, `EXTRACT($1 FROM x)`,
https://www.postgresql.org/docs/current/pgstatstatements.html). Out: the same statement with the holes spelled in one
way. Lexes, does not parse. Text that holds more than one statement is refused: it would be sent to a database.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ...linter.model import Query

LIMIT: Final = 100
"""Rows that a LIMIT asks for when its number is not known. Left open, PostgreSQL plans for a tenth of the table."""
_LIST: Final = 10
"""Values of an IN list whose length is not known."""
_MAX: Final = 100_000

_TOKEN: Final = re.compile(
    r"""
    (?P<skip> '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | --[^\n]* | /\*.*?\*/
      | \$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$ | :: | @@? )
  | (?P<escape> [eE]'(?:[^'\\]|''|\\.)*' )
  | (?P<percent> %% )
  | (?P<end> ; )
  | (?P<hole> \$\d+ | %\((?P<named>[^)]*)\)s | %s\b | (?<![\w\]]):(?P<colon>[A-Za-z_]\w*) | \?\d* )
    """,
    re.VERBOSE | re.DOTALL,
)
_OPERAND: Final = re.compile(r"""([\w"'`)\]]+)\s*$""")
_BEFORE_VALUE: Final = frozenset(
    "select where and or not in like ilike between limit offset values set then else when case on having by any all "
    "returning from is distinct interval escape similar to".split()
)
_TYPES: Final = (
    r"interval|date|timestamptz|timestamp\s+with(?:out)?\s+time\s+zone|timestamp|timetz|time\s+with(?:out)?\s+time\s+zone"
    r"|time|numeric|uuid|inet|jsonb|json|bytea|text"
)
_TYPED: Final = re.compile(rf"(?<![\w.\"])({_TYPES})\s+(\$\d+)", re.IGNORECASE)
_LIMITED: Final = re.compile(r"\blimit\s+\$\d+", re.IGNORECASE)
_OFFSET: Final = re.compile(r"\boffset\s+\$\d+", re.IGNORECASE)
_FETCH: Final = re.compile(r"\bfetch\s+(first|next)\s+\$\d+", re.IGNORECASE)
_EXTRACT: Final = re.compile(r"\bextract\s*\(\s*\$\d+\s+from\b", re.IGNORECASE)
_IN_LIST: Final = re.compile(r"\bin\s*\(\s*(\$\d+)\s*(?:/\*.*?\*/|,\s*\.\.\.)\s*\)", re.IGNORECASE)
_VERB: Final = re.compile(r"\s*(?:/\*.*?\*/\s*|--[^\n]*\n\s*|\()*([A-Za-z]+)", re.DOTALL)
_PLANNED: Final = frozenset({"select", "with", "insert", "update", "delete", "values", "merge", "table", "replace"})


class UnplannableError(Exception):
    """Nothing that a database may be asked to plan; the text says why."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with `$1`, `$2` … for its holes."""

    text: str
    holes: int

    def spelled(self, hole: Callable[[int], str]) -> str:
        """The text with each hole as `hole` of its number spells it."""

        def other(match: re.Match[str]) -> str:
            found = match["hole"]
            return hole(int(found[1:])) if found and found[0] == "$" else match[0]

        return _TOKEN.sub(other, self.text)


def verb(text: str) -> str:
    """The first word, in lower case; "" when there is none."""
    match = _VERB.match(text)
    return match[1].lower() if match else ""


def prepared(text: str, *, rows: int = LIMIT) -> Prepared:
    """Numbers the holes. A LIMIT that is one asks for `rows`.
    Raises `UnplannableError`."""
    if len(text) > _MAX:
        raise UnplannableError(f"longer than {_MAX:,} characters")
    if verb(text) not in _PLANNED:
        raise UnplannableError(f"{verb(text).upper() or 'what this starts with'} has no plan")
    body = text.strip()
    names: dict[str, int] = {}
    out: list[str] = []
    place = 0
    for match in _TOKEN.finditer(body):
        out.append(body[place : match.start()])
        place = match.end()
        if match["end"]:
            if not _nothing(body[place:]):
                raise UnplannableError("more than one statement")
            place = len(body)
            break
        if match["percent"]:
            out.append("%")
        elif match["hole"] and not _operator(match[0], body, match.start()):
            name = match["named"] or match["colon"] or (match[0] if match[0] not in ("?", "%s") else "")
            number = names.setdefault(name or f"\0{len(names)}", len(names) + 1)
            out.append(f"${number}")
        else:
            out.append(match[0])
    out.append(body[place:])
    return _renumbered(_settled("".join(out), rows))


def _nothing(rest: str) -> bool:
    return not re.sub(r"--[^\n]*|/\*.*?\*/|;", "", rest, flags=re.DOTALL).strip()


def _operator(hole: str, body: str, start: int) -> bool:
    """Whether a `?` is PostgreSQL's JSON operator: it follows an operand."""
    if hole != "?":
        return False
    if body[start + 1 : start + 2] in ("|", "&"):
        return True
    before = _OPERAND.search(body, max(0, start - 80), start)
    return before is not None and before[1].lower() not in _BEFORE_VALUE


def _settled(text: str, rows: int) -> str:
    """Holes that stand where PostgreSQL's grammar wants a literal, or where a guess of the planner would decide."""
    text = _LIMITED.sub(f"LIMIT {rows}", text)
    text = _OFFSET.sub("OFFSET 0", text)
    text = _FETCH.sub(lambda match: f"FETCH {match[1]} {rows}", text)
    text = _EXTRACT.sub("extract(year FROM", text)
    text = _TYPED.sub(lambda match: f"{match[2]}::{match[1]}", text)
    return _IN_LIST.sub(lambda match: f"IN ({', '.join([match[1]] * _LIST)})", text)


def _renumbered(text: str) -> Prepared:
    """Numbers from 1 without gaps, for PREPARE wants a type for each."""
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        found = match["hole"]
        if not found or found[0] != "$":
            return match[0]
        return f"${numbers.setdefault(found, len(numbers) + 1)}"

    return Prepared(_TOKEN.sub(number, text), len(numbers))


def statement_of(query: Query) -> str:
    """SQL text of a statement that the linter predicts: its filters compare with values. "" for what has no filter
    and no order, or writes rows: nothing there that an index could serve."""
    if query.verb == "INSERT" or not query.tables or not (query.filters or query.order):
        return ""
    main = query.tables[0]
    own = [name for name in query.filters if name.rpartition(".")[0] in ("", main)]
    order = [name for name in query.order if name.lstrip("-").rpartition(".")[0] in ("", main)]
    if not own and not order:
        return ""
    where = " AND ".join(f"{_quoted(name)} = ?" for name in own)
    by = ", ".join(_quoted(name.lstrip("-")) + (" DESC" if name.startswith("-") else "") for name in order)
    head = {"SELECT": f"SELECT * FROM {_quoted(main)}", "DELETE": f"DELETE FROM {_quoted(main)}"}.get(
        query.verb, f"SELECT * FROM {_quoted(main)}"
    )
    text = head + (f" WHERE {where}" if where else "")
    return text + (f" ORDER BY {by}" if by and query.verb == "SELECT" else "")


def _quoted(name: str) -> str:
    """A column or table; quoted where it would not be read as it is written."""
    parts = name.split(".")
    return ".".join(part if re.fullmatch(r"[a-z_][a-z0-9_]*", part) else f'"{part}"' for part in parts)
