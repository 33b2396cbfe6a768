"""From work of the processor to findings: which of it counts, and how sure it is that it grows with the data.

In: observations of the kinds that `work`, `joins`, `growth` and `repeats` make. Out: groups on hot paths, the one of
which most is known first, and their findings. What no request, task, consumer or middleware reaches is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..model import Confidence, Finding
from .effects import Group, Observation
from .summaries import summary
from .telling import finding
from .values import Value
from .work import DATA

if TYPE_CHECKING:
    from .project import Project


def hot(project: Project, kind: str) -> Iterator[Group]:
    """The work of a kind that hot paths do."""
    called: dict[str, dict[tuple[Value, ...], None]] = {}
    for group in project.observations.of(kind):
        if project.observations.hot(group):
            called = called or project.observations.called
            known = [o for o in group.observations if _happens(project, o, called.get(o.function, {}))]
            if known:
                yield Group(tuple(sorted(known, key=lambda o: -strength(o))))


def _happens(project: Project, o: Observation, contexts: Iterable[tuple[Value, ...]]) -> bool:
    """Whether it does with the arguments that a function is called with, where the project calls it at all: what a
    function does with whatever it may be given says little when all that it is given are a few constants."""
    found = [summary(project, o.function, context).observed for context in contexts]
    return not found or any(o in observed for observed in found)


def strength(o: Observation) -> int:
    """How much is known of the size of what is worked on: 0, 1 or 2."""
    return (DATA in o.effect.conditions) + any(loop.known for loop in o.loops)


def sure(group: Group) -> Confidence:
    """`certain` when both the list and the loop are known to grow with a table, `likely` when one is."""
    return ("possible", "likely", "certain")[strength(group.first)]


def per(o: Observation) -> str:
    """How often: "once per `order`"."""
    loop = o.loops[-1] if o.loops else None
    if loop is None:
        return "on each call"
    if loop.kind == "while":
        return f"in each round of `while {loop.over}`"
    if loop.kind == "callback":
        return "once per item"
    return f"once per `{loop.variable}`"


def telling(project: Project, group: Group, code: str, message: str, remedy: str, confidence: Confidence) -> Finding:
    effect = group.first.effect
    subject = f"{effect.how} {effect.subject} {effect.detail}"
    return finding(project, group, code, "loop", message, subject=subject, remedy=remedy, confidence=confidence)
