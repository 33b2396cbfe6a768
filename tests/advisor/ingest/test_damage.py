"""Damaged, cut, hostile input: never an exception, always counted, and the rest is still read."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from slowlint.advisor.ingest import ingest
from slowlint.advisor.model import Ingested
from slowlint.advisor.store import Store
from slowlint.linter.errors import InputError


def read(path: Path) -> Ingested | None:
    """The result of an ingest; None when the file was refused."""
    with Store.open() as store:
        try:
            result = ingest(store, path)
        except InputError:
            return None
        assert store.span_count() == result.spans
        assert all(trace.root.end >= trace.root.start for trace in store.traces())
        return result


def messages(data: bytes) -> list[tuple[int, int]]:
    """Offset and size of each length-prefixed message."""
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        found.append((at, size))
        at += 4 + size
    return found


@pytest.mark.parametrize("name", ["flask_oldsemconv.pb.gz", "flask_oldsemconv.jsonl.zst"])
def test_a_recording_cut_anywhere_keeps_what_came_before(otlp, content, tmp_path, name):
    data = content(otlp / name)
    path = tmp_path / "cut"
    before = 0
    for at in range(1, len(data), len(data) // 25):
        path.write_bytes(data[:at])
        result = read(path)
        if result is None:
            assert at < 200, "only the first bytes may be too few to recognise the format"
            continue
        assert before <= result.spans <= 286
        assert result.damaged_count == 1, at
        assert "cut" in result.damaged[0]
        before = result.spans
    assert before == 138, "all but the last message"


@pytest.mark.parametrize("name", ["flask_oldsemconv.pb.gz", "flask_oldsemconv.jsonl.zst"])
def test_bytes_changed_anywhere_are_survived(otlp, content, tmp_path, name):
    data = content(otlp / name)
    path = tmp_path / "damaged"
    chance = random.Random(20261122)
    counted = 0
    for _ in range(40):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(300, len(changed))
            length = chance.randint(1, 40)
            changed[at : at + length] = chance.randbytes(length if chance.random() < 0.7 else length // 2)
        path.write_bytes(changed)
        result = read(path)
        assert result is not None
        assert result.spans <= 286
        counted += result.damaged_count
    assert counted > 20


def test_garbage_instead_of_a_length_costs_one_message(otlp, content, tmp_path):
    data = bytearray(content(otlp / "flask_oldsemconv.pb.gz"))
    found = messages(bytes(data))
    path = tmp_path / "damaged.pb"
    for at, size in found[1:]:
        alone = tmp_path / "alone.pb"
        alone.write_bytes(data[at : at + 4 + size])
        lost = read(alone)
        for prefix in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x07", (size + 100).to_bytes(4)):
            path.write_bytes(data[:at] + prefix + data[at + 4 :])
            result = read(path)
            assert result is not None and lost is not None
            assert result.damaged_count >= 1
            assert str(at) in result.damaged[0]
            assert result.spans >= 286 - lost.spans


def test_noise_between_messages_is_read_past(otlp, content, tmp_path):
    data = content(otlp / "flask_oldsemconv.pb.gz")
    at = messages(data)[1][0]
    path = tmp_path / "noise.pb"
    path.write_bytes(data[:at] + b"\x0a\x05hello" * 5_000 + data[at:])
    result = read(path)
    assert result is not None
    assert result.spans == 286
    path.write_bytes(data[:at] + bytes(4 * 1_000_000) + data[at:])  # empty messages
    assert read(path).spans == 286


def test_one_bad_line_costs_one_line(otlp, content, tmp_path):
    good = content(otlp / "flask_oldsemconv.jsonl.zst").splitlines()
    path = tmp_path / "damaged.jsonl"
    bad = [
        good[0][: len(good[0]) // 2],
        good[0][:-1],
        good[0].replace(b'"spanId"', b'"spanId', 1),
        b'{"resourceSpans": [{"scopeSpans": 7}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 5}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "zz"}, 3, null]}]}]}',
        b'{"resourceSpans": "' + b"\xff\xfe" + b'"}',
        b'{"resourceSpans": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    ]
    for line in bad:
        path.write_bytes(b"\n".join([*good[:2], line, *good[2:]]))
        result = read(path)
        assert result is not None
        assert result.spans == 286, line[:80]
        assert result.damaged_count >= 1, line[:80]
        assert "damaged.jsonl, line 3" in result.damaged[0]


def test_every_description_is_kept_up_to_twenty(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"resourceSpans": [{"scopeSpans": [{"spans": [{}]}]}]}\n' * 50)
    result = read(path)
    assert result is not None
    assert result.damaged_count == 50
    assert len(result.damaged) == 20
    assert result.damaged[4].startswith("bad.jsonl, line 5: ")


def test_spans_that_cannot_be_are_counted(tmp_path):
    good = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "GET /",
        "kind": 2,
        "startTimeUnixNano": "1544712660000000000",
        "endTimeUnixNano": "1544712661000000000",
    }
    bad = [
        {"traceId": ""},
        {"traceId": "00" * 16},
        {"traceId": "00" * 20},
        {"spanId": "12345678901234567890"},
        {"startTimeUnixNano": "0"},
        {"startTimeUnixNano": "-5"},
        {"endTimeUnixNano": "0"},
        {"endTimeUnixNano": str(2**63)},
        {"startTimeUnixNano": "yesterday"},
        {"attributes": [{"nokey": 1}]},
    ]
    path = tmp_path / "spans.json"
    spans = [good, *({**good, "spanId": f"{number:016x}", **change} for number, change in enumerate(bad, 1))]
    path.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}))
    result = read(path)
    assert result is not None
    assert (result.spans, result.damaged_count) == (1, len(bad))


def test_cut_compression_keeps_what_was_unpacked(otlp, content, tmp_path):
    data = b"".join(content(otlp / f"{name}.pb.gz") for name in ("flask_oldsemconv", "fastapi", "flask_dup"))
    path = tmp_path / "cut"
    noise = random.Random(5).randbytes(64)
    for packed in (gzip.compress(data, 1), zstandard.ZstdCompressor(level=1).compress(data)):
        path.write_bytes(packed[: len(packed) * 9 // 10])
        result = read(path)
        assert result is not None
        assert result.damaged_count >= 1
        assert result.spans >= 138
    packed = gzip.compress(data, 0)
    path.write_bytes(packed[: len(packed) // 2] + noise + packed[len(packed) // 2 + 64 :])
    result = read(path)
    assert result is not None
    assert 0 < result.spans < 286 + 388 + 286
    assert result.damaged_count >= 1


BOMB = """
import resource, sys
from pathlib import Path
from slowlint.advisor.ingest import ingest
from slowlint.advisor.store import Store
with Store.open() as store:
    result = ingest(store, Path(sys.argv[1]))
print(result.spans, result.damaged_count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_bombs_stay_small_in_memory(otlp, content, tmp_path):
    """A few hundred megabytes behind a few kilobytes: zeros, one endless line, one endless document."""
    line = content(otlp / "flask_oldsemconv.jsonl.zst").splitlines(True)[0]
    message = content(otlp / "flask_oldsemconv.pb.gz")
    chunk = 2**24
    for name, head, filling, tail in (
        ("zeros", message, bytes(chunk), b""),
        ("a line", line + b'{"resourceSpans": "', b" " * chunk, b'"}\n' + line),
        ("a document", line + b"{\n", (b" " + b"[" * 1000 + b"\n") * (chunk // 1002), b"\n"),
    ):
        packer = zstandard.ZstdCompressor(level=3).compressobj()
        packed = packer.compress(head) + b"".join(packer.compress(filling) for _ in range(12))
        path = tmp_path / "bomb.zst"
        path.write_bytes(packed + packer.compress(tail) + packer.flush())
        assert path.stat().st_size < 100_000
        out = subprocess.run([sys.executable, "-c", BOMB, str(path)], capture_output=True, text=True, check=True)
        spans, damaged, megabytes = map(int, out.stdout.split())
        assert spans > 0, name
        assert damaged == (0 if name == "zeros" else 1), name
        assert megabytes < 500, name
