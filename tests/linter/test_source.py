"""Encodings, and what suppression comments cover."""

from __future__ import annotations

import ast

import pytest

from slowlint.linter.source import decode, lines, suppressions


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = 1\n", "x = 1\n"),
        ("é = 'ü'\n".encode(), "é = 'ü'\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '€'\n".encode("cp1252"), None),
        (b"x = 1\n# coding: latin-1\n", "x = 1\n# coding: latin-1\n"),
        (b"", ""),
    ],
)
def test_decode_reads_what_python_reads(data: bytes, text: str | None) -> None:
    decoded = decode(data)
    if text is not None:
        assert decoded == text
    assert ast.dump(ast.parse(decoded)) == ast.dump(ast.parse(data))


@pytest.mark.parametrize(
    ("data", "line", "word"),
    [
        (b"a = 1\nb = '\xe9'\n", 2, "0xe9"),
        (b"# coding: klingon\n", 1, "klingon"),
        (b"# coding: hex\n", 1, "hex"),
        (b"\xef\xbb\xbf# coding: latin-1\n", 1, "latin-1"),
        (b"\xff\xfea\x00", 1, "0xff"),
    ],
)
def test_decode_says_where_it_failed(data: bytes, line: int, word: str) -> None:
    with pytest.raises(SyntaxError, match=word) as caught:
        decode(data)
    assert caught.value.lineno == line


def test_lines_are_pythons_lines() -> None:
    assert lines("a\r\nb\rc\x0cd\u2028e\n") == ["a", "b", "c\x0cd\u2028e", ""]


def covered(text: str) -> list[tuple[tuple[str, ...], int, int]]:
    return [(one.codes, one.first, one.last) for one in suppressions(text)]


def test_codes_families_reason() -> None:
    (one,) = suppressions("x = f()  # noqa: E1  # slowlint: ignore[orm, query-in-loop] only three rows\n")
    assert (one.verb, one.codes, one.reason) == ("ignore", ("orm", "query-in-loop"), "only three rows")
    assert (one.line, one.column) == (1, 22)
    (bare,) = suppressions("x = f()  #slowlint:ignore\n")
    assert bare.codes == () and bare.verb == "ignore"


def test_strings_are_no_comments() -> None:
    assert suppressions('x = "# slowlint: ignore[orm]"\n"""\n# slowlint: ignore\n"""\n') == ()


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("x = f(\n    1,\n    2,\n)  # slowlint: ignore[orm]\n", (1, 4)),
        ("x = f(  # slowlint: ignore[orm]\n    1,\n    2,\n)\n", (1, 4)),
        ("x = f(\n    1,  # slowlint: ignore[orm]\n    2,\n)\n", (2, 2)),
        ("def f(\n    a,\n):  # slowlint: ignore[orm]\n    return g(a)\n", (1, 3)),
        ("def f(a):  # slowlint: ignore[orm]\n    return g(a)\n", (1, 1)),
        ("for x in rows(\n    1\n):  # slowlint: ignore[orm]\n    g(x)\n", (1, 3)),
        ("for x in rows:  # slowlint: ignore[orm]\n    g(x)\n", (1, 1)),
        ("class A(B):  # slowlint: ignore[orm]\n    @d\n    def f(self): ...\n", (1, 1)),
        ("match f(x):  # slowlint: ignore[orm]\n    case 1:\n        pass\n", (1, 1)),
        ("if a:\n    with b(\n        c\n    ) as d:  # slowlint: ignore[orm]\n        e()\n", (2, 4)),
        ("try:\n    pass\nexcept E:\n    x = (\n        1\n    )  # slowlint: ignore[orm]\n", (4, 6)),
        ("x = (  # slowlint: ignore[orm]\n    1\n", (1, 1)),
    ],
)
def test_a_comment_covers_its_statement(text: str, span: tuple[int, int]) -> None:
    assert covered(text) == [(("orm",), *span)]
