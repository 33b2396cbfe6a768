"""What is held while something is waited for: a transaction, whose rows and connection nobody else gets, or a lock.

In: effects as a run records them, with the transactions and locks that are open. Out: observations `transacted`,
`locked` and `awaited`. Caches are left out, for they answer about as fast as the database itself, and so is what a test
inside a lock decides on: to refresh something once for all who wait is what such a lock is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..frameworks import traits
from .effects import BLOCKS, COMMIT, PAUSE, REMOTE, Effect, Observation
from .frozen import replace
from .schema import model_of
from .values import ExternalInstance, Spot, Value

if TYPE_CHECKING:
    from .project import Project
    from .record import Recorder
    from .run import Run

ELSEWHERE = {"http", "dns", "socket", "cloud", "mail", "database"}  # another machine answers
TRANSACTION = "transaction"
AUTOBEGIN = "autobegin"  # in `Observation.how`: no line says that a transaction begins
PERHAPS = "perhaps"  # the same, in a function that is called, which may write only sometimes
_HERE = {"sleep", "subprocess"}  # as long, on this one
_STARTS = {"subprocess.Popen", "os.popen", "os.fork", "os.posix_spawn"}  # nobody waits for the program to end


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that is held. `kind`: thread | task, who waits for it, or TRANSACTION, of a driver; `tests`: how many
    tests stood around it."""

    kind: str
    spot: Spot
    tests: int
    shared: bool
    """It is one for the whole object or module, not one of many that were looked up."""


def waits(project: Project, effect: Effect) -> bool:
    """Whether an effect is a wait for another machine, a program or the clock; each call counts once."""
    if effect.kind in (REMOTE, PAUSE):
        return effect.kind == PAUSE or effect.detail in ELSEWHERE
    if effect.kind != BLOCKS or (effect.detail not in _HERE and effect.detail not in ELSEWHERE):
        return False
    if effect.detail in _HERE:
        return effect.subject not in _STARTS
    entry = project.catalogue.lookup(effect.subject)  # statements are the transaction's own; a remote call is told once
    return entry is not None and not entry.remote and effect.detail != "database"


def observe(run: Recorder, effect: Effect) -> None:
    """An effect happens while something is held."""
    if effect.once or effect.guarded or run.kept or run.missed_at is not None or not waits(run.project, effect):
        return
    inner = next((lock.spot for lock in reversed(run.locks) if lock.kind == TRANSACTION), None)
    spot = inner or (run.transactions[-1] if run.transactions else None)
    how = ""
    if spot is None and run.autobegun is not None:
        spot, how = run.autobegun
    if spot is not None:
        observation = Observation("transacted", effect, run.owner, held=spot, how=how)
        run.observed.setdefault(("transacted", effect.subject, effect.spot), observation)
    lock = next((lock for lock in reversed(run.locks) if lock.kind != TRANSACTION), None)
    if lock is None or effect.kind == PAUSE or (lock.kind == "thread" and run.is_async):
        return  # that the event loop stops is told for itself
    if lock.shared and lock.tests == run.tests:
        run.observed.setdefault(
            ("locked", effect.subject, effect.spot),
            Observation("locked", effect, run.owner, held=lock.spot, how=lock.kind),
        )


def wrote(run: Recorder, effect: Effect) -> None:
    """A session's first statement begins a transaction by itself; one that writes locks rows until the commit."""
    if effect.kind == COMMIT:
        run.autobegun = None
        return
    if run.transactions or run.tests or run.guards or run.autobegun is not None or effect.guarded or effect.once:
        return
    model = model_of(run.project, effect.model) if effect.model else None
    if model is not None and model.dialect == "sqlalchemy" and effect.how != "assignment":
        run.autobegun = (effect.hops[0], PERHAPS) if effect.hops else (effect.spot, AUTOBEGIN)


def awaited(run: Recorder, spot: Spot) -> None:
    """A coroutine gives up the event loop while it holds a lock that other threads wait for."""
    lock = next((lock for lock in reversed(run.locks) if lock.kind == "thread"), None)
    if lock is not None and run.is_async:
        effect = Effect(BLOCKS, "await", spot, how="await")
        run.observed.setdefault(("awaited", lock.spot), Observation("awaited", effect, run.owner, held=lock.spot))


def taken(run: Run, context: Any, value: Value) -> Lock | None:
    """`with value:`: the lock, when it is one."""
    if id(context) in run.begun:
        return Lock(TRANSACTION, run.context_spot(context), run.tests, True)
    trait = traits.of(value.cls) if isinstance(value, ExternalInstance) else None
    return _lock(run, context, trait.lock) if trait is not None and trait.lock else None


def _lock(run: Run, holder: Any, kind: str) -> Lock:
    name = isinstance(holder, str) and holder not in run.env
    attribute = isinstance(holder, tuple) and holder[0] == ir.ATTR and isinstance(holder[1], str)
    return Lock(kind, run.context_spot(holder), run.tests, name or attribute)


def acquired(run: Run, name: str, kind: str) -> None:
    """`lock.acquire()` without a limit, `lock.release()`."""
    call = run.expression
    if not isinstance(call, tuple) or call[0] != ir.CALL or not isinstance(call[1], tuple) or call[1][0] != ir.ATTR:
        return
    if name.endswith(".release"):
        del run.locks[-1:]
    elif not call[2] and not call[3]:
        run.locks.append(replace(_lock(run, call[1][1], kind), spot=run.here))
