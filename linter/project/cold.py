"""Which code never runs for users: tests, migrations, documentation, and what developers run by hand.

In: paths and functions. Out: yes or no. What only a command or a start reaches is for `entries` to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..facts import ir
from .annotations import spelled

if TYPE_CHECKING:
    from .project import Project

_COLD_FILES = ("conftest.py", "setup.py", "noxfile.py")
_FIXTURES = ("pytest.fixture", "pytest_asyncio.fixture", "fixture")
_TOOLS = {"scripts", "script", "tools", "bin", "dev", "ci", "examples", "benchmarks", "hack", "release"}
_SCRIPTS, _WORD = {"script", "scripts"}, re.compile(r"[a-z]+")  # also of `scripts-dev` and `_scripts`
_COLD_FOLDERS = (
    "tests", "test", "testing", "benches", "benchmark", "benchmarks", "migrations", "alembic",
    "versions", "docs", "node_modules",
)  # fmt: skip


def cold(path: str) -> bool:
    """Whether a file's code never runs for users: tests, migrations, documentation."""
    *folders, name = path.split("/")
    return (
        name in _COLD_FILES
        or name.startswith(("test_", "bench_", "benchmark_"))
        or name.endswith(("_test.py", "_tests.py"))
        or name in ("tests.py", "factories.py")
        or any(f in _COLD_FOLDERS or f.startswith("test_") or f.endswith("_tests") for f in folders)
    )


def by_hand(path: str) -> bool:
    """Whether a file belongs to what developers and operators run, who see that it hangs."""
    folders = path.split("/")[:-1]
    return any(f in _TOOLS or f.startswith(".") or _SCRIPTS & set(_WORD.findall(f)) for f in folders)


def of_tests(project: Project, ref: str) -> bool:
    """Whether a function runs only in tests, wherever its file lies: a fixture, a method of a test case."""
    owner = project.class_info(ref.rpartition(".")[0])
    if owner is not None:
        return any(a.startswith("ext:") and a.endswith("TestCase") for a in owner.lineage)
    found = project.function(ref)
    decorators = found.core[ir.C_DECORATORS] if found is not None else ()
    return any(spelled(d[1] if isinstance(d, tuple) and d[0] == ir.CALL else d) in _FIXTURES for d in decorators)
