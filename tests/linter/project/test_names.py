"""What an import means when several files could be meant."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint


def lines(root: Path, files: dict[str, str]) -> list[tuple[str, int]]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(dedent(text))
    codes = {"blocking-call-in-async", "blocking-call-reachable"}
    return sorted((f.place.path, f.place.line) for f in lint(root, Settings(), rules.load(codes)).findings)


SLEEPS = "import time\n\nasync def wait():\n    time.sleep(1)\n"


@pytest.mark.parametrize("hidden", ["tests/fixtures/time.py", "vendored/deep/time.py"])
def test_a_standard_module_is_not_a_file_of_that_name_elsewhere(tmp_path: Path, hidden: str) -> None:
    assert lines(tmp_path, {"app/__init__.py": "", "app/jobs.py": SLEEPS, hidden: "X = 1\n"}) == [("app/jobs.py", 4)]


def test_a_script_sees_the_module_beside_it_first(tmp_path: Path) -> None:
    assert lines(tmp_path, {"jobs.py": SLEEPS, "time.py": "def sleep(seconds):\n    return seconds\n"}) == []


def test_programs_do_not_import_from_tests(tmp_path: Path) -> None:
    source = "import redis\n\nasync def get(key):\n    return redis.Redis().get(key)\n"
    files = {"app/cache.py": source, "tests/stubs/redis.py": "class Redis:\n    def get(self, key): return key\n"}
    assert lines(tmp_path, files) == [("app/cache.py", 4)]


def test_what_is_imported_first_goes_before_what_it_falls_back_on(tmp_path: Path) -> None:
    use = """
        try:
            from app.new import read
        except ImportError:
            from app.old import read

        async def handler():
            return read()
    """
    reads = "def read():\n    return open('x').read()\n"
    files = {"app/__init__.py": "", "app/new.py": reads, "app/use.py": use}
    assert lines(tmp_path, files) == [("app/new.py", 2)]


def test_a_fallback_of_the_project_goes_before_what_nobody_can_see(tmp_path: Path) -> None:
    use = """
        try:
            from fast import read
        except ImportError:
            from app.slow import read

        async def handler():
            return read()
    """
    reads = "def read():\n    return open('x').read()\n"
    files = {"app/__init__.py": "", "app/slow.py": reads, "app/use.py": use}
    assert lines(tmp_path, files) == [("app/slow.py", 2)]
