"""A Django template's text in, its tags out: where each stands, what it says, which of them belong together.

The tags are those that Django's own lexer finds, `{% verbatim %}` included; comments of both kinds are left out.
Nothing here knows what a tag means. All of it takes linear time, on any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_OPENING = re.compile(r"\{[{%#]")
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_MAX_TAG = 4_000  # characters of a tag that are read


class Tag(NamedTuple):
    """`{{ content }}` (name "") or `{% name … %}`. `line` from 1, `column` in UTF-8 bytes: of the content."""

    name: str
    content: str
    line: int
    column: int


def raw_tags(text: str) -> Iterator[tuple[int, int]]:
    """Where tags start and end, as `({%.*?%}|{{.*?}}|{#.*?#})` finds them, but in linear time."""
    at = 0
    line_end = -1
    absent: set[str] = set()  # what does not follow any more in this line
    while opening := _OPENING.search(text, at):
        start = opening.start()
        if start > line_end:
            line_end = text.find("\n", start)
            if line_end < 0:
                line_end = len(text)
            absent.clear()
        kind = opening.group()
        end = -1 if kind in absent else text.find(_CLOSING[kind], start + 2, line_end)
        if end < 0:
            absent.add(kind)
            at = start + 1
        else:
            at = end + 2
            yield start, at


def tags(text: str) -> list[Tag]:
    """All tags that are not comments, in order."""
    found: list[Tag] = []
    ascii_only = text.isascii()
    verbatim = ""
    line, seen, line_start, column = 1, 0, 0, 0  # `column`: UTF-8 bytes between `line_start` and `seen`
    for start, end in raw_tags(text):
        kind = text[start : start + 2]
        content = text[start + 2 : end - 2].strip()
        if kind == "{#" or (verbatim and (kind != "{%" or content != verbatim)):
            continue
        breaks = text.count("\n", seen, start)
        if breaks:
            line += breaks
            line_start = seen = text.rindex("\n", seen, start) + 1
            column = 0
        inside = start + 2
        while text[inside].isspace():  # ends at the closing brace
            inside += 1
        column = inside - line_start if ascii_only else column + _width(text[seen:inside])
        seen = inside
        if kind == "{{":
            if content:
                found.append(Tag("", content[:_MAX_TAG], line, column))
        elif content:
            if verbatim:
                verbatim = ""
            elif content[:9] in ("verbatim", "verbatim "):
                verbatim = "end" + content
            else:
                content = content[:_MAX_TAG]
                found.append(Tag(content.split(None, 1)[0], content, line, column))
    return _without_comments(found)


def _width(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _without_comments(found: list[Tag]) -> list[Tag]:
    """Leave out what stands between `comment` and `endcomment`; a comment without an end is no comment."""
    last = max((i for i, tag in enumerate(found) if tag.content == "endcomment"), default=-1)
    if last < 0:
        return found
    kept = []
    inside = False
    for i, tag in enumerate(found):
        if inside:
            inside = tag.content != "endcomment"
        elif tag.name == "comment" and i < last:
            inside = True
        else:
            kept.append(tag)
    return kept


def pairs(found: list[Tag]) -> dict[int, int]:
    """Index of each end tag → index of the tag that it ends.

    An end tag ends the nearest tag of that name; tags in between that have no end of their own stand alone.
    """
    ended: dict[int, int] = {}
    open_tags: list[int] = []
    counts: dict[str, int] = {}
    for i, tag in enumerate(found):
        name = tag.name
        if not name:
            continue
        begun = _begun(name)
        if begun and counts.get(begun):
            while True:
                other = open_tags.pop()
                other_name = found[other].name
                counts[other_name] -= 1
                if other_name == begun:
                    break
            ended[i] = other
        else:
            open_tags.append(i)
            counts[name] = counts.get(name, 0) + 1
    return ended


def _begun(name: str) -> str:
    """The tag that this one ends: `endfor` → `for`, also `end_x` and `/x` → `x` and `#x`; else ""."""
    if name.startswith("end_"):
        return name[4:]
    if name.startswith("end"):
        return name[3:]
    return "#" + name[1:] if name[0] == "/" else ""
