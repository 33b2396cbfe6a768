"""From a group of observations to a finding: the wording that all rules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model import Confidence, Finding, fingerprint
from .effects import CHOICES, COLUMNS, LABEL, LOAD, Effect
from .observations import Group
from .schema import model_of, relation_of, relations_named
from .values import Spot

if TYPE_CHECKING:
    from .project import Project


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
        remedy = remedy_for_load(project, effect)
    else:
        message = f"a query on `{told.model_name(effect)}` runs once per `{variable}`"
        remedy = remedy_for_query(project, effect)
    subject = effect.path or effect.subject + effect.model
    return finding(project, group, code, "orm", message, subject=subject, remedy=remedy)


def remedy_for_load(project: Project, effect: Effect) -> str:
    """The exact loader to add, and where."""
    effect = project.observations.root(effect)
    origin = effect.origin
    where = ""
    if origin is not None and origin.spot is not None:
        where = f" to {_asked(project, origin.spot)}"
        if not origin.spot.path.endswith(".py"):  # a template cannot say what is loaded
            place = project.place(origin.spot)
            where = f" in the view, to the rows that {place.path}:{place.line} asks for"
    if effect.how == "column":
        return f"add `{effect.subject}` to the columns that" + (
            f" are loaded by{where[3:]}" if where.startswith(" to ") else " the query loads"
        )
    own = next((told for f in project.frameworks if (told := f.remedy(project, effect, where))), "")
    if own:
        return own
    relation = relation_of(project, effect.model, effect.subject)
    one = relation is not None and relation.kind in ("one", "reverse-one")
    spelled = next((told for f in project.frameworks if (told := f.loader(project, effect))), "")
    if spelled:
        return f"add `{spelled}`{where}"
    path = effect.path.replace(".", "__") or effect.subject
    plain = one and _joinable(project, effect)
    loader = f'`.{"select_related" if plain else "prefetch_related"}("{path}")`'
    if effect.how == "count" and "." not in effect.path:
        return f'add `.annotate(n=Count("{path}"))`{where} and read `n`, or {loader} if the rows are shown as well'
    one_by_one = origin is not None and origin.spot in project.observations.one_by_one
    if one_by_one and not plain and _joinable(project, effect):
        return f"fetch the rows of all rounds with one query before the loop, with {loader}, not one by one"
    owner = origin.spot.owner if origin is not None and origin.spot is not None and not origin.spot.line else ""
    if plain and owner:  # the framework makes the query for a class, which may have a word of its own for joins
        own = next((told for f in project.frameworks if (told := f.joins_for(project, owner, path))), "")
        if own:
            return own
    if origin is not None and origin.text == CHOICES:
        return f"give the field a queryset with {loader}, or a widget that searches instead of listing every row"
    key = f"; where only the key is needed, read `{effect.subject}_id`" if effect.how == "key" else ""
    return f"add {loader}{where}{key}"


def _asked(project: Project, spot: Spot) -> str:
    """Where a loader is to be added: a query, or the queryset that a framework takes for a class by itself."""
    if spot.line == 0 and project.class_def(spot.owner) is not None:
        return f"the queryset of `{spot.owner.rpartition('::')[2]}`"
    place = project.place(spot)
    return f"the query at {place.path}:{place.line}"


def _joinable(project: Project, effect: Effect) -> bool:
    """Whether every hop before the last leads to one row: only such a path can be joined. Unsure counts as no, for
    `prefetch_related` takes every path."""
    reached = {effect.model}
    for name in reversed(effect.path.split(".")[:-1]):
        hops = [(owner, r) for owner, r in relations_named(project, name) if r.target in reached]
        if not hops or any(r.kind not in ("one", "reverse-one") for _, r in hops):
            return False
        reached = {owner for owner, _ in hops}
    return True


def remedy_for_query(project: Project, effect: Effect) -> str:
    """How to ask once for all rounds."""
    name = effect.model.rpartition("::")[2].rpartition(".")[2]
    how = effect.how
    if how == LABEL:
        return f"every form asks for its `{name}` row by the key: show the field among `readonly_fields`, and join it"
    if how == CHOICES:
        return (
            f"every form fetches all `{name}` rows: let its field search instead of listing them (in the admin "
            "`autocomplete_fields`), or give all forms one list of choices"
        )
    own = next((told for f in project.frameworks if (told := f.remedy(project, effect, ""))), "")
    if own:
        return own
    dialect = model_of(project, effect.model) if effect.model else None
    if dialect is not None and dialect.dialect == "sqlalchemy":
        if how == "count":
            return f"count once for all rounds before the loop: `select(…, func.count()).group_by(…)` on `{name}`"
        return (
            f"fetch the `{name}` rows of all rounds with one statement before the loop (`.in_(…)` or a join), "
            "and look them up by key"
        )
    if not name:
        return "send one statement for all rounds before the loop, and look its rows up by key"
    if how in ("count", "exists"):
        return f"count once for all rows: annotate the query over them with `Count(...)` or `Exists(...)` of `{name}`"
    if how in ("get", "first", "index", "get_or_create"):
        return f"fetch all `{name}` rows before the loop with one `__in` filter (`in_bulk()`), and look them up by key"
    return f"fetch the `{name}` rows of all rounds with one query before the loop, and group them by key"


def remedy_for_write(project: Project, effect: Effect) -> str:
    """The bulk form of a write."""
    name = effect.model.rpartition("::")[2].rpartition(".")[2]
    model = model_of(project, effect.model) if effect.model else None
    own = next((told for f in project.frameworks if (told := f.remedy(project, effect, ""))), "")
    if own:
        return own
    if effect.how == "assignment":
        return f"every row gets the same value: send one `update({name}).where(…).values(…)` instead of loading them"
    if effect.how == "flush":
        return "flush once after the loop: the session sends the rows it has collected in batches"
    if model is not None and model.dialect == "sqlalchemy":
        verb = effect.query.verb if effect.query is not None else ""
        if verb == "DELETE":
            return f"delete the rows of all rounds with one `delete({name}).where(….in_(…))`"
        if verb == "UPDATE":
            return f"update the rows of all rounds with one `execute(update({name}), [{{…}}, …])`, a dict for each row"
        return f"add the `{name}` rows to the session and flush once, or send one `insert()` with all values"
    how = effect.how.lstrip("a")
    new = how == "save" and effect.query is not None and effect.query.verb == "INSERT"
    skipped = how == "save" and project.lookup(effect.model, "save") is not None
    note = f" (it does not call `{name}.save`)" if skipped else ""
    if "create" in how or new:
        return f"collect the `{name}` objects and write them with one `bulk_create()`{note}"
    if "delete" in how:
        columns = effect.query.filters if effect.query is not None else ()
        by = (columns[0] if len(columns) == 1 and "." not in columns[0] else "…") if columns else "pk"
        return f"delete the rows of all rounds with one `{name}.objects.filter({by}__in=…).delete()`"
    if how in ("dd", "remove"):  # without an `a`, which stands for the asynchronous form
        called = "add" if how == "dd" else how
        return (
            f"collect the rows and pass them to one `{called}(*rows)` after the loop; "
            "those of several owners are rows of the through table, for one `bulk_create()`"
        )
    if how in ("set", "clear"):
        return "write the rows of the through table with one `bulk_create()`"
    return (
        f"change the `{name}` objects in memory and write them with one `bulk_update()`, "
        f"or one `update()` with an expression{note}"
    )


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
    from ..frameworks import catalogue

    if effect.kind == "blocks":
        entry = catalogue.load().lookup(effect.subject)
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


def remedy_for_remote(effect: Effect) -> str:
    """The batched form of a remote call, where one is known."""
    from ..frameworks import catalogue

    entry = catalogue.load().lookup(effect.subject)
    batch = entry.batch if entry is not None else None
    return f"use {batch}" if batch else "ask for all items at once, or make the calls concurrently with a bound"
