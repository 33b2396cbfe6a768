"""Columns count characters, not bytes, through the whole linter."""

from __future__ import annotations

from pathlib import Path

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint


def test_columns_after_wide_characters_are_characters(tmp_path: Path) -> None:
    line = '    x = "é日"; time.sleep(len("日本"))'
    (tmp_path / "app.py").write_text(f"import time\n\n\nasync def f():\n{line}\n", encoding="utf-8")
    (found,) = lint(tmp_path, Settings(), rules.load({"blocking-call-in-async"})).findings
    assert line[found.place.column - 1 : found.place.end_column - 1] == 'sleep(len("日本"))'
