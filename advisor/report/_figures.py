"""Numbers and foreign text as people read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath, PureWindowsPath

from ...linter.model import Place
from ..model import UNKNOWN_PATH, Interval

Paint = Callable[[str, str], str]
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def painter(color: bool) -> Paint:
    """What paints a text in a rich style, or leaves it alone."""
    if not color:
        return lambda text, style: text
    from rich.style import Style

    return lambda text, style: Style.parse(style).render(text)


def clean(text: str) -> str:
    """Text from telemetry or source files without what could steer a terminal."""
    return _CONTROL.sub(" ", text)


def led_to(path: str, prefix: str) -> str:
    """A path of the repository as seen from the working folder; one that is of no repository as it was reported."""
    return path if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute() else prefix + path


def where(place: Place, prefix: str) -> str:
    """`app/views.py:5`, for people."""
    if place.path == UNKNOWN_PATH:
        return "(spans without a code place)"
    return clean(f"{led_to(place.path, prefix)}:{place.line}")


def percent(share: float) -> str:
    """`38 %`, `0.4 %`."""
    value = 100.0 * share
    return f"{value:.1f} %" if 0 < abs(value) < 1 else f"{value:.0f} %"


def between(interval: Interval) -> str:
    """`38 % (21 to 56 %)`."""
    low, high = percent(interval.low), percent(interval.high)
    return f"{percent(interval.point)} ({low.removesuffix(' %')} to {high})"


def duration(ms: float) -> str:
    """`0.4 ms`, `120 ms`, `2.1 s`."""
    if abs(ms) >= 1000:
        return f"{ms / 1000:.1f} s"
    return f"{ms:.1f} ms" if abs(ms) < 10 else f"{ms:.0f} ms"


def hourly(seconds: float) -> str:
    """Seconds per hour of traffic."""
    return f"{seconds:.1f} s" if abs(seconds) < 10 else f"{seconds:,.0f} s"
