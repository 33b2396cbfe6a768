"""Branches: which way a test goes, what each way leaves, and how rarely a way is taken.

In: `if` statements and tests. Out: the values that hold behind them; guards around what runs seldom (a memo, a first
round, an answer that a cache did not have), so that it is not counted once per round.
"""

from __future__ import annotations

from typing import Any

from ..facts import ir
from . import shapes
from .annotations import parameter_origin
from .kept import absent, keeper
from .narrowing import refuted, tested
from .run import Run
from .values import CACHED, UNKNOWN, Const, External, ExternalInstance, Rows, Value, either

_ABSENT = {"compare:Is": True, "compare:Eq": True, "compare:IsNot": False, "compare:NotEq": False}


class Branches(Run):
    """Branching, in one run."""

    def branch(self, s: Any) -> bool:
        _, test, body, otherwise, *self.tested_at = s
        value = self.condition(test)
        if isinstance(value, Const):  # known in this context: a flag, `self.pk is None` of a row that was read
            return self.block(body if value.value else otherwise)
        start, start_fresh = self.env, self.fresh
        self.env, self.fresh = dict(start), dict(start_fresh)
        self.narrow(test)
        rare = bool(self.loops) and (self.rare(test, body) or shapes.in_one_round(test, self.numbered))
        rare = rare or shapes.kept_when_full(test)
        leaves = bool(self.loops) and shapes.ends_in(body, shapes.LEAVES)
        kept = ("", "") if self.loops else self.keepers(test, body, otherwise)
        missed, missing = self.missed_at, self.cache_miss(test)
        doubtful = shapes.asks_type(test)
        self.doubts += doubtful
        self.guards += rare or leaves
        ended = self._branch(body, missing is True, kept[0])
        self.guards -= rare or leaves
        then, then_fresh = self.env, self.fresh
        self.env, self.fresh = dict(start), dict(start_fresh)
        self.narrow(test, False)
        rare = (
            bool(self.loops)
            and bool(otherwise)
            and (shapes.ends_in(otherwise, shapes.LEAVES) or self.rare(test, otherwise))
        )
        self.guards += rare
        ended_too = self._branch(otherwise, missing is False, kept[1])
        if ended and not ended_too:
            self.kept = self.kept or kept[1]
        self.guards -= rare
        self.doubts -= doubtful
        if ended != ended_too and missing is not None and ended is not missing:
            self.missed_at = self.opened if missed is None else missed  # the hit has left: what follows is the miss
        if ended and ended_too:
            return True
        if ended:
            return False
        if ended_too:
            self.env, self.fresh = then, then_fresh
            return False
        if not otherwise:
            self.kept = self.kept or kept[1]  # what is kept was given back unless it is too old
        self.merge(then)
        for name, number in then_fresh.items():
            self.fresh[name] = max(number, self.fresh.get(name, 0))
        return False

    def keepers(self, test: Any, body: Any, otherwise: Any) -> tuple[str, str]:
        """Who keeps what each branch asks for; the second goes for what follows when the first branch leaves."""
        gives = shapes.ends_in(body, (ir.RETURN,)) or shapes.gives_back(body, set(absent(test, False)))
        return keeper(self, test, True, body), keeper(self, test, False, otherwise or (self.body if gives else ()))

    def _branch(self, body: Any, miss: bool, kept: str = "") -> bool:
        before, outer = self.missed_at, self.kept
        self.kept = self.kept or kept
        if miss and before is None:
            self.missed_at = self.opened
        self.tests += 1
        ended = self.block(body)
        self.tests -= 1
        self.missed_at, self.kept = before, outer
        return ended

    def cache_miss(self, test: Any) -> bool | None:
        """Whether a test holds when a cache had no answer (True) or when it had one (False); None for other tests."""
        while isinstance(test, tuple) and test[0] == ir.OPERATION and test[1] in ("and", "or"):
            test = test[2][0]
        if isinstance(test, tuple) and test[0] == ir.OPERATION and test[1] == "not":
            inner = self.cache_miss(test[2][0])
            return None if inner is None else not inner
        asked, absent = test, False
        if isinstance(test, tuple) and test[0] == ir.OPERATION and test[1].startswith("compare:"):
            if test[1] not in _ABSENT or test[2][-1] != (ir.CONST, None):
                return None
            asked, absent = test[2][0], _ABSENT[test[1]]
        name = asked[1] if isinstance(asked, tuple) and asked[0] == ir.NAMED else asked
        held = self.env.get(name) if isinstance(name, str) else None
        kept = isinstance(held, Rows) and held.kind == "list"  # a list that the rows' query made
        return absent if kept or (isinstance(held, ExternalInstance) and held.cls == CACHED) else None

    def narrow(self, test: Any, holds: bool = True) -> None:
        """What a test says of names and their attributes when it is true, or when it is not."""
        if not isinstance(test, tuple):
            return
        if test[0] == ir.OPERATION and test[1] == "not":
            self.narrow(test[2][0], not holds)
        elif test[0] == ir.OPERATION and test[1] == ("and" if holds else "or"):
            for operand in test[2]:
                self.narrow(operand, holds)
        elif test[0] == ir.CALL and test[1] == "isinstance" and len(test[2]) > 1:
            self._narrow_to(test[2][0], self.value(test[2][1]), holds)

    def _narrow_to(self, what: Any, cls: Value, holds: bool) -> None:
        """`isinstance(what, cls)`, of a name or an attribute of one."""
        attribute = isinstance(what, tuple) and what[0] == ir.ATTR and isinstance(what[1], str)
        if not attribute and not isinstance(what, str):
            return
        name = f"{what[1]}.{what[2]}" if attribute else what
        have = self.value(what) if attribute else self.env.get(what, UNKNOWN)
        if isinstance(have, External):
            have = UNKNOWN
        told = tested(self.project, have, cls) if holds else refuted(self.project, have, cls)
        if told != have:
            self.narrowed = self.narrowed or attribute
            self.env[name] = parameter_origin(told, name) if have == UNKNOWN else told

    def rare(self, test: Any, body: Any) -> bool:
        """A memo (`if key not in cache: cache[key] = …`), or a test of something counted (`if not first`)."""
        tested = shapes.names(test) | shapes.asked_for_key(test)
        if not tested:
            return False
        if tested & self.counted or shapes.when_full(test):
            return True
        written = shapes.assigned(body, deep=True)
        carried = tested & written
        if self.loops:
            anew = carried & self.loops[-1].assigned  # set in this round: a memo only if read from what is kept
            carried = (carried - anew) | {n for n in anew if self.read_from.get(n, set()) & written}
        return bool(carried) and shapes.asks_absence(test)

    def remembered(self, test: Any) -> bool:
        """Whether a test looks for a key in something that the function fills: `cache[key] if key in cache else …`."""
        asked = shapes.asked_for_key(test)
        return bool(asked) and bool(asked & shapes.filled(self.body))

    def merge(self, other: dict[str, Value]) -> None:
        mine = self.env
        for name, value in other.items():
            have = mine.get(name)
            mine[name] = value if have is None else either(have, value) if have is not value else have
