"""What each of Django's own tags does, by its name: one function per kind, which adds to the facts of a template.

Each gets the lowering, the open tag around it and a reader of the tag's content. Tags that only change how things
look (`spaceless`, `autoescape`, `language`, …) leave nothing but what is inside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from . import ir
from .template_expressions import NOTHING, Reader, Word, after, constant

if TYPE_CHECKING:
    from .template_blocks import Frame, Lowering

Handler: TypeAlias = Callable[["Lowering", "Frame", Reader], None]
_NAME = re.compile(r"[^\W\d]\w*\Z")
_NAMES = re.compile(r"[\w.]+")
_TEXT = (ir.STRING, ())


def assign(reader: Reader, name: Word, value: ir.Expr) -> ir.Stmt:
    return (ir.ASSIGN, (name.text,), value, None, *reader.place(name.at))


def assign_all(pairs: Sequence[tuple[str, ir.Expr, tuple[int, int]]]) -> list[ir.Stmt]:
    """Names that get their values at once: no value sees another's name."""
    names = {name for name, _, _ in pairs}
    if len(pairs) > 1 and any(_reads(value, names) for _, value, _ in pairs[1:]):
        place = pairs[0][2]
        targets = (ir.SEQUENCE, "tuple", tuple([name for name, _, _ in pairs]), *place)
        values = (ir.SEQUENCE, "tuple", tuple([value for _, value, _ in pairs]), *place)
        return [(ir.ASSIGN, (targets,), values, None, *place)]
    return [(ir.ASSIGN, (name,), value, None, *place) for name, value, place in pairs]


def _reads(expr: ir.Expr, names: set[str]) -> bool:
    waiting = [expr]
    while waiting:
        expr = waiting.pop()
        if isinstance(expr, str):
            if expr in names:
                return True
        elif isinstance(expr, tuple) and expr and expr[0] != ir.CONST:
            waiting += [part for part in expr if isinstance(part, tuple | str)]  # strings: more than names, rarely
    return False


def _show(frame: Frame, values: Sequence[ir.Expr]) -> None:
    shown = tuple([v for v in values if not constant(v)])
    if shown:
        frame.out.append((ir.EXPRESSION, (ir.STRING, shown)))


def _named(words: list[Word]) -> tuple[list[Word], Word | None]:
    """Split off `as name` at the end."""
    if len(words) > 2 and words[-2].text == "as" and _NAME.match(words[-1].text):
        return words[:-2], words[-1]
    return words, None


def _bindings(reader: Reader, words: Sequence[Word]) -> tuple[list[tuple[str, ir.Expr, tuple[int, int]]], int]:
    """`a=b c=d`, or `b as a and d as c`; and how many words that was."""
    found: list[tuple[str, ir.Expr, tuple[int, int]]] = []
    at = 0
    while at < len(words):
        word = words[at]
        name, equals, _ = word.text.partition("=")
        if equals and _NAME.match(name):
            found.append((name, reader.value(after(word, len(name) + 1)), reader.place(word.at)))
            at += 1
        elif at + 2 < len(words) and words[at + 1].text == "as" and _NAME.match(words[at + 2].text):
            target = words[at + 2]
            found.append((target.text, reader.value(word), reader.place(target.at)))
            at += 3
            if at < len(words) and words[at].text == "and":
                at += 1
        else:
            break
    return found, at


def unknown(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    """A tag that Django does not have: what it does is for the reader of the facts to find."""
    words, target = _named(reader.words())
    positional, keywords = reader.arguments(words[1:])
    value = (ir.TAG, words[0].text, positional, keywords, *reader.place(0))
    frame.out.append((ir.EXPRESSION, value) if target is None else assign(reader, target, value))


def _quiet(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    """Shows text that costs nothing."""
    target = _named(reader.words())[1]
    if target is not None:
        frame.out.append(assign(reader, target, _TEXT))


def _text(lowering: Lowering, frame: Frame, reader: Reader, skip: tuple[str, ...] = ()) -> None:
    """Makes text of its arguments: `url`, `static`, `translate`, `cycle`, …"""
    words = [w for w in reader.words() if w.text not in skip]
    words, target = _named(words)
    positional, keywords = reader.arguments(words[1:])
    values = (*positional, *[value for _, value in keywords])
    if target is None:
        _show(frame, values)
    else:
        shown = tuple([v for v in values if not constant(v)])
        frame.out.append(assign(reader, target, (ir.STRING, shown)))


def _choice(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    """`firstof`, `cycle`: shows one of its arguments, or names it."""
    words, target = _named([w for w in reader.words() if w.text != "silent"])
    values = [reader.value(w) for w in words[1:]]
    chosen = values[0] if len(values) == 1 else (ir.OPERATION, "or", tuple(values)) if values else NOTHING
    if target is not None:
        frame.out.append(assign(reader, target, chosen))
    elif not all(constant(v) for v in values):
        _show(frame, [chosen])


def _load(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    """Names libraries, whose tags are found by name anyway."""


def _plain(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    lowering.push(frame, None)


def _if(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    lowering.push(frame, _close_if, ("elif", "else"), (reader, reader.words()[1:]))


def _if_equal(operator: str, lowering: Lowering, frame: Frame, reader: Reader) -> None:
    lowering.push(frame, partial(_close_if, operator=operator), ("else",), (reader, reader.words()[1:]))


def _close_if(frame: Frame, operator: str = "") -> Sequence[ir.Stmt]:
    reader, words = frame.facts
    clauses = [(reader, words, frame.body), *frame.clauses]
    result: list[ir.Stmt] = []
    for reader, words, body in clauses[frame.nested + 1 :]:
        result.append(_branch(reader, words, body, ()))
    result += frame.otherwise
    for reader, words, body in reversed(clauses[: frame.nested + 1]):
        result = [_branch(reader, words, body, result, operator)]
    return result


def _branch(
    reader: Reader, words: list[Word], body: list[ir.Stmt], otherwise: Sequence[ir.Stmt], operator: str = ""
) -> ir.Stmt:
    place = reader.place(words[0].at if words else 0)
    if operator:
        test = (ir.OPERATION, operator, tuple([reader.value(w) for w in words[:2]]))
    else:
        test = reader.condition(words)
    return (ir.IF, test, tuple(body), tuple(otherwise), *place)


def _if_changed(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    lowering.push(frame, _close_if_changed, ("else",), reader)


def _close_if_changed(frame: Frame) -> Sequence[ir.Stmt]:
    """With values to watch it shows what is inside sometimes; without, it compares what is inside."""
    reader: Reader = frame.facts
    values = tuple([reader.value(w) for w in reader.words()[1:]])
    otherwise = tuple(frame.otherwise)
    if values:
        test = values[0] if len(values) == 1 else (ir.OPERATION, "or", values)
        return ((ir.IF, test, tuple(frame.body), otherwise, *reader.place(0)),)
    if otherwise:
        return (*frame.body, (ir.IF, _TEXT, (), otherwise, *reader.place(0)))
    return frame.body


def _for(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    words = reader.words()
    if words[-1].text == "reversed" and len(words) > 4:
        words.pop()
    if len(words) < 4 or words[-2].text != "in":
        lowering.push(frame, None)
        return
    start = words[1].at
    names = [Word(m.group(), start + m.start()) for m in _NAMES.finditer(reader.content[start : words[-2].at])]
    target: ir.Expr = NOTHING
    if names:
        target = names[0].text
        if len(names) > 1:
            target = (ir.SEQUENCE, "tuple", tuple([n.text for n in names]), *reader.place(names[0].at))
    iterable, last = reader.read(words[-1])
    places = (*reader.place(0), *reader.place(last), *reader.place(words[-1].at + len(words[-1].text)))
    lowering.push(frame, _close_for, ("empty",), (target, iterable, places))


def _close_for(frame: Frame) -> Sequence[ir.Stmt]:
    target, iterable, places = frame.facts
    loop = (ir.FOR, target, iterable, tuple(frame.body), tuple(frame.otherwise), False, *places)
    return ((ir.INNER, (loop,)),)  # its names are those of before, afterwards


def _with(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    bound, _ = _bindings(reader, reader.words()[1:])
    lowering.push(frame, _close_inner).out.extend(assign_all(bound))


def _close_inner(frame: Frame) -> Sequence[ir.Stmt]:
    return ((ir.INNER, tuple(frame.body)),) if frame.body else ()


def _block_translate(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    words = reader.words()[1:]
    bound: list[tuple[str, ir.Expr, tuple[int, int]]] = []
    counted = target = None
    while words:
        option = words.pop(0).text
        if option in ("with", "count"):
            found, used = _bindings(reader, words)
            del words[:used]
            bound += found
            if option == "count" and found:
                counted = found[0]
        elif option in ("asvar", "context") and words:
            argument = words.pop(0)
            if option == "asvar" and _NAME.match(argument.text):
                target = argument
    made = lowering.push(frame, _close_translated, ("plural",), (reader, counted, target))
    made.facts = (reader, assign_all(bound), counted, target)


def _close_translated(frame: Frame) -> Sequence[ir.Stmt]:
    reader, bound, counted, target = frame.facts
    body = [*bound, *frame.body]
    if counted is not None:
        singular = (ir.OPERATION, "compare:Eq", (counted[0], (ir.CONST, 1)))
        body = [*bound, (ir.IF, singular, tuple(frame.body), tuple(frame.otherwise), *counted[2])]
    elif frame.otherwise:
        body += frame.otherwise
    made: list[ir.Stmt] = [(ir.INNER, tuple(body))] if bound else body
    if target is not None:
        made.append(assign(reader, target, _TEXT))
    return made


def _include(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    words = reader.words()
    if len(words) < 2:
        return
    names: list[tuple[str, ir.Expr, tuple[int, int]]] = []
    only = False
    rest = words[2:]
    while rest:
        option = rest.pop(0).text
        if option == "with":
            found, used = _bindings(reader, rest)
            names += found
            del rest[:used]
        only = only or option == "only"
    given = tuple([(name, value) for name, value, _ in names])
    frame.out.append((ir.EXPRESSION, (ir.INCLUDE, reader.value(words[1]), given, only, *reader.place(0))))


def _extends(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    words = reader.words()
    if len(words) > 1 and lowering.extends is None:
        lowering.extends = (reader.value(words[1]), lowering.tags[lowering.index].line, reader.place(0)[1])


def _block(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    words = reader.content.split()
    if len(words) > 1:
        lowering.push_block(frame, words[1])
    else:
        lowering.push(frame, None)


def _regroup(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    words = reader.words()
    if len(words) == 6 and words[2].text == "by" and words[4].text == "as":
        grouped = (ir.FILTER, "regroup", reader.value(words[1]), (ir.CONST, words[3].text), *reader.place(0))
        frame.out.append(assign(reader, words[5], grouped))


def _filter(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    lowering.push(frame, _close_filter, (), reader)


def _close_filter(frame: Frame) -> Sequence[ir.Stmt]:
    """The filters of `{% filter a|b:c %}` over the text of what is inside."""
    reader: Reader = frame.facts
    at = len("filter")
    start = at + len(reader.content[at:]) - len(reader.content[at:].lstrip())
    filters = reader.applied(start)
    return (*_close_inner(frame), (ir.EXPRESSION, filters)) if filters is not None else _close_inner(frame)


def _cache(lowering: Lowering, frame: Frame, reader: Reader) -> None:
    words = reader.words()[1:]
    _show(frame, [reader.value(w) for i, w in enumerate(words) if i != 1 and "=" not in w.text])
    lowering.push(frame, lambda closed: ((ir.SELDOM, tuple(closed.body)),) if closed.body else ())


_TRANSLATION = ("noop", "context")
TAGS: dict[str, Handler] = {
    "if": _if,
    "ifequal": partial(_if_equal, "compare:Eq"),
    "ifnotequal": partial(_if_equal, "compare:NotEq"),
    "ifchanged": _if_changed,
    "for": _for,
    "with": _with,
    "include": _include,
    "extends": _extends,
    "block": _block,
    "regroup": _regroup,
    "filter": _filter,
    "cache": _cache,
    "blocktrans": _block_translate,
    "blocktranslate": _block_translate,
    "trans": partial(_text, skip=_TRANSLATION),
    "translate": partial(_text, skip=_TRANSLATION),
    "url": _text,
    "static": _text,
    "widthratio": _text,
    "firstof": _choice,
    "cycle": _choice,
    **dict.fromkeys(("load", "comment", "resetcycle"), _load),
    **dict.fromkeys(("now", "csrf_token", "debug", "lorem", "templatetag"), _quiet),
    **dict.fromkeys(
        (
            "get_current_language", "get_current_language_bidi", "get_current_timezone", "get_media_prefix",
            "get_static_prefix",
        ),
        _quiet,
    ),
    **dict.fromkeys(("autoescape", "spaceless", "localize", "localtime", "timezone", "language"), _plain),
}  # fmt: skip
