"""The formulas: what a remedy does to the spans of one request, at the lower end, at the point and at the upper end.

In: the spans of a request that one finding is about, with the remedy of each. Out: edits for `replay`. The letters F1,
F2, F4, F6 are those of the project's study of 15 real N+1 fixes on four applications (24 endpoints, uninstrumented
before and after, CPU of worker and database). Does not add anything up over requests.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from .replay import Edit, children_of
from .requests import UNGROUPED, Request
from .traffic import Group, Spot

Remedy = Literal["batch", "eager", "index", "slow", "offload"]
"""batch: n statements become one. eager: single look-ups go with the query that loaded the row. index: the statement
stops scanning. slow: a statement takes longer than it has to, by how much spans do not tell. offload: a wait leaves
the event loop."""
Aspect = Literal["count", "index", "offload", "length"]
"""How many calls there are, how long one searches, where it is waited for, how long one takes for other reasons."""
Scenario = Literal["low", "point", "high"]
SCENARIOS: Final[tuple[Scenario, ...]] = ("low", "point", "high")

GAP_SHARE: Final = 0.5
"""Share of the quartile gap counted as saved at the point. A gap between two repeated statements holds the building of
the statement and the loading of its rows (saved) and the loop's own body (stays); spans do not tell how it divides.
Half is the centre between F1, which leaves the gaps, and F4, which takes n quartile gaps."""

EAGER_SHARE: Final = 2 / 3
"""Share of a single lazy look-up that its fix saves at the point. Three repairs are possible and nothing in a trace
tells which one the author will choose: join it into the query that loaded the row (the look-up goes), leave the
relation out of what is mapped (it goes), select it by a query of its own (it stays)."""

INDEX_SHARE: Final = 0.5
"""Share of the time above a typical look-up that an index is taken to save at the point: it saves all of it or, when
the planner does not use it, nothing. Without EXPLAIN both are possible."""

PROFILE_ERROR: Final = 6.7
SPAN_ERROR: Final = 9.0
"""Mean absolute errors, in points, of F6 and of the best formula on spans alone, in the study named above."""

PROFILE_WEIGHT: Final = SPAN_ERROR**2 / (SPAN_ERROR**2 + PROFILE_ERROR**2)
"""Weight of the profile's estimate when both exist: inverse squared errors, as for two independent measurements."""

PROFILE_SPREAD: Final = 0.3
"""Half width of the interval around a point that a profile supports, relative to it: 2.3 mean absolute errors hold
90 % of a Laplace distribution, and F6's is 6.7 points on savings of 53 points on average."""

_BATCHED: Final = frozenset(
    (
        "lazy-load-in-loop",
        "query-in-loop",
        "loop-invariant-query",
        "prefetch-defeated",
        "write-in-loop",
        "commit-in-loop",
        "remote-call-in-loop",
        "repeated-query",
        "repeated-remote-call",
        "repeated-cache-call",
    )
)
_COUNTED: Final = _BATCHED | {"scattered-lookups"}
_INDEXED: Final = frozenset({"unindexed-filter", "unindexed-foreign-key", "non-sargable-filter"})


class Claim(NamedTuple):
    """A group of spans that a finding is about, and what its remedy does to them."""

    group: Group
    remedy: Remedy


def aspect(code: str) -> Aspect:
    """What of a call a finding of this code is about. Findings about different aspects may share a call."""
    if code in _INDEXED:
        return "index"
    if code in _COUNTED:
        return "count"
    return "offload" if code.startswith("blocking-") else "length"


def remedy_for(code: str, group: Group) -> Remedy:
    """What fixing a finding of this code does to the spans of `group`."""
    about = aspect(code)
    if about != "count":
        return "slow" if about == "length" else about
    repeated = any(len(indices) > 1 for indices in group.calls.values())
    if repeated or (code in _BATCHED and not group.lookups):
        return "batch"
    return "eager"


def following_gaps(request: Request) -> dict[int, int]:
    """For every call that another call follows in the same parent, the ns until the next span there starts."""
    gaps: dict[int, int] = {}
    for kids in children_of(request).values():
        by_start = sorted(kids, key=lambda i: request.starts[i])
        last_call = max((request.starts[i] for i in kids if request.groups[i] != UNGROUPED), default=-1)
        at = 0
        for kid in sorted(kids, key=lambda i: (request.ends[i], request.starts[i], i)):
            while at < len(by_start) and request.starts[by_start[at]] < request.ends[kid]:
                at += 1
            position = at
            while position < len(by_start) and by_start[position] == kid:  # a span without length follows itself
                position += 1
            if position < len(by_start) and request.starts[by_start[position]] <= last_call:
                gaps[kid] = request.starts[by_start[position]] - request.ends[kid]
    return gaps


def edits(
    request: Request,
    position: int,
    claims: Iterable[Claim],
    scenario: Scenario,
    gaps: Mapping[int, int],
    lookup_ns: float,
) -> dict[int, Edit]:
    """Edits for the request at `position` of its route once all `claims` are fixed.

    low is F1 (statements only), high F2 (and all the gaps after them), point F1 plus half of F4's gaps. `lookup_ns` is
    what a look-up by key takes in this application; a span claimed twice gets the stronger edit.
    """
    made: dict[int, Edit] = {}
    single: dict[Spot | None, list[int]] = defaultdict(list)
    for group, remedy in claims:
        indices = group.calls.get(position)
        if not indices or remedy == "offload":
            continue  # the request that blocks still waits; who gains are the others (see `blocking_relief`)
        if remedy == "eager":
            single[group.key.spot].extend(indices)
        elif remedy == "batch":
            calls = sum(request.counts[index] for index in indices)
            _merge(made, _removed(indices, (calls - 1) / calls, scenario, gaps))
        else:
            share = _POSSIBLE[remedy][scenario]
            lengths = {index: request.ends[index] - request.starts[index] for index in indices}
            slow = {index: 1.0 - lookup_ns / length for index, length in lengths.items() if length > lookup_ns}
            _merge(made, {index: Edit(1.0 - share * excess) for index, excess in slow.items()})
    for found in single.values():  # different statements of one line: their gaps are of one kind
        _merge(made, _removed(sorted(set(found)), _POSSIBLE["eager"][scenario], scenario, gaps))
    return made


_POSSIBLE: Final[Mapping[Remedy, Mapping[Scenario, float]]] = {
    "eager": {"low": 0.0, "point": EAGER_SHARE, "high": 1.0},
    "index": {"low": 0.0, "point": INDEX_SHARE, "high": 1.0},
    "slow": {"low": 0.0, "point": 0.0, "high": 1.0},
}


def _removed(indices: Sequence[int], gone: float, scenario: Scenario, gaps: Mapping[int, int]) -> dict[int, Edit]:
    """Edits that take away the part `gone` of some calls, and of the gaps after them what the scenario allows."""
    if gone <= 0.0:
        return {}
    own = sorted(gaps[index] for index in indices if index in gaps)
    quartile = float(own[len(own) // 4]) if own else 0.0
    last = indices[-1]
    made = {}
    for index in indices:
        gap = float(gaps.get(index, 0))
        # After the last of its calls the request goes on to other things: of that, no more than a usual gap counts.
        cut = {"low": 0.0, "point": GAP_SHARE * gone * quartile, "high": quartile if index == last else gap}[scenario]
        made[index] = Edit(1.0 - gone, min(cut, gap))
    return made


def _merge(made: dict[int, Edit], more: Mapping[int, Edit]) -> None:
    for index, edit in more.items():
        known = made.get(index)
        made[index] = edit if known is None else Edit(min(edit.keep, known.keep), max(edit.cut, known.cut))


def calls_removed(request: Request, made: Mapping[int, Edit]) -> float:
    """How many of the request's spans the edits do away with."""
    return sum((1.0 - edit.keep) * request.counts[index] for index, edit in made.items())


def profile_saving(share: float, row_share: float, remedy: Remedy, calls: float) -> float:
    """F6: the share of its route's time a fix saves, from the profile.

    `share` is the share of the route's samples whose last application frame before the database is the finding's line;
    `row_share` the part of them that load rows, which a batch loads as well; `calls` how many per request.
    """
    if remedy == "batch":
        return max(0.0, share - row_share) * (calls - 1.0) / calls if calls > 1.0 else 0.0
    return EAGER_SHARE * share if remedy == "eager" else 0.0


def blocking_relief(rate: float, mean_square: float) -> float:
    """ns by which every request served by the same event loop waits less once blocks leave it.

    `rate` blocks per ns and the mean of their squared lengths in ns². M/G/1 (Pollaczek-Khinchine) at light load:
    W = λ·E[b²] / 2. A loop that is busy with other things as well gains more, so this is a lower bound.
    """
    return rate * mean_square / 2.0
