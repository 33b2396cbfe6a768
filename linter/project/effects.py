"""What evaluating something does: effects, the loops around them, and a function's summary."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Query
from .frozen import quick
from .values import UNKNOWN, Origin, Spot, Value

LOAD = "load"  # a relation or deferred column is fetched for one row
QUERY = "query"  # a statement that reads
WRITE = "write"  # a statement that writes
COMMIT = "commit"  # a transaction ends
REMOTE = "remote"  # a round trip to another service
BLOCKS = "blocks"  # the thread waits
PAUSE = "pause"  # a coroutine waits for the clock
CLIENT = "client"  # something that keeps connections is made
CPU = "cpu"  # work that grows with what it is done on, or that was done before (see `work`)
FETCH = "fetch"  # more is fetched than is used
CHOICES = "choices"  # in `Effect.how` and `Origin.text`: rows that a form field offers
EXPIRED = "expired"  # in `Effect.how`: all columns of a row, which a commit has made invalid
SEARCH = "search"  # in `Loop.kind`: it may end as soon as a round has found something
COLUMNS = ("column", EXPIRED)  # in `Effect.how` of a load: not a relation, but columns of the row itself
DECLARED = "declared"  # in `Effect.how` of a chosen one: the application declares this very filter
LABEL = "label"  # in `Effect.how`: the row that a form field shows beside its key


@dataclass(frozen=True, slots=True)
class Loop:
    """A repetition: where it stands, what each round is called, and what it goes over."""

    spot: Spot
    variable: str
    over: str = ""
    source: Origin | None = None
    known: bool = False
    """What it goes over is known to be rows."""
    kind: str = "for"  # for | search | while | comprehension | callback


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that costs time.

    `subject`: the relation path, model, or catalogue name it is about. `spot`: where it happens; `hops`: the calls
    that lead there from the function that holds this effect, nearest call first. `parameter` ties the rows it is
    about to a parameter of that function (so a caller knows whose rows they are). `cached_by`: happens once per
    evaluation of that query object rather than per call.
    """

    kind: str
    subject: str
    spot: Spot
    model: str = ""
    detail: str = ""
    hops: tuple[Spot, ...] = ()
    origin: Origin | None = None
    path: str = ""
    query: Query | None = None
    conditions: tuple[str, ...] = ()
    """What the statement compares, as `conditions` spells it."""
    limit: int = 0
    """At most so many rows are wanted; 0 for all, -1 for as many as somebody asks for: a page."""
    chosen: bool = False
    """Who asks chooses whether the statement compares or sorts so: a filter of a list, a column that can be sorted."""
    blocks: bool = False
    """Holds up the thread that runs it (so the event loop when that is a coroutine's)."""
    once: bool = False
    """At most once per process, request or object: memoised."""
    kept: str = ""
    """The parameter whose object keeps the answer, so that it happens once per object."""
    guarded: bool = False
    """Behind a condition that makes it rare in a loop: a memo, a first-round test."""
    repeated: bool = False
    """Has been reported as repeated further down."""
    reached: bool = False
    """Has been reported as blocking further down."""
    field: Spot | None = None
    """Where the relation or column is declared."""
    how: str = ""
    """What of the framework did it: the method's name, `relation`, `column`, `iteration`."""
    prefetched: bool = False
    """Asks again for what a prefetch has loaded."""
    bulk: bool = False
    """Already writes many rows with one statement."""
    assumed: bool = False
    """Rests on the assumption that what nobody in the project loads is not loaded."""
    unawaited: bool = False
    """In a `return` of what cannot be awaited, of a plain function that also has one of what can: whoever awaits the
    call knows that it did not come this way."""
    through: Spot | None = None
    """The nearest call on the way that may reach another method instead: of which class its object is is not known."""
    setting: str = ""
    """What of a framework read it, the nearest one: template | serializer | admin | resolver; "" for plain code."""
    per_evaluation: bool = False
    """Once per query object, not per execution of the expression: iterating a queryset caches its rows."""


def site_key(effect: Effect) -> tuple[object, ...]:
    """What tells the statements of one place apart, for rules about columns and indexes."""
    order = effect.query.order if effect.query is not None else ()
    return effect.spot, effect.model, effect.conditions, order, effect.limit != 0


@dataclass(frozen=True, slots=True)
class Observation:
    """An effect and what makes it slow: the loops that repeat it, outermost first, the coroutine it holds up, or how
    little is used of what it fetches. A `source` tells of a repeated one, about the rows of a parameter, whose rows
    a caller passes."""

    kind: str  # repeated | blocking | existence | counting | columns | source | transacted | locked | awaited | endless
    effect: Effect
    function: str
    loops: tuple[Loop, ...] = ()
    invariant: bool = False
    transaction: bool = False
    held: Spot | None = None
    """The transaction or lock that is open meanwhile; of awaits one after another, the first."""
    how: str = ""
    inner: str = ""
    """The nested function of `function` that it was seen in."""

    @property
    def name(self) -> str:
        """The function that it was seen in, as a reader of its file would call it."""
        outer = self.function.rpartition("::")[2] or self.function
        return f"{outer}.{self.inner}" if self.inner else outer


@dataclass(frozen=True, slots=True)
class Group:
    """Observations with one root cause: the first is told, the others are listed."""

    observations: tuple[Observation, ...]

    @property
    def first(self) -> Observation:
        return self.observations[0]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a function returns and does, in terms of its parameters."""

    returns: Value = UNKNOWN
    effects: tuple[Effect, ...] = ()
    observed: tuple[Observation, ...] = ()
    calls: tuple[tuple[str, tuple[Value, ...] | None], ...] = ()
    writes_self: tuple[tuple[str, Value], ...] = ()
    sites: tuple[Effect, ...] = ()
    """Every query site of this function itself, for rules about columns and indexes."""


quick(Loop, Effect, Observation, Summary)
