"""What rows of a Peewee query have in memory: the selected models and columns, joins, `prefetch`.

In: queries and the arguments of `select`, `join`, `switch`, `prefetch`. Out: rows with relation paths in `loaded` and
columns in `only`. A join by itself loads nothing: the joined model has to be among what is selected.

Remarks on a query among its `aliases`: `SELECTED`, (model, column or "") of all that is selected; `JOINED`, (model,
path from the rows or None) of the models in the query; `CONTEXT`, the last of these, from which the next join starts.
Source: docs.peewee-orm.com, "Relationships and Joins", Selecting from multiple sources; Avoiding N+1 problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..project.frozen import replace
from ..project.schema import Relation, model_of, relation_of
from ..project.values import ANYTHING, UNKNOWN, Class, Const, Container, ExternalInstance, Rows, Term, Value, parts

if TYPE_CHECKING:
    from ..project.project import Project

SELECTED, JOINED, CONTEXT = "*selected", "*joined", "*context"
FUNCTION = "peewee.Function"  # what `fn.COUNT(…)` gives, whatever is then called on it
_MAX_TREE = 12  # models of one prefetch


def remark(rows: Rows, name: str, default: Any = ()) -> Any:
    return next((held for key, held in rows.aliases if key == name), default)


def remarked(rows: Rows, name: str, held: Any) -> Rows:
    return replace(rows, aliases=(*((k, v) for k, v in rows.aliases if k != name), (name, held)))


def flat(values: Iterable[Value]) -> list[Value]:
    """Arguments, with the items of lists and tuples in their place."""
    out: list[Value] = []
    for value in values:
        for part in parts(value):
            out += flat(part.items or (part.of,)) if isinstance(part, Container) else [part]
    return out


# Selecting ------------------------------------------------------------------------------------------------


def selected(project: Project, rows: Rows, args: Sequence[Value]) -> Rows:
    """`Model.select(…)`: everything of the model when nothing is named."""
    chosen: list[tuple[str, str]] = []
    loaded = set(rows.loaded)
    for item in flat(args):
        if isinstance(item, Class) and model_of(project, item.ref) is not None:
            chosen.append((item.ref, ""))
        elif isinstance(item, Term) and item.kind in ("column", "relation"):
            chosen.append((item.model, item.name.partition(":")[0]))
        elif not (isinstance(item, ExternalInstance) and item.cls == FUNCTION) and not isinstance(item, Const):
            loaded.add(ANYTHING)
    if not args:
        chosen.append((rows.model, ""))
    new = remarked(replace(rows, loaded=frozenset(loaded)), SELECTED, tuple(dict.fromkeys(chosen)))
    return replace(new, only=columns(project, rows.model, chosen))


def columns(project: Project, ref: str, chosen: Iterable[tuple[str, str]]) -> frozenset[str] | None:
    """The columns of a model that are selected; None for all of them."""
    names = [column for model, column in chosen if model == ref]
    if not names or "" in names:
        return None if names else frozenset()
    keys = (r.column for n in names if (r := relation_of(project, ref, n)) is not None and r.column)
    return frozenset({*names, *keys})


# Joining --------------------------------------------------------------------------------------------------


def joined(project: Project, rows: Rows, args: Sequence[Value], keywords: Mapping[str, Value], source: str) -> Rows:
    """`.join(Model, …)`: goes on from the last model joined, or from `source`; loads what is selected of it."""
    known: tuple[tuple[str, str | None], ...] = remark(rows, JOINED) or ((rows.model, ""),)
    start = known[-1] if not remark(rows, CONTEXT) else remark(rows, CONTEXT)
    start = next((each for each in known if each[0] == source), start) if source else start
    target = next((p.ref for p in parts(args[0]) if isinstance(p, Class)), "") if args else ""
    if not target:
        return remarked(rows, CONTEXT, ("", None))
    on = keywords.get("on") or next((a for a in args[1:] if isinstance(a, Term)), None)
    attribute = keywords.get("attr")
    path, loaded, aliases = None, set(rows.loaded), dict(rows.aliases)
    for relation in _between(project, start[0], target, on):
        path = _below(start[1], relation.name)
        if path is not None and _is_selected(project, rows, target):
            loaded |= {path, *(f"{path}.{name}" for name in _absent(project, rows, target))}
    if isinstance(attribute, Const) and isinstance(attribute.value, str):
        aliases[attribute.value] = UNKNOWN
    elif path is None and start[1] == "":
        aliases[target.rpartition("::")[2].rpartition(".")[2].lower()] = UNKNOWN  # the other side's rows, one by one
    new = replace(rows, loaded=frozenset(loaded), aliases=tuple(aliases.items()))
    here = (target, path)
    return remarked(remarked(new, JOINED, (*known, here)), CONTEXT, here)


def switched(rows: Rows, args: Sequence[Value]) -> Rows:
    """`.switch(Model)`: the next join starts there; without a model at the query's own."""
    wanted = next((p.ref for a in args[:1] for p in parts(a) if isinstance(p, Class)), rows.model)
    known: tuple[tuple[str, str | None], ...] = remark(rows, JOINED) or ((rows.model, ""),)
    return remarked(rows, CONTEXT, next((each for each in known if each[0] == wanted), (rows.model, "")))


def _below(path: str | None, name: str) -> str | None:
    return None if path is None else f"{path}.{name}" if path else name


def _between(project: Project, ref: str, target: str, on: Value | None) -> list[Relation]:
    """The foreign keys that a join may go over. Where it does not say which, 2.x takes the first, and 3.x raises."""
    model = model_of(project, ref) if ref else None
    info = project.class_info(target)
    ancestors = info.lineage if info is not None else (target,)
    found = [r for r in model.relations if r.kind == "one" and r.target in ancestors] if model is not None else []
    if isinstance(on, Term):
        named = {on.name, *(column.partition(":")[0] for owner, column, _ in on.entries if owner == ref)}
        return [r for r in found if r.name in named or r.column in named] or ([] if on.kind == "relation" else found)
    return found if on is not None else found[:1]


def _is_selected(project: Project, rows: Rows, ref: str) -> bool:
    return ANYTHING in rows.loaded or any(model == ref for model, _ in remark(rows, SELECTED))


def _absent(project: Project, rows: Rows, ref: str) -> Iterable[str]:
    """Relations of a joined model whose key is not selected: reading them asks nothing, for there is no key."""
    kept = columns(project, ref, remark(rows, SELECTED))
    model = model_of(project, ref) if kept is not None else None
    return [r.name for r in model.relations if kept is not None and r.column not in kept] if model is not None else ()


# Prefetching ----------------------------------------------------------------------------------------------


def prefetched(project: Project, rows: Rows, args: Sequence[Value]) -> Rows:
    """`prefetch(query, *queries)`: the rows of each query hang on those of an earlier one, by the key between them."""
    tree: list[tuple[str, str]] = [(rows.model, "")]
    loaded = set(rows.loaded)
    for argument in args:
        inner = next((p for p in flat([argument]) if isinstance(p, Rows | Class)), None)
        ref = inner.model if isinstance(inner, Rows) else inner.ref if inner is not None else ""
        if not ref:
            loaded.add(ANYTHING)
            continue
        below = inner.loaded if isinstance(inner, Rows) else frozenset()
        for owner, path in list(tree)[:_MAX_TREE]:
            for name, back in _links(project, owner, ref):
                at = f"{path}.{name}" if path else name
                loaded |= {at, *(f"{at}.{p}" for p in below)}
                if back:
                    loaded.add(f"{at}.{back}")
                tree.append((ref, at))
    return replace(rows, loaded=frozenset(loaded))


def _links(project: Project, owner: str, ref: str) -> Iterable[tuple[str, str]]:
    """(relation of `owner` that leads to `ref`, what the other side knows of it) for each key between the two."""
    one, other = model_of(project, owner), model_of(project, ref)
    for relation in other.relations if other is not None else ():
        if relation.kind == "one" and relation.target == owner:
            yield relation.back, relation.name
    for relation in one.relations if one is not None else ():
        if relation.kind == "one" and relation.target == ref:
            yield relation.name, ""
