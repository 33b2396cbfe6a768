"""The language server over stdio with a real client."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from lsprotocol import types

from .client import editor

SERVER = str(Path(__file__).with_name("word_server.py"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "views.py").write_text("fine\n😀 slow x\n")
    (tmp_path / "app" / "models.py").write_text("ä😀 cause\n")
    return tmp_path


def test_open_shows_findings_with_reasons_in_utf16(root: Path) -> None:
    async def scenario() -> None:
        async with editor(root, SERVER) as client:
            client.open("app/views.py")
            (found,) = await client.diagnostics("app/views.py")
            assert found.range == types.Range(types.Position(1, 3), types.Position(1, 9))  # the emoji is two units
            assert (found.code, found.source, found.severity) == (
                "query-in-loop",
                "slowlint",
                types.DiagnosticSeverity.Warning,
            )
            assert found.message == "😀 slow x\nMend it."
            assert found.code_description is not None and found.code_description.href == Path(SERVER).as_uri()
            (reason,) = found.related_information or ()
            assert reason.message == "the cause"
            assert reason.location.uri == client.uri("app/models.py")
            assert reason.location.range == types.Range(types.Position(0, 4), types.Position(0, 9))

    asyncio.run(scenario())


def test_unsaved_text_counts_in_every_file(root: Path) -> None:
    async def scenario() -> None:
        async with editor(root, SERVER) as client:
            client.open("app/views.py")
            client.open("app/models.py")
            await client.diagnostics("app/models.py")
            before = len(client.published)
            client.edit("app/models.py", "\n\ncause\nslow here\n")
            (own,) = await client.diagnostics("app/models.py")
            assert own.range.start == types.Position(3, 0)
            await client.until(lambda: any(one.uri == client.uri("app/views.py") for one in client.published[before:]))
            (other,) = await client.diagnostics("app/views.py")
            assert other.related_information is not None
            assert other.related_information[0].location.range.start == types.Position(2, 0)
            client.edit("app/views.py", "fine\n")
            assert await client.diagnostics("app/views.py") == []

    asyncio.run(scenario())


def test_typing_lints_once_when_it_pauses_and_the_latest_wins(root: Path) -> None:
    async def scenario() -> None:
        async with editor(root, SERVER) as client:
            client.open("app/views.py")
            await client.diagnostics("app/views.py")
            for letters in range(20):
                client.edit("app/views.py", "slow " + "x" * letters)
            (found,) = await client.diagnostics("app/views.py")
            assert found.message.startswith("slow " + "x" * 19)
            assert {one.version for one in client.published} == {1, 21}
            assert (root / "runs.txt").read_text().count("run") == 2

    asyncio.run(scenario())


def test_the_editor_is_answered_while_a_lint_runs(root: Path) -> None:
    async def scenario() -> None:
        async with editor(root, SERVER) as client:
            client.open("app/views.py")
            await client.diagnostics("app/views.py")
            client.edit("app/views.py", "slow\nsleep\n")
            client.save("app/views.py")
            await asyncio.sleep(0.3)  # the run has begun and takes a second
            assert "query-in-loop" in await client.hover("app/views.py", 2)
            assert {one.version for one in client.published} == {1}  # answered before the run was done
            client.edit("app/views.py", "fine\n")
            assert await client.diagnostics("app/views.py") == []
            assert {one.version for one in client.published} == {1, 3}  # nothing out of date was sent

    asyncio.run(scenario())


def test_hover_tells_the_page_and_what_was_measured(root: Path) -> None:
    async def scenario() -> None:
        async with editor(root, SERVER) as client:
            client.open("app/views.py")
            (found,) = await client.diagnostics("app/views.py")
            plain = await client.hover("app/views.py", 2)
            assert "A query in a loop." in plain and "Mend it." in plain and "Measured" not in plain
            assert await client.hover("app/views.py", 1) == ""
            share = {"point": 0.31, "low": 0.28, "high": 0.35}
            cost = {
                "saving": {"share": share, "ms_per_request": 12.5, "seconds_per_hour": 40},
                "routes": ["GET /orders/"],
                "evidence": {"kind": "place"},
                "formula": "F1",
                "requests": 10,
            }
            priced = {
                "path": "app/views.py",
                "line": 99,
                "message": "m",
                "fingerprint": found.data["fingerprint"],
                "cost": cost,
            }
            seen = {"path": "app/views.py", "line": 1, "message": "seen at run time", "fingerprint": "", "cost": cost}
            (root / ".slowlint").mkdir()
            advice = root / ".slowlint" / "advice.json"
            advice.write_text(json.dumps({"findings": [priced, seen, {"cost": 3}, None]}))
            words = (
                "fixing this saves 31 % (28–35 %) of the request, 12.5 ms per request, "
                "40.0 s per hour of traffic on `GET /orders/`"
            )
            assert words in await client.hover("app/views.py", 2)
            assert "seen at run time" in await client.hover("app/views.py", 1)
            for damaged in ("", "[1", '{"findings": 3}', '{"findings": [{"cost": {"saving": []}}]}', "[" * 100_000):
                advice.write_text(damaged)
                assert await client.hover("app/views.py", 2) == plain

    asyncio.run(scenario())


def test_close_forgets_and_other_files_are_no_part(root: Path) -> None:
    (root / ".venv" / "lib").mkdir(parents=True)
    (root / ".venv" / "lib" / "x.py").write_text("slow\n")

    async def scenario() -> None:
        async with editor(root, SERVER) as client:
            client.open(".venv/lib/x.py")
            assert await client.diagnostics(".venv/lib/x.py") == []
            client.open("app/new.py", "slow\n")  # not on disk yet
            assert len(await client.diagnostics("app/new.py")) == 1
            client.open("app/views.py")
            await client.diagnostics("app/views.py")
            client.close("app/views.py")
            uri = client.uri("app/views.py")
            await client.until(lambda: any(one.uri == uri and not one.diagnostics for one in client.published))

    asyncio.run(scenario())


def test_trouble_is_told_and_survived(root: Path) -> None:
    async def scenario() -> None:
        async with editor(root, SERVER) as client:
            (root / "pyproject.toml").write_text("[tool.slowlint]\nsellect = []\n")
            client.open("app/views.py")
            await client.until(lambda: bool(client.messages))
            assert "no setting 'sellect'" in client.messages[0] and "Did you mean 'select'?" in client.messages[0]
            (root / "pyproject.toml").write_text("")
            client.edit("app/views.py", "crash\n")
            await client.until(lambda: len(client.messages) > 1)
            assert "RuntimeError: a bug" in client.messages[1]
            client.edit("app/views.py", "slow\n")
            assert len(await client.diagnostics("app/views.py")) == 1

    asyncio.run(scenario())
