"""What a reader module of this folder offers: its `FORMAT`, found by `reader` without a list to keep in step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO

from .spans import SpanNormaliser
from .stacks import StackCollector


class Match(IntEnum):
    """How sure a reader is that a file is of its format."""

    NO = 0
    MAYBE = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class SpanFormat:
    """A format that holds spans. `read` takes the stream and the file's name for messages."""

    name: str
    recognises: Callable[[bytes], Match]
    read: Callable[[BinaryIO, SpanNormaliser, str], None]


@dataclass(frozen=True, slots=True)
class ProfileFormat:
    """A format that holds profile stacks; `read` returns the unit of the weights."""

    name: str
    recognises: Callable[[bytes], Match]
    read: Callable[[BinaryIO, StackCollector, str], str]
