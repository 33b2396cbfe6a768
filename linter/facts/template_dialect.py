"""A template's path and text in: whether it is written in Jinja2's syntax rather than Django's.

Told by the path where projects keep the two apart, else by what only one of the two can read. A text that both can
read is Django's: the facts are nearly the same then. Takes linear time on any text.
"""

from __future__ import annotations

import re

_PATH = re.compile(r"\.(?:jinja2?|j2)(?:\.\w+)?\Z|(?:\A|/)jinja2/", re.IGNORECASE)
# Tags that only Django has, a filter with `:argument`, an include with names, `block.super`
_DJANGO = re.compile(
    r"\{%\s*(?:load|url|csrf_token|static|comment|endcomment|blocktrans(?:late)?|translate|ifequal|ifnotequal"
    r"|ifchanged|regroup|cycle|firstof|empty|verbatim|widthratio|templatetag)\b"
    r"|\{\{[^{}\n]*\|\s*\w+:"
    r"|\{%\s*include\s[^{}%\n]*\swith\s+\w+="
    r"|\{\{\s*block\.super\s*\}\}"
)
# Trimmed whitespace, tags that only Jinja2 has, loops and values with a condition, calls with parentheses (other than a
# translated string)
_JINJA = re.compile(
    r"\{[{%]-|\{[{%][^{}\n]*-[}%]\}"
    r"|\{%\s*(?:set|macro|call|import|from|do|raw|endset|endmacro|endcall|endraw|endtrans)\b"
    r"|\{%\s*for\b[^{}%\n]*\sif\s|\{\{[^{}\n]*\sif\s|\bloop\.(?:index0?|first|last|length|revindex0?)\b"
    r"|\{[{%][^{}%\"'\n]*\w(?<!\b_)\("
)


def looks_like_jinja(path: str, text: str) -> bool:
    """Whether to read it with `lower_jinja`. `path` with `/`, as seen from anywhere."""
    if _PATH.search(path):
        return True
    return _JINJA.search(text) is not None and _DJANGO.search(text) is None
