"""A real editor: headless Neovim with its own LSP client, over stdio."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SERVER = str(Path(__file__).with_name("word_server.py"))
SCRIPT = """
local out = assert(io.open(vim.env.RESULT, "w"))
vim.lsp.start({ name = "slowlint", cmd = vim.json.decode(vim.env.SERVER), root_dir = vim.fn.getcwd() })
local function settled(wanted)
  return vim.wait(30000, function() return #vim.diagnostic.get(0) == wanted end, 20)
end
local first = settled(1)
local shown = vim.diagnostic.get(0)[1]
vim.api.nvim_win_set_cursor(0, { 2, 0 })
local answers = vim.lsp.buf_request_sync(0, "textDocument/hover", vim.lsp.util.make_position_params(0, "utf-16"), 30000)
local hover = ""
for _, answer in pairs(answers or {}) do hover = answer.result and answer.result.contents.value or "" end
vim.api.nvim_buf_set_lines(0, 0, 0, false, { "slow too" })
local second = settled(2)
out:write(vim.json.encode({ first = first, second = second, hover = hover, diagnostic = shown }))
out:close()
vim.cmd("qall!")
"""


def neovim() -> str:
    beside = Path(sys.executable).with_name("nvim")  # the development extra brings one
    found = str(beside) if beside.exists() else shutil.which("nvim")
    if found is None:
        pytest.skip("there is no nvim on PATH, and none on PyPI for this platform")
    return found


def test_neovim_shows_diagnostics_and_hover(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    (root / "views.py").write_text("fine\n😀 slow x\n")
    (root / "models.py").write_text("cause\n")
    script = tmp_path / "script.lua"
    script.write_text(SCRIPT)
    result = tmp_path / "result.json"
    done = subprocess.run(
        [neovim(), "--clean", "--headless", "-n", "views.py", "-c", f"luafile {script}", "-c", "cquit 3"],
        cwd=root,
        env={
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
            "RESULT": str(result),
            "SERVER": json.dumps([sys.executable, SERVER]),
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(result.read_text())
    assert seen["first"] and seen["second"]
    shown = seen["diagnostic"]
    assert (shown["lnum"], shown["col"]) == (1, 5)  # Neovim counts bytes: the emoji is four
    assert shown["message"] == "😀 slow x\nMend it." and shown["source"] == "slowlint"
    assert shown["code"] == "query-in-loop"
    assert "A query in a loop." in seen["hover"]
