"""The formulas on a request worked out by hand: ten statements of 10 ns with gaps of 4 ns and one of 40."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slowlint.advisor.formulas import (
    EAGER_SHARE,
    GAP_SHARE,
    Claim,
    Remedy,
    Scenario,
    blocking_relief,
    edits,
    following_gaps,
    profile_saving,
)
from slowlint.advisor.model import Trace
from slowlint.advisor.replay import duration
from slowlint.advisor.requests import Request, compact
from slowlint.advisor.traffic import Group, GroupKey, RouteKey, Spot, is_lookup

N, D, GAP, WIDE = 10, 10, 4, 40
LENGTH = 300


def group(numbers: tuple[int, ...], fingerprint: str = "f", line: int = 1) -> Group:
    key = GroupKey(RouteKey("shop", "/", "GET"), "db", fingerprint, Spot("a.py", line), "")
    return Group(key, 0, "SELECT a FROM t WHERE id = ?", "SELECT", "postgresql", "f", "", {0: numbers})


@pytest.fixture
def loop(drawn: Callable[..., Trace]) -> Request:
    spans, at = [], 20
    for number in range(N):
        spans.append((f"q{number}", "root", at, at + D))
        at += D + (WIDE if number == 4 else GAP)
    return compact(drawn(LENGTH, *spans), lambda span: 0)


def saved(request: Request, claims: list[Claim], scenario: Scenario, lookup: float = 0.0) -> float:
    made = edits(request, 0, claims, scenario, following_gaps(request), lookup)
    return request.duration - duration(request, made)


def test_gaps(loop: Request) -> None:
    assert following_gaps(loop) == {n: WIDE if n == 4 else GAP for n in range(N - 1)}, "the last has none"


def test_a_batch_saves_f1_to_f2_and_half_of_f4_between(loop: Request) -> None:
    claim = [Claim(group(tuple(range(N))), "batch")]
    f1 = N * D * (N - 1) / N
    assert saved(loop, claim, "low") == pytest.approx(f1)
    assert saved(loop, claim, "high") == pytest.approx(f1 + (N - 2) * GAP + WIDE)
    assert saved(loop, claim, "point") == pytest.approx(f1 + GAP_SHARE * (N - 1) / N * GAP * (N - 1))


def test_claiming_a_group_twice_saves_it_once(loop: Request) -> None:
    once = [Claim(group(tuple(range(N))), "batch")]
    assert saved(loop, once * 2, "point") == saved(loop, once, "point")


def test_single_look_ups_may_be_saved_whole_or_not_at_all(loop: Request) -> None:
    claims = [Claim(group((number,), f"f{number}"), "eager") for number in range(N)]
    assert saved(loop, claims, "low") == 0
    assert saved(loop, claims, "high") == pytest.approx(N * D + (N - 2) * GAP + WIDE)
    assert EAGER_SHARE * N * D < saved(loop, claims, "point") < EAGER_SHARE * (N * D + N * GAP)


@pytest.mark.parametrize(("remedy", "point"), [("index", 0.5), ("slow", 0.0)])
def test_a_slow_statement_cannot_beat_a_look_up(loop: Request, remedy: Remedy, point: float) -> None:
    claim = [Claim(group((3,)), remedy)]
    assert saved(loop, claim, "low", lookup=4) == 0
    assert saved(loop, claim, "high", lookup=4) == pytest.approx(D - 4)
    assert saved(loop, claim, "point", lookup=4) == pytest.approx(point * (D - 4))
    assert saved(loop, claim, "high", lookup=4 * D) == 0


def test_a_block_leaves_its_own_request_as_it_is(loop: Request) -> None:
    assert saved(loop, [Claim(group((3,)), "offload")], "high") == 0


def test_one_statement_is_no_loop(loop: Request) -> None:
    assert saved(loop, [Claim(group((3,)), "batch")], "high") == 0


def test_profile_and_queue_formulas() -> None:
    assert profile_saving(0.4, 0.1, "batch", 50) == pytest.approx(0.3 * 49 / 50)
    assert profile_saving(0.4, 0.1, "batch", 1) == 0
    assert profile_saving(0.3, 0.1, "eager", 1) == pytest.approx(0.3 * EAGER_SHARE)
    # 10 blocks a second of 0.1 s each: a random arrival waits 10 · 0.01 / 2 = 0.05 s for their rest.
    assert blocking_relief(10 / 1e9, (0.1e9) ** 2) == pytest.approx(0.05e9)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ('SELECT "a"."id" FROM "a" WHERE "a"."id" = ? LIMIT ?', True),
        ("SELECT r.id FROM r, u WHERE ?::UUID = u.user_id AND r.id = u.recipe_id", True),
        ('SELECT "a"."id" FROM "a" WHERE "a"."id" IN (?)', False),
        ("SELECT count(*) FROM a WHERE a.b = ?", False),
        ("SELECT a FROM t WHERE b = ? OR c = ?", False),
        ("SELECT a FROM t WHERE b > ?", False),
        ("SELECT a FROM t", False),
        ("UPDATE t SET a = ? WHERE id = ?", False),
    ],
)
def test_what_counts_as_a_look_up(statement: str, expected: bool) -> None:
    assert is_lookup(statement) is expected
