"""What is kept between runs changes nothing but the time: whatever happens to it, findings are those of a cold run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint
from slowlint.linter.model import LintResult

from ..shop import shop
from .edited_tree import Tree

RULES = rules.load()


def run(root: Path, cache: Path | None) -> LintResult:
    return lint(root, Settings(), RULES, cache=cache)


def told(result: LintResult) -> list[str]:
    return [repr(finding) for finding in result.findings]


@pytest.mark.parametrize("seed", range(6))
def test_a_run_with_a_cache_tells_what_a_cold_run_tells(tmp_path: Path, seed: int) -> None:
    tree = Tree(tmp_path / "project", seed)
    done = ["the start"]
    found = 0
    for _ in range(25):
        warm, cold = run(tree.root, tmp_path / "cache"), run(tree.root, None)
        assert (told(warm), warm.files, warm.unreadable) == (told(cold), cold.files, cold.unreadable), done
        assert not cold.unreadable
        found += len(cold.findings)
        done.append(tree.edit())
    assert found > 25  # the edits do make and unmake findings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shop(tmp_path / "shop")


def kept(cache: Path) -> Iterator[Path]:
    return (file for file in sorted(cache.rglob("*")) if file.is_file())


def test_a_run_keeps_something_and_uses_it(root: Path, tmp_path: Path) -> None:
    cold = run(root, tmp_path / "cache")
    assert {file.name for file in kept(tmp_path / "cache")} >= {"facts", "memo", "state", "result"}
    assert cold.findings
    assert run(root, tmp_path / "cache") == cold == run(root, None)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda data: b"",
    "cut in half": lambda data: data[: len(data) // 2],
    "one byte short": lambda data: data[:-1],
    "a bit turned": lambda data: (
        data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]
    ),
    "foreign": lambda data: b"%PDF-1.7\n" + bytes(range(256)) * 8,
    "zeros": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("name", ["facts", "memo", "state", "result"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_counts_as_absent(root: Path, tmp_path: Path, name: str, damage: str) -> None:
    cache = tmp_path / "cache"
    cold = run(root, cache)
    (file,) = (f for f in kept(cache) if f.name == name)
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    assert run(root, cache) == cold
    (root / "app" / "queries.py").open("a").write("\nX = 1\n")  # and now the memo and the facts are asked too
    assert run(root, cache) == run(root, None)
    assert run(root, cache) == run(root, None)


def test_files_swapped_with_one_another_count_as_absent(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cold = run(root, cache)
    files = {file.name: file for file in kept(cache)}
    bodies = {name: file.read_bytes() for name, file in files.items()}
    names = sorted(files)
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        files[name].write_bytes(bodies[other])
    assert run(root, cache) == cold


def test_a_file_changed_within_the_clocks_grain_is_read_again(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    before = run(root, cache)
    file = root / "app" / "views.py"
    stat = file.stat()
    text = file.read_text()
    file.write_text("#" + text[1:] if not text.startswith("#") else text)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_size == stat.st_size
    after = run(root, cache)
    assert after == run(root, None)
    assert before == after or text[0] not in "#\n"


def test_a_folder_that_cannot_be_written_is_left_alone(root: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file where the folder should be")
    assert run(root, taken) == run(root, None)
    assert taken.read_text() == "a file where the folder should be"


PROGRAM = """
import sys
from pathlib import Path
from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint
root, cache = Path(sys.argv[1]), Path(sys.argv[2])
chosen = rules.load()
for round in range(8):
    (root / "app" / f"own{sys.argv[3]}.py").write_text(f"X = {round}\\n")
    result = lint(root, Settings(), chosen, cache=cache)
    assert result.findings and not result.unreadable, result
"""


def test_two_processes_may_write_at_once(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(root), str(cache), name], stderr=subprocess.PIPE, text=True
        )
        for name in "ab"
    ]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert run(root, cache) == run(root, None)
    assert not [file for file in kept(cache) if file.name.startswith(".")]  # nothing half-written is left


def test_a_run_that_is_killed_leaves_a_cache_that_can_be_used(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    endless = PROGRAM.replace("range(8)", "range(10**9)")
    for wait in (0.4, 0.6, 0.8):
        process = subprocess.Popen(
            [sys.executable, "-c", endless, str(root), str(cache), "k"], stderr=subprocess.DEVNULL
        )
        time.sleep(wait)
        process.kill()
        process.wait()
        assert run(root, cache) == run(root, None)


def test_only_the_most_recent_roots_are_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for i in range(27):
        project = tmp_path / f"project{i}"
        project.mkdir()
        (project / "app.py").write_text("x = 1\n")
        assert lint(project, Settings(), RULES[:1], cache=cache).files == 1
    (version,) = cache.iterdir()
    assert len(list(version.iterdir())) == 24
