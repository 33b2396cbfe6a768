"""One normaliser for every span format: old and new attribute names in, one row of columns out.

In: a span's identity, times, kind and its attributes as plain values, from whichever reader. Out: rows in a
`SpanBatch`, handed to the destination every 50,000 spans. What the attributes mean is `conventions`' business.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from .batch import BATCH_ROWS, Damage, Destination, SpanBatch, shape_id
from .conventions import PATHS, Reported, Value, describe

TRACE_BYTES: Final = 16
SPAN_BYTES: Final = 8
NO_PARENT: Final = bytes(SPAN_BYTES)
_NO_TRACE: Final = bytes(TRACE_BYTES)
MAX_TIME: Final = 2**63

_MEMO_CHARACTERS: Final = 8_000_000


class SpanNormaliser:
    """Collects normalised spans and writes them batch by batch; `flush` writes the rest."""

    def __init__(
        self,
        destination: Destination,
        damage: Damage,
        *,
        keep_literals: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.spans = 0
        self.stored = 0
        self.damage = damage
        self.place = ""
        """Where the reader is: set by it before the spans of each record."""
        self.notes: list[str] = []
        self._destination = destination
        self._keep_literals = keep_literals
        self._progress = progress
        self._batch = SpanBatch()
        self._memo: dict[tuple[object, ...], int] = {}
        self._memo_characters = 0

    def add(
        self,
        service: str,
        scope: str,
        trace_id: bytes,
        span_id: bytes,
        parent_id: bytes,
        name: str,
        kind: int,
        start: int,
        end: int,
        error: bool,
        state: str,
        attributes: dict[str, Value],
    ) -> None:
        """Take one span. `attributes` holds only keys in `WANTED`; it may be changed here."""
        if (
            len(trace_id) != TRACE_BYTES
            or len(span_id) != SPAN_BYTES
            or not 0 < start < MAX_TIME > end > 0
            or span_id == NO_PARENT
            or trace_id == _NO_TRACE
        ):
            self.damage.add(self.place, f"span {name[:60]!r} {_why_unusable(trace_id, span_id, start, end)}")
            return
        if attributes.get("http.route"):
            for key in PATHS:
                attributes.pop(key, None)
        memo = (service, scope, name, kind, error, *attributes.items())
        shape = self._memo.get(memo)
        batch = self._batch
        if shape is None:
            shape = self._shape(memo, Reported(service, scope, name, kind, error, attributes))
        batch.trace.append(trace_id)
        batch.span.append(span_id)
        batch.parent.append(parent_id if len(parent_id) == SPAN_BYTES else NO_PARENT)
        batch.start.append(start)
        batch.end.append(end if end > start else start)
        batch.shape.append(shape)
        batch.weight.append(state_weight(state) if state else 1.0)
        batch.calls.append(1)
        if len(batch.shape) >= BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; after this returns a killed process loses none of it."""
        batch, self._batch = self._batch, SpanBatch()
        if batch.shape:
            self.stored += self._destination.write_spans(batch)
            self.spans += len(batch.shape)
        if self._progress is not None:
            self._progress(self.spans)

    def _shape(self, memo: tuple[object, ...], span: Reported) -> int:
        shape = describe(span, keep_literals=self._keep_literals)
        number = shape_id(shape)
        self._batch.shapes[number] = shape
        self._memo_characters += len(str(memo)) + 500
        if self._memo_characters > _MEMO_CHARACTERS:
            self._memo.clear()
            self._memo_characters = 0
        self._memo[memo] = number
        return number


@lru_cache(maxsize=4096)
def state_weight(state: str) -> float:
    """Weight of a span from its W3C `tracestate`: 1 / sampling probability, 1.0 when it says nothing.

    `ot=th:HEX` is the rejection threshold of OpenTelemetry's consistent probability sampling (1 to 14 digits, padded
    with zeros on the right to 56 bits): weight 2^56 / (2^56 - th). `ot=p:N` is its predecessor: weight 2^N.
    """
    for member in state.split(","):
        key, _, value = member.strip().partition("=")
        if key != "ot":
            continue
        fields = dict(part.partition(":")[::2] for part in value.split(";"))
        threshold = fields.get("th", "")
        if re.fullmatch(r"[0-9a-fA-F]{1,14}", threshold):
            return 2**56 / (2**56 - int(threshold.ljust(14, "0"), 16))
        power = fields.get("p", "")
        if power.isascii() and power.isdigit() and int(power) < 63:
            return float(2 ** int(power))
    return 1.0


def _why_unusable(trace_id: bytes, span_id: bytes, start: int, end: int) -> str:
    if len(trace_id) != TRACE_BYTES:
        return f"has a trace id of {len(trace_id)} bytes, not {TRACE_BYTES}"
    if len(span_id) != SPAN_BYTES:
        return f"has a span id of {len(span_id)} bytes, not {SPAN_BYTES}"
    if span_id == NO_PARENT or trace_id == _NO_TRACE:
        return "has an id of zeros"
    return f"has times that cannot be ({start} to {end} ns)"
