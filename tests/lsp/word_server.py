"""A language server whose linter is a word search: what the protocol tests talk to, so that they are about the server.

A line with `slow` is a finding from that word to the line's end; `because` leads to every line with `cause` in the
project. A line `sleep` makes the lint take a second, `crash` makes it fail. Each run is counted in runs.txt.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from slowlint.linter.check import Lint
from slowlint.linter.config import Settings
from slowlint.linter.files import discover
from slowlint.linter.lsp.server import serve
from slowlint.linter.model import Because, Finding, LintResult, Place, fingerprint
from slowlint.linter.report import RulePage
from slowlint.linter.source import lines

PAGE = RulePage("query-in-loop", "orm", "A query in a loop.", "# query-in-loop\n\nA query in a loop.", __file__)


def lint(root: Path, settings: Settings, *, overlay: Mapping[str, str] | None = None) -> LintResult:
    texts = {path: (root / path).read_text() for path in discover(root, settings)} | dict(overlay or {})
    numbered = [(path, n, line) for path, text in texts.items() for n, line in enumerate(lines(text), 1)]
    with (root / "runs.txt").open("a") as runs:
        runs.write("run\n")
    if any(line == "sleep" for _, _, line in numbered):
        time.sleep(1)
    if any(line == "crash" for _, _, line in numbered):
        raise RuntimeError("a bug")
    causes = tuple(
        Because(Place(path, n, line.index("cause") + 1, n, line.index("cause") + 6), "the cause")
        for path, n, line in numbered
        if "cause" in line
    )
    found = tuple(
        Finding(
            code="query-in-loop",
            family="orm",
            message=line.strip(),
            place=Place(path, n, line.index("slow") + 1, n, len(line) + 1),
            severity="warning",
            confidence="likely",
            fingerprint=fingerprint("query-in-loop", path, "", line.strip()),
            because=causes,
            remedy="Mend it.",
        )
        for path, n, line in numbered
        if "slow" in line
    )
    return LintResult(found, len(texts))


def engine(settings: Settings) -> Lint:
    return lint


if __name__ == "__main__":
    serve("0.0.0", {"query-in-loop": "orm"}, engine, {"query-in-loop": PAGE})
