"""What readers hand to a store: columns of spans and of stacks, and the interface of whatever takes them.

In: single spans and stacks from the normaliser and the profile readers. Out: `SpanBatch` and `StackBatch`, bounded
in rows. Does not know formats or databases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ..model import Frame

BATCH_ROWS = 50_000
MAX_DESCRIBED = 20


class Shape(NamedTuple):
    """Everything of a span that repeats: most recordings have a few hundred of these for millions of spans."""

    name: str
    kind: str
    category: str
    service: str
    scope: str
    route: str
    method: str
    status: int
    error: bool
    system: str
    statement: str
    fingerprint: str
    code_path: str
    code_line: int
    code_function: str
    hint: str


def shape_id(shape: Shape) -> int:
    """Content address of a shape (unsigned 64 bits): the same in every process, so that batches never have to ask."""
    return int.from_bytes(
        hashlib.blake2b("\0".join(map(str, shape)).encode("utf-8", "replace"), digest_size=8).digest()
    )


def frame_id(frame: Frame) -> int:
    """Content address of a profile's frame (unsigned 64 bits)."""
    text = f"{frame.function}\0{frame.path}\0{frame.line}"
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


@dataclass(slots=True)
class SpanBatch:
    """Columns of spans: 16-byte trace ids, 8-byte span ids (`parent` of a root is 8 zero bytes), times in ns.

    `shapes` holds the shapes first met in this batch.
    """

    trace: list[bytes] = field(default_factory=list)
    span: list[bytes] = field(default_factory=list)
    parent: list[bytes] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    shape: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    shapes: dict[int, Shape] = field(default_factory=dict)


@dataclass(slots=True)
class StackBatch:
    """Stacks of a profile, outermost frame first, as content addresses; `frames` explains those first met here."""

    stacks: list[tuple[int, ...]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    frames: dict[int, Frame] = field(default_factory=dict)


class Destination(Protocol):
    """What an ingest writes to. Each call is one transaction: when it returns, the rows survive a killed process."""

    def write_spans(self, batch: SpanBatch) -> int:
        """Store the spans that are not there yet; how many were new."""

    def write_profile(
        self, fill: Callable[[Callable[[StackBatch], None]], tuple[str, str]], *, source: str, route: str
    ) -> bool:
        """Store one profile, whole or not at all.

        `fill` is called with a function that takes each batch; it returns the digest of the content and the unit of
        the weights. When a profile of that digest is in the store already, nothing changes but its route, if one
        is given, and the result is False.
        """


class Damage:
    """Counts what could not be read and keeps the first descriptions."""

    def __init__(self) -> None:
        self.count = 0
        self.described: list[str] = []

    def add(self, place: str, why: str) -> None:
        """One damaged record; `place` is file and record number or byte offset."""
        self.count += 1
        if len(self.described) < MAX_DESCRIBED:
            self.described.append(f"{place}: {why}")
