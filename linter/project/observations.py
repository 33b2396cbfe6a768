"""Everything observed in a project, and how to tell it: places, reasons, routes. What rules stand on.

Rules ask for `repeated(...)` or `blocking()` and word what they get; how it was found is no concern of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from ..model import Confidence, Place, Severity
from . import holding, noticed
from .cold import by_hand, cold, of_tests
from .effects import BLOCKS, COLUMNS, FETCH, LOAD, QUERY, Effect, Group, Observation, Summary, site_key
from .entries import Entry, entries_of, reached
from .frozen import replace
from .reasons import Reasons
from .summaries import driven, driven_functions, summary
from .values import Spot, Value

if TYPE_CHECKING:
    from .project import Project

_ONE = ("get", "first", "last", "latest", "earliest")
_MAX_WAY = 6  # relations inside relations, each loaded per row
_MAX_SOURCES = 12  # queries whose rows reach one place
# How much longer than others a kind of wait tends to be (the ranges stand in the catalogue)
_WAITS = {
    "http": 8.0,
    "sleep": 8.0,
    "mail": 8.0,
    "cloud": 8.0,
    "subprocess": 7.0,
    "queue": 6.0,
    "dns": 5.0,
    "file": 2.0,
}


class Observations(Reasons):
    """Computed once per run from the summaries of all functions that are not cold."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def _summaries(self) -> list[tuple[str, Summary]]:
        project = self.project
        out: list[tuple[str, Summary]] = []
        seen: set[tuple[str, tuple[Value, ...] | None]] = set()
        ran: set[str] = set()
        for start in self._starts(ran):
            pending: list[tuple[str, tuple[Value, ...] | None]] = [(start, None)]
            while pending:
                ref, context = pending.pop()
                if (ref, context) in seen or cold(ref.partition("::")[0]):
                    continue
                seen.add((ref, context))
                ran.add(ref)
                found = summary(project, ref, context)
                out.append((ref, found))
                pending.extend(found.calls)
        return out

    def _starts(self, ran: Container[str]) -> Iterator[str]:
        """What is looked into for its own sake: what frameworks do with each class and function, and the functions of
        each file but those that a framework is seen to call (`ran`): it knows best with what."""
        project = self.project
        frameworks_run: set[str] = set()
        for cls in project.classes():
            procedures = () if cold(cls.partition("::")[0]) else driven(project, cls)
            if procedures:
                info = project.class_info(cls)
                frameworks_run.update(info.lineage if info is not None else (cls,))
            yield from procedures
        paths = [path for path in project.modules.paths if not cold(path)]
        for path in paths:
            for ref, answered in driven_functions(project, path).items():
                frameworks_run.add(ref)
                yield from answered
        for path in paths:
            for kind, name in project.defined[path]:
                ref = f"{path}::{name}"
                known = ref in frameworks_run or ref.rpartition(".")[0] in frameworks_run
                if kind == "function" and not (known and ref in ran) and not of_tests(project, ref):
                    yield ref

    @cached_property
    def _calls(self) -> dict[str, tuple[str, ...]]:
        out: dict[str, dict[str, None]] = {}
        for ref, found in self._summaries:
            out.setdefault(ref, {}).update(dict.fromkeys(callee for callee, _ in found.calls))
        return {ref: tuple(callees) for ref, callees in out.items()}

    @cached_property
    def called(self) -> dict[str, dict[tuple[Value, ...], None]]:
        """Function → the kinds of arguments that other functions call it with."""
        out: dict[str, dict[tuple[Value, ...], None]] = {}
        for _, found in self._summaries:
            for ref, context in found.calls:
                if context is not None:
                    out.setdefault(ref, {})[context] = None
        return out

    @cached_property
    def _entered(self) -> list[Entry]:
        """Every function that something outside runs, as an entry of its own."""
        project = self.project
        entries: list[Entry] = []
        for entry in entries_of(project):
            info = project.class_info(entry.function)
            functions = [entry.function] if info is None else []
            for ancestor in info.lineage if info is not None else ():
                own = None if ancestor.startswith("ext:") else project.class_info(ancestor)
                members = own.members.items() if own is not None else ()
                functions += [f"{ancestor}.{name}" for name, member in members if member.kind == "function"]
            run = [*driven(project, entry.function)] if info is not None else []
            for ref in functions:
                run += [ref, *driven_functions(project, ref.partition("::")[0]).get(ref, ())]
            entries += [replace(entry, function=ref) for ref in run]
        return entries

    @cached_property
    def _reached(self) -> dict[str, tuple[Entry, ...]]:
        return reached(self._entered, self._calls)

    def entered(self, kinds: Container[str], wanted: Callable[[Effect], bool]) -> list[Group]:
        """What a function that entries of these kinds run does, itself or through calls, one group per place."""
        run = {e.function for e in self._entered if e.kind in kinds and not e.function.endswith("__init__")}
        found = [
            Observation("entered", effect, ref)
            for ref, summed in self._summaries
            if ref in run
            for effect in summed.effects
            if not effect.once and not effect.guarded and wanted(effect)
        ]
        return self._grouped(found)

    # What was observed ------------------------------------------------------------------------------------

    def all(self, kind: str) -> Iterator[Observation]:
        return iter(self._by_kind.get(kind, ()))

    @cached_property
    def _by_kind(self) -> dict[str, dict[Observation, None]]:
        out: dict[str, dict[Observation, None]] = {}
        here = tuple(name for f in self.project.frameworks for name in f.stays_here(self.project))
        for _, found in self._summaries:
            for observation in found.observed:
                if here and observation.effect.subject.startswith(here):
                    continue
                out.setdefault(observation.kind, {})[observation] = None
        return out

    def repeated(self, *kinds: str, setting: str | None = None) -> list[Group]:
        """Effects that a loop repeats, grouped by root cause: the query that should have loaded a relation, or the
        place that runs the statement. `setting`: only those whose nearest reader it is (see `Effect.setting`)."""
        observed = (o for o in self.all("repeated") if o.effect.kind in kinds)
        groups = self._grouped([told for o in observed for told in self._told(o)])
        return [g for g in groups if setting is None or g.first.effect.setting == setting]

    def _told(self, o: Observation) -> list[Observation]:
        """An observation about the rows of a parameter, as one for each query that callers pass the rows of."""
        if o.effect.origin is None or not o.effect.origin.parameter:
            return [o]
        sources = self._sources.get(_about(o.effect), [])[:_MAX_SOURCES]
        return [replace(o, effect=replace(o.effect, origin=s.origin, path=s.path)) for s in sources] or [o]

    @cached_property
    def _sources(self) -> dict[object, list[Effect]]:
        out: dict[object, dict[object, Effect]] = {}
        for o in self.all("source"):
            out.setdefault(_about(o.effect), {}).setdefault((o.effect.origin, o.effect.path), o.effect)
        project = self.project
        return {
            about: sorted(
                found.values(),
                key=lambda e: project.place(e.origin.spot) if e.origin and e.origin.spot else project.place(e.spot),
            )
            for about, found in out.items()
        }

    @cached_property
    def _loads(self) -> dict[Spot, Effect]:
        """Relations that are loaded once per row, by where they are read; of one row those that no code reads, to
        which no loader can be added: a serializer's field, a template."""
        repeated = [told.effect for o in self.all("repeated") if o.effect.kind == LOAD for told in self._told(o)]
        out = {e.spot: e for e in reversed(repeated) if e.how not in COLUMNS}
        for _, found in self._summaries:
            for e in found.effects:
                known = e.kind == LOAD and e.setting and e.origin is not None and e.origin.spot is not None
                if known and (not e.spot.path.endswith(".py") or self.project.function(e.spot.owner) is None):
                    out.setdefault(e.spot, e)
        return out

    @cached_property
    def one_by_one(self) -> frozenset[Spot]:
        """Where a loop asks for one row per round: what a loader adds there is loaded per round as well."""
        queries = (o.effect for o in self.all("repeated") if o.effect.kind == QUERY)
        return frozenset(e.spot for e in queries if e.how.lstrip("a") in _ONE)

    def root(self, effect: Effect) -> Effect:
        """A load as seen from the query that its rows go back to, when those on the way are loaded per row as well:
        `lines.book` of the orders, not `book` of the lines of one order."""
        for _ in range(_MAX_WAY):
            here = effect.origin.spot if effect.origin is not None else None
            outer = self._loads.get(here) if here is not None else None
            if outer is None or outer.spot == effect.spot or outer.origin is None or outer.origin.spot in (None, here):
                break
            effect = replace(effect, origin=outer.origin, path=f"{outer.path}.{effect.path}")
        return effect

    def blocking(self) -> list[Group]:
        """What holds up an event loop, grouped by the blocking place; not what does so only while the application
        starts or stops, when nobody waits."""
        return self._grouped([o for o in self.all("blocking") if not self._at_start(o.function)])

    def _at_start(self, function: str) -> bool:
        entries = self.entries_of(function)
        return bool(entries) and all(entry.kind == "startup" for entry in entries)

    def of(self, kind: str) -> list[Group]:
        """What fetches more than is used (`existence`, `counting`, `columns`), one group per place."""
        return self._grouped(list(self.all(kind)))

    @cached_property
    def _handed_on(self) -> tuple[str, ...]:
        return tuple(name for framework in self.project.frameworks for name in framework.hands_on(self.project))

    def waits(self, effect: Effect) -> bool:
        """Whether an effect is a long wait, which settings do not turn into an entry of a queue."""
        return holding.waits(self.project, effect) and not effect.subject.startswith(self._handed_on)

    @cached_property
    def sockets_limited(self) -> bool:
        """Whether the program gives every socket a timeout."""
        return any(True for _ in self.all("limited")) or noticed.limited(self.project)

    def sites(self) -> Iterator[tuple[str, Effect]]:
        """Every query site with the function that holds it."""
        seen: set[tuple[object, ...]] = set()
        for ref, found in self._summaries:
            for site in found.sites:
                key = site_key(site)
                if key not in seen:
                    seen.add(key)
                    yield ref, site

    def _grouped(self, observations: list[Observation]) -> list[Group]:
        """Join observations that share a place or a root cause, nearest first."""
        leader: dict[object, int] = {}
        parent = list(range(len(observations)))

        def top(i: int) -> int:
            while parent[i] != i:
                parent[i] = parent[parent[i]]
                i = parent[i]
            return i

        sure = {o.effect.spot for o in observations if o.effect.through is None}
        for i, o in enumerate(observations):
            for key in _causes(o) if o.effect.spot in sure else (*_causes(o), *_dispatched(o)):
                j = leader.setdefault(key, i)
                parent[top(i)] = top(j)
        groups: dict[int, list[Observation]] = {}
        for i, o in enumerate(observations):
            groups.setdefault(top(i), []).append(o)
        out = []
        for members in groups.values():
            members.sort(
                key=lambda o: (
                    o.effect.setting != "",
                    o.effect.assumed,
                    self.project.place(o.effect.spot),
                    len(o.effect.hops),
                    o.function,
                )
            )
            out.append(Group(tuple(members)))
        return out

    # How to tell it ---------------------------------------------------------------------------------------

    def entries_of(self, function: str) -> tuple[Entry, ...]:
        return self._reached.get(function, ())

    def routes(self, group: Group) -> tuple[str, ...]:
        """Routes whose handlers reach the group's functions."""
        found = (
            e.route for o in group.observations for e in self.entries_of(o.function) if e.kind == "request" and e.route
        )
        return tuple(dict.fromkeys(found))

    def aside(self, group: Group) -> bool:
        """Whether only somebody at a terminal gets there, as far as is known."""
        entries = [e for o in group.observations for e in self.entries_of(o.function)]
        return all(e.kind == "command" for e in entries) if entries else by_hand(group.first.effect.spot.path)

    def tools(self, group: Group) -> bool:
        """Whether the loops of a group stand in what developers and operators run, and no entry point leads there."""
        paths = (o.function.partition("::")[0] for o in group.observations)
        return all(by_hand(path) for path in paths) and not any(self.entries_of(o.function) for o in group.observations)

    def requested(self, group: Group) -> bool:
        """Whether a request gets there, as far as is known."""
        return any(e.kind == "request" for o in group.observations for e in self.entries_of(o.function))

    def offline(self, group: Group) -> bool:
        """Whether nobody waits for it, as far as is known: only commands and tasks get there, or tools."""
        entries = [e for o in group.observations for e in self.entries_of(o.function)]
        return all(e.kind in ("command", "task") for e in entries) if entries else self.aside(group)

    def hot(self, group: Group) -> bool:
        return any(e.hot for o in group.observations for e in self.entries_of(o.function))

    def confidence(self, group: Group) -> Confidence:
        o = group.first
        if o.kind == "blocking":
            entries = [e for each in group.observations for e in self.entries_of(each.function)]
            if entries and all(e.kind == "command" for e in entries):
                # A program of its own: perhaps nobody else is on that event loop; before it serves, surely nobody
                own = all(e.function == each.function for each in group.observations for e in entries)
                return "possible" if own else "likely"
            return "likely" if o.effect.assumed else "certain"
        if o.effect.assumed:
            return "likely"
        if o.effect.kind == FETCH:
            return "certain"
        return "certain" if o.loops and o.loops[-1].known else "likely"

    def severity(self, group: Group) -> Severity:
        return "error" if self.hot(group) and self.confidence(group) == "certain" else "warning"

    def weight(self, group: Group) -> float:
        """What it is likely to cost, without telemetry: hot path, loops in loops, unbounded rows, kind of wait."""
        o = group.first
        kinds = {"load": 3.0, "query": 3.0, "write": 3.5, "commit": 5.0, "remote": 8.0}
        if o.effect.kind == BLOCKS:
            kinds["blocks"] = _WAITS.get(o.effect.how, 4.0)
        nesting = 4.0 ** max(len(o.loops) - 1, 0)
        known = 1.5 if o.loops and o.loops[-1].known else 1.0
        return kinds.get(o.effect.kind, 1.0) * nesting * known * (3.0 if self.hot(group) else 1.0)

    def place(self, group: Group) -> Place:
        return self.project.place(group.first.effect.spot)


def _about(effect: Effect) -> object:
    return effect.spot, effect.kind, effect.subject, effect.model


def _dispatched(o: Observation) -> list[object]:
    """What the methods that one call may reach do there is one finding: the call is what repeats or blocks."""
    e = o.effect
    return [(e.through, e.kind, o.function, o.loops[-1].spot if o.loops else None)] if e.through is not None else []


def _causes(o: Observation) -> list[object]:
    """What two observations must share to be one finding: the place, or the unloaded relation of one query."""
    e = o.effect
    # One place in a `__str__` may be read by code, by pages and by an admin: what is to be done differs
    causes: list[object] = [(e.spot, e.kind, e.subject if e.kind == "load" else "", e.setting)]
    if e.kind == "load":
        source = e.origin.spot if e.origin is not None else None
        causes.append(
            (source, e.path)
            if source is not None
            else (o.function, o.loops[-1].spot if o.loops else None, e.model, e.path)
        )
    if e.kind == "blocks" and e.origin is not None and e.origin.spot is not None:
        # What is done with an opened file has the opening's cause
        causes.append((e.origin.spot, e.kind, "", e.setting))
    return causes
