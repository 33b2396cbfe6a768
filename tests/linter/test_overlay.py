"""Text that is not on disk: unsaved buffers, and old versions for --diff-base, through the real engine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from slowlint import rules
from slowlint.linter.check import check
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint
from slowlint.linter.model import LintResult

from ..shop import QUERIES, VIEWS, shop

CODE = "lazy-load-in-loop"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shop(tmp_path / "shop")


def found(root: Path, base: str | None = None, overlay: dict[str, str] | None = None) -> list[tuple[str, str]]:
    chosen = rules.load({CODE})

    def engine(root: Path, settings: Settings, *, overlay: object = None) -> LintResult:
        return lint(root, settings, chosen, overlay=overlay)  # type: ignore[arg-type]

    result = check(root, Settings(), rules.families(), engine, base=base, overlay=overlay)
    return [(finding.code, finding.place.path) for finding in result.findings]


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def test_a_file_that_is_not_saved_yet_is_part_of_the_project(root: Path) -> None:
    own = VIEWS.replace(".queries", ".more")
    assert found(root, overlay={"app/new.py": own, "app/more.py": QUERIES}) == [
        (CODE, "app/new.py"),
        (CODE, "app/views.py"),
    ]


def test_a_buffer_is_text_whatever_its_coding_line_says(root: Path) -> None:
    text = "# coding: latin-1\n" + VIEWS.replace("def listing", "é = 'ü€'\n\n\ndef listing")
    assert found(root, overlay={"app/views.py": text}) == [(CODE, "app/views.py")]


def test_a_file_that_cannot_be_opened_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def refusing(path: Path) -> bytes:
        if path.name == "queries.py":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refusing)
    result = lint(root, Settings(), ())
    assert [(one.place.path, one.message) for one in result.unreadable] == [
        ("app/queries.py", "cannot be opened: Permission denied")
    ]


def test_moving_a_file_brings_nothing(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "base")
    git(root, "mv", "app/queries.py", "app/selectors.py")
    git(root, "mv", "app/views.py", "app/pages.py")
    moved = (root / "app" / "pages.py").read_text().replace(".queries", ".selectors")
    (root / "app" / "pages.py").write_text(moved)
    assert found(root) == [(CODE, "app/pages.py")]
    assert found(root, base="HEAD") == []


def test_taking_a_loader_away_brings_the_finding_in_the_other_file(root: Path) -> None:
    (root / "app" / "queries.py").write_text(QUERIES.replace(".all()", '.select_related("customer")'))
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "base")
    assert found(root, base="HEAD") == []
    (root / "app" / "queries.py").write_text(QUERIES)
    assert found(root, base="HEAD") == [(CODE, "app/views.py")]
