"""Facts of Django templates against Django itself, on templates that Django ships, whole and damaged."""

from __future__ import annotations

import operator
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.template.base import FilterExpression, Lexer, Parser, Token, TokenType
from django.template.exceptions import TemplateSyntaxError
from django.template.smartif import IfParser

from slowlint.linter.facts import ir, lower_template
from slowlint.linter.facts.template_expressions import Reader, Word
from slowlint.linter.facts.template_tokens import tags

_SECONDS_PER_BYTE = 1.0 / 100_000
_PIECES = ("{%", "%}", "{{", "}}", "{#", "#}", "\n", '"', "'", "\\", "|", ":", ".", " ", "é", "{% if ", "endfor", "not",
           "{% verbatim %}", "{% endverbatim %}", "{% comment %}", "{% endcomment %}", "{% else %}", "{% block x %}",
           "{% endblock %}", "=", "as", "\x00", "\u2028", "\r")  # fmt: skip


def _shipped() -> list[str]:
    root = Path(django.__file__).parent / "contrib"
    return [p.read_text("utf-8") for p in sorted(root.rglob("templates/**/*.html"))]


def _damaged(random_: random.Random, text: str) -> str:
    for _ in range(random_.randint(1, 12)):
        at = random_.randint(0, len(text))
        if random_.random() < 0.5:
            text = text[:at] + text[at + random_.randint(1, 30) :]
        else:
            text = text[:at] + random_.choice(_PIECES) * random_.choice((1, 1, 2, 9)) + text[at:]
    return text


def _samples(count: int) -> Iterator[str]:
    random_ = random.Random(20)
    shipped = _shipped()
    assert len(shipped) > 50
    yield from shipped
    for _ in range(count):
        yield _damaged(random_, random_.choice(shipped))


def _as_django(text: str) -> list[tuple[bool, str, int]]:
    """(is a variable, content, line) of what is neither verbatim, empty, nor in a comment."""
    tokens: list[Token] = []
    verbatim = False
    for token in Lexer(text).tokenize():
        if token.token_type == TokenType.BLOCK and not verbatim and token.contents[:9] in ("verbatim", "verbatim "):
            verbatim = True
        elif token.token_type == TokenType.BLOCK and verbatim:
            verbatim = False
        elif token.token_type in (TokenType.VAR, TokenType.BLOCK) and token.contents:
            tokens.append(token)
    found = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.token_type == TokenType.BLOCK and token.contents.split()[0] == "comment":
            end = next((i for i in range(at, len(tokens)) if tokens[i].contents == "endcomment"), None)
            if end is not None:
                at = end + 1
                continue
        found.append((token.token_type == TokenType.VAR, token.contents, token.lineno))
    return found


def test_finds_the_tags_that_django_finds() -> None:
    for text in _samples(1500):
        expected = [t for t in _as_django(text) if t[1] != "endcomment" or t[0]]
        found = [(not t.name, t.content, t.line) for t in tags(text) if t.content != "endcomment" or not t.name]
        assert found == expected, text


def test_tags_stand_where_they_are_said_to_stand() -> None:
    for text in _samples(300):
        lines = [line.encode() for line in text.split("\n")]
        for tag in tags(text):
            content = tag.content.encode()
            assert lines[tag.line - 1][tag.column : tag.column + len(content)] == content


class _AnyFilter(Parser):
    def __init__(self) -> None:
        super().__init__([])

    def find_filter(self, filter_name: str) -> Callable[..., str]:
        return lambda value, argument=None: filter_name


def _names(expr: Any) -> tuple[str, ...]:
    if isinstance(expr, str):
        return (expr,)
    return (*_names(expr[1]), expr[2]) if expr[0] == ir.LOOKUP else ()


def test_reads_expressions_as_django_does() -> None:
    parser = _AnyFilter()
    read = 0
    for text in _samples(800):
        for tag in tags(text):
            if tag.name or "._" in tag.content or tag.content in ("True", "False", "None"):
                continue
            try:
                expected = FilterExpression(tag.content, parser)
            except TemplateSyntaxError:
                continue
            expr: Any = Reader(tag.content, 1, 0).value(Word(tag.content, 0))
            filters = []
            while isinstance(expr, tuple) and expr[0] == ir.FILTER:
                filters.append((expr[1], expr[3] is not None))
                expr = expr[2]
            assert filters[::-1] == [(function("x"), bool(args)) for function, args in expected.filters]
            lookups = getattr(expected.var, "lookups", None)
            if lookups is not None:
                assert _names(expr) == tuple(part for part in lookups if part), tag.content
                read += 1
    assert read > 1000


class _Numbers(IfParser):
    def create_var(self, value: str) -> Any:
        return super().create_var([1, 2] if value == "l" else int(value))


_COMPARE = {"Eq": operator.eq, "NotEq": operator.ne, "Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt,
            "GtE": operator.ge, "Is": operator.is_, "IsNot": operator.is_not}  # fmt: skip


def _evaluate(expr: Any) -> Any:
    if isinstance(expr, str):
        return [1, 2]
    if expr[0] == ir.CONST:
        return expr[1]
    _, name, operands = expr
    if name in ("and", "or"):
        value = _evaluate(operands[0])
        for operand in operands[1:]:
            if bool(value) is (name == "or"):
                return value
            value = _evaluate(operand)
        return value
    if name == "not":
        return not _evaluate(operands[0])
    left, right = (_evaluate(o) for o in operands)
    try:
        if name in ("compare:In", "compare:NotIn"):
            return (left in right) is (name == "compare:In")
        return _COMPARE[name.removeprefix("compare:")](left, right)
    except TypeError:  # Django's `if` is false then
        return False


def test_operators_bind_as_in_django() -> None:
    random_ = random.Random(4)
    operators = ("and", "or", "and", "or", "==", "!=", "<", ">=", "in", "not in", "is", "is not")
    compared = 0
    for _ in range(4000):
        words: list[str] = []
        for i in range(random_.randint(1, 6)):
            if i:
                words += random_.choice(operators).split()
            words += ["not"] * random_.choice((0, 0, 0, 1, 2))
            words.append(random_.choice(("0", "1", "2", "l")))
        content = " ".join(words)
        try:
            expected = _Numbers(words).parse()
        except ValueError:
            continue
        reader = Reader(content, 1, 0)
        assert _evaluate(reader.condition(reader.words())) == expected.eval({}), content
        compared += 1
    assert compared > 3000


def test_damage_is_read_in_time() -> None:
    for text in _samples(1500):
        start = time.process_time()
        facts = lower_template(text)
        assert time.process_time() - start < 0.5 + len(text) * _SECONDS_PER_BYTE
        assert facts[0][3][ir.C_NAME] == "template"


@pytest.mark.parametrize(
    "piece",
    [
        "{%",
        "{{",
        "{%{{{#",
        '{% x "\\" ',
        "{% if a %}",
        "{% block a %}",
        "{% for a in b %}",
        "{% comment %}",
        "{% verbatim %}",
        "{% elif a %}",
        "{{ a." + "a." * 900 + " }}",
        "{% if " + "not " * 900 + "a %}",
        "{% x " + '\\" ' * 1200 + "%}",
        "é{{é}}",
        "{% if a %}{% for a in b %}{% endif %}{% endfor %}",
        "{% foo %}{% endfoo %}",
        "{{ " + "a|" * 900 + " }}",
    ],
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    facts = lower_template(text)
    assert time.process_time() - start < 1.0
    assert facts[0][3][ir.C_NAME] == "template"
