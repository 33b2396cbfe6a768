"""Facts of Jinja2 templates: each construct's exact facts, which dialect a file is in, and what damage leaves."""

from __future__ import annotations

import marshal
import random
import time
from typing import Any

import pytest

from slowlint.linter.facts import TemplateDamage, ir, looks_like_jinja, lower_jinja, lower_template

from .expected import shown, unlined

CONTEXT = (("context", ir.P_CONTEXT, None, None),)


def functions(text: str) -> dict[str, Any]:
    found = lower_jinja(text)
    assert all(s[0] == ir.FUNCTION and s[3][ir.C_PARAMETERS] == CONTEXT for s in found)
    return {s[3][ir.C_NAME]: s for s in found}


def body(text: str, name: str = "template") -> tuple[Any, ...]:
    found: tuple[Any, ...] = unlined(functions(text)[name][3][ir.C_BODY])
    return found


def test_shown_values_have_their_line() -> None:
    text = "{{ a }}\n{% block b %}\n\n{{ c }}{% endblock %}"
    assert functions(text)["template"][3][ir.C_BODY][0] == (ir.EXPRESSION, (ir.STRING, ("a",), 1))
    assert functions(text)["block b"][3][ir.C_BODY] == ((ir.EXPRESSION, (ir.STRING, ("c",), 2)),)


def value(text: str) -> Any:
    (statement,) = body("{{ " + text + " }}")
    assert statement[:1] == (ir.EXPRESSION,) and statement[1][0] == ir.STRING
    return statement[1][1][0]


def test_calls_have_their_arguments() -> None:
    lookup = (ir.LOOKUP, (ir.LOOKUP, "a", "b", 1, 5), "c", 1, 8)
    keywords = (("k", "y"), (None, "kw"))
    assert value("a.b['c'](x, 1, *z, k=y, **kw)") == (
        ir.CALL,
        lookup,
        ("x", (ir.CONST, 1), (ir.STAR, "z")),
        keywords,
        1,
        8,
        1,
        9,
    )


def test_the_same_shapes_as_django() -> None:
    for text in (
        "{{ a.b|first }}\n{{ c }}",
        "{% if a and not b.c or d not in e and f == 'x' %}{{ x }}{% elif g is none %}{{ h }}{% else %}{% endif %}",
        "é{% for a in b.c|list %}é{{ a.d }}{% endfor %}",
        "{% with a=b.c %}{{ a }}{% endwith %}",
        "{% block a %}{{ b.c }}{% block d %}\n{{ e.f }}{% endblock %}{% endblock %}",
        "{% extends 'a.html' %}{{ b }}{% block c %}{{ d }}{% endblock %}",
        "{% include a.b %}",
    ):
        assert sorted(lower_jinja(text)) == sorted(lower_template(text.replace("is none", "is None"))), text


def test_expressions() -> None:
    assert value("a[0]") == (ir.INDEX, "a", (ir.CONST, 0), 1, 0)
    assert value("a[1:n]") == (ir.INDEX, "a", (ir.SLICE, (ir.CONST, 1), "n", None), 1, 0)
    assert value("[a, (b, c)]") == (ir.SEQUENCE, "list", ("a", (ir.SEQUENCE, "tuple", ("b", "c"), 1, 0)), 1, 0)
    assert value("{'k': a}") == (ir.DICT, ((ir.CONST, "k"),), ("a",))
    assert value("a if b else c") == (ir.CHOICE, "b", "a", "c")
    assert value("a ~ 'x' ~ b") == (ir.STRING, ("a", (ir.CONST, "x"), "b"))
    assert value("a + b + 1") == (ir.OPERATION, "Add", ("a", "b", (ir.CONST, 1)))
    assert value("-a") == (ir.OPERATION, "USub", ("a",))
    assert value("a is defined") == (ir.OPERATION, "compare:IsNot", ("a", (ir.CONST, None)))
    assert value("a is divisibleby(n)") == (ir.OPERATION, "compare:Test", ("a", "n"))
    assert value("a|map(attribute='b.c')|join(x)") == (
        ir.FILTER,
        "join",
        (ir.FILTER, "map", "a", None, 1, 5, (("attribute", (ir.CONST, "b.c")),)),
        "x",
        1,
        26,
    )


def test_a_loop_with_a_condition() -> None:
    call = (ir.CALL, (ir.LOOKUP, "x", "all", 1, 14), (), (), 1, 14, 1, 17)
    condition = (ir.IF, (ir.LOOKUP, "o", "ok", 1, 25), (shown("o"), (ir.BREAK,)), (), 1, 3)
    loop = (ir.FOR, "o", call, (condition,), (shown("e"),), False, 1, 3, 1, 14, 1, 17)
    text = "{% for o in x.all() if o.ok %}{{ o }}{% break %}{% else %}{{ e }}{% endfor %}"
    assert body(text) == ((ir.INNER, (loop,)),)


def test_set() -> None:
    assert body("{% set a = b.c %}{% set d, e = f %}{% set ns.x = 1 %}") == (
        (ir.ASSIGN, ("a",), (ir.LOOKUP, "b", "c", 1, 13), None, 1, 7),
        (ir.ASSIGN, ((ir.SEQUENCE, "tuple", ("d", "e"), 1, 0),), "f", None, 1, 0),
        (ir.ASSIGN, ((ir.ATTR, "ns", "x", 1, 45),), (ir.CONST, 1), None, 1, 0),
    )
    assert body("{% set a | upper %}{{ b }}{% endset %}") == (
        (ir.INNER, (shown("b"),)),
        (ir.ASSIGN, ("a",), (ir.FILTER, "upper", (ir.STRING, ()), None, 1, 11), None, 1, 7),
    )
    assert body("{% do a.b() %}") == ((ir.EXPRESSION, (ir.CALL, (ir.LOOKUP, "a", "b", 1, 8), (), (), 1, 8, 1, 9)),)


def test_macros_are_nested_functions() -> None:
    text = "\n{% macro m(x, y=z.q) %}\n{{ x.a }}{{ caller(1) }}{% endmacro %}{% call(v) m(w) %}{{ v }}{% endcall %}"
    inside = (
        shown((ir.LOOKUP, "x", "a", 1, 5)),
        shown((ir.CALL, "caller", ((ir.CONST, 1),), (), 1, 12, 1, 18)),
    )
    parameters = (
        ("x", ir.P_POSITIONAL, None, (ir.CONST, None)),
        ("y", ir.P_POSITIONAL, None, (ir.LOOKUP, "z", "q", 2, 18)),
        ("caller", ir.P_KEYWORD, None, (ir.CONST, None)),
    )
    macro, called = body(text)
    assert macro == (ir.FUNCTION, 2, 3, ("m", parameters, (), None, False, False, inside, ()))
    caller = (("v", ir.P_POSITIONAL, None, (ir.CONST, None)),)
    assert called == (
        ir.INNER,
        (
            (ir.FUNCTION, 3, 41, ("caller", caller, (), None, False, False, (shown("v"),), ())),
            (ir.EXPRESSION, (ir.CALL, "m", ("w",), (("caller", "caller"),), 3, 49, 3, 50)),
        ),
    )


def test_imports() -> None:
    file = (ir.CONST, "m.html")
    assert body("{% import 'm.html' as m %}{% from 'm.html' import a, b as c with context %}") == (
        (ir.ASSIGN, ("m",), (ir.FROM_TEMPLATE, file, None, 1, 3), None, 1, 3),
        (ir.ASSIGN, ("a",), (ir.FROM_TEMPLATE, file, "a", 1, 29), None, 1, 50),
        (ir.ASSIGN, ("c",), (ir.FROM_TEMPLATE, file, "b", 1, 29), None, 1, 53),
    )


def test_what_extends_sets_names_and_shows_nothing() -> None:
    text = "{% extends base %}{% set a = b %}{{ c }}{% include 'd' %}{% block e %}{{ super() }}{{ a }}{% endblock %}"
    assert body(text) == (
        (ir.ASSIGN, ("a",), "b", None, 1, 25),
        (ir.EXPRESSION, (ir.EXTENDS, "base", ("e",), 1, 3)),
    )
    assert body(text, "block e") == (shown((ir.LOOKUP, "block", "super", 0, 73)), shown("a"))
    sometimes = "{% if a %}{% extends b %}{% endif %}{{ c }}"
    parent = (ir.EXPRESSION, (ir.EXTENDS, "b", (), 1, 13))
    assert body(sometimes) == ((ir.IF, "a", (parent,), (), 1, 6), shown("c"))


def test_includes_and_translations() -> None:
    assert body("{% include ['a', b] without context %}") == (
        (ir.EXPRESSION, (ir.INCLUDE, (ir.SEQUENCE, "list", ((ir.CONST, "a"), "b"), 1, 0), (), True, 1, 3)),
    )
    (statement,) = body("{% trans user=a.b %}Hi {{ user }}{% endtrans %}")
    formatted = statement[1][1][0]
    assert formatted[:2] == (ir.OPERATION, "Mod")
    assert formatted[2][1] == (ir.DICT, ((ir.CONST, "user"),), ((ir.LOOKUP, "a", "b", 1, 16),))


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a/x.jinja2", "", True),
        ("a/x.html.j2", "{% load x %}", True),
        ("a/jinja2/x.html", "", True),
        ("jinja2/x.html", "", True),
        ("a/templates/x.html", "{{ a }}{% if a %}{% endif %}", False),
        ("a/templates/x.html", "{%- if a %}", True),
        ("a/templates/x.html", "{{ a -}}", True),
        ("a/templates/x.html", "{{ a }}<script>for(;i;){if(j){i--}}</script>", False),
        ("a/templates/x.html", "{{ url_for('x') }}", True),
        ("a/templates/x.html", "{% for a in b.items() %}", True),
        ("a/templates/x.html", "{% set a = 1 %}", True),
        ("a/templates/x.html", "{% macro a() %}", True),
        ("a/templates/x.html", "{% from 'a' import b %}", True),
        ("a/templates/x.html", '{{ _("x") }}{% trans "Name(s)" %}', False),
        ("a/templates/x.html", '{{ x|default:"f(x)" }}', False),
        ("a/templates/x.html", "{% load x %}{% verbatim %}{{ f(x) }}{% endverbatim %}", False),
        ("a/myjinja2/x.html", "{{ a }}", False),
    ],
)
def test_dialects(path: str, text: str, expected: bool) -> None:
    assert looks_like_jinja(path, text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "{% unknown a b %}{{ c }}{% endunknown %}",
        "{% for %}{{ c }}{% endfor %}",
        "{{ 1 + }}{{ c }}",
        "{{ $ }}{% if ' %}{{ c }}",
        "{% raw %}{{ c }}",
        "{# {{ c }}",
        "{% endif %}{% else %}{% endfor x %}{{ c }}",
        "{% trans %}{% if x %}{% endtrans %}{{ c }}{% endif %}",
    ],
)
def test_damage_leaves_the_rest(text: str) -> None:
    assert body(text)[-1] == shown("c")


def test_an_unclosed_tag_ends_with_the_one_around_it() -> None:
    text = "{% block a %}{% if b %}{% for c in d %}{{ c }}{% endblock %}{{ e }}{% if f %}{{ g }}"
    assert body(text)[1:] == (shown("e"), (ir.IF, "f", (shown("g"),), (), 1, 73))
    (branch,) = body(text, "block a")
    assert branch[:2] == (ir.IF, "b") and branch[2][0][1][0][3] == (shown("c"),)


def test_what_has_no_tokens_is_damage() -> None:
    with pytest.raises(TemplateDamage) as caught:
        lower_jinja("\n{{ " + "(" * 5000 + ")" * 5000 + " }}")
    assert caught.value.line == 1 and "recursion" in caught.value.message


_SAMPLE = """\
{% extends "base.html" %}
{%- from "macros.html" import card, row as line with context %}
{% set items = request.user.items.filter(active=True)|sort(attribute="name") -%}
{% macro price(item, currency="EUR") %}<b>{{ item.price|round(2) ~ ' ' ~ currency }}</b>{{ caller() }}{% endmacro %}
{% block content scoped %}
  <ul class="item">{# one { per item #}
  {% for item in items if item.shop is defined and not item.hidden recursive %}
    <li>{{ loop.index }}. {{ item.shop.name|default("é", true) }} {{ card(item, **{"a": [1, 2][0]}) }}</li>
    {% if loop.first or item.tags.count() > 3 %}{% include "tag.html" %}{% elif i %}{% continue %}{% else %}-{% endif %}
  {% else %}{% trans count=items|length %}{{ count }} item{% pluralize %}{{ count }} items{% endtrans %}
  {% endfor %}</ul>
  {% call(x) price(items[0]) %}{{ x if x else "none" }}{% endcall %}{% raw %}{{ no $ }}{% endraw %}
  {% with total = items|sum(attribute="price") %}{{ total }}{% endwith %}{% filter upper %}{{ super() }}{% endfilter %}
{% endblock content %}
"""
_PIECES = ("{%", "%}", "{{", "}}", "{#", "#}", "\n", '"', "'", "\\", "|", "(", ")", "[", "{", "}", "$", "é", "-", "~",
           "{% raw %}", "{% trans %}", "{% endfor %}", "{% else %}", "{% block x %}", "{% endblock %}", "{% macro ",
           "{% if a %}", "1e9", "\x00", "\r", "\u2028", " is not ", " if ")  # fmt: skip


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
def test_damage_raises_nothing_else_and_takes_no_time() -> None:
    random_ = random.Random(21)
    read = 0
    for _ in range(300):
        text = _SAMPLE * random_.choice((1, 1, 3))
        for _ in range(random_.randint(1, 10)):
            at = random_.randint(0, len(text))
            if random_.random() < 0.5:
                text = text[:at] + text[at + random_.randint(1, 20) :]
            else:
                text = text[:at] + random_.choice(_PIECES) * random_.choice((1, 1, 2, 5)) + text[at:]
        start = time.process_time()
        try:
            facts = lower_jinja(text)
        except TemplateDamage as e:
            assert e.line >= 1 and e.message
        else:
            read += 1
            assert facts[0][3][ir.C_NAME] == "template"
            marshal.dumps(facts, 2)
        assert time.process_time() - start < 1.0
    assert read == 300


@pytest.mark.parametrize(
    "piece",
    [
        "{%",
        "{{",
        "{{{%{#",
        "{% if a %}",
        "{% for a in b %}{{ c }}",
        "{% block a %}",
        "{% macro a() %}{{ caller() }}",
        "{{ a }}",
        "{{ a" + " + a - a" * 900 + " }}",
        "{{ a" + "|f" * 900 + " }}",
        "{{ a" + "()" * 900 + " }}",
        "{% elif a %}",
        "{{ ' }}",
        "{{é}}",
        "{{ $ }}",
        "{% call a() %}",
        "{% trans %}",
        "{{ a" + ".a" * 900 + " }}",
        "{% foo %}",
        "{{ a }}\r\n\r",
    ],
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    try:
        marshal.dumps(lower_jinja(text), 2)
    except TemplateDamage as e:
        assert "recursion" in e.message
    assert time.process_time() - start < 3.0
