"""The memo on its own: small questions over numbered inputs, counted by how often they are computed."""

from __future__ import annotations

from typing import Any

from slowlint.linter.project.memo import Memo, Question


def _cell(memo: Memo, name: str) -> int:
    return int(memo.read_input(("cell", name)) or 0)


PARITY: Question[int] = Question("parity", lambda memo, name: _cell(memo, name) % 2, lambda: 0)
BOTH: Question[tuple[int, int]] = Question(
    "both", lambda memo, a, b: (memo.ask(PARITY, a), memo.ask(PARITY, b)), lambda: (0, 0)
)


def _reaches(memo: Memo, name: str) -> frozenset[str]:
    """The cells that can be reached from one: a cell holds the names of its neighbours."""
    found = {name}
    for other in memo.read_input(("edges", name)) or ():
        found |= memo.ask(REACHES, other)
    return frozenset(found)


REACHES: Question[frozenset[str]] = Question("reaches", _reaches, frozenset)


def _memo() -> Memo:
    memo = Memo()
    memo.context = memo
    for question in (PARITY, BOTH, REACHES):
        memo.register(question)
    return memo


def _with_cells(**cells: int) -> Memo:
    memo = _memo()
    for name, value in cells.items():
        memo.set_input(("cell", name), value)
    return memo


def _work(memo: Memo, question: Question[Any], *arguments: Any) -> tuple[Any, int]:
    """An answer, and how many questions were computed for it."""
    before = memo.computed
    return memo.ask(question, *arguments), memo.computed - before


def test_an_answer_is_computed_once() -> None:
    memo = _with_cells(a=1, b=2)
    assert _work(memo, BOTH, "a", "b") == ((1, 0), 3)
    assert _work(memo, BOTH, "a", "b") == ((1, 0), 0)
    assert _work(memo, PARITY, "a") == (1, 0)


def test_only_what_read_a_changed_input_is_computed_again() -> None:
    memo = _with_cells(a=1, b=2, c=3)
    memo.ask(BOTH, "a", "b")
    memo.ask(PARITY, "c")
    memo.next_revision()
    memo.set_input(("cell", "a"), 4)
    assert _work(memo, BOTH, "a", "b") == ((0, 0), 2)  # itself and the parity of a
    assert _work(memo, PARITY, "c") == (1, 0)


def test_an_equal_answer_in_between_stops_the_recomputation() -> None:
    memo = _with_cells(a=1, b=2)
    memo.ask(BOTH, "a", "b")
    memo.next_revision()
    memo.set_input(("cell", "a"), 3)  # odd as before
    assert _work(memo, BOTH, "a", "b") == ((1, 0), 1)  # the parity of a, nothing above it
    memo.next_revision()
    memo.set_input(("cell", "a"), 8)
    assert _work(memo, BOTH, "a", "b") == ((0, 0), 2)  # and what was cut off once is still known to depend on it


def test_an_input_set_to_what_it_was_changes_nothing() -> None:
    memo = _with_cells(a=1, b=2)
    memo.ask(BOTH, "a", "b")
    memo.next_revision()
    memo.set_input(("cell", "a"), 1)
    assert _work(memo, BOTH, "a", "b") == ((1, 0), 0)


def test_an_input_that_was_looked_for_in_vain_may_come() -> None:
    memo = _with_cells(a=1)
    assert memo.ask(BOTH, "a", "b") == (1, 0)
    memo.next_revision()
    memo.set_input(("cell", "b"), 5)
    assert _work(memo, BOTH, "a", "b") == ((1, 1), 2)


def test_an_input_may_vanish() -> None:
    memo = _with_cells(a=1, b=3)
    assert memo.ask(BOTH, "a", "b") == (1, 1)
    memo.next_revision()
    memo.set_input(("cell", "b"), None)
    assert _work(memo, BOTH, "a", "b") == ((1, 0), 2)


def _ring() -> Memo:
    memo = _memo()
    for name, others in {"a": ("b",), "b": ("c",), "c": ("a", "d"), "d": ()}.items():
        memo.set_input(("edges", name), others)
    return memo


def test_a_question_inside_itself_gets_the_bottom() -> None:
    memo = _memo()
    memo.set_input(("edges", "a"), ("a", "b"))
    assert memo.ask(REACHES, "a") == {"a", "b"}


def test_nothing_provisional_of_a_cycle_is_kept() -> None:
    memo = _ring()
    assert memo.ask(REACHES, "a") == set("abcd")
    # While a was being answered, c saw nothing of a: that answer must not have stayed.
    assert memo.ask(REACHES, "c") == set("abcd")
    assert memo.ask(REACHES, "b") == set("abcd")


def test_a_cycle_is_the_same_wherever_it_is_entered() -> None:
    for start in "abc":
        memo = _ring()
        memo.ask(REACHES, start)
        assert {name: memo.ask(REACHES, name) for name in "abc"} == dict.fromkeys("abc", frozenset("abcd"))


def test_a_cycle_is_asked_again_when_any_part_of_it_changes() -> None:
    memo = _ring()
    memo.ask(REACHES, "a")
    memo.next_revision()
    memo.set_input(("edges", "c"), ("d",))
    assert memo.ask(REACHES, "a") == set("abcd")
    assert memo.ask(REACHES, "c") == set("cd")
    memo.next_revision()
    memo.set_input(("edges", "b"), ())
    assert memo.ask(REACHES, "a") == set("ab")


def test_what_was_written_comes_back_with_its_dependencies() -> None:
    memo = _with_cells(a=1, b=2)
    memo.ask(BOTH, "a", "b")
    again = _memo()
    assert again.load(memo.dump())
    assert again.revision == memo.revision + 1
    assert _work(again, BOTH, "a", "b") == ((1, 0), 0)
    later = _memo()
    assert later.load(again.dump())
    later.set_input(("cell", "b"), 3)
    assert _work(later, BOTH, "a", "b") == ((1, 1), 2)


def test_answers_that_are_not_written_are_computed_again() -> None:
    memo = _with_cells(a=1, b=2)
    memo.ask(BOTH, "a", "b")
    again = _memo()
    assert again.load(memo.dump(skip=["both"]))
    assert _work(again, BOTH, "a", "b") == ((1, 0), 1)


def test_a_damaged_dump_is_refused_and_the_memo_is_empty() -> None:
    memo = _with_cells(a=1, b=2)
    memo.ask(BOTH, "a", "b")
    whole = memo.dump()
    for damaged in (b"", b"nonsense", whole[: len(whole) // 2], whole[:-1], b"\x80\x05K\x01."):
        again = _memo()
        assert not again.load(damaged)
        again.set_input(("cell", "a"), 1)
        assert again.ask(BOTH, "a", "b") == (1, 0)
