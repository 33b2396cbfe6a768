"""A list that is searched from its start, once per round of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Finding
from ...linter.project.effects import Effect
from ...linter.project.project import Project
from ...linter.project.telling_work import hot, per, sure, telling
from ...linter.project.work import UNHASHABLE


def check(project: Project) -> Iterator[Finding]:
    for group in hot(project, "membership"):
        o = group.first
        does = f"`in` searches `{o.effect.subject}`"
        if o.effect.subject == "…":
            does = "`in` makes and searches a list"
        if o.effect.detail != "in":
            does = f"`.{o.effect.detail}()` searches `{o.effect.subject}`"
        yield telling(
            project,
            group,
            "quadratic-membership",
            f"{does}, a list, from its start {per(o)}",
            _remedy(o.effect),
            sure(group),
        )


def _remedy(effect: Effect) -> str:
    name = effect.subject
    if effect.detail == "index":
        return f"make a dict of the positions before the loop: `{{x: i for i, x in enumerate({name})}}`"
    if effect.detail == "count":
        return f"count all items in one go before the loop: `collections.Counter({name})`"
    if effect.detail == "remove":
        return "use a set, or a dict by key, or make a new list without these items in one go"
    if UNHASHABLE in effect.conditions:
        return f"keep a set of the keys of `{name}` beside it: its items are not hashable themselves"
    return f"search a set: `set({name})`, made before the loop and kept up with it"
