"""The advisor's one pipeline: findings and a store in, ranked advice out. Reads nothing else, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from ..linter.model import Finding, LintResult
from . import overhead, profile
from .evidence import Tie, tie
from .model import Advice, CodePlace, Evidence, Instrumentation, Ranked
from .patterns import Pattern, View, detect
from .places import PlaceMapper
from .rank import Ranker, in_order, vital_few
from .store import Store
from .traffic import RouteRecord, Spot, records, typical_lookup

_FEW_REQUESTS = 5


@dataclass(frozen=True, slots=True)
class Analysis:
    """What prices are made from: recorded routes, ties of findings and patterns that were seen, and their pricer."""

    records: tuple[RouteRecord, ...]
    ties: tuple[Tie, ...]
    unmeasured: tuple[Finding, ...]
    ranker: Ranker
    profile: profile.Profile
    instrumentation: Instrumentation


def advise(
    result: LintResult, store: Store, *, repository_files: Iterable[str], per_route: int = 200, seed: int = 0
) -> Advice:
    """Price the findings of `result`, and slow patterns it does not know, with the telemetry in `store`.

    `repository_files` are paths relative to the linted folder, with `/`: what code places are mapped to. `per_route`
    bounds the requests replayed per route. Never fails on odd telemetry; an empty store gives everything unmeasured.
    """
    found = analyse(result, store, repository_files=repository_files, per_route=per_route, seed=seed)
    routes, saving = found.ranker.together(found.ties)
    ranked = in_order([Ranked(t.finding, found.ranker.price(t)) for t in found.ties])
    return Advice(
        result=result,
        ranked=ranked,
        vital_few=vital_few(ranked),
        unmeasured=found.unmeasured,
        routes=routes,
        instrumentation=found.instrumentation,
        window_seconds=store.window_seconds(),
        saving=saving,
        notes=tuple(_notes(found)),
    )


def analyse(
    result: LintResult, store: Store, *, repository_files: Iterable[str], per_route: int = 200, seed: int = 0
) -> Analysis:
    """Everything up to the prices; arguments as for `advise`."""
    mapper = PlaceMapper(repository_files)
    mapper.learn(store.code_paths())  # all at once, so that no answer depends on which path is asked about first

    @cache
    def mapped(path: str) -> str | None:
        return mapper.map(path)

    reported: set[str] = set()

    def spot(code: CodePlace) -> Spot:
        return Spot(mapped(code.path) or _plain(code.path), code.line)

    def reported_spot(code: CodePlace) -> Spot:
        reported.add(_plain(code.path))
        return spot(code)

    recorded = tuple(records(store, reported_spot, per_route=per_route, seed=seed))
    # Where spans come from is application code by construction: our processor and its like skip libraries.
    sampled = profile.read(store.samples(), spot, lambda path: mapped(path) is not None or _plain(path) in reported)
    ties = tie(result.findings, recorded, sampled)
    patterns = detect(View(recorded).without(claim for t in ties for claim in t.claims))
    instrumentation = overhead.estimate(recorded)
    ranker = Ranker(
        recorded,
        sampled,
        profile.shares(sampled, recorded),
        instrumentation.ns_per_span,
        typical_lookup(recorded),
        store.window_seconds(),
    )
    return Analysis(
        recorded,
        (*(t for t in ties if t.evidence.kind != "none"), *map(_as_tie, patterns)),
        tuple(t.finding for t in ties if t.evidence.kind == "none"),
        ranker,
        sampled,
        instrumentation,
    )


def _plain(path: str) -> str:
    """A reported path without `./` and backslashes."""
    return path.replace("\\", "/").removeprefix("./")


def _as_tie(pattern: Pattern) -> Tie:
    groups = [claim.group for claim in pattern.claims]
    calls = sum(len(indices) for group in groups for indices in group.calls.values())
    routes = tuple(sorted({group.key.route.route for group in groups}))
    place = any(group.key.spot is not None for group in groups)
    detail = f"{calls} recorded spans came from this line" if place else f"{calls} recorded spans, without a code place"
    return Tie(pattern.finding, Evidence("place" if place else "route", detail, routes, calls), pattern.claims)


def _notes(found: Analysis) -> Iterator[str]:
    recorded, cost = found.records, found.instrumentation
    if not recorded:
        yield "No request was found in the telemetry: nothing could be measured."
    if cost.ns_per_span:
        yield (
            f"The requests were recorded with instrumentation: {cost.ns_per_span / 1e6:.2f} ms a span ({cost.basis}), "
            f"{cost.share:.0%} of the recorded time, is taken off."
        )
    if found.profile.instrumented:
        yield "The profile was taken with instrumentation running; its shares hold some of that."
    if any(group.key.category == "db" for record in recorded for group in record.groups) and not any(
        group.key.spot is not None for record in recorded for group in record.groups
    ):
        yield "The spans carry no code places; `slowlint record` adds them, and evidence becomes exact."
    few = [record for record in recorded if len(record.requests) < _FEW_REQUESTS]
    if few:
        yield (
            f"{len(few)} of {len(recorded)} routes have fewer than {_FEW_REQUESTS} recorded requests: "
            "read their figures with care."
        )
