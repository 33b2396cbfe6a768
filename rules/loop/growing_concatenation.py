"""A value that is copied whole each time something is added to it."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Confidence, Finding
from ...linter.project.project import Project
from ...linter.project.telling_work import hot, per, strength, telling

_KINDS: dict[str, tuple[Confidence, str]] = {
    "list": ("likely", "add in place: `.append()`, `.extend()` or `+=`"),
    "tuple": ("likely", "collect in a list, and make the tuple after the loop"),
    "dict": ("likely", "add in place: `d[key] = value` or `.update()`"),
    "bytes": ("likely", "collect in a `bytearray`, or in a list that is joined after the loop"),
    "text": ("likely", "collect the parts in a list, and `.join()` them after the loop"),
    "local text": ("possible", "collect the parts in a list, and `.join()` them after the loop"),
    "frame": ("likely", "collect the parts in a list, and `concat()` them once after the loop"),
}
"""By what is copied: how sure it is that this costs something."""


def check(project: Project) -> Iterator[Finding]:
    for group in hot(project, "growth"):
        o = group.first
        sure, remedy = _KINDS[o.effect.detail]
        name = o.effect.subject
        if o.loops:
            message = f"`{name}` is copied whole to add to it, {per(o)}"
        else:
            message = f"`{name}()` copies the {o.effect.detail} so far for each one that it adds"
            remedy = "use `list(itertools.chain.from_iterable(lists))`"
        if sure == "likely" and strength(o) == 0 and o.effect.detail != "frame":
            sure = "possible"
        yield telling(project, group, "growing-concatenation", message, remedy, sure)
