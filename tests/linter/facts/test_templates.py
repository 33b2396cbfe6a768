"""Facts of Django templates: each tag's exact facts, where things stand, and what damage leaves."""

from __future__ import annotations

import marshal
from typing import Any

import pytest

from slowlint.linter.facts import ir, lower_template

from .expected import shown, unlined

CONTEXT = (("context", ir.P_CONTEXT, None, None),)


def functions(text: str) -> dict[str, Any]:
    """Name → FUNCTION statement."""
    found = lower_template(text)
    assert all(s[0] == ir.FUNCTION and s[3][ir.C_PARAMETERS] == CONTEXT for s in found)
    return {s[3][ir.C_NAME]: s for s in found}


def body(text: str, name: str = "template") -> tuple[Any, ...]:
    found: tuple[Any, ...] = unlined(functions(text)[name][3][ir.C_BODY])
    return found


def test_shown_values_have_their_line() -> None:
    text = "{{ a }}\n{% block b %}\n\n{{ c }}{% endblock %}"
    assert functions(text)["template"][3][ir.C_BODY][0] == (ir.EXPRESSION, (ir.STRING, ("a",), 1))
    assert functions(text)["block b"][3][ir.C_BODY] == ((ir.EXPRESSION, (ir.STRING, ("c",), 2)),)


def test_a_text_without_tags_is_an_empty_function() -> None:
    core = ("template", CONTEXT, (), None, False, False, (), ())
    assert lower_template("<p>{ x } {# no #}</p>") == ((ir.FUNCTION, 0, 0, core),)


def test_lookups_have_the_place_of_each_name() -> None:
    first = (ir.LOOKUP, "a", "b", 2, 5)
    assert body("\n{{ a.b.0.c }}") == (shown((ir.LOOKUP, (ir.LOOKUP, first, "0", 2, 7), "c", 2, 9)),)
    assert body("{{ name }}") == (shown("name"),)


def test_columns_are_bytes() -> None:
    assert body("é{{ a.b }}é{{ é.c }}") == (shown((ir.LOOKUP, "a", "b", 1, 7)), shown((ir.LOOKUP, "é", "c", 1, 19)))
    assert body("é\r\n{% if é.a == b.c %}{{ d.e }}{% endif %}")[0][1] == (
        ir.OPERATION,
        "compare:Eq",
        ((ir.LOOKUP, "é", "a", 2, 9), (ir.LOOKUP, "b", "c", 2, 16)),
    )


def test_filters_nest_and_keep_their_argument() -> None:
    inner = (ir.FILTER, "first", (ir.LOOKUP, "a", "b", 1, 5), None, 1, 7)
    assert body("{{ a.b|first|default:x.y }}") == (
        shown((ir.FILTER, "default", inner, (ir.LOOKUP, "x", "y", 1, 23), 1, 13)),
    )
    assert body('{{ a | cut:"x\\"|y" }}') == (shown((ir.FILTER, "cut", "a", (ir.CONST, 'x"|y'), 1, 7)),)


@pytest.mark.parametrize(
    ("spelled", "value"),
    [('"a b"', "a b"), ("_('a b')", "a b"), ("7", 7), ("-1.5", -1.5), ("1e3", 1000.0), ("True", True), ("None", None)],
)
def test_constants(spelled: str, value: object) -> None:
    (statement,) = body("{% with x=" + spelled + " %}{% endwith %}")
    assert statement == (ir.INNER, ((ir.ASSIGN, ("x",), (ir.CONST, value), None, 1, 8),))
    assert body("{{ " + spelled + " }}") == ()  # shows what costs nothing


def test_a_loop_with_several_names_and_an_alternative() -> None:
    text = "{% for a, b in x.items|slice:':5' reversed %}{{ a }}{% empty %}{{ e }}{% endfor %}"
    target = (ir.SEQUENCE, "tuple", ("a", "b"), 1, 7)
    iterable = (ir.FILTER, "slice", (ir.LOOKUP, "x", "items", 1, 17), (ir.CONST, ":5"), 1, 23)
    loop = (ir.FOR, target, iterable, (shown("a"),), (shown("e"),), False, 1, 3, 1, 23, 1, 33)
    assert body(text) == ((ir.INNER, (loop,)),)


def test_a_loop_starts_at_the_last_name_of_what_it_loops_over() -> None:
    ((_, (loop,)),) = body("{% for o in\ta.b.all %}{% endfor %}")
    assert loop[1] == "o" and loop[6:] == (1, 3, 1, 16, 1, 19)


def test_if_with_all_operators() -> None:
    def condition(text: str) -> Any:
        (statement,) = body("{% if " + text + " %}{{ x }}{% endif %}")
        assert statement[0] == ir.IF and statement[2:] == ((shown("x"),), (), 1, 6)
        return statement[1]

    for spelled, name in (
        ("in", "In"), ("not in", "NotIn"), ("is", "Is"), ("is not", "IsNot"), ("==", "Eq"), ("!=", "NotEq"),
        ("<", "Lt"), (">", "Gt"), ("<=", "LtE"), (">=", "GtE"),
    ):  # fmt: skip
        assert condition(f"a {spelled} b") == (ir.OPERATION, "compare:" + name, ("a", "b"))
    both = (ir.OPERATION, "and", ("b", (ir.OPERATION, "not", ("c",)), "d"))
    assert condition("a or b and not c and d or e") == (ir.OPERATION, "or", ("a", both, "e"))
    assert condition("not a in b") == (ir.OPERATION, "not", ((ir.OPERATION, "compare:In", ("a", "b")),))


def test_alternatives_nest() -> None:
    last = (ir.IF, "b", (shown("y"),), (shown("z"),), 1, 25)
    assert body("{% if a %}{{ x }}{% elif b %}{{ y }}{% else %}{{ z }}{% endif %}") == (
        (ir.IF, "a", (shown("x"),), (last,), 1, 6),
    )
    (equal,) = body("{% ifequal a b %}{{ x }}{% else %}{{ y }}{% endifequal %}")
    assert equal == (ir.IF, (ir.OPERATION, "compare:Eq", ("a", "b")), (shown("x"),), (shown("y"),), 1, 11)


def test_with_binds_for_its_inside() -> None:
    assigned = (ir.ASSIGN, ("a",), (ir.LOOKUP, "b", "c", 1, 12), None, 1, 8)
    assert body("{% with a=b.c d=e %}{{ a }}{% endwith %}") == (
        (ir.INNER, (assigned, (ir.ASSIGN, ("d",), "e", None, 1, 14), shown("a"))),
    )
    assert body("{% with b.c as a %}{{ a }}{% endwith %}") == (
        (ir.INNER, ((ir.ASSIGN, ("a",), (ir.LOOKUP, "b", "c", 1, 10), None, 1, 15), shown("a"))),
    )


def test_with_does_not_see_its_own_names() -> None:
    names = (ir.SEQUENCE, "tuple", ("a", "b"), 1, 8)
    values = (ir.SEQUENCE, "tuple", ("x", "a"), 1, 8)
    assert body("{% with a=x b=a %}{% endwith %}") == ((ir.INNER, ((ir.ASSIGN, (names,), values, None, 1, 8),)),)


def test_includes() -> None:
    (plain, full) = body('{% include "a.html" %}{% include x.t with a=b.c d=1 only %}')
    assert plain == (ir.EXPRESSION, (ir.INCLUDE, (ir.CONST, "a.html"), (), False, 1, 3))
    names = (("a", (ir.LOOKUP, "b", "c", 1, 46)), ("d", (ir.CONST, 1)))
    assert full == (ir.EXPRESSION, (ir.INCLUDE, (ir.LOOKUP, "x", "t", 1, 35), names, True, 1, 25))


def test_blocks_are_functions_with_lines_of_their_own() -> None:
    text = "<p>\n{% block a %}\n{{ x.y }}{% block b-1 %}{{ block.super }}{% endblock %}\n{% endblock a %}"
    assert body(text) == ((ir.EXPRESSION, (ir.BLOCK, "a", 2, 3)),)
    assert functions(text)["block a"][1:3] == (2, 3)
    inside = (ir.EXPRESSION, (ir.BLOCK, "b-1", 1, 12))
    assert body(text, "block a") == (shown((ir.LOOKUP, "x", "y", 1, 5)), inside)
    assert functions(text)["block b-1"][1:3] == (3, 12)
    assert body(text, "block b-1") == (shown((ir.LOOKUP, "block", "super", 0, 33)),)


def test_a_block_that_moves_keeps_its_facts() -> None:
    text = "{% block a %}\n{% for x in y.z %}{{ x }}{% endfor %}{% endblock %}"
    assert body(text, "block a") == body("\n\n" + text, "block a")


def test_what_extends_runs_only_its_parent() -> None:
    text = "{% extends base %}{% load x %}{{ hidden }}{% if a %}{% block b %}{{ c }}{% endblock %}{% endif %}"
    assert body(text) == ((ir.EXPRESSION, (ir.EXTENDS, "base", ("b",), 1, 3)),)
    assert body(text, "block b") == (shown("c"),)


def test_regroup_and_names_for_results() -> None:
    assert body("{% regroup a.b by c.d as e %}") == (
        (
            ir.ASSIGN,
            ("e",),
            (ir.FILTER, "regroup", (ir.LOOKUP, "a", "b", 1, 13), (ir.CONST, "c.d"), 1, 3),
            None,
            1,
            25,
        ),
    )
    assert body("{% url 'x' a.pk q=b as c %}{% url 'x' a.pk %}{% url 'x' %}") == (
        (ir.ASSIGN, ("c",), (ir.STRING, ((ir.LOOKUP, "a", "pk", 1, 13), "b")), None, 1, 23),
        shown((ir.LOOKUP, "a", "pk", 1, 40)),
    )
    assert body("{% firstof a b.c 'd' %}{% cycle a 'b' as c silent %}") == (
        shown((ir.OPERATION, "or", ("a", (ir.LOOKUP, "b", "c", 1, 15), (ir.CONST, "d")))),
        (ir.ASSIGN, ("c",), (ir.OPERATION, "or", ("a", (ir.CONST, "b"))), None, 1, 41),
    )
    assert body("{% now 'Y' as y %}{% csrf_token %}{% load a from b %}") == (
        (ir.ASSIGN, ("y",), (ir.STRING, ()), None, 1, 14),
    )


def test_translations() -> None:
    assert body("{% trans a.b as c %}{% translate 'x' noop %}{% trans a context 'c' %}") == (
        (ir.ASSIGN, ("c",), (ir.STRING, ((ir.LOOKUP, "a", "b", 1, 11),)), None, 1, 16),
        shown("a"),
    )
    opening = "{% blocktranslate trimmed count n=a.b with c=d asvar t %}"
    text = opening + "{{ c }}{% plural %}{{ n }}{% endblocktranslate %}{{ t }}"
    test = (ir.OPERATION, "compare:Eq", ("n", (ir.CONST, 1)))
    assert body(text) == (
        (
            ir.INNER,
            (
                (ir.ASSIGN, ("n",), (ir.LOOKUP, "a", "b", 1, 36), None, 1, 32),
                (ir.ASSIGN, ("c",), "d", None, 1, 43),
                (ir.IF, test, (shown("c"),), (shown("n"),), 1, 32),
            ),
        ),
        (ir.ASSIGN, ("t",), (ir.STRING, ()), None, 1, 53),
        shown("t"),
    )
    assert body("{% blocktrans with a.b as c and d as e %}{{ c }}{% endblocktrans %}")[0][1][2] == shown("c")


def test_tags_around_text() -> None:
    quiet = (
        "{% spaceless %}{% language x %}{% localize on %}{{ a }}{% endlocalize %}{% endlanguage %}{% endspaceless %}"
    )
    assert body(quiet) == (shown("a"),)
    assert body("{% cache 500 name a.b %}{{ c }}{% endcache %}") == (
        shown((ir.LOOKUP, "a", "b", 1, 20)),
        (ir.SELDOM, (shown("c"),)),
    )
    cut = (ir.FILTER, "cut", (ir.FILTER, "upper", (ir.STRING, ()), None, 1, 10), "x", 1, 16)
    assert body("{% filter upper|cut:x %}{{ a }}{% endfilter %}") == (
        (ir.INNER, (shown("a"),)),
        (ir.EXPRESSION, cut),
    )
    assert body("{% ifchanged a.b %}{{ x }}{% else %}{{ y }}{% endifchanged %}") == (
        (ir.IF, (ir.LOOKUP, "a", "b", 1, 15), (shown("x"),), (shown("y"),), 1, 3),
    )


def test_what_is_not_run_leaves_nothing() -> None:
    assert body("{% comment 'x' %}{{ a }}{% if %}{% endcomment %}{# {{ b }} #}{{ c }}") == (shown("c"),)
    assert body("{% verbatim v %}{{ a }}{% endverbatim %}{% endverbatim v %}{{ c }}") == (shown("c"),)


def test_other_tags_are_named() -> None:
    assert body("{% foo a.b 'c' d=e|f as g %}") == (
        (
            ir.ASSIGN,
            ("g",),
            (
                ir.TAG,
                "foo",
                ((ir.LOOKUP, "a", "b", 1, 9), (ir.CONST, "c")),
                (("d", (ir.FILTER, "f", "e", None, 1, 19)),),
                1,
                3,
            ),
            None,
            1,
            24,
        ),
    )


def test_other_tags_with_an_end_keep_their_alternatives_to_themselves() -> None:
    text = "{% if a %}{% has p %}{{ x }}{% else %}{{ y }}{% endhas %}{% else %}{{ z }}{% endif %}"
    tag = (ir.EXPRESSION, (ir.TAG, "has", ("p",), (), 1, 13))
    assert body(text) == ((ir.IF, "a", (tag, shown("x"), shown("y")), (shown("z"),), 1, 6),)
    alone = "{% if a %}{% has p %}{% else %}{{ z }}{% endif %}"
    assert body(alone) == ((ir.IF, "a", (tag,), (shown("z"),), 1, 6),)


def test_an_unclosed_tag_ends_with_the_one_around_it() -> None:
    text = "{% block a %}{% if b %}{% with c=d %}{{ c }}{% endblock %}{{ e }}{% endif %}"
    assert body(text)[1] == shown("e")
    inner = (ir.INNER, ((ir.ASSIGN, ("c",), "d", None, 0, 31), shown("c")))
    assert body(text, "block a") == ((ir.IF, "b", (inner,), (), 0, 19),)


@pytest.mark.parametrize(
    "text",
    [
        "{% endif %}{% else %}{% elif x %}{% empty %}{% endfor x %}{{ }}{%%}{% %}{{ c }}",
        "{% extends %}{% include %}{% regroup a %}{% load %}{{ |f }}{{ ) }}{{ c }}",
        "{% comment %}{{ c }}",
        "{{ a {{ c }}"[5:] + "{% if",
    ],
)
def test_damage_leaves_the_rest(text: str) -> None:
    assert body(text) == (shown("c"),)


def test_damaged_headers_keep_their_inside() -> None:
    assert body("{% for x %}{{ c }}{% endfor %}{% block %}{{ d }}{% endblock %}") == (shown("c"), shown("d"))
    assert body("{% if %}{{ c }}{% endif %}") == ((ir.IF, (ir.CONST, None), (shown("c"),), (), 1, 3),)
    assert body("{{ f(x) }}{{ a.b&c }}") == (shown("f"), shown((ir.LOOKUP, "a", "b", 1, 15)))


def test_nesting_is_bounded() -> None:
    deep = lower_template("{% for a in b %}" * 5000 + "{{ x }}" + "{% endfor %}" * 5000 + "{{ y }}")
    assert unlined(deep[0][3][ir.C_BODY][1]) == shown("y")
    chain = lower_template("{% if a %}{{ a }}" + "{% elif b %}{{ x.y }}" * 5000 + "{% else %}{{ z }}{% endif %}")
    for facts in (deep, chain, lower_template("{{ a" + ".b" * 5000 + "|f" * 5000 + " }}")):
        assert marshal.loads(marshal.dumps(facts, 2)) == facts
    alternative = chain[0][3][ir.C_BODY][0]
    for _ in range(30):
        (alternative,) = alternative[3]
    assert len(alternative[3]) == 5000 - 30 + 1 and unlined(alternative[3][-1]) == shown("z")  # none is lost
