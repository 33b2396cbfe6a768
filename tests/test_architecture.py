"""The direction of imports, read from the source (design: each part may import only what stands left of it)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENGINE = ("linter.model", "linter.errors", "linter.config", "linter.files", "linter.source", "linter.facts")
PROJECT = (*ENGINE, "linter.sql", "linter.project", "linter.frameworks", "linter.cache")
FRONT = (*PROJECT, "linter")
OUTSIDE = ("linter.model", "linter.errors", "linter.sql")  # all that the advisor sees of the linter
ADVISOR = (
    "advisor.model advisor.sqlshape advisor.statements advisor.places advisor.routes advisor.ingest advisor.store "
    "advisor.gather advisor.requests advisor.replay advisor.traffic advisor.formulas advisor.overhead advisor.profile "
    "advisor.patterns advisor.evidence advisor.pricing advisor.rank advisor.advise advisor.verify "
    "advisor.database.model advisor.database advisor.report"
).split()
"""In the order in which they build on each other: telemetry, its arithmetic, what it means for findings."""

MAY: Mapping[str, tuple[str, ...]] = {
    "linter.model": (),
    "linter.errors": (),
    "linter.sql": ("linter.model", "linter.errors"),
    **{part: ENGINE for part in ENGINE[2:]},
    "linter.cache": PROJECT,
    "linter.project": PROJECT,
    "linter.frameworks": PROJECT,
    "linter": FRONT,
    "rules": (*PROJECT, "linter.engine"),
    **{part: (*OUTSIDE, *ADVISOR[:place]) for place, part in enumerate(ADVISOR)},
    "advisor.report": (
        *OUTSIDE,
        "advisor.model",
        "advisor.database.model",
    ),  # writers know results, not how they were made
    "advisor.record": OUTSIDE,
    "advisor": (),
    "demo": ("", "linter", "rules", "advisor", "demo"),
    "cli": ("", "linter", "rules", "advisor", "demo"),
    "__main__": ("cli",),
    "": (),
}
"""Part (the longest prefix that fits counts) -> parts it may import; itself always."""


def modules() -> Iterator[tuple[str, Path]]:
    """(dotted name below the package, file) of every module of the product."""
    for file in sorted(ROOT.glob("*.py")):
        yield "" if file.stem == "__init__" else file.stem, file
    for folder in ("linter", "rules", "advisor", "demo"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def imports(name: str, file: Path) -> Iterator[tuple[str, int]]:
    """(dotted name below the package, line) of every import of ours in a module, wherever it stands."""
    package = name.split(".") if file.name == "__init__.py" and name else name.split(".")[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                whole = ".".join([*base, alias.name])
                yield (whole if exists(whole) else ".".join(base)), node.lineno
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            for absolute in names:
                if absolute and absolute.split(".")[0] == "slowlint":
                    yield "slowlint (absolute)", node.lineno


def exists(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or path.is_dir()


def inside(name: str, part: str) -> bool:
    return name == part or (bool(part) and name.startswith(part + "."))


def part_of(name: str) -> str:
    return max((part for part in MAY if inside(name, part)), key=len)


@pytest.mark.parametrize(("name", "file"), [pytest.param(*module, id=module[0] or "slowlint") for module in modules()])
def test_imports_flow_one_way(name: str, file: Path) -> None:
    part = part_of(name)
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {imported or 'slowlint'}"
        for imported, line in imports(name, file)
        if not ((part and inside(imported, part)) or any(inside(imported, allowed) for allowed in MAY[part]))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_reading_of_imports_is_right(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text(
        "from ..linter import model\nfrom ..linter.model import Finding\nfrom . import ingest\nimport slowlint.cli\n"
        "def f():\n    from .store import read\n    import os\n"
    )
    found = [imported for imported, _ in imports("advisor.x", file)]
    assert found[:2] == ["linter.model", "linter.model"]
    assert (
        "slowlint (absolute)" in found and any(one.startswith("advisor.store") for one in found) and "os" not in found
    )


def test_only_the_front_door_starts_heavy_things() -> None:
    """`slowlint check` starts without the advisor, SQL parsers or the language server."""
    heavy = ("slowlint.advisor", "sqlglot", "duckdb", "pyarrow", "pygls", "rich", "slowlint.demo", "jinja2")
    code = (
        "import sys; from slowlint import cli, rules; from slowlint.linter import check; from slowlint.linter.report "
        "import text; "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
