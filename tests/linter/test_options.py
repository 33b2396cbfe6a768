"""Options that take several values, and extras that are not installed."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from slowlint.linter.errors import MissingExtraError
from slowlint.linter.options import ListsCommand, needs


def parsed(*arguments: str) -> tuple[list[str], list[str], str | None]:
    command = ListsCommand(
        "verify",
        params=[
            click.Option(["--before"], multiple=True, type=click.Path()),
            click.Option(["--after"], multiple=True, type=click.Path()),
            click.Option(["--format"]),
            click.Argument(["path"], required=False),
        ],
        callback=lambda before, after, format, path: (list(before), list(after), path),
    )
    found: tuple[list[str], list[str], str | None] = command.main(list(arguments), standalone_mode=False)
    return found


def test_a_shell_glob_belongs_to_its_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c"):
        (tmp_path / name).touch()
    (tmp_path / "app").mkdir()
    assert parsed("--before", "a", "b", "--after", "c", "app") == (["a", "b"], ["c"], "app")
    assert parsed("app", "--before", "a", "b", "--after", "c") == (["a", "b"], ["c"], "app")
    assert parsed("--before", "a", "--before", "b", "--after=c") == (["a", "b"], ["c"], None)
    assert parsed("--before=a", "b", "app") == (["a", "b"], [], "app")
    assert parsed("--before", "app", "a", "--format", "x", "c") == (["app", "a"], [], "c")
    assert parsed("--before", "nowhere", "a") == (["nowhere", "a"], [], None)
    assert parsed("--before", "a", "--", "b") == (["a"], [], "b")


def test_a_missing_extra_names_the_line_that_installs_it() -> None:
    needs("advisor", "json", "importlib.metadata")
    for module in ("no_such_package", "no_such_package.inner"):
        with pytest.raises(MissingExtraError, match="needs no_such_package, which is not installed") as caught:
            needs("advisor", "json", module)
        assert caught.value.tip == "pip install 'slowlint[advisor]'"
