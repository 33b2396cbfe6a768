"""Results that are remembered without end, per object or per something that requests bring."""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.model import Confidence, Finding
from ...linter.project.cold import cold
from ...linter.project.effects import Group, Observation
from ...linter.project.project import Project
from ...linter.project.remembered import Kept, for_ever
from ...linter.project.schema import model_of
from ...linter.project.telling import finding


def check(project: Project) -> Iterator[Finding]:
    told = project.observations
    for kept in for_ever(project):
        if cold(kept.ref.partition("::")[0]):
            continue
        group = Group((Observation("kept", kept.effect, kept.ref),))
        if kept.method:
            sure = _instances(project, kept)
            message = (
                f"`{kept.effect.subject}` remembers its results for ever, and with them every `self` that was asked"
            )
            remedy = "use `functools.cached_property`, or keep the results in an attribute of the object"
        else:
            sure = "possible"
            message = f"`{kept.effect.subject}` remembers a result for every combination of arguments, for ever"
            remedy = "give it a bound: `lru_cache(maxsize=...)`, or a cache whose entries expire"
        if (kept.method and sure) or told.hot(group):
            yield finding(
                project,
                group,
                "unbounded-cache",
                "resource",
                message,
                subject=kept.effect.subject,
                remedy=remedy,
                confidence=sure or "possible",
            )
    for group in told.of("grows"):
        if told.hot(group):
            yield finding(
                project,
                group,
                "unbounded-cache",
                "resource",
                f"`{group.first.effect.subject}` gets another key with every new request and never loses one",
                subject=group.first.effect.subject,
                remedy="use `functools.lru_cache(maxsize=...)` or `cachetools.TTLCache`, or take keys out again",
                confidence="likely" if group.first.how == "given" and _handles(project, group) else "possible",
            )


def _handles(project: Project, group: Group) -> bool:
    """Whether a request handler itself fills a dict: its parameters are what requests bring."""
    told = project.observations
    return any(e.function == o.function for o in group.observations for e in told.entries_of(o.function))


def _instances(project: Project, kept: Kept) -> Confidence | None:
    """How sure it is that there are ever more objects of a method's class; None when there are not."""
    cls = kept.ref.rpartition(".")[0]
    info = project.class_info(cls)
    if info is None or any(a.startswith(("ext:enum.", "ext:typing.", "ext:abc.")) and "num" in a for a in info.lineage):
        return None
    if model_of(project, cls) is not None:
        return "certain"
    told = project.observations
    for ancestor in info.lineage:
        made = () if ancestor.startswith("ext:") else told.entries_of(f"{ancestor}.__init__")
        if any(entry.hot for entry in made):
            return "likely"
    return "possible"
