"""Collapsed stacks (`frame;frame;frame 12`, outermost first): py-spy `--format raw`, austin, flame graph tools.

Frames of py-spy are `function (file:line)`, of austin `file:function:line`, of others just names. Names and paths may
hold spaces and semicolons. Lines that are no stack are counted as damaged; comments (`#`, `//`) are not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import BinaryIO, Final

from ..model import Frame
from .formats import Match, ProfileFormat
from .stacks import StackCollector

_MAX_LINE: Final = 1 << 20
_STACK: Final = re.compile(r"(.*\S)\s+(\d+(?:\.\d+)?)\s*")
_PLACED: Final = re.compile(r"(.*?) \((.*?)(?::(\d+))?\)", re.DOTALL)
_AUSTIN: Final = re.compile(r"(<[^>]*>|[^:]*[/\\.][^:]*|[A-Za-z]:\\[^:]*):([^:]+):(\d+)")
_PROCESS: Final = re.compile(r'process \d+:"[^"]*";')
_NO_FRAME: Final = re.compile(r'process \d+(:".*)?|thread \(.*\)|[PT][\d:]+')
_COMMENTS: Final = ("#", "//")
_LIKELY: Final = re.compile(r".*(?:;.*\S|\(.*\))\s+\d+(?:\.\d+)?", re.DOTALL)
_MAX_LINE_NUMBER: Final = 2**31


def _recognises(head: bytes) -> Match:
    lines = head.decode("utf-8", "replace").splitlines()
    if len(head) > _MAX_LINE // 8:
        lines = lines[:-1]  # cut by the end of the head
    lines = [line for line in lines if line.strip() and not line.startswith(_COMMENTS)][:200]
    likely = sum(_LIKELY.fullmatch(line) is not None and line.lstrip()[:1] not in ("{", "[") for line in lines)
    return Match.MAYBE if lines and 2 * likely > len(lines) else Match.NO


def _read(stream: BinaryIO, stacks: StackCollector, source: str) -> str:
    number = 0
    while raw := stream.readline(_MAX_LINE):
        number += 1
        place = f"{source}, line {number}"
        if len(raw) >= _MAX_LINE and not raw.endswith(b"\n"):
            stacks.damage.add(place, "longer than 1 MB")
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(_MAX_LINE)
            continue
        line = raw.decode("utf-8", "replace").strip("\r\n\ufeff ")
        if not line or line.startswith(_COMMENTS):
            continue
        match = _STACK.fullmatch(line)
        if match is None:
            if not line.isdigit():  # a count without frames: py-spy saw no Python stack
                stacks.damage.add(place, f"no stack with a count: {line[:60]!r}")
            continue
        frames = [frame for text in _split(match[1]) if (frame := _frame(text)) is not None]
        if frames:
            stacks.add(frames, float(match[2]), place)
    return "samples"


def _split(text: str) -> list[str]:
    """At the semicolons between frames, not at those inside `(…)` of a path."""
    parts = _PROCESS.sub("", text).split(";")
    if text.count("(") == text.count(")") and all(part.count("(") == part.count(")") for part in parts):
        return [part for part in parts if part]
    joined: list[str] = []
    at = 0
    while at < len(parts):
        part, after = parts[at], at + 1
        if " (" in part and not part.endswith(")"):
            for end in range(after, min(after + 8, len(parts))):
                if re.search(r":\d+\)$", parts[end]) and " (" not in parts[end]:
                    part, after = ";".join(parts[at : end + 1]), end + 1
                    break
        joined.append(part)
        at = after
    return [part for part in joined if part]


@lru_cache(maxsize=65_536)
def _frame(text: str) -> Frame | None:
    """A frame from its text; None for what only names the process or thread."""
    if _NO_FRAME.fullmatch(text):
        return None
    match = _PLACED.fullmatch(text)
    if match is not None:
        return Frame(match[1], match[2], _line(match[3]))
    match = _AUSTIN.fullmatch(text)
    if match is not None:
        return Frame(match[2], match[1], _line(match[3]))
    return Frame(text, "", 0)


def _line(text: str | None) -> int:
    number = int(text) if text and len(text) < 11 else 0
    return number if number < _MAX_LINE_NUMBER else 0


FORMAT: Final = ProfileFormat("collapsed stacks", _recognises, _read)
