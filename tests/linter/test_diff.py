"""--diff-base on real git repositories; the linter is a word search, so that the test is about the difference only."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from slowlint.linter.check import check
from slowlint.linter.config import Settings
from slowlint.linter.diff import base_overlay
from slowlint.linter.errors import InputError
from slowlint.linter.files import discover
from slowlint.linter.model import Finding, LintResult, Place, fingerprint

FAMILIES = {"query-in-loop": "orm"}


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def lint(root: Path, settings: Settings, *, overlay: Mapping[str, str] | None = None) -> LintResult:
    """Finds the word `slow`, named by the words after it."""
    texts = {path: (root / path).read_text() for path in discover(root, settings)} | dict(overlay or {})
    found = [
        Finding("query-in-loop", "orm", line, Place(path, number), "warning", "likely",
                fingerprint=fingerprint("query-in-loop", path, "", line))
        for path, text in sorted(texts.items())
        for number, line in enumerate(text.splitlines(), 1)
        if line.startswith("slow")
    ]  # fmt: skip
    return LintResult(tuple(found), len(texts))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    (root / "app").mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    (root / "app" / "old.py").write_text("slow_one()\nslow_two()\n" + "fine = 1\n" * 20)
    (root / "app" / "gone.py").write_text("slow_gone()\n")
    (root / "app" / "same.py").write_text("slow_same()\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "base")
    return root


def new(root: Path, base: str = "main", folder: str = "") -> list[tuple[str, str]]:
    result = check(root / folder, Settings(), FAMILIES, lint, base=base)
    return [(finding.place.path, finding.message) for finding in result.findings]


def test_nothing_changed_nothing_new(repo: Path) -> None:
    assert base_overlay(repo, "HEAD") is None
    assert new(repo) == []


def test_only_what_the_change_brings(repo: Path) -> None:
    git(repo, "checkout", "-q", "-b", "feature")
    text = (repo / "app" / "old.py").read_text()
    (repo / "app" / "old.py").write_text("# moved down\n" + text + "slow_three()\n")
    (repo / "app" / "added.py").write_text("slow_added()\n")
    (repo / "app" / "gone.py").unlink()
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "change")
    (repo / "app" / "untracked ü.py").write_text("slow_untracked()\n")
    (repo / "app" / "same.py").write_text("slow_same()\nslow_unsaved()\n")
    assert sorted(new(repo)) == [
        ("app/added.py", "slow_added()"),
        ("app/old.py", "slow_three()"),
        ("app/same.py", "slow_unsaved()"),
        ("app/untracked ü.py", "slow_untracked()"),
    ]


def test_a_renamed_file_brings_only_its_changes(repo: Path) -> None:
    git(repo, "mv", "app/old.py", "app/new name.py")
    with (repo / "app" / "new name.py").open("a") as file:
        file.write("slow_three()\n")
    assert new(repo) == [("app/new name.py", "slow_three()")]


def test_a_second_one_of_a_kind_is_new(repo: Path) -> None:
    (repo / "app" / "same.py").write_text("slow_same()\nslow_same()\n")
    assert new(repo) == [("app/same.py", "slow_same()")]


def test_a_removed_suppression_brings_its_finding(repo: Path) -> None:
    (repo / "app" / "same.py").write_text("slow_same()  # slowlint: ignore[orm] few rows\n")
    git(repo, "commit", "-q", "-a", "-m", "quiet")
    git(repo, "tag", "quiet")
    (repo / "app" / "same.py").write_text("slow_same()\n")
    assert new(repo, "quiet") == [("app/same.py", "slow_same()")]


def test_what_the_other_branch_did_meanwhile_does_not_count(repo: Path) -> None:
    git(repo, "checkout", "-q", "-b", "feature")
    git(repo, "checkout", "-q", "main")
    (repo / "app" / "same.py").write_text("repaired = 1\n")
    git(repo, "commit", "-q", "-a", "-m", "repair on main")
    git(repo, "checkout", "-q", "feature")
    assert new(repo, "main") == []


def test_a_folder_of_the_repository(repo: Path) -> None:
    (repo / "other.py").write_text("slow_other()\n")
    (repo / "app" / "same.py").write_text("slow_same()\nslow_again()\n")
    assert new(repo, folder="app") == [("same.py", "slow_again()")]


def test_no_repository_and_no_such_revision(repo: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="git knows no revision 'nowhere'"):
        base_overlay(repo, "nowhere")
    with pytest.raises(InputError, match="git knows no revision '--all'"):
        base_overlay(repo, "--all")
    with pytest.raises(InputError, match="--diff-base needs a git repository"):
        base_overlay(tmp_path, "main")
