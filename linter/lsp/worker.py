"""One lint at a time, off the event loop; the latest request wins.

In: requests to lint a root after a pause. Out: calls of `work(root)` on one thread. A request postpones an earlier one
for the same root, so that typing lints once, when it pauses; what is asked for during a run is run after it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path


class Worker:
    """`work` must not raise; it runs on a daemon thread, so that leaving never waits for it."""

    def __init__(self, work: Callable[[Path], None]) -> None:
        self._work = work
        self._due: dict[Path, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def request(self, root: Path, pause: float = 0.0) -> None:
        """Lint `root` when `pause` seconds have passed without another request for it."""
        with self._changed:
            self._due[root] = time.monotonic() + pause
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="slowlint-worker", daemon=True)
                self._thread.start()

    def pending(self, root: Path) -> bool:
        """Whether a newer request waits, so that a result just made is already out of date."""
        with self._changed:
            return root in self._due

    def _run(self) -> None:
        while True:
            self._work(self._next())

    def _next(self) -> Path:
        with self._changed:
            while True:
                now = time.monotonic()
                root = min(self._due, key=self._due.__getitem__, default=None)
                if root is None:
                    self._changed.wait()
                elif self._due[root] <= now:
                    del self._due[root]
                    return root
                else:
                    self._changed.wait(self._due[root] - now)
