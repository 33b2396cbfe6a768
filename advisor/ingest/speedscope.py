"""speedscope's JSON (py-spy `--format speedscope`, austin, many converters): sampled and evented profiles.

https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources
All profiles (threads) of a file are added up. The document is one JSON value, at most 128 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO, Final

from ..model import Frame
from . import json_parser
from .formats import Match, ProfileFormat
from .stacks import StackCollector

_MAX_DOCUMENT: Final = 128 * 2**20
_MAX_LINE: Final = 2**31
_MAX_DEPTH: Final = 10_000
_DAMAGE: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)


def _recognises(head: bytes) -> Match:
    if not head.lstrip().startswith(b"{"):
        return Match.NO
    if b"speedscope.app/file-format-schema" in head:
        return Match.SURE
    return Match.MAYBE if b'"profiles"' in head and b'"shared"' in head else Match.NO


def _read(stream: BinaryIO, stacks: StackCollector, source: str) -> str:
    text = stream.read(_MAX_DOCUMENT + 1)
    if len(text) > _MAX_DOCUMENT:
        stacks.damage.add(source, "more than 128 MB in one JSON document: record as collapsed stacks instead")
        while stream.read(1 << 20):
            pass
        return ""
    try:
        document: Any = json_parser.parser().parse(text)
        shared = json_parser.whole(document["shared"]["frames"])
        profiles = list(document["profiles"])
    except (*_DAMAGE, RuntimeError) as error:
        stacks.damage.add(source, f"not readable as speedscope JSON: {error}")
        return ""
    frames = [_frame(frame) for frame in shared]
    units: dict[str, None] = {}
    for number, profile in enumerate(profiles, 1):
        place = f"{source}, profile {number}"
        try:
            units[str(profile.get("unit") or "none")] = None
            if profile["type"] == "sampled":
                _sampled(profile, frames, stacks, place)
            elif profile["type"] == "evented":
                _evented(profile, frames, stacks, place)
            else:
                stacks.damage.add(place, f"unknown type {str(profile['type'])[:40]!r}")
        except _DAMAGE as error:
            stacks.damage.add(place, f"not readable: {type(error).__name__} {error}")
    if len(units) > 1:
        stacks.notes.append(f"{source}: profiles of different units ({', '.join(units)}) are added up")
    return next(iter(units), "")


def _frame(raw: Any) -> Frame:
    if not isinstance(raw, dict):
        return Frame("?", "", 0)
    line = raw.get("line")
    known = isinstance(line, int) and 0 <= line < _MAX_LINE
    return Frame(str(raw.get("name") or "?"), str(raw.get("file") or ""), line if known and line is not None else 0)


def _sampled(profile: Any, frames: Sequence[Frame], stacks: StackCollector, place: str) -> None:
    weights = profile.get("weights")
    weights = json_parser.whole(weights) if weights is not None else []
    for index, sample in enumerate(profile["samples"]):
        at = f"{place}, sample {index + 1}"
        numbers = json_parser.whole(sample)
        if not numbers:
            continue  # an idle moment
        if not all(isinstance(number, int) and 0 <= number < len(frames) for number in numbers):
            stacks.damage.add(at, "names a frame that is not there")
            continue
        weight = weights[index] if index < len(weights) else 1
        stacks.add([frames[number] for number in numbers], float(weight), at)


def _evented(profile: Any, frames: Sequence[Frame], stacks: StackCollector, place: str) -> None:
    open_frames: list[int] = []
    last = float(profile.get("startValue") or 0)
    for index, event in enumerate(profile["events"]):
        at, kind, number = float(event["at"]), event["type"], event["frame"]
        where = f"{place}, event {index + 1}"
        if not (isinstance(number, int) and 0 <= number < len(frames)):
            stacks.damage.add(where, "names a frame that is not there")
            continue
        if open_frames and at > last:
            stacks.add([frames[opened] for opened in open_frames], at - last, where)
        last = max(last, at)
        if kind == "O":
            if len(open_frames) >= _MAX_DEPTH:
                stacks.damage.add(where, f"more than {_MAX_DEPTH} open frames; the rest of the profile is not read")
                return
            open_frames.append(number)
        elif open_frames and open_frames[-1] == number:
            open_frames.pop()
        else:
            stacks.damage.add(where, "closes a frame that is not the innermost open one")
            if number in open_frames:
                del open_frames[open_frames.index(number) :]


FORMAT: Final = ProfileFormat("speedscope", _recognises, _read)
