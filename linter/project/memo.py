"""Memoised questions with recorded dependencies and early cut-off, kept between runs.

In: functions that compute an answer from other answers and from inputs. Out: the same answers, recomputed only
when something they read has changed, and not even then when the answer came out equal.
The scheme is that of Salsa's red-green algorithm (rust-lang/rustc-dev-guide, "query system"): every answer keeps
the revision in which it last changed and the questions it asked, in order.

A question asked while it is being answered (recursion, import cycles) gets its `bottom`; answers that saw such a
bottom of a question further up are provisional: used inside that computation, never kept.
"""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Key = tuple[Any, ...]  # (question name, *arguments)

_MAX_NESTED = 3  # open questions of one kind about one thing, with different further arguments
_PIECE = 8_000  # answers that are pickled together
_MAX_DEPTH = 150  # questions inside questions; deeper ones are answered with their bottom


@dataclass(slots=True)
class _Answer:
    value: Any
    asked: tuple[Key, ...]
    changed: int
    verified: int


@dataclass(slots=True)
class _Frame:
    key: Key
    asked: dict[Key, None] = field(default_factory=dict)
    lowest: int = 1 << 30  # lowest stack index whose bottom was seen


class Question(Generic[T]):
    """A pure function of the project and hashable arguments, answered through the memo."""

    __slots__ = ("bottom", "compute", "name")

    def __init__(self, name: str, compute: Callable[..., T], bottom: Callable[[], T]) -> None:
        self.name, self.compute, self.bottom = name, compute, bottom


class Memo:
    """Answers by key. `context` is handed to every question's function as its first argument."""

    def __init__(self, context: Any = None) -> None:
        self.context = context
        self.revision = 1
        self.computed = 0  # questions computed in this run, for tests and benchmarks
        self._answers: dict[Key, _Answer] = {}
        self._questions: dict[str, Question[Any]] = {}
        self._stack: list[_Frame] = []
        self._active: dict[Key, int] = {}
        self._nested: dict[Key, list[int]] = {}
        """Stack indices of the open questions of one name about one first argument."""
        self._provisional: dict[Key, tuple[Any, int, tuple[Key, ...]]] = {}
        self._waiting: dict[int, list[Key]] = {}
        """Provisional answers by the stack index of the cycle's head they depend on."""

    def register(self, question: Question[Any]) -> None:
        self._questions[question.name] = question

    # Inputs -----------------------------------------------------------------------------------------------

    def set_input(self, key: Key, value: Any) -> None:
        """Say what an input is now; equal values change nothing."""
        old = self._answers.get(key)
        if old is None or old.value != value:
            self._answers[key] = _Answer(value, (), self.revision, self.revision)
        else:
            old.verified = self.revision

    def read_input(self, key: Key) -> Any:
        if self._stack:
            self._stack[-1].asked[key] = None
        answer = self._answers.get(key)
        if answer is None:  # an input that is absent may come to be: remember that it was looked for
            answer = self._answers[key] = _Answer(None, (), self.revision, self.revision)
        return answer.value

    # Questions --------------------------------------------------------------------------------------------

    def ask(self, question: Question[T], *arguments: Any) -> T:
        value: T
        key = (question.name, *arguments)
        stack = self._stack
        answer = self._answers.get(key)
        if answer is not None and answer.verified == self.revision:
            if stack:
                stack[-1].asked[key] = None
            value = answer.value
            return value
        active = self._active.get(key)
        if active is not None or len(stack) >= _MAX_DEPTH:
            self._saw_bottom(active or 0)
            return question.bottom()
        nested = self._nested.get(key[:2])
        if nested is not None and len(nested) >= _MAX_NESTED:  # the same about ever other arguments: a recursion too
            self._saw_bottom(nested[0])
            return question.bottom()
        provisional = self._provisional.get(key)
        if provisional is not None:
            value, lowest, asked = provisional
            self._saw_bottom(lowest)
            stack[-1].asked.update(dict.fromkeys(asked))
            return value
        if answer is not None and self._unchanged(answer):
            answer.verified = self.revision
            value = answer.value
        else:
            value = self._compute(question, key, answer)
        if stack and key not in self._provisional:
            stack[-1].asked[key] = None
        return value

    def _compute(self, question: Question[T], key: Key, old: _Answer | None) -> T:
        index = len(self._stack)
        frame = _Frame(key)
        self._stack.append(frame)
        self._active[key] = index
        self._nested.setdefault(key[:2], []).append(index)
        self.computed += 1
        try:
            value = question.compute(self.context, *key[1:])
        except RecursionError:  # something nested beyond all reason: as if nothing were known of it
            value = question.bottom()
        finally:
            self._stack.pop()
            del self._active[key]
            self._nested[key[:2]].pop()
        asked = tuple(frame.asked)
        for waiting in self._waiting.pop(index, ()):  # what was true only while this was being answered
            self._provisional.pop(waiting, None)
        if frame.lowest < index:  # part of a cycle whose head is still being answered
            self._provisional[key] = (value, frame.lowest, asked)
            self._waiting.setdefault(frame.lowest, []).append(key)
            self._saw_bottom(frame.lowest)
            self._stack[-1].asked.update(frame.asked)
            return value
        if old is not None and old.value == value:
            old.asked, old.verified = asked, self.revision
            kept: T = old.value
            return kept
        self._answers[key] = _Answer(value, asked, self.revision, self.revision)
        return value

    def _saw_bottom(self, index: int) -> None:
        if self._stack and index < self._stack[-1].lowest:
            self._stack[-1].lowest = index

    def _unchanged(self, answer: _Answer) -> bool:
        """Whether everything the answer read is as it was; brings what it asked up to date, in order."""
        since = answer.verified
        return all(self._changed_at(key) <= since for key in answer.asked)

    def _changed_at(self, key: Key) -> int:
        """The revision in which an answer last changed; later than any when that cannot be said."""
        known = self._answers.get(key)
        if known is None or key in self._active:
            return self.revision + 1
        question = self._questions.get(key[0])
        if known.verified != self.revision and question is not None:
            if self._unchanged(known):
                known.verified = self.revision
            else:
                self._compute(question, key, known)
                known = self._answers[key]
                if known.verified != self.revision:  # it came out as a part of a cycle
                    return self.revision + 1
        return known.changed

    # Between runs -----------------------------------------------------------------------------------------

    def dump(self, skip: Iterable[str] = ()) -> bytes:
        """Everything but the answers to questions named in `skip`, as bytes for `load`.

        Keys and answers are pickled in pieces, for what a pickle remembers of what it has written takes several times
        the memory of the pickle; which questions an answer asked are numbers, for there are ten of them an answer.
        """
        left_out = set(skip)
        kept = [(key, answer) for key, answer in self._answers.items() if key[0] not in left_out]
        numbers = {key: number for number, (key, _) in enumerate(kept)}
        asked, counts, times = array("I"), array("I"), array("Q")
        for _, answer in kept:
            counts.append(len(answer.asked))
            times.extend((answer.changed, answer.verified))
            asked.extend([numbers.setdefault(key, len(numbers)) for key in answer.asked])
        pieces = [
            pickle.dumps([(key, answer.value) for key, answer in kept[start : start + _PIECE]], pickle.HIGHEST_PROTOCOL)
            for start in range(0, len(kept), _PIECE)
        ]
        further = pickle.dumps(list(numbers)[len(kept) :], pickle.HIGHEST_PROTOCOL)
        parts = (self.revision, pieces, further, asked.tobytes(), counts.tobytes(), times.tobytes())
        return pickle.dumps(parts, pickle.HIGHEST_PROTOCOL)

    def load(self, data: bytes) -> bool:
        """Take back what `dump` wrote and start a new revision; False when it cannot be understood.

        Only for data this program wrote itself: a pickle can run code.
        """
        try:
            revision, pieces, further, *written = pickle.loads(data)
            asked, counts, times = array("I"), array("I"), array("Q")
            for numbers, packed in zip((asked, counts, times), written, strict=True):
                numbers.frombytes(packed)
            kept = [pair for piece in pieces for pair in pickle.loads(piece)]
            keys = [key for key, _ in kept] + pickle.loads(further)
            answers: dict[Key, _Answer] = {}
            at = 0
            for i, ((key, value), count) in enumerate(zip(kept, counts, strict=True)):
                own = tuple([keys[number] for number in asked[at : at + count]])
                answers[key] = _Answer(value, own, times[2 * i], times[2 * i + 1])
                at += count
            self._answers = answers
            self.revision = revision + 1
        except Exception:  # whatever a stale pickle raises, the answer is to begin anew
            self._answers = {}
            return False
        return True

    def next_revision(self) -> None:
        self.revision += 1
