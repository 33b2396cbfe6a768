"""Slow patterns seen at run time without a static finding: one module each, all with one interface.

A detector takes the groups that no finding explains, and yields run-time findings with the claims they rest on.
Adding a detector: a module here with `find(view) -> Iterator[Pattern]`, and its name in `DETECTORS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from ...linter.model import fingerprint
from . import lookups, repeated, slow
from .pattern import Pattern, View

DETECTORS: Final[tuple[Callable[[View], Iterator[Pattern]], ...]] = (repeated.find, lookups.find, slow.find)

__all__ = ["DETECTORS", "Pattern", "View", "detect"]


def detect(view: View) -> list[Pattern]:
    """Patterns of all detectors. A group is claimed once: earlier detectors are surer of what they see."""
    patterns: list[Pattern] = []
    for detector in DETECTORS:
        found = list(detector(view))
        patterns.extend(found)
        view = view.without(claim for pattern in found for claim in pattern.claims)
    return _named_apart(patterns)


def _named_apart(patterns: list[Pattern]) -> list[Pattern]:
    """Equal fingerprints (the same statement twice in one function) told apart by their order in the file."""
    counts: dict[str, int] = {}
    result = []
    for pattern in sorted(patterns, key=lambda pattern: pattern.finding.place):
        name = pattern.finding.fingerprint
        nth = counts[name] = counts.get(name, -1) + 1
        apart = fingerprint(name, "", "", "", nth) if nth else name
        result.append(replace(pattern, finding=replace(pattern.finding, fingerprint=apart)))
    return result
