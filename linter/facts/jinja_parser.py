"""A Jinja2 template's text in, jinja2's own nodes out, and the columns that those do not know.

Unlike jinja2's parser this one goes on: a tag that nobody here knows is skipped, one that cannot be parsed too, an
unclosed one ends where the tag around it ends. Nothing is compiled or rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser

_KNOWN = frozenset("for if block extends print macro include from import set with autoescape call filter".split())
_EXTENSIONS = ("jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n")
_OPENING = re.compile(r"\{[{%#]")
_CLOSING = {"{{": "}}", "{%": "%}"}
_MAX_TAG = 20_000  # characters of a tag
_MAX_DEPTH = 60  # tags in each other: jinja2 parses them recursively
_MAX_SEARCH = 2_000  # characters of a line in which a name is looked for


@cache
def _environment() -> Environment:
    return Environment(extensions=_EXTENSIONS)


def parse(text: str) -> nodes.Template:
    """Parse a text whose line ends are newlines. Raises what jinja2 raises where the text has no tokens."""
    environment = _environment()
    lexer = environment.lexer
    try:
        tokens = list(lexer.wrap(lexer.tokeniter(text, None)))
    except (TemplateSyntaxError, ValueError):
        text = _without_damage(text)
        tokens = list(lexer.wrap(lexer.tokeniter(text, None)))
    parser = _Parser(environment, "")
    parser.stream = TokenStream(tokens, None, None)
    return parser.parse()


def _regions(text: str) -> Iterator[tuple[int, int]]:
    """Where tags and comments start and end; a tag that is not closed before the next one starts is two braces only."""
    starts = [(m.start(), m.group()) for m in _OPENING.finditer(text)]
    starts.append((len(text), ""))
    last_comment = text.rfind("#}")
    at = 0
    for (start, kind), (following, _) in pairwise(starts):
        if start < at:
            continue
        end = -1
        if kind != "{#":
            end = text.find(_CLOSING[kind], start + 2, following)
        elif start + 2 <= last_comment:
            end = text.find("#}", start + 2)
        at = (end if end >= 0 else start) + 2
        yield start, at


def _without_damage(text: str) -> str:
    """Blank out the tags that have no tokens when read alone."""
    parts = []
    seen = 0
    for start, end in _regions(text):
        region = text[start:end]
        if not _readable(region):
            parts += [text[seen:start], re.sub(r"[^\n]", " ", region)]
            seen = end
    parts.append(text[seen:])
    return "".join(parts)


def _readable(region: str) -> bool:
    if not 4 <= len(region) <= _MAX_TAG:
        return False
    if region.startswith("{#"):
        return True
    lexer = _environment().lexer
    try:  # with a space behind, that `raw` has no end for
        kinds = {token.type for token in lexer.wrap(lexer.tokeniter(region + " ", None))}
    except (TemplateSyntaxError, ValueError):
        return False
    return "block_end" in kinds or "variable_end" in kinds  # an open bracket swallows the end


class _Parser(Parser):
    """jinja2's parser, except for what it does when it does not know how to go on."""

    def subparse(self, end_tokens: tuple[str, ...] | None = None) -> list[nodes.Node]:
        body: list[nodes.Node] = []
        if end_tokens is not None:
            self._end_token_stack.append(end_tokens)
        try:
            while self.stream:
                token = self.stream.current
                next(self.stream)
                if token.type == "variable_begin":
                    self._variable(body)
                elif token.type == "block_begin":
                    current = self.stream.current
                    if end_tokens is not None and current.test_any(*end_tokens):
                        return body
                    if end_tokens is not None and self._ends_another(current):
                        self._insert_end(end_tokens)
                        return body
                    made = self.parse_statement()
                    body += made if isinstance(made, list) else [made]
                    self._skip_to("block_end")
            if end_tokens is not None:
                self._insert_end(end_tokens)
        finally:
            if end_tokens is not None:
                self._end_token_stack.pop()
        return body

    def _variable(self, body: list[nodes.Node]) -> None:
        line = self.stream.current.lineno
        try:
            shown = self.parse_tuple(with_condexpr=True)
            body.append(nodes.Output([shown], lineno=line))
        except TemplateSyntaxError:
            pass
        self._skip_to("variable_end")

    def _skip_to(self, kind: str) -> None:
        while self.stream and self.stream.current.type != kind:
            next(self.stream)
        next(self.stream)

    def _ends_another(self, token: Token) -> bool:
        """Whether it ends a tag further out."""
        if token.type != "name" or not token.value.startswith("end"):
            return False
        return any(token.test_any(*ends) for ends in self._end_token_stack[:-1])

    def _insert_end(self, end_tokens: tuple[str, ...]) -> None:
        """Make the stream go on with the end of the innermost tag."""
        stream = self.stream
        line = stream.current.lineno
        end = next((t for t in end_tokens if t.startswith("name:end")), end_tokens[-1])
        stream.push(Token(line, "block_end", ""))
        if stream:
            stream.push(Token(line, "block_begin", ""))
            stream.push(stream.current)
        stream.current = Token(line, "name", end.partition(":")[2])

    def parse_statements(self, end_tokens: tuple[str, ...], drop_needle: bool = False) -> list[nodes.Node]:
        self.stream.skip_if("colon")
        self.stream.expect("block_end")
        result = self.subparse(end_tokens)
        if drop_needle:
            next(self.stream)
        return result

    def parse_statement(self) -> nodes.Node | list[nodes.Node]:
        token = self.stream.current
        known = token.type == "name" and (token.value in _KNOWN or token.value in self.extensions)
        if known and len(self._end_token_stack) < _MAX_DEPTH:
            try:
                return super().parse_statement()
            except TemplateSyntaxError:
                pass
        while self.stream and self.stream.current.type != "block_end":
            next(self.stream)
        return []


class Columns:
    """Finds names in the tags of a line, each after the one before: jinja2 only keeps lines."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        parts = []
        seen = 0
        for start, end in _regions(text):
            if not text.startswith("{#", start):
                parts += [re.sub(r"[^\n]", " ", text[seen:start]), text[start:end]]
                seen = end
        self.masked = "".join([*parts, re.sub(r"[^\n]", " ", text[seen:])]).split("\n")
        self.last: dict[str, tuple[int, int]] = {}
        """Where each name was found last: line from 1, column."""
        self.reached: dict[int, tuple[int, int]] = {}  # of a line: characters, and as many bytes

    def find(self, line: int, name: str) -> int:
        """The column of a name in a line that counts from 1; 0 if it is not there."""
        if not 0 < line <= len(self.lines) or not name:
            return 0
        text, masked = self.lines[line - 1], self.masked[line - 1]
        at, column = self.reached.get(line, (0, 0))
        found = _identifier(masked, name, at)
        if found < 0:
            found = _identifier(masked, name, 0)
            at = column = 0
            if found < 0:
                return 0
        start = text[at:found]
        column += len(start) if start.isascii() else len(start.encode("utf-8", "surrogatepass"))
        if line not in self.reached or found >= self.reached[line][0]:
            width = len(name) if name.isascii() else len(name.encode("utf-8", "surrogatepass"))
            self.reached[line] = (found + len(name), column + width)
        self.last[name] = (line, column)
        return column


def _identifier(text: str, name: str, at: int) -> int:
    end = at + _MAX_SEARCH
    for _ in range(20):
        found = text.find(name, at, end)
        if found < 0:
            return -1
        after = text[found + len(name) : found + len(name) + 1]
        before = text[found - 1] if found else ""
        if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
            return found
        at = found + len(name)
    return -1
