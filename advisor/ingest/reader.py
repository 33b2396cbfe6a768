"""Files in, the reader that knows their content chosen, rows in a store out.

A reader is a module of this folder with a `FORMAT`. Which one takes a file is decided by content, never by name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import cast

from ...linter.errors import InputError, MissingExtraError
from ..model import Ingested
from .batch import MAX_DESCRIBED, Damage, Destination, StackBatch
from .formats import Match, ProfileFormat, SpanFormat
from .opening import INSTALL, Input
from .spans import SpanNormaliser
from .stacks import StackCollector


def ingest(
    store: Destination,
    path: Path,
    *,
    keep_literals: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Ingested:
    """Read a file, or every file of a folder, into the store; spans or profile, recognised by content.

    `progress` is told the number of spans read so far in the file, each time they are safely stored.
    Raises InputError when there is nothing that can be read, MissingExtraError when a needed package is missing.
    """
    options = _Options(keep_literals=keep_literals, progress=progress)
    if not path.is_dir():
        return _ingest_file(store, path, options)
    results: list[Ingested] = []
    notes: list[str] = []
    for file in _files(path):
        try:
            results.append(_ingest_file(store, file, options))
        except InputError as error:
            notes.append(f"skipped: {error}")
    if not results:
        raise InputError(f"{path} holds no file of a known telemetry format", _known())
    return _together(path, results, notes)


def ingest_profile(store: Destination, path: Path, *, route: str = "") -> Ingested:
    """Read a profile into the store. `route` is the route it was restricted to, "" for mixed traffic.

    Raises InputError when the file is no profile.
    """
    return _ingest_file(store, path, _Options(route=route, profile_only=True))


@dataclass(frozen=True, slots=True)
class _Options:
    """What the caller said about the files."""

    keep_literals: bool = False
    progress: Callable[[int], None] | None = None
    profile_only: bool = False
    route: str = ""


def _ingest_file(store: Destination, path: Path, options: _Options) -> Ingested:
    damage = Damage()
    with Input(path, damage) as source:
        format = _recognise(path, source.head, damage, options.profile_only)
        if isinstance(format, ProfileFormat):
            result = _read_profile(store, source, format, damage, options.route)
        else:
            spans = SpanNormaliser(store, damage, keep_literals=options.keep_literals, progress=options.progress)
            format.read(source.stream, spans, source.name)
            spans.flush()
            result = Ingested(
                source="",
                format=format.name,
                spans=spans.stored,
                duplicates=spans.spans - spans.stored,
                notes=tuple(spans.notes),
            )
    return replace(result, source=str(path), damaged_count=damage.count, damaged=tuple(damage.described))


def _read_profile(store: Destination, source: Input, format: ProfileFormat, damage: Damage, route: str) -> Ingested:
    read = 0
    notes: list[str] = []

    def fill(take: Callable[[StackBatch], None]) -> tuple[str, str]:
        nonlocal read
        stacks = StackCollector(take, damage)
        unit = format.read(source.stream, stacks, source.name)
        stacks.flush()
        read = stacks.stacks
        notes.extend(stacks.notes)
        return source.digest(), unit

    new = store.write_profile(fill, source=source.name, route=route)
    return Ingested(
        source="",
        format=format.name,
        samples=read if new else 0,
        duplicates=0 if new else read,
        notes=tuple(notes),
    )


def _recognise(path: Path, head: bytes, damage: Damage, profile_only: bool) -> SpanFormat | ProfileFormat:
    best: SpanFormat | ProfileFormat | None = None
    surest = Match.NO
    for format in formats():
        match = format.recognises(head)
        if match > surest:
            best, surest = format, match
    if best is None:
        if damage.count:
            raise InputError(f"{path} cannot be unpacked: {damage.described[0]}")
        raise InputError(f"{path} is {_looks_like(head)}, not a known telemetry format", _known())
    if profile_only and isinstance(best, SpanFormat):
        raise InputError(f"{path} holds {best.name} spans, not a profile", "pass it as telemetry")
    return best


@cache
def formats() -> tuple[SpanFormat | ProfileFormat, ...]:
    """The readers of this folder. Raises MissingExtraError when their packages are not installed."""
    package = __name__.rpartition(".")[0]
    found = []
    for module in sorted(info.name for info in pkgutil.iter_modules(importlib.import_module(package).__path__)):
        try:
            format = getattr(importlib.import_module(f"{package}.{module}"), "FORMAT", None)
        except ImportError as error:
            if error.name is not None and error.name.startswith("slowlint"):
                raise
            raise MissingExtraError(f"reading telemetry needs the package {error.name}", INSTALL) from None
        if format is not None:
            found.append(cast(SpanFormat | ProfileFormat, format))
    return tuple(found)


def _known() -> str:
    return "known are: " + ", ".join(format.name for format in formats()) + "; each may be packed with gzip or zstd"


def _looks_like(head: bytes) -> str:
    if not head:
        return "empty"
    text = head.lstrip()[:1]
    if text in (b"{", b"["):
        return "JSON of another kind"
    if b"\0" in head[:4096] or _is_binary(head[:4096]):
        return "binary data"
    return f"text that begins with {head[:40].decode('utf-8', 'replace').splitlines()[0]!r}" if text else "blank"


def _is_binary(head: bytes) -> bool:
    return head.decode("utf-8", "replace").count("\ufffd") > 1 + len(head) // 50


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def _together(path: Path, results: list[Ingested], notes: list[str]) -> Ingested:
    damaged = [text for result in results for text in result.damaged]
    return Ingested(
        source=str(path),
        format=", ".join(sorted({result.format for result in results})),
        spans=sum(result.spans for result in results),
        samples=sum(result.samples for result in results),
        duplicates=sum(result.duplicates for result in results),
        damaged_count=sum(result.damaged_count for result in results),
        damaged=tuple(damaged[:MAX_DESCRIBED]),
        notes=(*dict.fromkeys(note for result in results for note in result.notes), *notes),
    )
