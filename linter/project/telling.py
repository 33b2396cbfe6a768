"""From a group of observations to a finding: the wording that all rules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model import Confidence, Finding, fingerprint
from .effects import COLUMNS, LOAD, WRITE, Effect, Group

if TYPE_CHECKING:
    from .project import Project


FAR = 6  # calls after which what is done on the way there costs more than a client or a connection
NEAR = 3  # calls on the way to a place that is told as certain: each one more may not be taken after all


def finding(
    project: Project,
    group: Group,
    code: str,
    family: str,
    message: str,
    *,
    subject: str,
    remedy: str,
    confidence: Confidence | None = None,
) -> Finding:
    """The finding of one root cause, with everything but its words taken from the observations."""
    told = project.observations
    o = group.first
    place = told.place(group)
    symbol = o.effect.spot.owner.rpartition("::")[2]
    sure = confidence or told.confidence(group)
    hot = told.hot(group)
    return Finding(
        code=code,
        family=family,
        message=message,
        place=place,
        severity="error" if hot and sure == "certain" else "warning",
        confidence=sure,
        symbol=symbol,
        fingerprint=fingerprint(code, place.path, symbol, subject, 0),
        because=told.because(group),
        routes=told.routes(group),
        query=o.effect.query,
        remedy=remedy,
        hot=hot,
        weight=told.weight(group),
    )


def rendered(project: Project, setting: str, code: str) -> Iterator[Finding]:
    """What a template, serializer, admin page or resolver (see `Effect.setting`) asks the database once per row."""
    for group in project.observations.repeated("load", "query", setting=setting):
        found = shown_per_row(project, group, code)
        if found is not None:
            yield found


def shown_per_row(project: Project, group: Group, code: str, *, more: int = 0) -> Finding | None:
    """The finding of one root cause; None when another rule tells it. `more`: further relations that it stands for."""
    told = project.observations
    o = group.first
    effect, variable = o.effect, o.loops[-1].variable if o.loops else "object"
    if effect.prefetched or effect.how in COLUMNS or (o.invariant and effect.kind != LOAD):
        return None
    if effect.kind == LOAD:
        is_loaded = f"and {more} more are each loaded by a query of their" if more else "is loaded by a query of its"
        message = f"relation `{told.name(effect)}` {is_loaded} own once per `{variable}`"
        remedy = remedy_for(project, effect)
    else:
        message = f"a query on `{told.model_name(effect)}` runs once per `{variable}`"
        remedy = remedy_for(project, effect)
    subject = effect.path or effect.subject + effect.model
    return finding(project, group, code, "orm", message, subject=subject, remedy=remedy)


def remedy_for(project: Project, effect: Effect) -> str:
    """What to do about something that happens once per round or row: in the words of the framework whose rows it is
    about, or in general ones."""
    where = ""
    if effect.kind == LOAD:
        effect = project.observations.root(effect)
        where = _where(project, effect)
        if effect.how == "column":
            return f"add `{effect.subject}` to the columns that" + (
                f" are loaded by{where[3:]}" if where.startswith(" to ") else " the query loads"
            )
    own = next((told for f in project.frameworks if (told := f.remedy(project, effect, where))), "")
    if own:
        return own
    if effect.kind == LOAD:
        return (
            f"add `{effect.path or effect.subject}` to what is loaded with the rows{where.replace(' to ', ' by ', 1)}"
        )
    if effect.kind == WRITE:
        return "send one statement for all rounds after the loop"
    return "send one statement for all rounds before the loop, and look its rows up by key"


def _where(project: Project, effect: Effect) -> str:
    """Where a loader is to be added: a query, or the queryset that a framework takes for a class by itself."""
    spot = effect.origin.spot if effect.origin is not None else None
    if spot is None:
        return ""
    if not spot.path.endswith(".py"):  # a template cannot say what is loaded
        place = project.place(spot)
        return f" in the view, to the rows that {place.path}:{place.line} asks for"
    if spot.line == 0 and project.class_def(spot.owner) is not None:
        return f" to the queryset of `{spot.owner.rpartition('::')[2]}`"
    place = project.place(spot)
    return f" to the query at {place.path}:{place.line}"


def remedy_for_existence(effect: Effect) -> str:
    """How to ask whether there are any rows."""
    if effect.subject == "count-then-rows":
        return "test the query itself (`if rows:`): its rows are used below anyway, so the count is a query too many"
    if effect.how == "django":
        return "ask `.exists()`: the database stops at the first row"
    return (
        "ask for an `exists()` of the query, or fetch at most one row with `.limit(1)`: the database stops at the first"
    )


def remedy_for_counting(effect: Effect) -> str:
    """How to let the database count."""
    if effect.how == "sqlalchemy-result":
        return "let the database count: `select(func.count())` with the same conditions"
    return "let the database count: `.count()`"


def remedy_for_column(effect: Effect) -> str:
    """How to fetch one column."""
    name = effect.model.rpartition("::")[2].rpartition(".")[2]
    if effect.how == "django":
        return f'fetch just that: `.values_list("{effect.subject}", flat=True)`'
    if effect.how == "sqlalchemy-query":
        return f"fetch just that: query `{name}.{effect.subject}` instead of `{name}`"
    return f"fetch just that: `select({name}.{effect.subject})`"


def blocking_words(project: Project, effect: Effect) -> tuple[str, str]:
    """What waits, in words, and what to do instead."""
    if effect.kind == "blocks":
        entry = project.catalogue.lookup(effect.subject)
        name = effect.subject.removeprefix("builtins.")
        waits = f" waits for {entry.waits_for} and" if entry is not None and entry.waits_for else ""
        instead = entry.instead if entry is not None else ""
        return (
            f"`{name}`{waits}",
            f"use {instead}" if instead else "hand it to a thread: `await asyncio.to_thread(...)`",
        )
    name = effect.model.rpartition("::")[2].rpartition(".")[2]
    what = f"`{effect.how}` on `{name}`" if name else f"`{effect.how}`"
    if effect.kind == "load":
        what = f"reading `{name}.{effect.subject}`"
    remedy = "use the async form of the query (`aget`, `async for`, `AsyncSession`), or hand it to a thread"
    if effect.kind == "commit":
        return f"`{effect.how}` waits for the database and", remedy
    return f"the query of {what} waits for the database and", remedy


def remedy_for_remote(project: Project, effect: Effect) -> str:
    """The batched form of a remote call, where one is known."""
    entry = project.catalogue.lookup(effect.subject)
    batch = entry.batch if entry is not None else None
    return f"use {batch}" if batch else "ask for all items at once, or make the calls concurrently with a bound"


def wait(project: Project, effect: Effect) -> str:
    """What waits, and for what, in words."""
    entry = project.catalogue.lookup(effect.subject)
    waits = f" waits for {entry.waits_for if entry is not None else 'the clock'}"
    return f"`{effect.subject.removesuffix('.__iter__')}`{waits}"
