"""How many of the blocking calls that ruff's and flake8-async's own test suites expect the linter reports.

    git clone https://github.com/astral-sh/ruff; git clone https://github.com/python-trio/flake8-async
    python benchmarks/async_suites.py --ruff ruff --flake8-async flake8-async

Read from where they are, never copied here: of ruff the fixtures `ASYNC21x` to `ASYNC25x` with their snapshots, of
flake8-async `tests/eval_files/async2*.py` with their markers. They are snippets for checkers of one file that go by
names, so each is made a module that a checker of programs can read, without moving a line:

- a module that is used and never imported is imported at the end (`subprocess`, `httpx`, `Optional`);
- functions and classes of one name at module level get names of their own, or only the last would be defined.

An expected line counts as reported when a finding of the `io` family stands on it or lists it. A reported line counts
as extra when the suite expects nothing there, nor says that a checker that knew more would (`should error`,
`not handled`, `not implemented`), unless `RIGHT` says why it blocks all the same. `MISSED` says why lines are missed.
Left out: async200 (names that a user lists, bound to nothing), and the variants of a file for another async library
(`_asyncio`, `_multi_library`), which expect the same lines.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

MODULES = ("httpx", "httpx2", "io", "os", "requests", "subprocess", "time", "trio", "urllib", "urllib3")
NAMES = {"Optional": "typing"}
# (file, what the line holds) → why a line that the file does not expect blocks
RIGHT = {
    ("flake8_async211.py", r"foo\.request\("): "a PoolManager sends whatever method it is told, not only literal verbs",
    ("flake8_async232.py", r"open\(\"\"\)"): "opening a file: async230, which this file leaves out, expects it",
    ("flake8_async212.py", r"^    client\.send\(\)"): "an imported class, which the file says it does not know yet",
    ("ruff_async240.py", "covered by ASYNC230"): "opening a file: ASYNC230, which this file leaves out, expects it",
}
MISSED = {
    ("", r"client\.close\("): "closing a client waits for nothing",
    ("", r"abspath\(|normpath\(|relpath\("): "works on the text of a path",
    ("flake8_async240.py", "_joinrealpath"): "private to the standard library, in some versions",
    ("flake8_async240.py", r"await os"): "what is awaited is no call of this function",
    ("flake8_async210.py", r"urlopen\(\)"): "a name that nothing binds",
    (
        "flake8_async232.py",
        r"f\.read\(",
    ): "the name has been bound to something else: the file calls it a known false alarm",
}
NOT_YET = re.compile(r"should (also )?error|not handled|not implemented|unhandled|should emit", re.IGNORECASE)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--ruff", type=Path, help="a checkout of ruff")
    parser.add_argument("--flake8-async", type=Path, help="a checkout of flake8-async")
    parser.add_argument("--verbose", action="store_true", help="name every line that is missed or extra")
    chosen = parser.parse_args()
    files: dict[str, tuple[str, set[int]]] = {}
    if chosen.ruff:
        files.update(_ruff(chosen.ruff / "crates/ruff_linter"))
    if chosen.flake8_async:
        files.update(_flake8_async(chosen.flake8_async / "tests/eval_files"))
    if not files:
        parser.error("name at least one of --ruff and --flake8-async")
    with tempfile.TemporaryDirectory() as folder:
        for name, (text, _) in files.items():
            (Path(folder) / name).write_text(_readable(text))
        reported = _check(Path(folder))
    total = [0, 0, 0, 0]
    for name, (text, expected) in files.items():
        lines = text.splitlines()
        primary, listed = reported.get(name, (set(), set()))
        found = expected & (primary | listed)
        extra = {n for n in primary - expected if not _excused(lines, n)}
        right = {n for n in extra if _why(RIGHT, name, lines[n - 1])}
        counts = (len(found), len(expected), len(extra - right), len(right))
        total = [a + b for a, b in zip(total, counts, strict=True)]
        print(f"{name:26} reported {counts[0]:3} of {counts[1]:3}   extra {counts[2]:2}   and blocking {counts[3]:2}")
        if chosen.verbose:
            for number in sorted(expected - found):
                line = lines[number - 1]
                print(f"    missed {number:4}  {line.strip()}   [{_why(MISSED, name, line) or 'not explained'}]")
            for number in sorted(extra):
                print(f"    extra  {number:4}  {lines[number - 1].strip()}   [{_why(RIGHT, name, lines[number - 1])}]")
    found_in_all, of, more, right_of_all = total
    print(f"{'all':26} reported {found_in_all:3} of {of:3}   {100 * found_in_all / of:.1f} %", end="   ")
    print(f"extra {more:2}   {100 * more / of:.1f} %   and blocking {right_of_all}")


def _why(reasons: dict[tuple[str, str], str], name: str, line: str) -> str:
    return next((why for (file, held), why in reasons.items() if file in ("", name) and re.search(held, line)), "")


def _ruff(root: Path) -> dict[str, tuple[str, set[int]]]:
    """Expected lines as the snapshots give them: ` --> FILE:LINE:COLUMN`."""
    out = {}
    snapshots = root / "src/rules/flake8_async/snapshots"
    for fixture in sorted((root / "resources/test/fixtures/flake8_async").glob("ASYNC2*.py")):
        places: set[int] = set()
        for snapshot in snapshots.glob(f"*_{fixture.stem}.py.snap"):
            found = re.findall(rf"--> {re.escape(fixture.name)}:(\d+):", snapshot.read_text())
            places |= {int(line) for line in found}
        out[f"ruff_{fixture.stem.lower()}.py"] = (fixture.read_text(), places)
    return out


def _flake8_async(folder: Path) -> dict[str, tuple[str, set[int]]]:
    """Expected lines as the markers give them: `# ASYNC210: 4, 'requests.get'`."""
    out = {}
    for file in sorted(folder.glob("async2*.py")):
        if file.stem == "async200" or file.stem.endswith(("_asyncio", "_multi_library")):
            continue
        text = file.read_text()
        numbered = enumerate(text.splitlines(), start=1)
        out[f"flake8_{file.stem}.py"] = (text, {n for n, line in numbered if re.search(r"# ASYNC2\d\d: *\d", line)})
    return out


def _readable(text: str) -> str:
    """The snippet as a module: what it uses is imported, what it defines has a name of its own; no line moves."""
    tree = ast.parse(text)
    lines = text.splitlines()
    seen: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            count = seen[node.name] = seen.get(node.name, 0) + 1
            if count > 1:
                line = lines[node.lineno - 1]
                lines[node.lineno - 1] = line.replace(f" {node.name}", f" {node.name}__{count}", 1)
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {(a.asname or a.name).partition(".")[0] for n in ast.walk(tree) for a in getattr(n, "names", ())
              if isinstance(a, ast.alias)}  # fmt: skip
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - bound - set(dir(builtins))
    added = [f"import {name}" for name in MODULES if name in used]
    added += [f"from {NAMES[name]} import {name}" for name in sorted(used & set(NAMES))]
    return "\n".join([*lines, *added]) + "\n"


def _check(folder: Path) -> dict[str, tuple[set[int], set[int]]]:
    """File → (lines of findings, lines that findings list)."""
    command = [sys.executable, "-m", "slowlint", "check", ".", "--output-format", "json", "--exit-zero", "--no-cache"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    out: dict[str, tuple[set[int], set[int]]] = {}
    finding: dict[str, Any]
    for finding in json.loads(ran.stdout)["findings"]:
        if finding["family"] != "io":
            continue
        primary, listed = out.setdefault(finding["path"], (set(), set()))
        primary.add(finding["line"])
        listed |= {step["line"] for step in finding["because"] if step["path"] == finding["path"]}
    return out


def _excused(lines: list[str], number: int) -> bool:
    """Whether the suite itself says that a better checker would report this line: on it, or above it in the block."""
    if NOT_YET.search(lines[number - 1]):
        return True
    for line in reversed(lines[: number - 1]):
        if line.startswith("#") and NOT_YET.search(line):
            return True
        if line.startswith(("def ", "async def ", "class ")):
            above = lines[: lines.index(line)]
            return bool(above) and above[-1].startswith("#") and bool(NOT_YET.search(above[-1]))
    return False


if __name__ == "__main__":
    main()
