"""Critical path and what-if: on requests worked out by hand, on random ones, on real recordings."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from slowlint.advisor.model import Trace
from slowlint.advisor.replay import Edit, Segment, critical_path, duration
from slowlint.advisor.requests import ROOT, Request, compact
from slowlint.advisor.store import Store

Draw = Callable[..., Trace]
GONE = Edit(keep=0.0)


def random_request(chance: random.Random, draw: Draw) -> Request:
    """Nested, concurrent, empty and overhanging spans, in any order."""
    length = chance.randint(0, 1000)
    names = ["root"]
    windows = {"root": (0, length)}
    spans = []
    for number in range(chance.randint(0, 25)):
        parent = chance.choice(names)
        low, high = windows[parent]
        start = chance.randint(low - 20, max(low, high + 20))
        end = start + chance.choice([0, chance.randint(0, 60), chance.randint(0, 1200)])
        name = f"s{number}"
        spans.append((name, parent, start, end))
        names.append(name)
        windows[name] = (start, end)
    chance.shuffle(spans)
    return compact(draw(length, *spans))


def test_a_worked_path(drawn: Draw) -> None:
    # root   |--------------------|  0-100
    # a        |----|                10-30
    # b          |---------|         20-70   (concurrent with a, ends later)
    # c            |--|              25-40   (inside b)
    request = compact(drawn(100, ("a", "root", 10, 30), ("b", "root", 20, 70), ("c", "b", 25, 40)))
    names = {index: (request.starts[index], request.ends[index]) for index in range(3)}
    assert names == {0: (10, 30), 1: (20, 70), 2: (25, 40)}
    assert critical_path(request) == [
        Segment(ROOT, 70, 100),
        Segment(1, 40, 70),
        Segment(2, 25, 40),
        Segment(1, 20, 25),
        Segment(ROOT, 0, 20),
    ]


def test_exclusive_times_add_up_exactly(drawn: Draw) -> None:
    chance = random.Random(7)
    for _ in range(1500):
        request = random_request(chance, drawn)
        path = critical_path(request)
        assert sum(segment.end - segment.start for segment in path) == request.duration
        assert all(later.start == earlier.end for later, earlier in pairwise(path))


def test_nothing_changed_is_nothing_saved(drawn: Draw) -> None:
    chance = random.Random(11)
    for _ in range(1500):
        request = random_request(chance, drawn)
        untouched = {index: Edit() for index in range(len(request))}
        assert duration(request, untouched) == pytest.approx(request.duration)


def test_shortening_never_lengthens_and_saves_at_most_what_was_there(drawn: Draw) -> None:
    chance = random.Random(13)
    for _ in range(1500):
        request = random_request(chance, drawn)
        edits = {
            index: Edit(chance.random(), chance.choice([0.0, 5.0, float("inf")]))
            for index in range(len(request))
            if chance.random() < 0.4
        }
        after = duration(request, edits)
        assert -1e-6 <= after <= request.duration + 1e-6


def test_later_work_moves_up_and_gaps_stay(drawn: Draw) -> None:
    request = compact(drawn(100, ("a", "root", 10, 30), ("b", "root", 40, 60)))
    assert duration(request, {0: GONE}) == 80
    assert duration(request, {0: Edit(0.5)}) == 90
    assert duration(request, {0: Edit(0.0, cut=4.0)}) == 76
    assert duration(request, {0: Edit(0.0, cut=1e9)}) == 70, "no more than the gap there is"
    assert duration(request, {0: GONE, 1: GONE}) == 60


def test_what_ran_at_the_same_time_still_does(drawn: Draw) -> None:
    # b starts while a runs; c starts after both. Taking a away leaves b in the way.
    request = compact(drawn(100, ("a", "root", 0, 50), ("b", "root", 10, 40), ("c", "root", 50, 90)))
    assert duration(request, {0: GONE}) == 100 - (50 - 40)
    assert duration(request, {1: GONE}) == 100, "b was not on the critical path"


def test_children_are_truncated_and_asynchronous_ones_left_out(drawn: Draw) -> None:
    request = compact(drawn(100, ("late", "root", 150, 200), ("over", "root", 80, 180), ("in", "over", 90, 170)))
    assert sorted(zip(request.starts, request.ends, strict=True)) == [(80, 100), (90, 100)]


def test_a_loop_of_parents_ends(drawn: Draw) -> None:
    request = compact(drawn(100, ("a", "b", 0, 10), ("b", "a", 0, 10), ("c", "nobody", 20, 30)))
    assert len(request) == 1
    assert critical_path(request)[0] == Segment(ROOT, 30, 100)


def test_deep_nesting_needs_no_stack(drawn: Draw) -> None:
    depth = 20_000
    spans = [(f"s{n}", f"s{n - 1}" if n else "root", n, 2 * depth - n) for n in range(depth)]
    request = compact(drawn(2 * depth, *spans))
    assert len(request) == depth
    assert sum(segment.end - segment.start for segment in critical_path(request)) == request.duration
    assert duration(request, {depth - 1: GONE}) < request.duration


@pytest.mark.parametrize("name", ["fastapi.pb.gz", "flask_sa20_both.pb.gz", "flask_dup.pb.gz", "sampled_th.jsonl.zst"])
def test_real_requests_add_up(name: str, recording: Callable[[str], Store]) -> None:
    seen = 0
    for trace in recording(name).traces():
        request = compact(trace)
        seen += len(request)
        assert sum(segment.end - segment.start for segment in critical_path(request)) == request.duration
        assert duration(request, {index: Edit() for index in range(len(request))}) == pytest.approx(request.duration)
    assert seen > 20
