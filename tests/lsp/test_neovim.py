"""A real editor: headless Neovim with its own LSP client, over stdio."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..shop import shop

SERVER = str(Path(__file__).with_name("word_server.py"))
SCRIPT = """
local out = assert(io.open(vim.env.RESULT, "w"))
local asked = vim.json.decode(vim.env.ASKED)
vim.lsp.start({ name = "slowlint", cmd = asked.command, root_dir = vim.fn.getcwd() })
local function until_not(count)
  return vim.wait(30000, function() return #vim.diagnostic.get(0) ~= count end, 20)
end
local settled = until_not(0)
local shown = vim.diagnostic.get(0)[1]
vim.api.nvim_win_set_cursor(0, { asked.line, 0 })
local answers = vim.lsp.buf_request_sync(0, "textDocument/hover", vim.lsp.util.make_position_params(0, "utf-16"), 30000)
local hover = ""
for _, answer in pairs(answers or {}) do hover = answer.result and answer.result.contents.value or "" end
vim.api.nvim_buf_set_lines(0, asked.from, asked.to, false, asked.edit)
settled = until_not(#vim.diagnostic.get(0)) and settled
out:write(vim.json.encode({
  settled = settled, hover = hover, diagnostic = shown, after = #vim.diagnostic.get(0),
}))
out:close()
vim.cmd("qall!")
"""


def neovim() -> str:
    beside = Path(sys.executable).with_name("nvim")  # the development extra brings one
    found = str(beside) if beside.exists() else shutil.which("nvim")
    if found is None:
        pytest.skip("there is no nvim on PATH, and none on PyPI for this platform")
    return found


def edited(tmp_path: Path, root: Path, file: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Open a file in Neovim, wait for a diagnostic, hover over a line, edit, wait for another count of them."""
    script = tmp_path / "script.lua"
    script.write_text(SCRIPT)
    result = tmp_path / "result.json"
    done = subprocess.run(
        [neovim(), "--clean", "--headless", "-n", file, "-c", f"luafile {script}", "-c", "cquit 3"],
        cwd=root,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "RESULT": str(result), "ASKED": json.dumps(asked)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(result.read_text())
    assert seen["settled"], "no diagnostic came"
    return seen


def test_neovim_shows_diagnostics_and_hover(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    (root / "views.py").write_text("fine\n😀 slow x\n")
    (root / "models.py").write_text("cause\n")
    asked = {"command": [sys.executable, SERVER], "line": 2, "from": 0, "to": 0, "edit": ["slow too"]}
    seen = edited(tmp_path, root, "views.py", asked)
    shown = seen["diagnostic"]
    assert (shown["lnum"], shown["col"]) == (1, 5)  # Neovim counts bytes: the emoji is four
    assert shown["message"] == "😀 slow x\nMend it." and shown["source"] == "slowlint"
    assert shown["code"] == "query-in-loop"
    assert "A query in a loop." in seen["hover"]
    assert seen["after"] == 2


def test_neovim_with_slowlint_itself(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    command = [sys.executable, "-m", "slowlint", "lsp"]
    asked = {"command": command, "line": 5, "from": 4, "to": 5, "edit": ["    return orders()"]}  # never saved
    seen = edited(tmp_path, root, "app/views.py", asked)
    shown = seen["diagnostic"]
    assert (shown["code"], shown["lnum"]) == ("lazy-load-in-loop", 4)
    assert "select_related" in shown["message"]
    assert "lazy-load-in-loop" in seen["hover"] and "N+1" in seen["hover"]
    assert seen["after"] == 0
