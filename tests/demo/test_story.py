"""The demo's story: real application, real recorder; the tool's reports are stood in for by ones of the contract."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from slowlint.demo import commands, run, server
from slowlint.linter.errors import InputError, SlowlintError

_STAND_IN = """
import json, os, sys
from pathlib import Path
command, arguments = sys.argv[1], sys.argv[2:]
if command == "record":
    from slowlint.advisor.record.record import record
    store = Path(arguments[arguments.index("--store") + 1])
    wrapped = arguments[arguments.index("--") + 1 :]
    sys.exit(record(wrapped, spool=store.parent / "spool", environment=os.environ).exit_code)
finding = {"code": "lazy-load-in-loop", "path": "summaries.py", "line": 21, "cost": None}
if command == "check":
    print(json.dumps({"findings": [finding]}))
elif command == "advise":
    files = [Path(arguments[at + 1]) for at, word in enumerate(arguments) if word == "--telemetry"]
    assert files and all(file.stat().st_size > 1000 for file in files), files
    share = {"point": 0.6, "low": 0.3, "high": 0.95}
    cost = {"saving": {"share": share, "seconds_per_hour": {"point": 90.0, "low": 50.0, "high": 120.0}},
            "routes": ["GET /orders", "GET /else"], "per_route": {"GET /orders": share}}
    routes = [{"route": "/orders", "requests": 75, "mean_ms": 20.0, "saving": {"share": share, "ms": share}}]
    print(json.dumps({"findings": [{**finding, "cost": cost}], "routes": routes}))
elif command == "verify":
    assert {"--before", "--after"} <= set(arguments)
    print("the saving came")
else:
    sys.exit(f"unknown command {command}")
"""


def test_story_from_recording_to_measured_saving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "stand_in.py"
    program.write_text(_STAND_IN)
    for module in (commands, server):
        monkeypatch.setattr(module, "SLOWLINT", (sys.executable, str(program)))
    out, kept = io.StringIO(), tmp_path / "kept"
    assert run.run(out=out, keep=kept, requests=70) == 0
    text = out.getvalue()
    assert "$ slowlint record -- uvicorn api:app" in text
    assert "90 s/h  lazy-load-in-loop  summaries.py:21  GET /orders and 1 more" in text
    assert "+    loaded = joinedload(Order.customer), selectinload(Order.lines)" in text
    assert "predicted  −60%  between 30% and 95%" in text
    assert "measured   −" in text
    assert "\x1b" not in text, "plain when piped"
    assert f"Kept in {kept}" in text
    assert "selectinload(Order.lines)\n" in (kept / "shop" / "repository.py").read_text()
    assert len(commands.telemetry_of(kept / "before" / "spans.duckdb")) == 1
    with pytest.raises(InputError, match="exists already"):
        run.run(out=out, keep=kept)


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
