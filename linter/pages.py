"""A rule's Markdown page as people read it.

In: the page's text. Out: `RulePage`: its code, one-line summary and the text before the first `##` (the rest are test
cases).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from . import meta
from .report import RulePage

_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_MARKUP = re.compile(r"\[([^\]]*)\]\([^)]*\)|(?<!\w)[*_]{1,2}([^*_]+)[*_]{1,2}(?!\w)")


def parse(text: str, code: str, family: str, file: str = "") -> RulePage:
    """The page of `code`; headings inside code blocks are code."""
    kept: list[str] = []
    fenced = False
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif line.startswith("## ") and not fenced:
            break
        kept.append(line)
    body = "\n".join(kept).strip()
    return RulePage(code=code, family=family, summary=_summary(kept), text=body, file=file)


def every_page(rules: Iterable[tuple[str, str, Path]]) -> dict[str, RulePage]:
    """The pages of rules, each given as (code, family, file), and then those of the linter's own codes; by code."""
    found = {code: parse(file.read_text(encoding="utf-8"), code, family, str(file)) for code, family, file in rules}
    return {**found, **{code: parse(text, code, meta.FAMILY) for code, text in meta.PAGES.items()}}


def _summary(lines: list[str]) -> str:
    """The first sentence of the first paragraph after the heading, without links and emphasis."""
    paragraph: list[str] = []
    for line in lines:
        if line.startswith("#"):
            continue
        if line.strip():
            paragraph.append(line.strip())
        elif paragraph:
            break
    plain = _MARKUP.sub(lambda found: found[1] or found[2] or "", " ".join(paragraph))
    end = re.search(r"[.!?](?=\s|$)", plain)
    return plain[: end.end()] if end else plain
