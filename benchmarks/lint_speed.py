"""What linting costs, in CPU seconds and as multiples of merely parsing the same files.

    python benchmarks/lint_speed.py PATH [--model FILE] [--view FILE]

PATH is a project; it is copied to a temporary folder, and only the copy is edited. Prints the size of the project,
bare `ast.parse` of all files and parsing plus facts (both in this process, best of three), then, each as a process of
its own with a cache of its own: a cold `slowlint check`, one with nothing changed, and one after an edit of a model
file and of a view file (the largest files of those names, when none are given).
"""

from __future__ import annotations

import argparse
import ast
import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from slowlint.linter import config
from slowlint.linter.engine import read_facts
from slowlint.linter.files import discover

ROUNDS = 3
OLD = 1_600_000_000
"""Time of the copies: the linter trusts the times of files that were not written just before its cache."""
_CHILD = """
import os, resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stderr.buffer.write(status.stderr)
print(status.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""
"""Runs a command and tells its exit status, CPU seconds and largest resident set in bytes."""


@dataclass(frozen=True, slots=True)
class Run:
    """One `slowlint check` as a process of its own."""

    what: str
    cpu: float
    memory: int


def best(work: Callable[[], object]) -> float:
    """The least CPU seconds of some rounds, the garbage collector off as it is in the linter."""
    seconds = []
    for _ in range(ROUNDS):
        gc.collect()
        gc.disable()
        before = time.process_time()
        kept = work()
        seconds.append(time.process_time() - before)
        gc.enable()
        del kept
    return min(seconds)


def parsed(sources: Iterable[tuple[str, bytes]]) -> None:
    """Bare `ast.parse` of every file that is Python."""
    for path, data in sources:
        try:
            ast.parse(data, path)
        except (SyntaxError, ValueError, RecursionError):
            continue


def checked(what: str, project: Path, cache: Path) -> Run:
    """Lint `project` in a fresh process."""
    command = [sys.executable, "-c", _CHILD, sys.executable, "-m", "slowlint", "check", str(project), "--exit-zero"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "NO_COLOR": "1"}
    done = subprocess.run(command, env=environment, cwd=project, capture_output=True, text=True, check=True)
    status, cpu, memory = done.stdout.split()
    if status != "0":
        raise SystemExit(f"slowlint check ended with status {status}:\n{done.stderr}")
    return Run(what, float(cpu), int(memory))


def edited(file: Path) -> None:
    """Change what a file means: a new class with a method, at its end."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(
            "\n\nclass Benchmarked:\n    def again(self, other):\n        return [one.name for one in other]\n"
        )


def largest(files: Iterable[str], root: Path, name: str) -> str | None:
    """The largest file called `NAME.py` or in a folder called `NAME`."""
    found = [file for file in files if name in Path(file).with_suffix("").parts and not file.endswith("__init__.py")]
    return max(found, key=lambda file: (root / file).stat().st_size, default=None)


def main() -> int:
    parser = argparse.ArgumentParser(description="What linting a project costs.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--model", help="file to edit, relative to PATH (default: the largest models file)")
    parser.add_argument(
        "--view", help="file to edit, relative to PATH (default: the largest views, routes or api file)"
    )
    arguments = parser.parse_args()
    root = arguments.path.resolve()
    files = discover(root, config.load(root))
    sources = [(file, (root / file).read_bytes()) for file in files]
    lines = sum(data.count(b"\n") for _, data in sources)
    views = (largest(files, root, name) for name in ("views", "routes", "api"))
    edits = {
        "one model file changed": arguments.model or largest(files, root, "models"),
        "one view file changed": arguments.view or next((file for file in views if file), None),
    }

    bare = best(lambda: parsed(sources))
    facts = best(lambda: [read_facts(file, data) for file, data in sources])
    print(f"{root.name}: {len(files):,} files, {lines:,} lines, Python {sys.version.split()[0]}")
    print(f"{'bare ast.parse':<40}{bare:>8.2f} s CPU")
    print(f"{'parse and facts, same process':<40}{facts:>8.2f} s CPU{'':>12}{facts / bare:>7.2f} × bare")
    with tempfile.TemporaryDirectory(prefix="slowlint-speed-") as folder:
        project, cache = Path(folder) / root.name, Path(folder) / "cache"
        for file, data in sources:
            (project / file).parent.mkdir(parents=True, exist_ok=True)
            (project / file).write_bytes(data)
            os.utime(project / file, (OLD, OLD))
        if (root / "pyproject.toml").exists():
            shutil.copy2(root / "pyproject.toml", project)
        runs = [checked("check, cold", project, cache)]
        runs.append(checked("check, nothing changed", project, cache))
        for what, file in edits.items():
            if file is not None:
                edited(project / file)
                runs.append(checked(f"check, {what}", project, cache))
    for run in runs:
        print(f"{run.what:<40}{run.cpu:>8.2f} s CPU{run.memory / 1e6:>8.0f} MB{run.cpu / bare:>8.2f} × bare")
    print("edited: " + ", ".join(str(file) for file in edits.values() if file))
    return 0


if __name__ == "__main__":
    sys.exit(main())
