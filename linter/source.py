"""Bytes of a source file to text, and what its comments ask slowlint to keep quiet about.

In: bytes or text. Out: text, lines, `Suppression`s with the lines they cover. Resolves no names.
"""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "slowlint:"
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_LINE_END = re.compile(r"\r\n|\r|\n")
_DIRECTIVE = re.compile(r"#\s*slowlint:\s*(?P<verb>[\w-]*)\s*(?:\[(?P<codes>[^\]]*)\])?\s*(?P<reason>[^#]*)")
_TEMPLATE_DIRECTIVE = re.compile(r"\{" + _DIRECTIVE.pattern + r"#\}")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One `# slowlint: ignore[code, code] reason`. `codes` empty means every code.

    `line` and `column` are where the comment starts (from 1), `end_column` is after its last character.
    A finding is covered when its first line lies in `first`..`last`: the comment's line, or the whole statement when
    the comment stands on its first or last line; of a `def`, `class`, loop or `with` that is the header only.
    """

    line: int
    column: int
    end_column: int
    verb: str
    codes: tuple[str, ...]
    reason: str
    first: int
    last: int


def decode(data: bytes) -> str:
    """Text of a Python source file, by its byte order mark or its coding line (PEP 263), UTF-8 otherwise.

    Raises SyntaxError, with the line, for an unknown encoding or bytes that are not in it.
    """
    bom = data.startswith(codecs.BOM_UTF8)
    body = data[3:] if bom else data
    encoding = _cookie(body) or "utf-8"
    if bom and encoding not in ("utf-8", "utf-8-sig"):
        raise SyntaxError(f"byte order mark says UTF-8, the coding line says {encoding}", ("", 1, 1, None))
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise SyntaxError(f"byte 0x{body[error.start]:02x} is not {encoding}", ("", line, 1, None)) from None
    except (LookupError, UnicodeError, ValueError):
        raise SyntaxError(f"unknown encoding {encoding}", ("", 1, 1, None)) from None


def _cookie(body: bytes) -> str:
    """The encoding that one of the first two lines names, in Python's own spelling for the common ones; or ""."""
    for line in body.split(b"\n", 2)[:2]:
        found = _COOKIE.match(line)
        if found:
            name = found[1].decode("ascii").lower().replace("_", "-")
            if name == "utf-8" or name.startswith("utf-8-"):
                return "utf-8"
            try:  # codecs that turn bytes into bytes (hex, zlib) are no source encodings
                return name if codecs.lookup(name)._is_text_encoding else f"{name}, which is no text encoding"
            except LookupError:
                return name
        if not _BLANK.match(line.rstrip(b"\r")):
            return ""
    return ""


def lines(text: str) -> list[str]:
    """Lines as Python counts them (`\\n`, `\\r\\n`, `\\r`; not form feeds or U+2028), without their ends."""
    return _LINE_END.split(text)


def read_texts(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Text of files by their path relative to the root, as far as they can be read: what a report shows lines of."""
    found: dict[str, str] = {}
    for path in paths:
        with suppress(OSError, SyntaxError, ValueError):
            found[path] = decode((root / path).read_bytes())
    return found


def suppressions(text: str) -> tuple[Suppression, ...]:
    """Every directive comment of a file, in order; cheap for files that hold none.

    Strings that look like directives are none. In a file that cannot be tokenized to its end, those before the damage
    count; in one that cannot be parsed, each covers its own line.
    """
    if MARK not in text:
        return ()
    found = list(_directives(text))
    if not found:
        return ()
    spans = _statements(text)
    return tuple(_widened(suppression, spans) for suppression in found)


def template_suppressions(text: str) -> tuple[Suppression, ...]:
    """The same for a template: `{# slowlint: ignore[code] reason #}` covers the line that it stands on."""
    found = []
    for number, line in enumerate(lines(text) if MARK in text else (), start=1):
        for match in _TEMPLATE_DIRECTIVE.finditer(line):
            codes = tuple(code.strip() for code in (match["codes"] or "").split(",") if code.strip())
            column, end = match.start() + 1, match.end() + 1
            found.append(
                Suppression(number, column, end, match["verb"], codes, match["reason"].strip(" -:"), number, number)
            )
    return tuple(found)


def _directives(text: str) -> Iterator[Suppression]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            if token.type != tokenize.COMMENT or MARK not in token.string:
                continue
            match = _DIRECTIVE.search(token.string)
            if match is None:
                continue
            codes = tuple(code.strip() for code in (match["codes"] or "").split(",") if code.strip())
            line, start = token.start
            column, end = start + match.start() + 1, start + len(match[0].rstrip()) + match.start() + 1
            yield Suppression(line, column, end, match["verb"], codes, match["reason"].strip(" -:"), line, line)
    except (tokenize.TokenError, SyntaxError):  # IndentationError is a SyntaxError
        return


def _statements(text: str) -> list[tuple[int, int]]:
    """(first, last) line of every statement longer than a line; of compound ones the header."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    spans = []
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                spans.append((child.lineno, _header_end(child)))
            if isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
                pending.append(child)
    return [span for span in spans if span[1] > span[0]]


def _header_end(statement: ast.stmt) -> int:
    """Last line of a simple statement, or of what stands before the block of a compound one."""
    body = getattr(statement, "body", None)
    cases = getattr(statement, "cases", None)
    inside = body or (cases and [cases[0].pattern])
    if not inside:
        return statement.end_lineno or statement.lineno
    before = [statement.lineno]
    for name, value in ast.iter_fields(statement):
        if name in ("body", "orelse", "finalbody", "handlers", "cases", "decorator_list"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST):
                before.extend(getattr(part, "end_lineno", None) or 0 for part in ast.walk(node))
    # A closing ")" and ":" on a line of their own belong to the header as well.
    starts = [getattr(part, "lineno", 0) for part in (inside[0], *getattr(inside[0], "decorator_list", ()))]
    return max(*before, min(min(starts) - 1, max(before) + 1))


def _widened(suppression: Suppression, spans: list[tuple[int, int]]) -> Suppression:
    covering = [span for span in spans if suppression.line in span]
    if not covering:
        return suppression
    first, last = min(covering, key=lambda span: span[1] - span[0])
    return Suppression(
        suppression.line,
        suppression.column,
        suppression.end_column,
        suppression.verb,
        suppression.codes,
        suppression.reason,
        first,
        last,
    )
