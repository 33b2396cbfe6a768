"""Profile samples in, samples per code place and route out.

A sample counts for the last application frame before the database: the line that the fix would change (F6). Profiles of
mixed traffic carry no route; they are split over the routes by what the traces say each route does. Knows how the
common ORMs and drivers spell their frames; does not know findings.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .model import CodePlace, Frame, Sample
from .routes import canonical
from .traffic import RouteKey, RouteRecord, Spot, time_per_request

_DATABASE: Final = re.compile(
    r"(?:^|[/\\])(?:sqlalchemy|sqlmodel|peewee|playhouse|pony|tortoise|mongoengine|pymongo|motor|"
    r"psycopg|psycopg2|psycopg_pool|asyncpg|pg8000|pymysql|MySQLdb|aiomysql|asyncmy|sqlite3|aiosqlite|oracledb|redis)[/\\]|django[/\\]db[/\\]"
)
"""Packages between the application and a database or cache."""

_ROW_LOADING: Final = frozenset({"_instance", "chunks", "_populate_full", "_populate_partial", "from_db"})
"""Functions that turn fetched rows into objects (SQLAlchemy's orm/loading.py, Django's db/models/base.py): the batched
query loads the same rows."""

_IDLE: Final = (
    ("threading.py", "wait"),
    ("queue.py", "get"),
    ("selectors.py", "select"),
    ("socketserver.py", "serve_forever"),
    ("asyncio/runners.py", "run"),
    ("asyncio/base_events.py", "_run_once"),
    ("asyncio/base_events.py", "run_forever"),
    ("concurrent/futures/thread.py", "_worker"),
    ("anyio/_backends/_asyncio.py", "run"),
    ("uvicorn/server.py", "run"),
    ("gunicorn/arbiter.py", "sleep"),
    ("gunicorn/workers/sync.py", "wait"),
    ("gunicorn/http/unreader.py", "chunk"),
    ("gunicorn/workers/gthread.py", "run"),
)
"""Innermost frames of threads that wait for work, as profilers with the idle option report them: not part of any
request. The function is compared without its class."""

_INSTRUMENTED: Final = re.compile(r"(?:^|[/\\])(?:opentelemetry|ddtrace|newrelic|elasticapm|sentry_sdk)[/\\]")


@dataclass(slots=True)
class PlaceSamples:
    """Weight of the samples of one code place; `rows` is the part that loads rows."""

    total: float = 0.0
    rows: float = 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """Samples of requests. `routes` holds what was recorded for one route alone, by canonical route."""

    active: float
    places: Mapping[Spot, PlaceSamples]
    passing: Mapping[Spot, float]
    """Weight of the samples with the line anywhere on the stack, database or not."""
    routes: Mapping[str, tuple[float, Mapping[Spot, PlaceSamples]]]
    instrumented: bool

    def __bool__(self) -> bool:
        return self.active > 0 or bool(self.routes)


def read(
    samples: Iterable[Sample], spot: Callable[[CodePlace], Spot], is_application: Callable[[str], bool]
) -> Profile:
    """Count samples by place. `is_application` judges a path as the profile spells it."""
    mixed: dict[Spot, PlaceSamples] = defaultdict(PlaceSamples)
    passing: dict[Spot, float] = defaultdict(float)
    routed: dict[str, tuple[list[float], dict[Spot, PlaceSamples]]] = {}
    active = 0.0
    instrumented = False
    kinds: dict[str, tuple[bool, bool]] = {}

    def kind(frame: Frame) -> tuple[bool, bool]:
        if frame.path not in kinds:
            database = _DATABASE.search(frame.path) is not None
            kinds[frame.path] = (database, not database and is_application(frame.path))
        return kinds[frame.path]

    for sample in samples:
        if not sample.frames or _is_idle(sample.frames[-1]):
            continue
        instrumented = instrumented or any(_INSTRUMENTED.search(frame.path) for frame in sample.frames)
        if sample.route:
            total, places = routed.setdefault(canonical(sample.route), ([0.0], defaultdict(PlaceSamples)))
            total[0] += sample.weight
        else:
            places = mixed
            active += sample.weight
            on_stack = {spot(CodePlace(f.path, f.line)) for f in sample.frames if f.line and kind(f)[1]}
            for line in on_stack:
                passing[line] += sample.weight
        found = _last_before_database(sample.frames, kind)
        if found is not None:
            frame = sample.frames[found]
            entry = places[spot(CodePlace(frame.path, frame.line))]
            entry.total += sample.weight
            if any(inner.function.rpartition(".")[2] in _ROW_LOADING for inner in sample.frames[found + 1 :]):
                entry.rows += sample.weight
    by_route = {key: (total[0], places) for key, (total, places) in routed.items()}
    return Profile(active, mixed, passing, by_route, instrumented)


def _is_idle(frame: Frame) -> bool:
    function = frame.function.rpartition(".")[2]
    return any(function == name and frame.path.replace("\\", "/").endswith(path) for path, name in _IDLE)


def _last_before_database(frames: Sequence[Frame], kind: Callable[[Frame], tuple[bool, bool]]) -> int | None:
    below = False
    for index in range(len(frames) - 1, -1, -1):
        database, application = kind(frames[index])
        if database:
            below = True
        elif application and below and frames[index].line:
            return index
    return None


def shares(profile: Profile, records: Sequence[RouteRecord]) -> dict[RouteKey, dict[Spot, tuple[float, float]]]:
    """For every route the share of its samples that each place takes, and the part of it that loads rows."""
    found: dict[RouteKey, dict[Spot, tuple[float, float]]] = {}
    mixed = []
    for record in records:
        own = profile.routes.get(record.key.canonical)
        if own is not None and own[0] > 0:
            total, places = own
            found[record.key] = {line: (seen.total / total, seen.rows / total) for line, seen in places.items()}
        else:
            mixed.append(record)
    if profile.active > 0 and mixed:
        split = _split(profile, records)
        found.update((record.key, split[record.key]) for record in mixed)
    return found


def _split(profile: Profile, records: Sequence[RouteRecord]) -> dict[RouteKey, dict[Spot, tuple[float, float]]]:
    """Split mixed samples over routes: at each place in proportion to the time its spans take there."""
    wait: dict[Spot, dict[RouteKey, float]] = defaultdict(dict)
    for record in records:
        for group in record.groups:
            if group.key.spot is not None:
                line = wait[group.key.spot]
                line[record.key] = line.get(record.key, 0.0) + time_per_request(record, group)
    traffic = _traffic(profile, records, wait)
    busy = {record.key: traffic[record.key] * record.traffic.mean_ns for record in records}
    whole = sum(busy.values())
    found: dict[RouteKey, dict[Spot, tuple[float, float]]] = {record.key: {} for record in records}
    for place, by_route in wait.items():
        seen = profile.places.get(place)
        expected = sum(traffic[route] * ns for route, ns in by_route.items())
        if seen is None or expected <= 0:
            continue
        for route, ns in by_route.items():
            own = profile.active * busy[route] / whole
            part = traffic[route] * ns / expected
            if own > 0:
                found[route][place] = (min(1.0, seen.total * part / own), min(1.0, seen.rows * part / own))
    return found


def _traffic(
    profile: Profile, records: Sequence[RouteRecord], wait: Mapping[Spot, Mapping[RouteKey, float]]
) -> dict[RouteKey, float]:
    """Requests of each route while the profile was taken, up to a common factor.

    The mix of the traces' own window is believed when the samples of the places agree with it. When they do not, the
    profile was taken under other traffic, and the mix is fitted: the one under which the samples at each place are most
    likely if they are proportional to span time (Richardson-Lucy: maximum likelihood for Poisson counts).
    """
    prior = {record.key: record.traffic.requests for record in records}
    seen = {place: profile.places[place].total for place in wait if place in profile.places}
    exposure: dict[RouteKey, float] = defaultdict(float)
    for by_route in wait.values():
        for route, ns in by_route.items():
            exposure[route] += ns
    expected = sum(prior[route] * ns for route, ns in exposure.items())
    if not seen or expected <= 0:
        return prior
    prior = {route: requests * sum(seen.values()) / expected for route, requests in prior.items()}
    step = _step(prior, seen, wait, exposure)
    time = {record.key: prior[record.key] * record.traffic.mean_ns for record in records}
    apart = sum(time[route] * abs(math.log(max(factor, 1e-6))) for route, factor in step.items())
    if apart <= math.log(_SAME_MIX) * sum(time[route] for route in step):
        return prior
    fitted = dict(prior)
    for _ in range(_ROUNDS):
        step = _step(fitted, seen, wait, exposure)
        fitted = {route: value * step.get(route, 1.0) for route, value in fitted.items()}
    return fitted


def _step(
    mix: Mapping[RouteKey, float],
    seen: Mapping[Spot, float],
    wait: Mapping[Spot, Mapping[RouteKey, float]],
    exposure: Mapping[RouteKey, float],
) -> dict[RouteKey, float]:
    """The factor by which one round of Richardson-Lucy changes each route's traffic."""
    gained: dict[RouteKey, float] = defaultdict(float)
    for place, count in seen.items():
        expected = sum(mix[route] * ns for route, ns in wait[place].items())
        if expected > 0:
            for route, ns in wait[place].items():
                gained[route] += ns * count / expected
    return {route: gained[route] / ns for route, ns in exposure.items() if ns > 0}


_ROUNDS: Final = 20
"""Stopping early is the method's usual regularisation: what the data do not tell apart stays near the traces' mix."""
_SAME_MIX: Final = 1.65
"""Mean factor, weighted by time, up to which routes count as having had the traces' traffic: samples per ns of span
differ that much between places on one traffic (the study found up to 1.65 samples from the ORM for one in the driver).
"""
