"""How much of pytest-queryguard's scenario corpus the linter finds, and how often it cries wolf there.

    pip download --no-deps --no-binary :all: pytest-queryguard==0.4.1
    python benchmarks/queryguard.py pytest_queryguard-0.4.1.tar.gz

The corpus (MIT licence, not part of this repository) is about 145 small SQLAlchemy modules, each with a verdict, BUG or
CLEAN, and the kinds of finding that a perfect *run-time* tool would report. A module counts as reported when a finding
of one of its kinds stands in it, or has a step in it, outside its `setup` function, which the corpus does not measure.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RELATIONS = {
    "lazy-load-in-loop", "lazy-load-in-template", "lazy-load-in-serializer", "lazy-load-in-resolver",
    "lazy-load-in-admin", "lazy-load-in-async", "prefetch-defeated",
}  # fmt: skip
COLUMNS = {"deferred-column-load", "expired-attribute-load"}
REPEATED = RELATIONS | COLUMNS | {"query-in-loop", "loop-invariant-query", "query-evaluated-twice"}
# Which rules answer to which kind of the corpus
KINDS = {
    "relationship-load": RELATIONS | {"query-in-loop"},
    "repeated-statement": REPEATED,
    "column-load": COLUMNS | {"query-in-loop"},
    "write-loop": {"write-in-loop", "commit-in-loop"},
    "unused-eager-load": {"unused-eager-load"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("archive", type=Path, help="the source distribution of pytest-queryguard, 0.4.1 or later")
    parser.add_argument("--verbose", action="store_true", help="name every module that is missed or alarmed")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(chosen.archive) as archive:
            archive.extractall(folder, filter="data")
        # Out of the folder `tests`, where nothing is hot
        corpus = Path(folder) / "corpus"
        shutil.move(next(Path(folder).glob("*/tests/corpus")), corpus)
        score(corpus, verbose=chosen.verbose)


def score(corpus: Path, *, verbose: bool) -> None:
    findings = _check(corpus)
    tally: dict[str, list[int]] = {}
    for module in sorted((corpus / "scenarios").glob("*.py")):
        verdict, kinds, setup = _declared(module)
        if not verdict:
            continue
        codes = sorted(set(_touching(findings, f"scenarios/{module.name}", setup)))
        wanted = {code for kind in kinds for code in KINDS[kind]} if verdict == "BUG" else set().union(*KINDS.values())
        hits = [code for code in codes if code in wanted]
        for key in kinds if verdict == "BUG" else ["look-alike"]:
            tally.setdefault(f"{verdict} {key}", [0, 0])[1] += 1
            tally[f"{verdict} {key}"][0] += bool(hits)
        tally.setdefault(verdict, [0, 0])[1] += 1
        tally[verdict][0] += bool(hits)
        if verbose and bool(hits) != (verdict == "BUG"):
            print(f"{'missed' if verdict == 'BUG' else 'ALARM '}  {module.name:48} {', '.join(hits or codes or ['-'])}")
    for name, (reported, total) in sorted(tally.items()):
        print(f"{name:28} reported {reported:3} of {total:3}   {100 * reported / total:5.1f} %")


def _check(corpus: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "slowlint", "check", ".", "--output-format", "json", "--exit-zero", "--no-cache"]
    ran = subprocess.run(command, cwd=corpus, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(ran.stdout)["findings"]
    return found


def _declared(module: Path) -> tuple[str, list[str], range]:
    """The verdict and the kinds of a module, and the lines of its `setup`."""
    verdict, kinds, setup = "", [], range(0)
    known = {"REL": "relationship-load", "REPEAT": "repeated-statement", "COLUMN": "column-load"}
    known |= {"WRITE": "write-loop", "UNUSED": "unused-eager-load"}
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name == "VERDICT" and isinstance(node.value, ast.Name):
                verdict = node.value.id
            elif name == "KINDS":
                kinds = [known[n.id] for n in ast.walk(node.value) if isinstance(n, ast.Name) and n.id in known]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "setup":
            setup = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return verdict, kinds, setup


def _touching(findings: list[dict[str, Any]], path: str, setup: range) -> Iterator[str]:
    for finding in findings:
        if finding["path"] == path and finding["line"] in setup:
            continue
        places = [finding, *finding["because"]]
        if any(place["path"] == path and place["line"] not in setup for place in places):
            yield finding["code"]


if __name__ == "__main__":
    main()
