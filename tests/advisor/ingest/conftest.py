"""Recordings of real clients, and ways to wrap them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from slowlint.advisor.ingest import ingest
from slowlint.advisor.model import Ingested
from slowlint.advisor.store import Store

TELEMETRY = Path(__file__).parents[2] / "telemetry"


def unpacked(path: Path) -> bytes:
    """The content of a packed recording."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


@pytest.fixture
def otlp() -> Path:
    return TELEMETRY / "otlp"


@pytest.fixture
def profiles() -> Path:
    return TELEMETRY / "profiles"


@pytest.fixture
def content() -> Callable[[Path], bytes]:
    return unpacked


@pytest.fixture
def lines() -> Callable[[str], list[dict[str, Any]]]:
    """The documents of a JSON-lines recording."""

    def load(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in unpacked(TELEMETRY / "otlp" / f"{name}.jsonl.zst").splitlines()]

    return load


@pytest.fixture
def contents() -> Callable[[Path], tuple[Ingested, tuple[object, ...]]]:
    """Ingest a file into a new store: the result, and everything the store can tell."""

    def read(path: Path) -> tuple[Ingested, tuple[object, ...]]:
        with Store.open() as store:
            result = ingest(store, path)
            told = (store.routes(), list(store.traces()), store.statements(), store.window_seconds())
            return result, told

    return read
