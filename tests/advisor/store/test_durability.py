"""Killed, repeated, shared: nothing acknowledged is lost, nothing is doubled, nothing is corrupted."""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import zstandard

from slowlint.advisor.ingest import ingest
from slowlint.advisor.store import Store
from slowlint.linter.errors import InputError, SlowlintError

TELEMETRY = Path(__file__).parents[2] / "telemetry"
COPIES = 120
_ID = re.compile(rb'("(?:traceId|spanId|parentSpanId)":")([0-9a-f]{8})')


def _copy(text: bytes, key: bytes) -> bytes:
    """The text with the beginning of every id changed by a key."""

    def changed(match: re.Match[bytes]) -> bytes:
        start = bytes.fromhex(match[2].decode())
        return match[1] + bytes(a ^ b for a, b in zip(start, key, strict=True)).hex().encode()

    return _ID.sub(changed, text)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording repeated with other ids: 34,320 spans, and as many lines as requests of the exporter."""
    text = (
        zstandard.ZstdDecompressor()
        .decompressobj()
        .decompress((TELEMETRY / "otlp" / "flask_oldsemconv.jsonl.zst").read_bytes())
    )
    path = tmp_path_factory.mktemp("many") / "many.jsonl"
    with path.open("wb") as out:
        for copy in range(COPIES):
            out.write(_copy(text, copy.to_bytes(4)))
    return path


SLOW_INGEST = """
import sys
from pathlib import Path
from slowlint.advisor.ingest import ingest, spans
from slowlint.advisor.store import Store
spans.BATCH_ROWS = 1_000
with Store.open(Path(sys.argv[1])) as store:
    ingest(store, Path(sys.argv[2]), progress=lambda count: print(count, flush=True))
"""


@pytest.mark.parametrize("acknowledged", [1, 4, 11])
def test_killing_an_ingest_loses_nothing_acknowledged(many, tmp_path, acknowledged):
    path = tmp_path / "store.duckdb"
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_INGEST, str(path), str(many)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = 0
    for _ in range(acknowledged):
        told = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with Store.open(path) as store:
        kept = store.span_count()
        assert told <= kept < 286 * COPIES
        assert sum(len(trace.spans) for trace in store.traces()) > 0
        rest = ingest(store, many)
        assert (rest.duplicates, rest.spans) == (kept, 286 * COPIES - kept)


def test_the_same_file_twice_changes_nothing(many, tmp_path):
    path = tmp_path / "store.duckdb"
    with Store.open(path) as store:
        first = ingest(store, many)
        before = (store.span_count(), store.routes(), list(store.traces(per_route=20)), store.window_seconds())
    with Store.open(path) as store:
        again = ingest(store, many)
        after = (store.span_count(), store.routes(), list(store.traces(per_route=20)), store.window_seconds())
    assert (first.spans, first.duplicates) == (286 * COPIES, 0)
    assert (again.spans, again.duplicates) == (0, 286 * COPIES)
    assert before == after


def test_the_other_form_of_a_recording_changes_nothing():
    with Store.open() as store:
        ingest(store, TELEMETRY / "otlp" / "fastapi.jsonl.zst")
        again = ingest(store, TELEMETRY / "otlp" / "fastapi.pb.gz")
    assert (again.spans, again.duplicates) == (0, 388)


def test_a_span_twice_in_one_file_is_stored_once(tmp_path):
    data = gzip.decompress((TELEMETRY / "otlp" / "fastapi.pb.gz").read_bytes())
    path = tmp_path / "twice.pb"
    path.write_bytes(data + data)
    with Store.open() as store:
        result = ingest(store, path)
        assert (result.spans, result.duplicates, store.span_count()) == (388, 388, 388)


HOLD = """
import sys
from pathlib import Path
from slowlint.advisor.store import Store
with Store.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_that_the_store_is_in_use(tmp_path):
    path = tmp_path / "store.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        for read_only in (False, True):
            with pytest.raises(SlowlintError, match="in use by another process") as caught:
                Store.open(path, read_only=read_only)
            assert caught.value.tip
        process.communicate("")
    with Store.open(path) as store:
        assert ingest(store, TELEMETRY / "otlp" / "fastapi.pb.gz").spans == 388


def test_reading_only(tmp_path):
    path = tmp_path / "store.duckdb"
    with Store.open(path) as store:
        ingest(store, TELEMETRY / "otlp" / "fastapi.pb.gz")
        expected = (store.routes(), list(store.traces()))
    before = path.read_bytes()
    with Store.open(path, read_only=True) as store:
        assert (store.routes(), list(store.traces())) == expected
    assert path.read_bytes() == before


def test_what_is_no_store_is_refused(tmp_path):
    path = tmp_path / "file"
    with pytest.raises(InputError, match="does not exist"):
        Store.open(path, read_only=True)
    path.write_text("no database")
    with pytest.raises(InputError, match="cannot be opened"):
        Store.open(path)
    assert path.read_text() == "no database"
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE mine (a INT)")
    with pytest.raises(SlowlintError, match="no telemetry store"):
        Store.open(other)
    old = tmp_path / "old.duckdb"
    Store.open(old).close()
    with duckdb.connect(str(old)) as connection:
        connection.execute("UPDATE meta SET value = '0'")
    with pytest.raises(SlowlintError, match="another version"):
        Store.open(old)


MEASURE = """
import resource, sys
from pathlib import Path
from slowlint.advisor.ingest import ingest
from slowlint.advisor.store import Store
with Store.open(Path(sys.argv[1])) as store:
    ingest(store, Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_file(many, tmp_path):
    """27 MB and 162 MB of JSON lines: no more than a few batches are in memory at any time."""
    large = tmp_path / "large.jsonl"
    with large.open("wb") as out:
        for _ in range(6):
            out.write(many.read_bytes())

    def megabytes(path: Path) -> int:
        command = [sys.executable, "-c", MEASURE, str(tmp_path / f"{path.stem}.duckdb"), str(path)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    small = megabytes(many)
    assert megabytes(large) < small + 100
    assert small < 400
