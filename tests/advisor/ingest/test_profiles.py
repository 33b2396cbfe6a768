"""Profiles of real profilers become stacks with places and weights."""

from __future__ import annotations

import json

import pytest

from slowlint.advisor.ingest import ingest, ingest_profile, json_parser
from slowlint.advisor.model import Frame, Ingested, Sample
from slowlint.advisor.store import Store
from slowlint.linter.errors import InputError


def read(path, route: str = "") -> tuple[Ingested, list[Sample]]:
    with Store.open() as store:
        result = ingest_profile(store, path, route=route)
        return result, list(store.samples())


def test_pyspy_raw(profiles):
    result, samples = read(profiles / "pyspy.folded.txt.zst", route="/customers")
    assert (result.format, result.samples, result.damaged_count) == ("collapsed stacks", 262, 0)
    assert {sample.route for sample in samples} == {"/customers"}
    hits = [s for s in samples if any((f.path, f.line) == ("shop_service.py", 12) for f in s.frames)]
    assert len(hits) == 95
    assert all(sample.frames[0].line > 0 or not sample.frames[0].path for sample in samples)
    weights = [sample.weight for sample in samples]
    assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize("lazy", [True, False])
def test_pyspy_speedscope_is_outermost_first(profiles, monkeypatch, lazy):
    if not lazy:
        monkeypatch.setattr(json_parser, "simdjson", None)
    result, samples = read(profiles / "pyspy.speedscope.json.zst")
    assert (result.format, result.samples, result.damaged_count) == ("speedscope", 513, 0)
    app = [s for s in samples if any(f.path.endswith("shop_service.py") and f.line == 12 for f in s.frames)]
    assert app
    for sample in app:
        names = [frame.function for frame in sample.frames]
        at = next(i for i, f in enumerate(sample.frames) if f.path.endswith("shop_service.py"))
        assert at > 0
        assert any("sqlalchemy" in frame.path for frame in sample.frames[at:]), names


def test_austin(profiles):
    result, samples = read(profiles / "austin37.txt.zst")
    assert result.damaged_count == 0
    frames = {frame for sample in samples for frame in sample.frames}
    assert any(f.path.endswith("shop_service.py") and f.line == 12 and f.function for f in frames)
    assert not [f for f in frames if f.function.startswith(("P2", "T0"))]


def test_frames_in_every_spelling(tmp_path):
    path = tmp_path / "stacks.txt"
    text = (
        "# a comment\n"
        'process 7:"gunicorn; worker";thread (0x7F00);main (app.py:3) 2\n'
        "<module> (my app/run;dev.py:1);Outer.<locals>.go (x y (1).py:22) 1.5\n"
        "a;b;c 4\n"
        "a;b;c 1\n"
        "\n"
        " 12\n"
        "this is no stack\n"
        "fn (file.py) 3\n"
        "huge (file.py:99999999999999) 1\n"
    )
    expected = [
        Sample((Frame("a", "", 0), Frame("b", "", 0), Frame("c", "", 0)), 5.0),
        Sample((Frame("fn", "file.py", 0),), 3.0),
        Sample((Frame("main", "app.py", 3),), 2.0),
        Sample((Frame("<module>", "my app/run;dev.py", 1), Frame("Outer.<locals>.go", "x y (1).py", 22)), 1.5),
        Sample((Frame("huge", "file.py", 0),), 1.0),
    ]
    for encoded in (
        text.encode(),
        text.replace("\n", "\r\n").encode(),
        text.encode("utf-16"),
        b"\xfe\xff" + text.encode("utf-16-be"),
        b"\xef\xbb\xbf" + text.encode(),
    ):
        path.write_bytes(encoded)
        result, samples = read(path)
        assert result.damaged_count == 1
        assert result.damaged[0] == "stacks.txt, line 8: no stack with a count: 'this is no stack'"
        assert samples == expected


def test_evented_speedscope(tmp_path):
    frames = [{"name": "a", "file": "a.py", "line": 1}, {"name": "b", "file": "b.py", "line": 2}]
    events = [("O", 0, 0), ("O", 1, 1), ("C", 4, 1), ("O", 4, 1), ("C", 6, 1), ("C", 10, 0), ("C", 11, 1), ("O", 12, 9)]
    document = {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "shared": {"frames": frames},
        "profiles": [
            {
                "type": "evented",
                "unit": "milliseconds",
                "startValue": 0,
                "events": [{"type": kind, "at": at, "frame": frame} for kind, at, frame in events],
            },
            {"type": "sampled", "unit": "milliseconds", "samples": [[0], [], [0, 7], "x"], "weights": [2.5, 1, 1, 1]},
            {"type": "other"},
        ],
    }
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(document, indent=2))
    result, samples = read(path)
    a, b = Frame("a", "a.py", 1), Frame("b", "b.py", 2)
    assert samples == [Sample((a,), 1 + 4 + 2.5), Sample((a, b), 5.0)]
    assert result.damaged_count == 5
    assert any("profile 2, sample 3" in text for text in result.damaged)


def test_a_profile_counts_once_and_takes_the_route_told_last(profiles):
    with Store.open() as store:
        first = ingest(store, profiles / "pyspy.folded.txt.zst")
        before = list(store.samples())
        again = ingest_profile(store, profiles / "pyspy.folded.txt.zst")
        assert (first.samples, first.duplicates, again.samples, again.duplicates) == (262, 0, 0, 262)
        assert list(store.samples()) == before
        ingest_profile(store, profiles / "pyspy.folded.txt.zst", route="/report")
        assert {sample.route for sample in store.samples()} == {"/report"}
        assert sum(s.weight for s in store.samples()) == sum(s.weight for s in before)


def test_damaged_profiles(profiles, content, tmp_path):
    data = content(profiles / "pyspy.speedscope.json.zst")
    path = tmp_path / "profile"
    for at in range(200, len(data), len(data) // 15):
        path.write_bytes(data[:at])
        result, samples = read(path)
        assert (result.damaged_count, samples) == (1, [])
    data = content(profiles / "pyspy.folded.txt.zst")
    path.write_bytes(data[: len(data) // 2])
    result, samples = read(path)
    assert len(samples) > 50


def test_spans_are_no_profile(otlp):
    with Store.open() as store, pytest.raises(InputError, match="not a profile"):
        ingest_profile(store, otlp / "fastapi.pb.gz")
