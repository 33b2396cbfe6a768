"""Which files are the project's: compared with git itself where git has an opinion."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from slowlint.linter.config import Settings
from slowlint.linter.errors import ConfigError, InputError
from slowlint.linter.files import discover


def tree(root: Path, *files: str) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_python_files_sorted_with_slashes(tmp_path: Path) -> None:
    tree(tmp_path, "b.py", "a/z.py", "a/types.pyi", "a/notes.txt", "a-b/c.py", "x.PY", "ä/ö.py")
    assert discover(tmp_path, Settings()) == ["a-b/c.py", "a/z.py", "b.py", "ä/ö.py"]


def test_other_peoples_folders_are_left_out(tmp_path: Path) -> None:
    tree(tmp_path, "app/a.py", ".venv/b.py", "node_modules/c/d.py", "lib/site-packages/e.py", "x/__pycache__/f.py")
    tree(tmp_path, "my-environment/pyvenv.cfg", "my-environment/lib/g.py", "build/lib/h.py", "pkg.egg-info/i.py")
    tree(tmp_path, "src/build/__init__.py", "src/build/command.py")
    assert discover(tmp_path, Settings()) == ["app/a.py", "src/build/__init__.py", "src/build/command.py"]


def test_gitignore_at_every_level_agrees_with_git(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    tree(
        tmp_path,
        *(f"{a}/{b}.py" for a in ("app", "app/gen", "app/gen/keep", "docs", "tmp/x") for b in ("a", "b_pb2", "c")),
    )
    tree(
        tmp_path,
        "root_pb2.py",
        "kept.py",
        "out/a.py",
        "deep/out/a.py",
        "white/list/a.py",
        "white/list/b.py",
        "we ird/a.py",
    )
    (tmp_path / ".gitignore").write_text(
        "*_pb2.py\n/out/\n!root_pb2.py\n# c\n\ntmp/**/c.py\nwhite/*/*\n!white/list/a.py\nwe\\ ird/\n"
    )
    (tmp_path / "app" / ".gitignore").write_text("gen/*\n!gen/keep/\n!b_pb2.py\n/a.py\n")
    (tmp_path / ".git" / "info" / "exclude").write_text("docs/c.py\n")
    listed = subprocess.run(
        ["git", "-C", str(tmp_path), "ls-files", "-z", "--others", "--exclude-standard", "*.py"],
        capture_output=True,
        check=True,
    ).stdout.decode()
    expected = sorted(path for path in listed.split("\0") if path)
    assert discover(tmp_path, Settings()) == expected
    assert "app/b_pb2.py" in expected and "app/a.py" not in expected  # the case says something


def test_gitignore_above_the_linted_folder_applies(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    tree(tmp_path, "backend/app/a.py", "backend/gen/a.py", "backend/app/local.py")
    (tmp_path / ".gitignore").write_text("/backend/gen/\nlocal.py\n")
    assert discover(tmp_path / "backend", Settings()) == ["app/a.py"]


def test_exclude_patterns(tmp_path: Path) -> None:
    tree(tmp_path, "app/a.py", "app/migrations/0001.py", "legacy/b.py", "app/legacy/c.py")
    settings = Settings(exclude=("/legacy", "**/migrations/"))
    assert discover(tmp_path, settings) == ["app/a.py", "app/legacy/c.py"]


def test_a_pattern_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"tool\.slowlint\.exclude.*'!'"):
        discover(tmp_path, Settings(exclude=("!",)))


def test_links_bring_in_nothing_twice_and_no_loop(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    tree(root, "a/b.py")
    tree(outside, "shared.py")
    (root / "a" / "loop").symlink_to(root)
    (root / "a" / "again.py").symlink_to(root / "a" / "b.py")
    (root / "shared.py").symlink_to(outside / "shared.py")
    (root / "dangling.py").symlink_to(tmp_path / "nowhere.py")
    os.mkfifo(root / "pipe.py")
    (root / "folder.py").mkdir()
    assert discover(root, Settings()) == ["a/b.py", "shared.py"]


def test_a_folder_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        discover(tmp_path / "nowhere", Settings())
