"""What real clients recorded, in every wrapping, gives the same store."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest
import zstandard

from slowlint.advisor.ingest import ingest, json_parser
from slowlint.advisor.store import Store
from slowlint.linter.errors import InputError

RECORDED = {
    "flask_oldsemconv": (286, 51),
    "flask_newsemconv": (286, 51),
    "flask_dup": (286, 51),
    "flask_sa20_both": (224, 21),
    "flask_commenter": (189, 31),
    "fastapi": (388, 51),
}


@pytest.mark.parametrize("name", RECORDED)
def test_json_and_protobuf_of_one_recording_give_identical_stores(otlp, contents, name):
    from_json, told_by_json = contents(otlp / f"{name}.jsonl.zst")
    from_protobuf, told_by_protobuf = contents(otlp / f"{name}.pb.gz")

    spans, requests = RECORDED[name]
    assert (from_json.format, from_protobuf.format) == ("OTLP/JSON", "OTLP protobuf")
    assert (from_json.spans, from_protobuf.spans) == (spans, spans)
    assert (from_json.damaged_count, from_protobuf.damaged_count) == (0, 0)
    assert told_by_json == told_by_protobuf
    assert sum(route.requests for route in told_by_json[0]) == requests


def test_the_parser_for_versions_without_simdjson_gives_the_same_store(otlp, contents, monkeypatch):
    if json_parser.simdjson is None:
        pytest.skip("pysimdjson has no build for this Python version: the other parser is the only one")
    usual = contents(otlp / "flask_newsemconv.jsonl.zst")
    monkeypatch.setattr(json_parser, "simdjson", None)
    assert contents(otlp / "flask_newsemconv.jsonl.zst") == usual


def test_old_new_and_duplicated_conventions_say_the_same(otlp):
    def told(name: str) -> tuple[object, ...]:
        with Store.open() as store:
            ingest(store, otlp / f"{name}.jsonl.zst")
            statements = {(s.route, s.system, s.statement, s.fingerprint, s.calls) for s in store.statements()}
            routes = {(r.route, r.method, r.requests) for r in store.routes()}
            statuses = sorted(trace.root.status for trace in store.traces())
            return statements, routes, statuses

    old = told("flask_oldsemconv")
    assert told("flask_newsemconv") == old
    assert told("flask_dup") == old
    assert {status for status in old[2]} == {200, 404, 500}
    assert ("/report", "GET", 10.0) in old[1]


def test_a_query_reported_by_sqlalchemy_and_the_driver_counts_once(otlp):
    with Store.open() as store:
        ingest(store, otlp / "flask_sa20_both.pb.gz")
        traces = list(store.traces())
    queries = [span for trace in traces for span in trace.spans if span.statement and span.name != "show"]
    selects = [span for span in queries if "FROM" in span.statement]
    assert len(selects) == 93
    assert {span.scope for span in selects} == {"opentelemetry.instrumentation.sqlalchemy"}
    assert {span.category for trace in traces for span in trace.spans if span.name == "connect"} == {"other"}


def test_comments_of_sqlcommenter_do_not_tell_statements_apart(otlp):
    with Store.open() as store:
        ingest(store, otlp / "flask_commenter.pb.gz")
        statements = store.statements()
    assert statements
    assert not [s.statement for s in statements if "/*" in s.statement or "traceparent" in s.statement]
    lazy = [s for s in statements if s.route == "/customers" and "? = orders.customer_id" in s.statement]
    assert [(s.requests, s.calls) for s in lazy] == [(6, 120)]


def test_the_weight_in_tracestate_scales_the_traffic(otlp):
    with Store.open() as store:
        ingest(store, otlp / "sampled_th.jsonl.zst")
        traces = list(store.traces())
        assert len(traces) == 23
        assert {trace.weight for trace in traces} == {4.0}
        assert sum(route.requests for route in store.routes()) == 92


def test_weights_of_a_sample_add_up_to_the_traffic(otlp):
    with Store.open() as store:
        ingest(store, otlp / "fastapi.pb.gz")
        routes = {(r.service, r.route, r.method): r.requests for r in store.routes()}
        sample = list(store.traces(per_route=3, seed=7))
        assert len(sample) == 3 * len(routes)
        for key, requests in routes.items():
            mine = [t.weight for t in sample if (t.root.service, t.root.route, t.root.method) == key]
            assert sum(mine) == pytest.approx(requests)
        assert list(store.traces(per_route=3, seed=7)) == sample
        assert [t.root for t in store.traces(per_route=3, seed=8)] != [t.root for t in sample]


def test_spans_between_the_lines_of_a_log(otlp):
    with Store.open() as store:
        result = ingest(store, otlp / "json_file_stdout.log.zst")
    assert (result.spans, result.damaged_count) == (286, 0)
    assert any("227 lines" in note for note in result.notes)


def test_what_is_no_telemetry_is_refused_with_the_known_formats(otlp, tmp_path):
    for data in (b"", b"hello\nworld\n", b'{"answer": 42}', bytes(range(256)) * 20):
        path = tmp_path / "file"
        path.write_bytes(data)
        with Store.open() as store, pytest.raises(InputError) as caught:
            ingest(store, path)
        assert "file" in str(caught.value)
        assert "OTLP/JSON" in caught.value.tip
        assert "speedscope" in caught.value.tip
    with Store.open() as store, pytest.raises(InputError, match="not a known telemetry format"):
        ingest(store, otlp / "console_stdout.log.gz")
    with Store.open() as store, pytest.raises(InputError, match="cannot be read"):
        ingest(store, tmp_path / "missing.json")


def test_wrappings_of_the_same_content_change_nothing(otlp, content, contents, tmp_path):
    data = content(otlp / "flask_oldsemconv.jsonl.zst")
    protobuf = content(otlp / "flask_oldsemconv.pb.gz")
    half = data.index(b"\n", len(data) // 2) + 1
    packed = zstandard.ZstdCompressor()
    _, expected = contents(otlp / "flask_oldsemconv.jsonl.zst")
    for name, wrapped in {
        "plain": data,
        "gzip": gzip.compress(data),
        "two members": gzip.compress(data[:half]) + gzip.compress(data[half:]),
        "zstd": packed.compress(data),
        "two frames": packed.compress(data[:half]) + packed.compress(data[half:]),
        "no size in the frame": zstandard.ZstdCompressor(write_content_size=False).compress(data),
        "windows lines": data.replace(b"\n", b"\r\n"),
        "byte order mark": b"\xef\xbb\xbf" + data,
        "utf-16": data.decode().encode("utf-16"),
        "log prefix": b"".join(b"web-1  | 2026-11-22 INFO " + line for line in data.splitlines(True)),
        "plain protobuf": protobuf,
    }.items():
        path = tmp_path / "recording"
        path.write_bytes(wrapped)
        result, told = contents(path)
        assert (name, result.spans, result.damaged_count) == (name, 286, 0)
        assert told == expected, name


def test_every_way_to_write_the_json_gives_the_same_store(lines, otlp, contents, tmp_path):
    documents = lines("flask_oldsemconv")
    _, expected = contents(otlp / "flask_oldsemconv.jsonl.zst")
    whole = {"resourceSpans": [item for document in documents for item in document["resourceSpans"]]}
    for name, text in {
        "pretty": json.dumps(whole, indent=2),
        "one line": json.dumps(whole),
        "spaced": json.dumps(whole, indent="\t", separators=(" ,", " : ")),
        "pretty one after the other": "\n".join(json.dumps(document, indent=4) for document in documents),
        "pretty in a log": "starting\n" + "\nx=1\n".join(json.dumps(d, indent=4) for d in documents) + "\nbye {\n}",
        "a list": json.dumps(documents, indent=1),
        "Tempo v1": json.dumps({"batches": whole["resourceSpans"]}),
        "Tempo v2": json.dumps({"trace": whole}),
        "Jaeger v3": "\n".join(json.dumps({"result": document}) for document in documents),
        "old scope names": json.dumps(whole)
        .replace('"scopeSpans"', '"instrumentationLibrarySpans"')
        .replace('"scope"', '"instrumentationLibrary"'),
    }.items():
        path = tmp_path / "recording.json"
        path.write_text(text)
        result, told = contents(path)
        assert (name, result.spans, result.damaged_count, result.damaged) == (name, 286, 0, ())
        assert told == expected, name


def test_ids_kinds_and_numbers_in_every_spelling(lines, otlp, contents, tmp_path):
    def base64_id(text: str) -> str:
        return base64.b64encode(bytes.fromhex(text)).decode()

    spellings = {
        "upper case": str.upper,
        "0x": lambda text: "0x" + text,
        "base64": base64_id,
    }
    kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
    _, expected = contents(otlp / "flask_oldsemconv.jsonl.zst")
    for name, spelling in spellings.items():
        documents = lines("flask_oldsemconv")
        for document in documents:
            for resource in document["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    for span in scope["spans"]:
                        for key in ("traceId", "spanId", "parentSpanId"):
                            if span.get(key):
                                span[key] = spelling(span[key])
                        span["kind"] = "SPAN_KIND_" + kinds[span["kind"]]
                        span["startTimeUnixNano"] = int(span["startTimeUnixNano"])
                        span["someday"] = {"unknown": [1, 2, 3]}
                        code = {1: "STATUS_CODE_OK", 2: "STATUS_CODE_ERROR"}
                        if span.get("status", {}).get("code"):
                            span["status"]["code"] = code[span["status"]["code"]]
                        for attribute in span["attributes"]:
                            if "intValue" in attribute["value"]:
                                attribute["value"]["intValue"] = int(attribute["value"]["intValue"])
        path = tmp_path / "recording.json"
        path.write_text("\n".join(map(json.dumps, documents)))
        result, told = contents(path)
        assert (name, result.spans, result.damaged) == (name, 286, ())
        assert told == expected, name


def test_one_protobuf_message_without_a_length(content, otlp, contents, tmp_path):
    data = content(otlp / "flask_oldsemconv.pb.gz")
    at, message = 0, b""
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        message += data[at + 4 : at + 4 + size]  # protobuf: concatenated messages are merged
        at += 4 + size
    path = tmp_path / "request.bin"
    path.write_bytes(message)
    result, told = contents(path)
    _, expected = contents(otlp / "flask_oldsemconv.pb.gz")
    assert (result.spans, result.damaged_count) == (286, 0)
    assert told == expected


def test_a_folder_is_every_file_in_it(otlp, tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("flask_oldsemconv.pb.gz", "flask_newsemconv.jsonl.zst"):
        (tmp_path / "deep" / name).write_bytes((otlp / name).read_bytes())
    (tmp_path / "README.md").write_text("# nothing\n")
    (tmp_path / ".hidden").write_bytes((otlp / "fastapi.pb.gz").read_bytes())
    with Store.open() as store:
        result = ingest(store, tmp_path)
    assert result.spans == 572
    assert result.format == "OTLP protobuf, OTLP/JSON"
    assert any("README.md" in note for note in result.notes)
    (tmp_path / "empty").mkdir()
    with Store.open() as store, pytest.raises(InputError, match="no file of a known"):
        ingest(store, tmp_path / "empty")


def test_progress_is_told_after_spans_are_stored(otlp: Path):
    told: list[int] = []
    with Store.open() as store:
        ingest(store, otlp / "fastapi.pb.gz", progress=told.append)
    assert told[-1] == 388


def test_every_reported_path_is_known(otlp):
    with Store.open() as store:
        assert store.code_paths() == []
        ingest(store, otlp.parent / "profiles" / "pyspy.speedscope.json.zst")
        frames = {frame.path for sample in store.samples() for frame in sample.frames if frame.path}
        assert frames and store.code_paths() == sorted(frames)
