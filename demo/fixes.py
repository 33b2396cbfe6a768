"""The worked fixes of the sample application's three slow places: what a developer would change, as text.

Each replaces one passage of one file; `tests/demo` checks that the passage stands there exactly once.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..linter.errors import SlowlintError


@dataclass(frozen=True, slots=True)
class WorkedFix:
    """Repairs findings with one of `codes` that name `path` as their place or in their reasons."""

    codes: frozenset[str]
    path: str
    """File to change, relative to the application."""
    places: frozenset[str]
    """Files in which the finding may stand."""
    old: str
    new: str
    says: str

    def diff(self, folder: Path) -> str:
        """The change as a unified diff of the application in `folder`."""
        before = (folder / self.path).read_text(encoding="utf-8")
        after = self._replaced(before)
        lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), self.path, self.path, n=1)
        return "".join(lines)

    def apply(self, folder: Path) -> None:
        """Change the file in `folder`. Raises SlowlintError when the passage is not there exactly once."""
        path = folder / self.path
        path.write_text(self._replaced(path.read_text(encoding="utf-8")), encoding="utf-8")

    def _replaced(self, text: str) -> str:
        if text.count(self.old) != 1:
            raise SlowlintError(f"the worked fix does not fit {self.path}: {self.old!r}")
        return text.replace(self.old, self.new)


FIXES: Final[Sequence[WorkedFix]] = (
    WorkedFix(
        codes=frozenset({"lazy-load-in-loop", "query-in-loop", "repeated-query"}),
        path="repository.py",
        places=frozenset({"summaries.py", "api.py", "repository.py"}),
        old="    query = select(Order).options(joinedload(Order.customer)).order_by",
        new="    loaded = joinedload(Order.customer), selectinload(Order.lines)\n"
        "    query = select(Order).options(*loaded).order_by",
        says="load the lines of all orders with one more query",
    ),
    WorkedFix(
        codes=frozenset({"blocking-call-in-async", "blocking-call-reachable", "remote-call-in-loop"}),
        path="api.py",
        places=frozenset({"shipping.py", "api.py"}),
        old='    return {"cents": shipping.quote(kilograms)}',
        new='    return {"cents": await run_in_threadpool(shipping.quote, kilograms)}',
        says="wait for the carrier off the event loop",
    ),
    WorkedFix(
        codes=frozenset({"unindexed-filter", "slow-query"}),
        path="models.py",
        places=frozenset({"repository.py", "models.py", "api.py"}),
        old="    sku: Mapped[str] = mapped_column(String(12))\n    change: Mapped[int]",
        new="    sku: Mapped[str] = mapped_column(String(12), index=True)\n    change: Mapped[int]",
        says="index the column that the stock page filters by",
    ),
)


def fix_for(code: str, path: str) -> WorkedFix | None:
    """The worked fix of a finding, None when there is none."""
    return next((fix for fix in FIXES if code in fix.codes and path in fix.places), None)
