"""slowlint beside other checkers of blocking calls in coroutines, on one project: findings, agreement, CPU time.

    pip install ruff flake8-async hydroid-cli        # and whatever else is to be compared
    python benchmarks/async_peers.py path/to/project --sample 20 --tests

Each tool that is on the PATH is run once, cold: ruff (`--select ASYNC --preview`), flake8-async, hydroid, evloop-lint,
blockpath. A finding is a place, the line of the call that blocks; several chains to one call are one finding, here and
there. "Ours too" counts the places of a tool that slowlint names as well, "only ours" those of slowlint that no other
tool names. `--sample` prints places of each tool at random, to be read by hand; tests are left out unless asked for.
CPU is user and system time of the process and its children; what a tool keeps between runs is deleted before.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

Place = tuple[str, int]
# Rules of flake8-async and ruff that are about blocking; the others are about cancellation and style
ABOUT_BLOCKING = re.compile(r"ASYNC2[1-5]\d")
OF_TESTS = re.compile(r"(^|/)(tests?|testing|integration[-_]tests|benches|benchmarks)/|(^|/)(test_[^/]*|conftest)\.py$")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="print N places of each tool")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tests", action="store_true", help="count findings in tests, too")
    parser.add_argument("--without", nargs="*", default=[], help="tools to leave out (flake8-async takes minutes)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"  # a copy: nothing above it is read, and nothing is left behind
        shutil.copytree(chosen.project, root, ignore=shutil.ignore_patterns(".git", ".hydroid_cache", "node_modules"))
        found: dict[str, set[Place]] = {}
        for name, tool in TOOLS.items():
            if name in chosen.without:
                continue
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            places = tool(root)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            if places is None:
                print(f"{name:14} not installed")
                continue
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            found[name] = {p for p in places if chosen.tests or not OF_TESTS.search(p[0])}
            print(f"{name:14} {len(found[name]):5} places   {cpu:7.1f} s CPU", flush=True)
        ours = found.pop("slowlint")
        for name, places in found.items():
            print(f"{name:14} {len(places & ours):5} of {len(places):5} ours too")
        print(f"{'only ours':14} {len(ours - set().union(*found.values())):5}")
        if chosen.sample:
            _show(root, {"slowlint": ours, **found}, ours, random.Random(chosen.seed), chosen.sample)


def _show(root: Path, found: dict[str, set[Place]], ours: set[Place], dice: random.Random, many: int) -> None:
    for name, places in found.items():
        print(f"\n{name}")
        for path, line in sorted(dice.sample(sorted(places), min(many, len(places)))):
            text = (root / path).read_text(encoding="utf-8", errors="replace").splitlines()[line - 1].strip()
            print(f"  {'' if (path, line) in ours else 'not ours '}{path}:{line}  {text[:110]}")


def _run(root: Path, *command: str) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout


def _slowlint(root: Path) -> set[Place] | None:
    select = "blocking-call-in-async,blocking-call-reachable"
    options = ("--select", select, "--output-format", "json", "--exit-zero", "--no-cache")
    out = _run(root, sys.executable, "-m", "slowlint", "check", ".", *options) or ""
    places: set[Place] = set()
    for finding in json.loads(out)["findings"]:
        also = [step for step in finding["because"] if step["message"] == "also here"]
        places |= {(place["path"], place["line"]) for place in (finding, *also)}
    return places


def _ruff(root: Path) -> set[Place] | None:
    out = _run(root, "ruff", "check", "--isolated", "--select", "ASYNC", "--preview", "--output-format", "json", ".")
    if out is None:
        return None
    rows = [row for row in json.loads(out) if ABOUT_BLOCKING.fullmatch(row["code"] or "")]
    return {(str(Path(row["filename"]).relative_to(root.resolve())), row["location"]["row"]) for row in rows}


def _flake8(root: Path) -> set[Place] | None:
    out = _run(root, "flake8", "--isolated", "--select", "ASYNC2", "--jobs", "1", ".")
    return None if out is None else _lines(out, r"^(?:\./)?(.+?):(\d+):\d+: (ASYNC2[1-5]\d)")


def _hydroid(root: Path) -> set[Place] | None:
    out = _run(root, "hydroid", ".")
    if out is None:
        return None
    places: set[Place] = set()
    for block in re.split(r"\n(?=(?:error|warning)\[)", out):  # the last step of a chain is the call that blocks
        steps = re.findall(r"^\s+(?:--> )?(\S+\.py):(\d+):\d+", block, re.MULTILINE)
        places |= {(path, int(line)) for path, line in steps[-1:]}
    return places


def _evloop(root: Path) -> set[Place] | None:
    out = _run(root, "evloop-lint", ".")
    return None if out is None else _lines(out, r"^(?:\./)?(.+?):(\d+):\d+ (EVL\d+)")


def _blockpath(root: Path) -> set[Place] | None:
    out = _run(root, "blockpath", ".")
    return None if out is None else _lines(out, r"^(?:\./)?(\S+?\.py):(\d+)")


def _lines(out: str, pattern: str) -> set[Place]:
    return {(found[1], int(found[2])) for found in re.finditer(pattern, out, re.MULTILINE)}


TOOLS: dict[str, Callable[[Path], set[Place] | None]] = {
    "slowlint": _slowlint,
    "ruff": _ruff,
    "hydroid": _hydroid,
    "evloop-lint": _evloop,
    "blockpath": _blockpath,
    "flake8-async": _flake8,
}


if __name__ == "__main__":
    main()
