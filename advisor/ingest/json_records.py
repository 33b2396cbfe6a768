"""A text stream in, its JSON documents out, one at a time, with their place.

JSON lines, one pretty-printed document, several of them, any of it between the lines of a log: what begins with a
brace (or has the marker of a record after a log prefix) is a document, everything else is counted as other text.
A document ends with its line when it is complete there; otherwise it goes on until its braces are closed. After a
damaged one reading goes on at the next line that begins a document. At most 64 MB are held at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from .batch import Damage

MAX_DOCUMENT: Final = 64 * 2**20
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?')


class Record(NamedTuple):
    """One document; `line` counts from 1, `complete` is False when its braces do not close."""

    line: int
    text: bytes
    complete: bool


class JsonRecords:
    """Iterate over the documents of a stream; `other_lines` counts the lines that belonged to none."""

    def __init__(self, stream: BinaryIO, damage: Damage, source: str, marker: bytes) -> None:
        self.other_lines = 0
        self._stream, self._damage, self._source = stream, damage, source
        self._marker = marker

    def __iter__(self) -> Iterator[Record]:
        pending = bytearray()
        began = depth = 0
        indented = skipping = False
        for number, line in self._lines():
            anew = self._begins_anew(line, indented)
            if skipping and not anew:
                continue
            skipping = False
            if pending and not anew:
                if not indented and line[:1] in b" \t":
                    indented = True
                depth += _depth(line)
                pending += line
                if len(pending) > MAX_DOCUMENT:
                    self._too_large(began)
                    pending, indented, skipping = bytearray(), False, True
                elif depth <= 0:
                    yield Record(began, bytes(pending), True)
                    pending, indented = bytearray(), False
                continue
            if pending:
                yield Record(began, bytes(pending), False)
                pending, indented = bytearray(), False
            text = self._document(line)
            # Whether the braces of a JSON line close, the parser will say: counting them would take as long.
            depth = 0 if text is None or self._is_line(text) else _depth(text)
            if text is None:
                self.other_lines += bool(line.strip())
            elif depth <= 0:
                yield Record(number, text, True)
            else:
                pending, began = bytearray(text + b"\n"), number
        if pending:
            yield Record(began, bytes(pending), False)

    def _is_line(self, text: bytes) -> bool:
        return text.endswith((b"}", b"]")) and self._marker in text

    def _document(self, line: bytes) -> bytes | None:
        text = line.strip()
        if text[:1] == b"{" or (text[:1] == b"[" and text[1:].lstrip()[:1] in (b"", b"{", b"[")):
            return text
        at = line.find(b"{" + self._marker)
        return line[at:].strip() if at >= 0 else None

    def _begins_anew(self, line: bytes, indented: bool) -> bool:
        """Whether a document begins on this line although the one before has not ended."""
        return b"{" + self._marker in line or (indented and line.startswith(b"{"))

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        number = 0
        while line := self._stream.readline(MAX_DOCUMENT + 1):
            number += 1
            if len(line) > MAX_DOCUMENT:
                self._too_large(number)
                while line and not line.endswith(b"\n"):
                    line = self._stream.readline(1 << 20)
                continue
            yield number, line

    def _too_large(self, line: int) -> None:
        self._damage.add(
            f"{self._source}, line {line}", "a JSON document of more than 64 MB is not read: write it as JSON lines"
        )


def _depth(line: bytes) -> int:
    """By how much a line's opening braces and brackets outnumber the closing ones, strings left out."""
    bare = _STRING.sub(b"", line) if b'"' in line else line
    return bare.count(b"{") + bare.count(b"[") - bare.count(b"}") - bare.count(b"]")
