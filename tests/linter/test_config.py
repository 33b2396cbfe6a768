"""[tool.slowlint]: what is accepted, and what the errors say."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowlint.linter.config import Settings, find_root, load
from slowlint.linter.errors import ConfigError, InputError


def project(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_every_setting_is_read(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    project(
        tmp_path,
        """
        [tool.slowlint]
        select = ["orm", "missing-timeout"]
        ignore = ["query-in-loop"]
        exclude = ["legacy/"]
        source-roots = ["./src/"]
        min-confidence = "possible"
        frameworks = ["django"]
        [tool.slowlint.per-file-ignores]
        "tests/*" = ["orm"]
        """,
    )
    assert load(tmp_path) == Settings(
        select=("orm", "missing-timeout"),
        ignore=("query-in-loop",),
        exclude=("legacy/",),
        source_roots=("src",),
        min_confidence="possible",
        frameworks=("django",),
        per_file_ignores=(("tests/*", ("orm",)),),
    )


def test_defaults_without_a_table_and_without_a_file(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()
    assert load(project(tmp_path, "[project]\nname = 'x'\n")) == Settings()
    assert Settings().min_confidence == "likely"


@pytest.mark.parametrize(
    ("line", "message", "tip"),
    [
        ("min_confidence = 'likely'", "no setting 'min_confidence'", "Did you mean 'min-confidence'?"),
        ("sellect = []", "no setting 'sellect'", "Did you mean 'select'?"),
        ("zzz = 1", "no setting 'zzz'", "Known: catalogue, exclude, frameworks, ignore"),
        ("min-confidence = 'lightly'", "min-confidence cannot be 'lightly'", "Did you mean 'likely'?"),
        ("select = 'orm'", "tool.slowlint.select must be a list", '["one", "two"]'),
        ("ignore = [1]", "tool.slowlint.ignore must be a list of strings", ""),
        ("per-file-ignores = ['a']", "per-file-ignores must be a table", ""),
        ("per-file-ignores = {'a*' = 'orm'}", "per-file-ignores.'a*' must be a list", ""),
        ("source-roots = ['nowhere']", "names 'nowhere', which is no folder", ""),
        ("source-roots = ['../other']", "names '../other', which is outside", ""),
    ],
)
def test_errors_name_the_file_the_key_and_the_way_out(tmp_path: Path, line: str, message: str, tip: str) -> None:
    project(tmp_path, f"[tool.slowlint]\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert str(tmp_path / "pyproject.toml") in str(caught.value)
    assert message in str(caught.value)
    assert tip in caught.value.tip


@pytest.mark.parametrize("text", [b"[tool.slowlint\n", b"\xff\xfe", b"[tool]\nslowlint = 3\n"])
def test_damaged_files_are_told_by_name(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text)
    with pytest.raises(ConfigError, match=r"pyproject\.toml"):
        load(tmp_path)


def test_a_tool_entry_that_is_no_table_has_no_settings(tmp_path: Path) -> None:
    assert load(project(tmp_path, "tool = 3\n")) == Settings()


def test_root_is_the_nearest_pyproject_above_all_targets(tmp_path: Path) -> None:
    inner = tmp_path / "backend" / "app"
    inner.mkdir(parents=True)
    (inner / "a.py").touch()
    project(tmp_path / "backend", "")
    project(tmp_path, "")
    assert find_root([inner / "a.py"]) == tmp_path / "backend"
    assert find_root([inner]) == tmp_path / "backend"
    assert find_root([inner, tmp_path / "pyproject.toml"]) == tmp_path


def test_root_without_pyproject_is_the_repository_then_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "app" / "views"
    inner.mkdir(parents=True)
    (inner / "a.py").touch()
    assert find_root([inner / "a.py"]) == inner
    monkeypatch.chdir(tmp_path)
    assert find_root([inner]) == inner
    assert find_root([inner / "a.py"]) == tmp_path
    (tmp_path / ".git").mkdir()
    assert find_root([inner]) == tmp_path


def test_the_settings_of_an_enclosing_project_never_apply(tmp_path: Path) -> None:
    project(tmp_path, "")
    (tmp_path / "vendored" / ".git").mkdir(parents=True)
    assert find_root([tmp_path / "vendored"]) == tmp_path / "vendored"


def test_missing_target(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere does not exist"):
        find_root([tmp_path / "nowhere"])
