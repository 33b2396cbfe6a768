"""Columns of findings from UTF-8 bytes, as Python's parser counts them, to characters, as people and editors do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from .model import Finding, Place


def in_characters(findings: Iterable[Finding], text: Callable[[str], str]) -> list[Finding]:
    """The findings with every column counted in characters; `text` gives a file's source by path."""
    lines: dict[str, list[str] | None] = {}

    def of(path: str) -> list[str] | None:
        if path not in lines:
            source = text(path)
            lines[path] = None if source.isascii() else source.split("\n")
        return lines[path]

    def column(path: str, line: int, byte: int) -> int:
        known = of(path)
        if known is None or not 0 < line <= len(known) or known[line - 1].isascii():
            return byte
        return len(known[line - 1].encode()[: byte - 1].decode(errors="ignore")) + 1

    def place(p: Place) -> Place:
        if of(p.path) is None:
            return p
        return Place(
            p.path, p.line, column(p.path, p.line, p.column), p.end_line, column(p.path, p.end_line, p.end_column)
        )

    return [
        replace(f, place=place(f.place), because=tuple(replace(b, place=place(b.place)) for b in f.because))
        for f in findings
    ]
