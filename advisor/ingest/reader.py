"""Files in, the reader that knows their content chosen, rows in a store out."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from ...linter.errors import InputError
from ..model import Ingested
from .batch import Damage, Destination
from .spans import SpanNormaliser


def ingest(
    store: Destination,
    path: Path,
    *,
    keep_literals: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Ingested:
    """Read a file (or every file of a folder) into the store; the format is recognised by content."""
    from . import otlp_proto  # noqa: PLC0415 - readers are loaded when used

    damage = Damage()
    spans = SpanNormaliser(store, damage, keep_literals=keep_literals, progress=progress)
    with path.open("rb") as raw:
        stream = _decompressed(raw)
        head = stream.peek(64)
        if not otlp_proto.recognises(head):
            raise InputError(f"{path}: no known telemetry format")
        otlp_proto.read(cast(BinaryIO, stream), spans, path.name)
    spans.flush()
    return Ingested(
        source=str(path),
        format=otlp_proto.NAME,
        spans=spans.stored,
        duplicates=spans.spans - spans.stored,
        damaged_count=damage.count,
        damaged=tuple(damage.described),
    )


def ingest_profile(store: Destination, path: Path, *, route: str = "") -> Ingested:
    """Read a profile into the store; `route` says what it was restricted to."""
    raise InputError(f"{path}: no known profile format ({route})")


def _decompressed(raw: BinaryIO) -> io.BufferedReader:
    head = raw.read(4)
    raw.seek(0)
    if head[:2] == b"\x1f\x8b":
        return io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=raw)))
    if head == b"\x28\xb5\x2f\xfd":
        import zstandard  # noqa: PLC0415

        reader = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        return io.BufferedReader(cast(io.RawIOBase, reader), 1 << 20)
    return cast(io.BufferedReader, raw)
