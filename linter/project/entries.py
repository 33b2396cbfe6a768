"""Where the outside world enters a program, and which functions are reached from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .memo import Question

if TYPE_CHECKING:
    from .project import Project


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind`: request | task | command | middleware | consumer | signal | startup. `function`: its reference, or a
    class whose methods are all entered. `route`: the template, with its method where known."""

    kind: str
    function: str
    route: str = ""
    hot: bool = True


def reached(entries: Iterable[Entry], calls: Mapping[str, Iterable[str]]) -> dict[str, tuple[Entry, ...]]:
    """Function reference → the entries that reach it through calls (at most 20 each, in order of distance)."""
    out: dict[str, dict[Entry, None]] = {}
    frontier: list[tuple[str, Entry]] = []
    for entry in entries:
        frontier.append((entry.function, entry))
    while frontier:
        later: list[tuple[str, Entry]] = []
        for function, entry in frontier:
            have = out.setdefault(function, {})
            if entry in have or len(have) >= _MAX_ENTRIES:
                continue
            have[entry] = None
            later.extend((callee, entry) for callee in calls.get(function, ()))
        frontier = later
    for function in list(out):  # what is observed in a procedure is told of its owner
        owner, procedure, _ = function.partition("#")
        if procedure:
            out.setdefault(owner, {}).update(out[function])
    return {function: tuple(have) for function, have in out.items()}


_MAX_ENTRIES = 20


def entries_of(project: Project) -> list[Entry]:
    """Every entry point of a project."""
    found: list[Entry] = project.memo.ask(QUESTIONS["entries"])
    return found


def _entries(project: Project) -> list[Entry]:
    project.memo.read_input(("tree",))
    return [entry for framework in project.frameworks for entry in framework.entries(project)]


QUESTIONS: dict[str, Question[Any]] = {"entries": Question("entries", _entries, list)}
