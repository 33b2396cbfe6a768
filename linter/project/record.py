"""What a run over one function writes down: effects, the loops around them, calls. Base of the interpreter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..facts import ir
from . import holding
from .contexts import given, rowlike
from .effects import BLOCKS, COMMIT, LOAD, REMOTE, WRITE, Effect, Loop, Observation
from .fetched import Fetched
from .frozen import replace
from .kept import MODULE
from .shapes import operands
from .values import ASSIGNED, Instance, Row, Rows, Spot, Value

if TYPE_CHECKING:
    from .drained import Sent
    from .lists import Listed
    from .offsets import Offset
    from .project import Project

_MAX_EFFECTS = 250  # a function that does more different things is summarised by the first of them
_MAX_HOPS = 10


@dataclass(slots=True)
class OpenLoop:
    """A loop being interpreted. `info` is None when its rounds are few: constants, chunks, retries."""

    number: int
    info: Loop | None
    writes: set[str]
    """Models written in the body so far."""
    assigned: set[str]
    """Names assigned in this round so far."""
    target: Any = None
    over: Any = None
    """The expression that is gone through."""
    body: Any = ()
    """The facts of the statements of a `for` or `while`."""
    before: dict[str, Value] = field(default_factory=dict)
    """What names held before the first round."""
    rows: bool = False
    """There is a round for each row of a table, or for each item of a list that grows with one."""
    again: Loop | None = None
    """In place of `info`, for what repeats for as long as a test holds."""
    changed: tuple[frozenset[str], frozenset[str]] | None = None
    """What the body assigns anew, and what it adds to (see `growth`)."""

    @property
    def many(self) -> Loop | None:
        return self.info or self.again


class Recorder:
    """State of a run, and how effects enter it."""

    def __init__(self, project: Project, owner: str, *, is_async: bool = False) -> None:
        self.project = project
        self.owner = owner
        self.path = owner.partition("::")[0]
        self.is_async = is_async
        self.rendering = not self.path.endswith(".py")
        """What is run is a template."""
        self.setting = "template" if self.rendering else ""
        self.env: dict[str, Value] = {}
        self.fresh: dict[str, int] = {}
        self.loops: list[OpenLoop] = []
        self.opened = 0
        self.guards = 0
        self.doubts = 0
        """What happens here may not happen after all: the last parts of an `or`, receivers of signals."""
        self.effects: dict[tuple[Any, ...], Effect] = {}
        self.observed: dict[tuple[Any, ...], Observation] = {}
        self.sites: dict[tuple[object, ...], Effect] = {}
        self.called: dict[tuple[str, tuple[Value, ...] | None], None] = {}
        self.self_writes: dict[str, Value] = {}
        self.expression: Any = None
        """The facts of the call being interpreted: what an effect depends on is read off it."""
        self.transactions: list[Spot] = []
        self.locks: list[holding.Lock] = []
        self.autobegun: tuple[Spot, str] | None = None
        """The write with which a session has begun a transaction by itself, until it commits; how (see `holding`)."""
        self.retrying = 0
        """Loops around that try until something succeeds."""
        self.tests = 0
        """Branches of tests around."""
        self.handed: list[tuple[Spot, str]] = []
        """Where rows of which model were handed to a unit of work, which writes them when its transaction ends."""
        self.held: set[str] = set()
        """Models all of whose rows a list of this function holds."""
        self.elsewhere = False
        """What happens now happens in another thread, for which this one waits without holding up the event loop."""
        self.beside = False
        """What happens now happens in other threads, many of them at the same time."""
        self.held_back: list[tuple[Effect, int | None, bool | None]] | None = None
        """What would happen now, when several methods may be meant and it depends on which."""
        self.awaiting = False
        """Inside `async for`: iterating does not hold up the thread."""
        self.fetched: dict[Any, Fetched] = {}
        """What fetched the rows of a query, by name or by the identity of the call."""
        self.counts: dict[int, Fetched] = {}
        """Calls that counted the rows of a query."""
        self.asked: dict[int, Fetched] = {}
        """Calls that sent a query of their own: for one row, for a number."""
        self.offsets: dict[Spot, Offset] = {}
        """Where rows are asked for from some number on."""
        self.lists: list[Listed] = []
        """Lists that queries compare a column with."""
        self.pages: dict[Any, tuple[Rows, Spot]] = {}
        """Rows that are shown page by page, by name or by the identity of the call."""
        self.texts: dict[int | str, Sent] = {}
        """Statements written as text, by the identity of the call that sent them and by what they were sent through."""
        self.cursors: dict[int, tuple[Any, Sent, Spot]] = {}
        """Calls that fetch all rows of such a statement, by their identity."""
        self.begun: set[int] = set()
        """Calls that give a transaction to be entered, by their identity."""
        self.waited: dict[int, Value] = {}
        """What the awaits of a coroutine wait for, by the identity of the expression."""
        self.wholes: dict[int, tuple[str, str, Spot]] = {}
        """Calls that give everything at once, by their identity: what, by which name, where."""
        self.missed_at: int | None = None
        """Where a cache had no answer: for the loops opened before, the code from here on runs once per key."""
        self.kept = ""
        """Who keeps what is being asked for (see `kept`): a parameter, `MODULE`; "" for nobody."""
        self.doubts = 0
        """Branches around that only values of some type take: whether such are passed is not known."""
        self.tested_at: list[int] = [0, 0]
        """Line and column of the last `if`."""
        self.now_loaded = ""
        self.self_name = ""
        """The relation that the attribute just read has loaded."""
        self.for_key = False
        self.own_objects: set[str] = set()
        """Names of objects that this function itself has made."""
        self.answer: Any = None
        """The facts of what is about to be returned."""
        self.unawaited: list[tuple[Any, ...]] = []
        """The effects of returns of what cannot be awaited, by their keys."""
        self.coroutine: Any = None
        """The facts of what is about to be awaited: when that is a call, it gives something to be awaited, whatever it
        seems to be a call of."""
        """What is being read is read for its key."""

    @property
    def now(self) -> int:
        """The number for something made in this round of the innermost loop."""
        return self.loops[-1].number if self.loops else 0

    def spot(self, line: int, column: int, end_line: int = 0, end_column: int = 0) -> Spot:
        return Spot(self.owner, line, column, end_line or line, end_column or column)

    def _many(self) -> bool:
        """Inside a loop of many rounds."""
        return any(loop.info is not None for loop in self.loops)

    # What happens -----------------------------------------------------------------------------------------

    def settle(self, pending: Iterable[tuple[Effect, int | None, bool | None]]) -> None:
        """What was pending happens: it is awaited here."""
        if self.held_back is not None:
            self.held_back.extend(pending)
            return
        for effect, fresh, invariant in pending:
            self.emit(effect, fresh, invariant=invariant)

    def emit(self, effect: Effect, fresh: int | None = None, *, invariant: bool | None = None) -> None:
        """Record an effect, and observe it when a loop repeats it or a coroutine waits for it.

        `fresh`: it happens anew only in the open loops up to this number (None: in all of them).
        """
        if self.elsewhere or self.beside:
            if effect.kind == BLOCKS or (self.beside and effect.kind == REMOTE):
                return
            effect = replace(effect, blocks=False)
        if effect.kind == COMMIT and effect.how == "transaction" and self.transactions:
            return  # inside another transaction it is a savepoint
        if self.setting and not effect.setting:
            effect = replace(effect, setting=self.setting)
        if self.guards and not self.loops and not effect.once:
            effect = replace(effect, guarded=True)  # rare for whoever calls this in a loop
        if self.doubts and not effect.assumed:
            effect = replace(effect, assumed=True)
        if effect.detail == "sleep" and (self.guards or self.tests or self.retrying):
            effect = replace(effect, guarded=True)  # a pause before another try
        if effect.kind in (WRITE, COMMIT):
            holding.wrote(self, effect)
        elif self.transactions or self.locks or self.autobegun is not None:
            holding.observe(self, effect)
        around = [loop for loop in self.loops if fresh is None or loop.number <= fresh]
        if self.missed_at is not None:
            around = [loop for loop in around if loop.number > self.missed_at]
        if effect.kind == WRITE:
            for loop in self.loops:
                loop.writes.add(effect.model)
        loops = tuple(loop.info for loop in around if loop.info is not None)
        unrolled = any(loop.info is None for loop in around[-1:])
        if loops and not effect.repeated and not effect.once and effect.kind != BLOCKS and not effect.bulk:
            guarded = self.guards > 0 or effect.guarded
            if not guarded and not unrolled:
                same = self._invariant(around[-1]) if invariant is None else invariant
                observation = Observation("repeated", effect, self.owner, loops, same, bool(self.transactions))
                self.observed.setdefault((effect.kind, effect.subject, effect.spot, effect.origin), observation)
                effect = replace(effect, repeated=True)
        if effect.blocks and not effect.reached and self.is_async and not effect.once:
            self.observed.setdefault(
                ("blocking", effect.subject, effect.spot), Observation("blocking", effect, self.owner)
            )
            effect = replace(effect, reached=True)
        if self.missed_at is not None:
            effect = replace(effect, once=True)
        elif self.kept and not effect.once:
            effect = replace(effect, once=True, kept="" if self.kept == MODULE else self.kept)
        key = (effect.kind, effect.subject, effect.spot, effect.origin, effect.path)
        known = self.effects.get(key)
        if known is None:
            if len(self.effects) < _MAX_EFFECTS:
                self.effects[key] = effect
        elif len(effect.hops) < len(known.hops) or (effect.blocks and not known.blocks):
            self.effects[key] = effect

    def close(self, loop: OpenLoop) -> None:
        """A loop ends: what reads a model that the loop writes was not the same in every round after all."""
        del self.loops[self.loops.index(loop) :]
        if not loop.writes or loop.info is None:
            return
        for key, o in self.observed.items():
            if o.invariant and o.effect.model in loop.writes and o.loops and o.loops[-1].spot == loop.info.spot:
                self.observed[key] = replace(o, invariant=False)

    def _invariant(self, loop: OpenLoop) -> bool:
        """Whether what is being called reads nothing that changes in the loop."""
        if self.expression is None:
            return False
        return self.freshness(self.expression) < loop.number

    def freshness(self, expr: Any) -> int:
        """The innermost open loop in which an expression's names change; 0 when it is the same in all of them."""
        if isinstance(expr, str):
            return self.fresh.get(expr, 0)
        if not isinstance(expr, tuple):
            return 0
        return max((self.freshness(part) for part in operands(expr)), default=0)

    def _holder(self, receiver: Value | None) -> tuple[int, str]:
        """In which open loop the object that keeps an answer is another one, and which parameter of this run it is."""
        if isinstance(receiver, Row | Rows):
            if receiver.path and ASSIGNED in receiver.loaded:
                return 0, ""  # what a new row was given may be one object for all of them
            own = receiver.origin is not None and not receiver.fresh and not receiver.path
            return receiver.fresh, receiver.origin.parameter if own and receiver.origin is not None else ""
        func = self.expression
        if isinstance(func, tuple) and func[0] == ir.CALL:
            func = func[1]
        of = func[1] if isinstance(func, tuple) and func[0] == ir.ATTR and isinstance(receiver, Instance) else None
        now = self.freshness(of)
        if isinstance(of, str) and of in self.own_objects and not now:
            return -1, ""  # made here, so what it keeps was not asked for before
        return now, of if isinstance(of, str) and of == self.self_name and not now else ""

    def lifted(
        self, effect: Effect, spot: Spot, bindings: dict[str, Value], *, waits: bool, invariant: bool
    ) -> tuple[Effect, int | None, bool] | None:
        """An effect of a function that is called at `spot`, as the caller's own. `waits`: its blocking holds up the
        caller too."""
        fresh: int | None = None
        origin, path = effect.origin, effect.path
        once, kept = effect.once, effect.kept
        if origin is not None and origin.parameter:
            row = rowlike(given(bindings, origin.parameter))
            if row is None:
                origin = None
                if effect.kind == LOAD:
                    return None
            else:
                origin = row.origin
                path = ".".join(filter(None, [row.path, path]))
                if effect.kind == LOAD or effect.per_evaluation:
                    fresh = row.fresh
        if kept:  # once per object, and here objects may differ
            now, kept = self._holder(bindings.get(kept))
            once, fresh = not now, max(now, 0) if now else fresh
        if effect.kind == BLOCKS and (not waits or (effect.unawaited and self.expression is self.coroutine)):
            return None
        hops = (spot, *effect.hops)[:_MAX_HOPS]
        own = replace(
            effect,
            hops=hops,
            origin=origin,
            path=path,
            once=once,
            kept=kept,
            blocks=effect.blocks and waits,
            unawaited=effect.unawaited and self.expression is self.answer,
        )
        if effect.repeated and origin is not effect.origin and origin is not None and origin.spot is not None:
            self.observed.setdefault(("source", effect.spot, origin, path), Observation("source", own, self.owner))
        return own, fresh, invariant
