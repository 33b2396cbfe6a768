"""A file, upload or download that is held in memory as a whole only to be gone through or handed on."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.project import Project
from ...linter.project.telling import finding

_WORDS = {"file": "a file", "upload": "an upload", "response": "a download"}
_LINES = {
    "file": "go through the file itself: `for line in file:`",
    "upload": "go through `upload.file` line by line",
    "response": "stream it: `stream=True` and `iter_lines()`",
}
_COPIED = {
    "file": "copy it in pieces: `shutil.copyfileobj(...)`, or hand the open file on",
    "upload": "copy it in pieces: `shutil.copyfileobj(upload.file, ...)`",
    "response": "stream it: `stream=True` and `iter_content(...)`, or `httpx.stream(...)`",
}


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    for group in told.of("whole"):
        o = group.first
        what = o.effect.detail
        then = "to go through its lines" if o.how == "lines" else "to be written somewhere else"
        yield finding(
            project,
            group,
            "whole-file-in-memory",
            "resource",
            f"{_WORDS[what]} is read into memory as a whole, only {then}",
            subject=o.effect.subject,
            remedy=(_LINES if o.how == "lines" else _COPIED)[what],
            confidence="likely" if told.hot(group) and what != "file" and o.how == "copied" else "possible",
        )
