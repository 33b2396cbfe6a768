"""What slowlint says about the run itself: findings of the family `meta`, which no rule makes.

In: what went wrong. Out: findings. Their pages are here because they have no rule file.
"""

from __future__ import annotations

from collections.abc import Mapping

from .model import Finding, Place, Unreadable, fingerprint

FAMILY = "meta"
UNREADABLE = "unreadable-file"
UNUSED_IGNORE = "unused-ignore"

PAGES: Mapping[str, str] = {
    UNREADABLE: """\
# unreadable-file

A file of the project could not be understood: a syntax error, an unknown encoding, or no permission to read it.
Everything else is still linted, but what this file defines is unknown, so findings in other files may be missing.

Correct the file, or leave it out with `exclude` in `[tool.slowlint]`.
""",
    UNUSED_IGNORE: """\
# unused-ignore

A `# slowlint: ignore[code]` comment that keeps nothing quiet: the code it was written for has gone, stands on another
line, or the code in brackets does not exist. A comment covers its own line; on the first or last line of a statement
it covers the statement; on the line of a `def`, `class` or loop it covers that header.

Remove the comment, or move it to the line it is meant for.
""",
}


def unreadable(file: Unreadable) -> Finding:
    """The finding for a file that could not be read."""
    return Finding(
        code=UNREADABLE,
        family=FAMILY,
        message=f"This file could not be read: {file.message}",
        place=file.place,
        severity="warning",
        confidence="certain",
        fingerprint=fingerprint(UNREADABLE, file.place.path, "", ""),
        remedy="Correct the file, or leave it out with `exclude` in `[tool.slowlint]`.",
    )


def unused_ignore(place: Place, message: str, subject: str, nth: int, remedy: str) -> Finding:
    """The finding for a suppression comment that has no effect; `nth` counts equal ones in one file."""
    return Finding(
        code=UNUSED_IGNORE,
        family=FAMILY,
        message=message,
        place=place,
        severity="note",
        confidence="certain",
        fingerprint=fingerprint(UNUSED_IGNORE, place.path, "", subject, nth),
        remedy=remedy,
    )
