"""SQL made comparable.

In: statement text as an instrumentation reported it: with literals or any style of placeholder, comments, cut off.
Out: one spelling without literals (`normalise`), its hash (`fingerprint`), and what it does to which tables (`shape`,
comparable with what the linter predicts). Runs once per span, so answers are remembered by raw text, within bounds.
Does not check that a statement is valid.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Generic, TypeVar

from ..linter.model import Query

MAX_CHARACTERS: Final = 32_768
"""Longer text is cut: as if the instrumentation had done it."""

# One search for everything that varies or hides text. It starts with a set of single characters because Python's
# regular expressions skip to such a set quickly; each branch then looks back at the character that was found.
_VARYING: Final = r"""
    ["'`/$%:@?0-9{hash}-](?:
        (?<=")(?:[^"{double}]*(?:(?:""{double_escape})[^"{double}]*)*(?:"|\Z))      # identifier, in MySQL a string
      | (?<=')(?:[^'{single}]*(?:(?:''{single_escape})[^'{single}]*)*(?:'|\Z))      # string
      | (?<=`)[^`]*(?:`|\Z)
      | (?<=/)\*(?:.*?\*/|.*)                                                       # comment
      | (?<=-)-[^\n]*
      | (?<=\$)(?:[0-9]+|([A-Za-z_]\w*|)\$.*?(?:\$\1\$|\Z))                         # $1, $tag$string$tag$
      | (?<=%)(?:\([^)]*\)s|s(?!\w)|%)                                              # %(name)s, %s, %%
      | (?<=:)(?<![\w:]:)\w+                                                        # :name, not ::type
      | (?<=@)(?<![\w@]@)\w+                                                        # @name, not @@variable
      | (?<=\?)[0-9]+                                                               # ?1
      | (?<=[0-9])(?<![\w$][0-9])(?<![\w"`\])]\.[0-9])                              # number, not in a name
        (?:[xX][0-9a-fA-F]+|[0-9]*(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)(?!\w){hash_branch}
    )"""


def _pattern(*, backslash: bool, mysql: bool) -> re.Pattern[str]:
    slash, escape = (r"\\", r"|\\.") if backslash else ("", "")
    text = _VARYING.format(
        hash="#" if mysql else "",
        hash_branch=r"|(?<=\#)[^\n]*" if mysql else "",
        single=slash,
        single_escape=escape,
        double=slash if mysql else "",
        double_escape=escape if mysql else "",
    )
    return re.compile(text, re.VERBOSE | re.DOTALL)


_PATTERNS: Final = {(b, m): _pattern(backslash=b, mysql=m) for b in (False, True) for m in (False, True)}
_MYSQL: Final = frozenset({"mysql", "mariadb"})

_TOKEN: Final = re.compile(
    r"""
    "(?:[^"]|"")*"? | `[^`]*`?
  | (?:\b(?:[eEnNbBxX]|[uU]&|_\w+))?\?            # E?, N?, _utf8? were prefixed strings
  | [^\W\d][\w$]* | \d\w*
  | \.\?                                          # .5
  | ::|:=|->>|->|\#>>|\#>|@>|<@|\|\||<=>|<=|>=|<>|!=|!~\*|!~|~\*|&&
  | \S
    """,
    re.VERBOSE,
)
_POSTCOMPILE: Final = re.compile(r"\(?__\[POSTCOMPILE_\w+\]\)?")
_TYPE: Final = r'(?:timestamp|time) with(?:out)? time zone|double precision|character varying|"?\w+"?(?:\."?\w+"?)?'
_CAST: Final = re.compile(rf"\?(?:::(?:{_TYPE})(?:\(\?(?:, \?)*\))?(?:\[\])*)+", re.IGNORECASE)
_VALUE_LIST: Final = re.compile(r"(\bIN \(|\bARRAY\[)\?(?:, \?)+(?=[)\]])")
_ROWS: Final = re.compile(r"((?:\bVALUES |\bIN \()(\([^()]*(?:\([^()]*\)[^()]*)*\)))(?:, \2)+")
_CUT_ROW: Final = re.compile(r"(\bVALUES (?:\([^()]*\)))(?:, \([^()]*)?,?$")
_CUT_LIST: Final = re.compile(r"\bIN \(\?(?:, \?)+,?$|\bIN \(\?,$")

_KEYWORD_LIST: Final = """
    ALL ANALYZE AND ANY ARRAY AS ASC BEGIN BETWEEN BY CASE CAST COLLATE COMMIT CONFLICT CREATE CROSS CURRENT DEFAULT
    DELETE DESC DISTINCT DO DROP DUPLICATE ELSE END ESCAPE EXCEPT EXISTS EXPLAIN FALSE FETCH FILTER FIRST FOLLOWING
    FOR FROM FULL GROUP HAVING IF ILIKE IN INNER INSERT INTERSECT INTERVAL INTO IS ISNULL JOIN KEY LAST LATERAL LEFT
    LIKE LIMIT LOCKED MATERIALIZED NATURAL NEXT NOT NOTHING NOTNULL NOWAIT NULL NULLS OF OFFSET ON ONLY OR ORDER OUTER
    OVER PARTITION PRAGMA PRECEDING RANGE RECURSIVE RELEASE REPLACE RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT
    SET SHARE SHOW SIMILAR SKIP SOME START TABLE THEN TO TRANSACTION TRUE UNBOUNDED UNION UPDATE USING VALUES WHEN WHERE
    WINDOW WITH
"""
_KEYWORDS: Final = frozenset(_KEYWORD_LIST.split())
_FUNCTION_LIST: Final = """
    ABS AVG CEIL CHAR_LENGTH COALESCE CONCAT COUNT CURRENT_DATE CURRENT_TIMESTAMP DATE DATE_TRUNC EXTRACT FLOOR GREATEST
    LEAST LENGTH LOWER MAX MIN NOW NULLIF RANDOM ROUND ROW_NUMBER SUBSTR SUBSTRING SUM TRIM UPPER
"""
_FUNCTIONS: Final = frozenset(_FUNCTION_LIST.split())
_TIGHT_BEFORE: Final = frozenset({",", ")", ".", ";", "::", "[", "]"})
_TIGHT_AFTER: Final = frozenset({"(", ".", "::", "["})
_SIGNS: Final = frozenset({"-", "+"})

T = TypeVar("T")


class _Memo(Generic[T]):
    """Remembers answers by text and forgets everything when the texts grow past a bound."""

    def __init__(self, make: Callable[[str, bool], T], characters: int = 4_000_000) -> None:
        self._make, self._limit, self._characters = make, characters, 0
        self._known: dict[tuple[str, bool], T] = {}

    def __call__(self, text: str, mysql: bool) -> T:
        key = (text, mysql)
        answer = self._known.get(key)
        if answer is None:
            self._characters += len(text) + 200
            if self._characters > self._limit:
                self._known.clear()
                self._characters = 0
            answer = self._known[key] = self._make(text, mysql)
        return answer


def normalise(sql: str, *, system: str = "") -> str:
    """The statement in one spelling, without literals.

    Literals and placeholders become `?`, lists of them in IN, VALUES and ARRAY one `?` or row; comments go; white
    space is folded; keywords are upper case; quoted identifiers stay as they are. `system` is `db.system.name`: in
    MySQL double quotes hold strings (recognised by backticks, too, when the system is unknown).
    """
    return _answer(sql, system in _MYSQL)[0]


def fingerprint(sql: str, *, system: str = "") -> str:
    """Hash of `normalise(sql)`: 16 hexadecimal digits."""
    return _answer(sql, system in _MYSQL)[1]


def shape(sql: str) -> Query | None:
    """Verb, tables, filtered and ordered columns; None when the text is no SELECT, INSERT, UPDATE or DELETE.

    Of a statement that is cut off or beyond the parser at least verb and main table, when they can be seen.
    """
    return _shape(normalise(sql))


@lru_cache(maxsize=4096)
def _shape(text: str) -> Query | None:
    from .sqlshape import query_of

    return query_of(text)


def _make_answer(sql: str, mysql: bool) -> tuple[str, str]:
    text = _layout(_without_literals(sql[:MAX_CHARACTERS], mysql or "`" in sql), mysql)
    return text, hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _without_literals(sql: str, mysql: bool) -> str:
    if "POSTCOMPILE" in sql:
        sql = _POSTCOMPILE.sub("(?)", sql)
    backslash = "\\'" in sql or (mysql and '\\"' in sql)
    text, open_string = _replace(sql, _PATTERNS[backslash, mysql], mysql)
    if open_string and backslash:
        # Read with backslash escapes the quotes do not pair up: try the standard, where a backslash means itself.
        other, still_open = _replace(sql, _PATTERNS[False, mysql], mysql)
        if not still_open:
            return other
    return text


def _replace(sql: str, pattern: re.Pattern[str], mysql: bool) -> tuple[str, bool]:
    open_string = False

    def replacement(match: re.Match[str]) -> str:
        nonlocal open_string
        found = match.group()
        first = found[0]
        if first == '"' and not mysql:
            return found
        if first == "`":
            return found
        if first in "/-#":
            return " "
        if found == "%%":
            return "%"
        if first in "\"'" and (len(found) == 1 or not found.endswith(first)):
            open_string = True
        return "?"

    return pattern.sub(replacement, sql), open_string


def _make_layout(text: str, mysql: bool) -> str:
    tokens = _TOKEN.findall(text)
    parts: list[str] = []
    before = ""
    into = False
    for index, token in enumerate(tokens):
        if token[-1] == "?" and token[0] != '"':
            token = "?"  # noqa: PLW2901
            if before in _SIGNS and (len(parts) < 3 or _starts_operand(parts[-3])):
                del parts[-2:]
                before = parts[-1] if parts else ""
        elif before != "." and (token[0].isalpha()):
            upper = token.upper()
            if upper in _KEYWORDS or (upper in _FUNCTIONS and tokens[index + 1 : index + 2] == ["("]):
                token = upper  # noqa: PLW2901
        if before:
            parts.append(_space(before, token, into))
        into = token == "INTO" or (into and token != "(")
        parts.append(token)
        before = token
    return _fold_lists("".join(parts))


def _starts_operand(token: str) -> bool:
    """Whether a sign after this token belongs to the number that follows."""
    return token in _KEYWORDS or not (token[0].isalnum() or token[0] in '_"`)]?')


def _space(before: str, token: str, into: bool) -> str:
    if token in _TIGHT_BEFORE or before in _TIGHT_AFTER:
        return " " if token == "[" and before in _KEYWORDS - {"ARRAY"} else ""
    if token == "(":
        name = before[0].isalnum() or before[0] in '_"`'
        tight = name and before not in _KEYWORDS and not into
        return "" if tight or before in ("ANY", "CAST", "IF", "REPLACE") else " "
    return " "


def _fold_lists(text: str) -> str:
    text = text.rstrip(" ;.…")
    if "?::" in text:
        text = _CAST.sub("?", text)
    text = _VALUE_LIST.sub(r"\1?", text)
    text = _ROWS.sub(r"\1", text)
    text = _CUT_LIST.sub("IN (?", text)
    return _CUT_ROW.sub(r"\1", text)


_layout: Final = _Memo(_make_layout)
_answer: Final = _Memo(_make_answer)
