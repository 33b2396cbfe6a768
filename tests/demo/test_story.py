"""The demo's story: once as a user runs it, and what happens when a step goes wrong."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from slowlint.demo import commands, run, server
from slowlint.linter.errors import InputError, SlowlintError


def slowlint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with `folder` as working and as temporary folder."""
    environment = {**os.environ, "TMPDIR": str(folder), "XDG_CACHE_HOME": str(folder.parent / "cache")}
    command = [sys.executable, "-m", "slowlint", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_demo_as_a_user_runs_it(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    done = slowlint(folder, "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    ranking = [line.split() for line in done.stdout.splitlines() if " s/h " in line]
    # 2045 s/h  lazy-load-in-loop  summaries.py:21  GET /orders
    assert ranking[0][2] == "lazy-load-in-loop" and ranking[0][3].startswith("summaries.py:")
    assert {row[2] for row in ranking} == {"lazy-load-in-loop", "blocking-call-reachable", "unindexed-filter"}
    assert "+    loaded = joinedload(Order.customer), selectinload(Order.lines)" in done.stdout
    assert "the saving came" in done.stdout and "30 → 0 calls a request" in done.stdout
    assert "sqlalchemy_hook" not in done.stdout, "the recorder's own lines are nobody's code"
    predicted, measured = (
        line for line in done.stdout.splitlines() if line.startswith(("predicted  −", "measured   −"))
    )
    assert "between" in predicted and "ms → " in measured
    assert "\x1b" not in done.stdout, "plain when piped"
    assert list(folder.iterdir()) == [], "nothing is left behind"


def test_linter_finds_what_is_planted_in_the_shop_and_nothing_else(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(run.SHOP, shop, ignore=shutil.ignore_patterns("__pycache__"))
    done = slowlint(shop, "check", ".", "--output-format", "json")
    found = {(finding["code"], finding["path"], finding["line"]) for finding in json.loads(done.stdout)["findings"]}

    def line(file: str, text: str) -> int:
        """The last line that holds the text."""
        return max(n for n, one in enumerate((shop / file).read_text().splitlines(), 1) if text in one)

    assert found == {
        ("lazy-load-in-loop", "summaries.py", line("summaries.py", "for line in order.lines")),
        ("blocking-call-reachable", "shipping.py", line("shipping.py", "urllib.request.urlopen(")),
        ("unindexed-filter", "models.py", line("models.py", "sku: Mapped[str]")),
    }


def test_folder_to_keep_must_be_new(tmp_path: Path) -> None:
    (tmp_path / "other.txt").touch()
    with pytest.raises(InputError, match="exists already"):
        run.run(out=io.StringIO(), keep=tmp_path)


def test_nothing_is_left_behind_when_a_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SLOWLINT", (sys.executable, "-c", "import sys; sys.exit('cannot record here')"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(SlowlintError, match="did not start") as caught:
        run.run(out=io.StringIO(), requests=20)
    assert "cannot record here" in caught.value.tip
    assert list(tmp_path.iterdir()) == []


def test_failing_step_is_told_with_the_commands_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "SLOWLINT", (sys.executable, "-c", "import sys; sys.exit('no such thing')"))
    with pytest.raises(SlowlintError, match="`slowlint check` ended with status 1") as caught:
        commands.check(tmp_path, tmp_path)
    assert "no such thing" in caught.value.tip


def test_finding_without_price_or_worked_fix_is_passed_over() -> None:
    share = {"point": 0.5, "low": 0.4, "high": 0.6}

    def finding(code: str, path: str, route: str | None) -> dict[str, object]:
        return {"code": code, "path": path, "cost": route and {"routes": [route], "per_route": {route: share}}}

    report = {
        "findings": [
            finding("lazy-load-in-loop", "summaries.py", None),
            finding("repeated-query", "elsewhere.py", "GET /stock/{sku}"),
            finding("unindexed-filter", "repository.py", "GET /stock/{sku}"),
        ]
    }
    chosen = run.choose(report)
    assert chosen.fix.path == "models.py"
    assert (chosen.route, chosen.predicted) == ("/stock/{sku}", (0.5, 0.4, 0.6))
    assert run.came(chosen, 0.41)
    assert not run.came(chosen, 0.39)
    with pytest.raises(SlowlintError, match="was priced"):
        run.choose({"findings": []})
