"""Profile stacks in, `StackBatch`es out: equal stacks added up, frames stored once. Knows no format."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ..model import Frame
from .batch import BATCH_ROWS, Damage, StackBatch, frame_id

_MAX_FRAMES = 2_000


class StackCollector:
    """Adds up stacks and hands them on in batches; `flush` hands on the rest."""

    def __init__(self, take: Callable[[StackBatch], None], damage: Damage) -> None:
        self.stacks = 0
        """Stacks read."""
        self.notes: list[str] = []
        self.damage = damage
        self._take = take
        self._weights: dict[tuple[int, ...], float] = {}
        self._frames: dict[int, Frame] = {}
        self._ids: dict[Frame, int] = {}

    def add(self, frames: Sequence[Frame], weight: float, place: str) -> None:
        """Take one stack, outermost frame first. The innermost 2,000 frames are kept."""
        if not frames or not math.isfinite(weight) or weight < 0:
            self.damage.add(place, "a stack needs frames and a weight that is a number from 0")
            return
        key = tuple([self._ids.get(frame) or self._identify(frame) for frame in frames[-_MAX_FRAMES:]])
        self._weights[key] = self._weights.get(key, 0.0) + weight
        self.stacks += 1
        if len(self._weights) >= BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Hand on what is waiting."""
        if self._weights:
            self._take(StackBatch(list(self._weights), list(self._weights.values()), self._frames))
        self._weights, self._frames = {}, {}

    def _identify(self, frame: Frame) -> int:
        number = frame_id(frame)
        if len(self._ids) > BATCH_ROWS:
            self._ids.clear()
        self._ids[frame] = number
        self._frames[number] = frame
        return number
