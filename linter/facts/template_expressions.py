"""The inside of a Django tag in, expressions out: names with lookups, filters, constants, the operators of `{% if %}`.

What cannot be read is left out: an expression is read as far as it makes sense, nothing raises. Lengths are bounded
by what `template_tokens` passes on, depths here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from . import ir

NOTHING = (ir.CONST, None)
MAX_CHAIN = 50  # names, filters or operators in a row; what follows is left out
_MAX_ESCAPED = 1_500  # characters of a tag with backslashes: an unclosed string in it is looked for from each word
_STRING = r"""(?:_\()?+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|'[^'\\]*+(?:\\.[^'\\]*+)*+')\)?"""
_OPERAND = re.compile(rf"({_STRING})|([\w.]+|[-+.]?\d[\d.e]*)")
_FILTER = re.compile(rf"\s*\|\s*(\w+)(?::(?:({_STRING})|([\w.]+|[-+.]?\d[\d.e]*)))?")
# As Django's smart_split: words, with quoted strings in them as they are
_WORDS = re.compile(
    r"""[^\s'"]*+(?:(?:"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')[^\s'"]*+)++|\S+""",
)
_KEYWORD = re.compile(r"(\w+)=(?=.)", re.DOTALL)
_CONSTANTS = {"True": (ir.CONST, True), "False": (ir.CONST, False), "None": NOTHING}
# Operators by how strongly they bind, as in Django's smartif
_INFIX = {
    "or": (6, "or"), "and": (7, "and"), "in": (9, "compare:In"), "not in": (9, "compare:NotIn"),
    "is": (10, "compare:Is"), "is not": (10, "compare:IsNot"), "==": (10, "compare:Eq"), "!=": (10, "compare:NotEq"),
    ">": (10, "compare:Gt"), ">=": (10, "compare:GtE"), "<": (10, "compare:Lt"), "<=": (10, "compare:LtE"),
}  # fmt: skip


def constant(expr: ir.Expr) -> bool:
    return expr is None or (isinstance(expr, tuple) and expr[0] == ir.CONST)


class Word(NamedTuple):
    """A word of a tag and where it starts in the tag's content."""

    text: str
    at: int


class Reader:
    """Reads expressions in one tag's content. `line` as the facts shall have it, `column` of the content."""

    __slots__ = ("column", "content", "line", "plain")

    def __init__(self, content: str, line: int, column: int) -> None:
        self.content = content
        self.line = line
        self.column = column
        self.plain = content.isascii()

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of a place in the content."""
        if self.plain:
            return self.line, self.column + at
        return self.line, self.column + len(self.content[:at].encode("utf-8", "surrogatepass"))

    def words(self) -> list[Word]:
        end = _MAX_ESCAPED if "\\" in self.content else len(self.content)
        return [Word(m.group(), m.start()) for m in _WORDS.finditer(self.content, 0, end)]

    def value(self, word: Word) -> ir.Expr:
        return self.read(word)[0]

    def read(self, word: Word) -> tuple[ir.Expr, int]:
        """The expression of a word and where its last identifier starts."""
        text, start = word
        operand = _OPERAND.match(text)
        if operand is None:
            return NOTHING, start
        string, name = operand.groups()
        expr: ir.Expr
        last = start
        if string is not None:
            expr = _string(string)
        else:
            expr, last = self._variable(name, start)
        return self._filtered(expr, text, operand.end(), start, last)

    def applied(self, start: int) -> ir.Expr:
        """The filters at that place of the content, `a|b:c`, over some text; None for none."""
        given = (ir.STRING, ())
        expr = self._filtered(given, "|" + self.content[start:], 0, start - 1, start)[0]
        return None if expr is given else expr

    def _filtered(self, expr: ir.Expr, text: str, at: int, start: int, last: int) -> tuple[ir.Expr, int]:
        """Apply the filters from `at` on in the text, which stands at `start` in the content."""
        for _ in range(MAX_CHAIN):
            if at == len(text) or (applied := _FILTER.match(text, at)) is None:
                break
            filter_name, string, name = applied.groups()
            argument = None
            if string is not None:
                argument = _string(string)
            elif name is not None:
                argument = self._variable(name, start + applied.start(3))[0]
            last = start + applied.start(1)
            expr = (ir.FILTER, filter_name, expr, argument, *self.place(last))
            at = applied.end()
        return expr, last

    def _variable(self, text: str, start: int) -> tuple[ir.Expr, int]:
        if text[0] in "0123456789+-.":
            number = _number(text)
            if number is not None:
                return (ir.CONST, number), start
        elif text in _CONSTANTS:
            return _CONSTANTS[text], start
        names = text.split(".", MAX_CHAIN)[:MAX_CHAIN]
        expr: ir.Expr = names[0]
        at = last = start
        before = names[0]
        for name in names[1:]:
            at += len(before) + 1
            before = name
            if name:
                expr = (ir.LOOKUP, expr, name, *self.place(at)) if expr else name
                last = at
        return expr or NOTHING, last

    def arguments(self, words: Sequence[Word]) -> tuple[tuple[ir.Expr, ...], tuple[tuple[str, ir.Expr], ...]]:
        """Positional values, and `name=value` pairs."""
        plain: list[ir.Expr] = []
        named: list[tuple[str, ir.Expr]] = []
        for word in words:
            keyword = _KEYWORD.match(word.text)
            if keyword is None:
                plain.append(self.value(word))
            else:
                named.append((keyword.group(1), self.value(after(word, keyword.end()))))
        return tuple(plain), tuple(named)

    def condition(self, words: Sequence[Word]) -> ir.Expr:
        """The test of an `{% if %}`."""
        return _Condition(self, words).expression(0, 0) if words else NOTHING


def after(word: Word, length: int) -> Word:
    return Word(word.text[length:], word.at + length)


class _Condition:
    """A top-down parser, as Django's smartif is one; operators of the same kind in a row become one operation."""

    def __init__(self, reader: Reader, words: Sequence[Word]) -> None:
        self.reader = reader
        self.terms: list[Word] = []
        for word in words:
            before = self.terms[-1].text if self.terms else ""
            if (before == "is" and word.text == "not") or (before == "not" and word.text == "in"):
                self.terms[-1] = Word(f"{before} {word.text}", self.terms[-1].at)
            else:
                self.terms.append(word)
        self.at = 0

    def expression(self, binding: int, depth: int) -> ir.Expr:
        left = self.operand(depth)
        for _ in range(MAX_CHAIN):
            power, operator = _INFIX.get(self.terms[self.at].text, (0, "")) if self.at < len(self.terms) else (0, "")
            if power <= binding:
                break
            spelled = self.terms[self.at].text
            operands = [left]
            while self.at < len(self.terms) and self.terms[self.at].text == spelled:
                self.at += 1
                operands.append(self.expression(power, depth + 1))
                if power > 7:  # a chain of comparisons is no single one
                    break
            left = (ir.OPERATION, operator, tuple(operands))
        return left

    def operand(self, depth: int) -> ir.Expr:
        if self.at == len(self.terms):
            return NOTHING
        word = self.terms[self.at]
        if word.text == "not" and depth < MAX_CHAIN:
            self.at += 1
            return (ir.OPERATION, "not", (self.expression(8, depth + 1),))
        if word.text in _INFIX:  # an operand is missing
            return NOTHING
        self.at += 1
        return self.reader.value(word)


def _string(text: str) -> ir.Expr:
    if text.startswith("_("):
        text = text[2:]
    text = text.removesuffix(")")
    quote = text[0]
    return (ir.CONST, text[1:-1].replace(f"\\{quote}", quote).replace("\\\\", "\\"))


def _number(text: str) -> int | float | None:
    try:
        if "." in text or "e" in text.lower():
            return None if text[-1] == "." else float(text)
        return int(text)
    except ValueError:
        return None
