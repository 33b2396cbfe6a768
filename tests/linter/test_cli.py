"""`slowlint` as a user runs it: exit statuses, stdout and stderr, options."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ..shop import VIEWS
from ..shop import shop as shop_project

CLEAN = VIEWS.replace("order.customer.name", "order.pk")
Done = subprocess.CompletedProcess[str]


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path) -> Path:
    return shop_project(tmp_path / "shop")


def slowlint(*arguments: str, cwd: Path, **environment: str) -> Done:
    cache = {"XDG_CACHE_HOME": str(cwd.parent / "cache")}
    return subprocess.run(
        [sys.executable, "-m", "slowlint", *arguments],
        cwd=cwd,
        env={**os.environ, **cache, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def codes(done: Done) -> list[tuple[str, str, int]]:
    return [(one["code"], one["path"], one["line"]) for one in json.loads(done.stdout)["findings"]]


N_PLUS_ONE = ("lazy-load-in-loop", "app/views.py", 5)


def test_findings_exit_1_with_the_report_on_stdout(shop: Path) -> None:
    done = slowlint("check", cwd=shop)
    assert done.returncode == 1 and done.stderr == ""
    assert "app/views.py:5:" in done.stdout and "lazy-load-in-loop" in done.stdout
    assert "\x1b" not in done.stdout  # piped
    assert "select_related" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 finding (")


def test_clean_exits_0(shop: Path) -> None:
    (shop / "app" / "views.py").write_text(CLEAN)
    done = slowlint("check", cwd=shop)
    assert (done.returncode, done.stdout) == (0, "Nothing slow found in 4 files.\n")


def test_paths_choose_what_is_reported_not_what_is_read(shop: Path) -> None:
    assert codes(slowlint("check", "app/queries.py", "--output-format", "json", cwd=shop)) == [N_PLUS_ONE]
    assert codes(slowlint("check", "views.py", "--output-format", "json", cwd=shop / "app")) == [N_PLUS_ONE]
    other = slowlint("check", "app/__init__.py", "--output-format", "json", cwd=shop)
    assert codes(other) == [] and other.returncode == 0 and json.loads(other.stdout)["files"] == 4


def test_text_paths_lead_there_from_the_working_folder(shop: Path) -> None:
    assert "../app/views.py:5:" in slowlint("check", ".", cwd=shop / "app").stdout
    assert "shop/app/views.py:5:" in slowlint("check", "shop", cwd=shop.parent).stdout


def test_fail_on_and_exit_zero(shop: Path) -> None:
    shown = json.loads(slowlint("check", "--output-format", "json", cwd=shop).stdout)["findings"][0]
    sure, severe = shown["confidence"], shown["severity"]
    assert slowlint("check", "--exit-zero", cwd=shop).returncode == 0
    assert slowlint("check", "--fail-on", sure, "--fail-on", severe, cwd=shop).returncode == 1
    (shop / "app" / "views.py").write_text(CLEAN + "x = 1  # slowlint: ignore[orm]\n")  # a note, but certain
    assert slowlint("check", "--fail-on", "certain", cwd=shop).returncode == 1
    assert slowlint("check", "--fail-on", "warning", cwd=shop).returncode == 0
    assert slowlint("check", "--fail-on", "certain", "--fail-on", "warning", cwd=shop).returncode == 0


def test_select_ignore_and_settings(shop: Path) -> None:
    assert codes(slowlint("check", "--select", "io,commit-in-loop", "--output-format", "json", cwd=shop)) == []
    assert codes(slowlint("check", "--ignore", "orm", "--output-format", "json", cwd=shop)) == []
    (shop / "pyproject.toml").write_text('[tool.slowlint.per-file-ignores]\n"app/v*.py" = ["lazy-load-in-loop"]\n')
    assert codes(slowlint("check", "--output-format", "json", cwd=shop)) == []
    assert "unused-ignore" not in slowlint("check", "--select", "orm", cwd=shop).stdout


def test_suppression_comments(shop: Path) -> None:
    (shop / "app" / "views.py").write_text(VIEWS.replace("()]", "()]  # slowlint: ignore[orm] three rows"))
    assert slowlint("check", cwd=shop).returncode == 0


def test_unreadable_files_are_findings(shop: Path) -> None:
    (shop / "app" / "broken.py").write_text("def f(:\n")
    (shop / "app" / "latin.py").write_bytes(b"x = '\xe9'\n")
    done = slowlint("check", "--output-format", "json", cwd=shop)
    assert {N_PLUS_ONE, ("unreadable-file", "app/broken.py", 1), ("unreadable-file", "app/latin.py", 1)} == set(
        codes(done)
    )
    unreadable = json.loads(done.stdout)["unreadable"]
    assert {one["path"] for one in unreadable} == {"app/broken.py", "app/latin.py"}


def test_diff_base(shop: Path) -> None:
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@e.org", "commit", "-qm", "a"],
    ):
        subprocess.run(["git", "-C", str(shop), *command], check=True)
    assert slowlint("check", "--diff-base", "HEAD", cwd=shop).returncode == 0
    with (shop / "app" / "views.py").open("w") as file:
        file.write("# down\nfrom .models import Order\n" + VIEWS)
        file.write("\n\ndef other(request):\n    return [o.customer.name for o in Order.objects.filter(pk__gt=9)]\n")
    found = codes(slowlint("check", "--diff-base", "HEAD", "--output-format", "json", cwd=shop))
    assert found == [("lazy-load-in-loop", "app/views.py", 11)]


@pytest.mark.parametrize("name", ["json", "sarif", "github", "text"])
def test_every_format_goes_to_a_file_whole(shop: Path, name: str) -> None:
    done = slowlint("check", "--output-format", name, "--output-file", "out/report", cwd=shop)
    assert done.returncode == 1 and done.stdout == ""
    assert "lazy-load-in-loop" in (shop / "out" / "report").read_text()
    assert [file.name for file in (shop / "out").iterdir()] == ["report"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "nowhere"], "error: nowhere does not exist."),
        (["check", "--select", "lazy-load-in-lop"], "tip: Did you mean 'lazy-load-in-loop'?"),
        (["check", "--diff-base", "main"], "error: --diff-base needs a git repository"),
        (["check", "--output-format", "xml"], "Invalid value for '--output-format'"),
        (["chekc"], "No such command 'chekc'"),
        (["explain", "lazy-load-in-lop"], "tip: Did you mean 'lazy-load-in-loop'?"),
        (["check", "--output-file", "/proc/nowhere/report"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_exits_2_with_a_sentence(shop: Path, arguments: list[str], words: str) -> None:
    done = slowlint(*arguments, cwd=shop)
    assert done.returncode == 2 and done.stdout == ""
    assert words in done.stderr and "Traceback" not in done.stderr


def test_a_wrong_setting_exits_2(shop: Path) -> None:
    (shop / "pyproject.toml").write_text('[tool.slowlint]\nframeworks = ["djanog"]\n')
    done = slowlint("check", cwd=shop)
    assert done.returncode == 2 and "'djanog'" in done.stderr and "Did you mean 'django'?" in done.stderr


def test_a_reader_that_goes_away_changes_nothing(shop: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "slowlint", "check"], cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (1, b"")


def test_ctrl_c_ends_quietly_with_130(shop: Path) -> None:
    code = (
        "import sys, time; from slowlint import cli; from slowlint.linter import check\n"
        "def wait(*a, **k): print('ready', flush=True); time.sleep(60)\n"
        "check.check = wait; sys.exit(cli.run(['check']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and stderr.strip() == "interrupted"


def test_colour_is_for_terminals(shop: Path) -> None:
    assert "\x1b[" in slowlint("check", cwd=shop, FORCE_COLOR="1").stdout
    assert "\x1b[" not in slowlint("check", "--no-color", cwd=shop, FORCE_COLOR="1").stdout
    assert "\x1b[" not in slowlint("check", cwd=shop, FORCE_COLOR="1", NO_COLOR="1").stdout


def test_rules_and_explain(shop: Path) -> None:
    listed = slowlint("rules", cwd=shop)
    assert listed.returncode == 0
    assert any(line.split()[:2] == ["lazy-load-in-loop", "orm"] for line in listed.stdout.splitlines())
    machine = json.loads(slowlint("rules", "--output-format", "json", cwd=shop).stdout)
    assert {"unused-ignore", "unreadable-file", "lazy-load-in-loop"} <= {rule["code"] for rule in machine}
    assert all(rule["summary"].endswith((".", ":")) for rule in machine)
    page = slowlint("explain", "lazy-load-in-loop", cwd=shop)
    assert page.stdout.startswith("# lazy-load-in-loop\n") and "\n## " not in page.stdout
    assert "│" not in page.stdout and page.returncode == 0


def test_help_and_version(shop: Path) -> None:
    assert "check" in slowlint("--help", cwd=shop).stdout
    assert slowlint("--version", cwd=shop).stdout.startswith("slowlint, version ")
