"""What Django offers against queries that multiply: `select_related`, `prefetch_related`, `in_bulk`, the bulk writes.

In: a lazy load, query or write that a loop repeats. Out: the remedy in words, with the exact call and its place.
Source: docs.djangoproject.com, "Database access optimization", "QuerySet API reference".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..project.effects import CHOICES, LABEL, LOAD, WRITE, Effect
from ..project.schema import model_of, relation_of, relations_named

if TYPE_CHECKING:
    from ..project.project import Project


def is_mine(project: Project, effect: Effect) -> bool:
    model = model_of(project, effect.model) if effect.model else None
    return model is not None and model.dialect == "django"


def remedy(project: Project, effect: Effect, where: str) -> str:
    if effect.kind == LOAD:
        return _of_load(project, effect, where)
    return _of_write(project, effect) if effect.kind == WRITE else _of_query(effect)


def way(effect: Effect) -> str:
    """The path of a relation as querysets spell it."""
    return effect.path.replace(".", "__") or effect.subject


def is_joined(project: Project, effect: Effect) -> bool:
    """Whether `select_related` takes the way: every hop leads to one row."""
    relation = relation_of(project, effect.model, effect.subject)
    return relation is not None and relation.kind in ("one", "reverse-one") and _leads_to_one(project, effect)


def _leads_to_one(project: Project, effect: Effect) -> bool:
    """The same for every hop before the last. Unsure counts as no, for `prefetch_related` takes every path."""
    reached = {effect.model}
    for name in reversed(effect.path.split(".")[:-1]):
        hops = [(owner, r) for owner, r in relations_named(project, name) if r.target in reached]
        if not hops or any(r.kind not in ("one", "reverse-one") for _, r in hops):
            return False
        reached = {owner for owner, _ in hops}
    return True


def _of_load(project: Project, effect: Effect, where: str) -> str:
    path, plain, origin = way(effect), is_joined(project, effect), effect.origin
    loader = f'`.{"select_related" if plain else "prefetch_related"}("{path}")`'
    if effect.how == "count" and "." not in effect.path:
        return f'add `.annotate(n=Count("{path}"))`{where} and read `n`, or {loader} if the rows are shown as well'
    one_by_one = origin is not None and origin.spot in project.observations.one_by_one
    if one_by_one and not plain and _leads_to_one(project, effect):
        return f"fetch the rows of all rounds with one query before the loop, with {loader}, not one by one"
    if origin is not None and origin.text == CHOICES:
        return f"give the field a queryset with {loader}, or a widget that searches instead of listing every row"
    key = f"; where only the key is needed, read `{effect.subject}_id`" if effect.how == "key" else ""
    return f"add {loader}{where}{key}"


def _of_query(effect: Effect) -> str:
    name, how = _name(effect), effect.how
    if how == LABEL:
        return f"every form asks for its `{name}` row by the key: show the field among `readonly_fields`, and join it"
    if how == CHOICES:
        return (
            f"every form fetches all `{name}` rows: let its field search instead of listing them (in the admin "
            "`autocomplete_fields`), or give all forms one list of choices"
        )
    if how in ("count", "exists"):
        return f"count once for all rows: annotate the query over them with `Count(...)` or `Exists(...)` of `{name}`"
    if how in ("get", "first", "index", "get_or_create"):
        return f"fetch all `{name}` rows before the loop with one `__in` filter (`in_bulk()`), and look them up by key"
    return f"fetch the `{name}` rows of all rounds with one query before the loop, and group them by key"


def _of_write(project: Project, effect: Effect) -> str:
    name, how = _name(effect), effect.how.lstrip("a")
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


def _name(effect: Effect) -> str:
    return effect.model.rpartition("::")[2].rpartition(".")[2]
