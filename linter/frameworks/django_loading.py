"""What rows have in memory besides their own columns: select_related, prefetch_related, Prefetch, only, defer.

In: rows and the arguments of such a call. Out: rows with relation paths in `loaded`, with lists and inner querysets in
`aliases`, with columns in `only`. Sends nothing, except for `prefetch_related_objects()`, which does so by itself.

Names in `aliases` may be dotted, for what hangs on rows further down. Those that start with a sign are no attributes:
`=path` holds the queryset that a `Prefetch` fills a relation with, `*name` a remark on the query (see below).
Source: docs.djangoproject.com, "QuerySet API reference"; checked against Django 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.frozen import replace
from ..project.schema import model_of, relation_of
from ..project.values import ANYTHING, COMPUTED, UNKNOWN, Const, Container, Row, Rows, Spot, Value, below, parts
from .django_lookups import relation_called

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

Aliases = tuple[tuple[str, Any], ...]

_BARE = "*"  # among those paths: select_related() without arguments
JOINED = "*joined"  # the paths that select_related() loads: what `select_related(None)` takes back
LOCKED = "*locked"  # select_for_update(): rows are taken one by one on purpose
DISTINCT = "*distinct"
COUNTED = "*counted:"  # + alias: an aggregate over this path
_DEPTH = 5  # select_related() without arguments follows so many hops
_MAX_PATHS = 40


def prefixes(path: str) -> set[str]:
    """`a__b__c` → {"a", "a.b", "a.b.c"}."""
    parts = path.split("__")
    return {".".join(parts[: i + 1]) for i in range(len(parts))}


def remark(rows: Rows, name: str) -> Any:
    """What a query remembers under a `*name`; None for nothing."""
    return next((held for key, held in rows.aliases if key == name), None)


def remarked(rows: Rows, name: str, held: Value) -> Rows:
    return replace(rows, aliases=(*((k, v) for k, v in rows.aliases if k != name), (name, held)))


def of_rows(aliases: Aliases) -> Aliases:
    """What rows keep of their query's aliases: all but the remarks on the query itself."""
    if not any(key[0] == "*" for key, _ in aliases if key):
        return aliases
    return tuple((k, v) for k, v in aliases if not k.startswith("*") or k in (LOCKED, "*entities", "*tuples"))


def nested(aliases: Aliases, name: str) -> Aliases:
    """The aliases of the rows behind a relation."""
    out = []
    for key, held in aliases:
        sign = "=" if key.startswith("=") else ""
        if key.startswith(f"{sign}{name}."):
            out.append((sign + key[len(sign) + len(name) + 1 :], held))
    return tuple(out)


def under(aliases: Aliases, path: str) -> list[tuple[str, Any]]:
    """The aliases of an inner queryset, as those of the rows that `path` starts from."""
    out = []
    for key, held in of_rows(aliases):
        if not key.startswith("*"):
            sign = "=" if key.startswith("=") else ""
            out.append((f"{sign}{path}.{key[len(sign) :]}", held))
    return out


def prefetch_cache(row: Row) -> Value:
    """`_prefetched_objects_cache`: code asks it which relations are in memory."""
    names = sorted({path.partition(".")[0] for path in row.loaded})
    return Container("dict", UNKNOWN, constant=True, items=(Const(""), *(Const(name) for name in names)))


def held_value(row: Row, name: str, held: Any) -> Value:
    """An attribute that the query made: a `to_attr` list with what was loaded below it, or an annotation."""
    if isinstance(held, Rows):
        return replace(
            held, loaded=held.loaded | below(row.loaded, name), aliases=held.aliases + nested(row.aliases, name)
        )
    value: Value = held
    return value


# The calls -------------------------------------------------------------------------------------------------


def joined(project: Project, rows: Rows, args: Sequence[Value]) -> Rows:
    """select_related: paths; without arguments every forward relation that cannot be null; with None nothing."""
    known = remark(rows, JOINED)
    before = set(known.value.split()) if isinstance(known, Const) and isinstance(known.value, str) else set()
    if any(isinstance(a, Const) and a.value is None for a in args):
        left = replace(rows, loaded=rows.loaded - before)
        return remarked(left, JOINED, Const("")) if before else left
    if args and _BARE in before:  # named paths take the place of "every one that cannot be null"
        rows, before = replace(rows, loaded=rows.loaded - before), set()
    added: set[str] = set() if args else _required(project, rows.model, "", _DEPTH, {_BARE})
    unknown = {ANYTHING} if not args and not rows.model else set()
    for argument in args:
        if isinstance(argument, Const) and isinstance(argument.value, str):
            added |= prefixes(argument.value)
        else:
            unknown |= {ANYTHING, COMPUTED}
    made = replace(rows, loaded=(rows.loaded | added | unknown) - {_BARE})
    return remarked(made, JOINED, Const(" ".join(sorted(before | added))))


def _required(project: Project, ref: str, path: str, depth: int, out: set[str]) -> set[str]:
    model = model_of(project, ref) if depth else None
    for relation in model.relations if model is not None else ():
        if relation.kind == "one" and not relation.null and relation.eager != "always" and len(out) < _MAX_PATHS:
            out.add(path + relation.name)
            _required(project, relation.target, f"{path}{relation.name}.", depth - 1, out)
    return out


def prefetched(rows: Rows, args: Sequence[Value]) -> Rows:
    """prefetch_related: paths and Prefetch objects; with None nothing but what is joined."""
    if any(isinstance(a, Const) and a.value is None for a in args):
        known = remark(rows, JOINED)
        kept = (
            frozenset(known.value.split()) if isinstance(known, Const) and isinstance(known.value, str) else frozenset()
        )
        rest = tuple((k, v) for k, v in rows.aliases if k.startswith("*") or not isinstance(v, Rows))
        return replace(rows, loaded=rows.loaded & kept, aliases=rest)
    loaded = set(rows.loaded)
    aliases = dict(rows.aliases)
    for argument in args:
        for part in parts(argument):
            if isinstance(part, Const) and isinstance(part.value, str):
                loaded |= prefixes(part.value)
            elif isinstance(part, Container) and part.kind == "prefetch":
                _prefetch(part, loaded, aliases)
            else:
                loaded |= {ANYTHING, COMPUTED}
    return replace(rows, loaded=frozenset(loaded), aliases=tuple(aliases.items()))


def _prefetch(given: Container, loaded: set[str], aliases: dict[str, Any]) -> None:
    """`Prefetch(path, queryset=…, to_attr=…)`."""
    if not isinstance(given.value, Const) or not isinstance(given.value.value, str):
        loaded.add(ANYTHING)
        return
    path, inner = given.value.value, given.of
    alias = given.items[0].value if given.items and isinstance(given.items[0], Const) else None
    head = path.rpartition("__")[0]
    if isinstance(alias, str) and alias:
        dotted = f"{head.replace('__', '.')}.{alias}" if head else alias
        loaded |= prefixes(head) if head else set()
        aliases[dotted] = replace(inner, kind="list") if isinstance(inner, Rows) else UNKNOWN
        return
    if given.items and alias is None and given.items[0] != Const(None):
        loaded.add(ANYTHING)  # a name that nobody can tell
    dotted = path.replace("__", ".")
    loaded |= prefixes(path)
    if isinstance(inner, Rows):
        loaded |= {f"{dotted}.{p}" for p in inner.loaded}
        aliases.update(under(inner.aliases, dotted))
        if inner.only is not None or inner.order or inner.aliases:
            aliases[f"={dotted}"] = replace(inner, aliases=(), origin=None, parent=None, fresh=0)


def narrowed(run: Run, rows: Rows, name: str, args: Sequence[Value]) -> Rows:
    """only and defer: which columns stay in memory.

    Django reads the foreign key of every row of a reverse manager, to set its parent: without it, once more per row.
    """
    model = model_of(run.project, rows.model)
    names = {a.value for a in args if isinstance(a, Const) and isinstance(a.value, str)}
    if name == "defer" and any(isinstance(a, Const) and a.value is None for a in args):
        return replace(rows, only=None, implied=())
    if model is None or len(names) != len(args):
        return rows
    every = {c.name for c in model.columns}
    plain = {n for n in names if "__" not in n}
    with_ids = plain | {f"{n}_id" for n in plain}
    if name == "only":
        kept = frozenset(with_ids | {model.primary_key, *({model.primary_key} if "pk" in plain else ())})
    else:
        kept = frozenset((every if rows.only is None else rows.only) - with_ids)
    return replace(rows, only=kept, implied=missing_key(run, rows.model, rows.filters if rows.relation else (), kept))


def missing_key(run: Run, ref: str, filters: Sequence[str], only: frozenset[str] | None) -> tuple[str, ...]:
    """The foreign key by which children find their parent, when it was left out of their columns."""
    model = model_of(run.project, ref) if ref and filters and only is not None else None
    key = model.column(filters[0].partition(":")[0]) if model is not None else None
    return (key.name,) if key is not None and only is not None and key.foreign_key and key.name not in only else ()


def annotated(project: Project, rows: Rows, name: str, args: Sequence[Value], keywords: Mapping[str, Value]) -> Rows:
    """annotate, alias, extra: attributes that are values, whatever the class calls by these names."""
    if name == "extra":
        select = keywords.get("select", args[0] if args else UNKNOWN)
        keys = select.items if isinstance(select, Container) and select.kind == "dict" else ()
        names = [k.value for k in keys if isinstance(k, Const) and isinstance(k.value, str)]
        return replace(rows, aliases=tuple({**dict(rows.aliases), **dict.fromkeys(names, UNKNOWN)}.items()))
    aliases = dict(rows.aliases)
    given = {**keywords, **{f"?{i}": a for i, a in enumerate(args)}}
    for key, value in given.items():
        if name == "annotate" and not key.startswith(("?", "*")):
            aliases[key] = UNKNOWN
        if isinstance(value, Container) and value.kind == "aggregate" and isinstance(value.value, Const):
            path = str(value.value.value)
            many = many_hop(project, rows.model, path)
            if many:
                aliases[f"{COUNTED}{key}"] = Container("aggregate", value.of, Const(many))
    return replace(rows, aliases=tuple(aliases.items()))


def many_hop(project: Project, ref: str, path: str) -> str:
    """The part of a lookup path that ends with its first hop to many rows; "" when there is none."""
    hops: list[str] = []
    for part in path.split("__"):
        model = model_of(project, ref) if ref else None
        relation = relation_called(project, model, part) if model is not None else None
        if relation is None:
            return ""
        hops.append(part)
        if relation.kind in ("many", "generic-many"):
            return "__".join(hops)
        ref = relation.target
    return ""


# Later ------------------------------------------------------------------------------------------------------


def prefetch_objects(run: Run, args: Sequence[Value], spot: Spot) -> None:
    """`prefetch_related_objects(rows, …)`: a query per path, and then the rows have it; those of a name, of a list
    display of names, or of one that holds a list."""
    for part in parts(args[0]):
        row = part.of if isinstance(part, Container) else part
        for path in {a.value for a in args[1:] if isinstance(a, Const) and isinstance(a.value, str)}:
            first = path.partition("__")[0]
            relation = relation_of(run.project, row.model, first) if isinstance(row, Row | Rows) else None
            if relation is not None and relation.target and isinstance(row, Row | Rows) and first not in row.loaded:
                run.query(
                    Rows(relation.target, "query", filters=relation.filters), "SELECT", spot, "prefetch_related_objects"
                )
    expr = run.expression
    given = expr[2][0] if isinstance(expr, tuple) and expr[0] == ir.CALL and expr[2] else None
    while isinstance(given, tuple):
        if given[0] == ir.CALL and given[1] in ("list", "tuple", "set") and len(given[2]) == 1:
            given = given[2][0]
        elif given[0] == ir.ATTR and given[2] == "object_list":  # of a page: going through the page gives these
            given = given[1]
        else:
            break
    names: Sequence[Any] = (given,)
    if isinstance(given, tuple) and (given[0] == ir.SEQUENCE or given[:2] == (ir.OPERATION, "Add")):
        names = given[2]
    for name in names:
        if isinstance(name, str) and name in run.env:
            run.env[name] = _filled(run.env[name], args[1:])


def _filled(value: Value, args: Sequence[Value]) -> Value:
    if isinstance(value, Row):
        made = prefetched(Rows(value.model, loaded=value.loaded, aliases=value.aliases), args)
        return replace(value, loaded=made.loaded, aliases=made.aliases)
    if isinstance(value, Rows) and value.kind != "manager":
        return prefetched(value, args)
    if isinstance(value, Container):
        inner = None if value.value is None else _filled(value.value, args)
        return replace(
            value, of=_filled(value.of, args), value=inner, items=tuple(_filled(v, args) for v in value.items)
        )
    return value


def forgotten(run: Run, row: Row) -> None:
    """`refresh_from_db()`: the row's relations are no longer in memory."""
    expr = run.expression
    func = expr[1] if isinstance(expr, tuple) and expr[0] == ir.CALL else None
    base = func[1] if isinstance(func, tuple) and func[0] == ir.ATTR else None
    if isinstance(base, str) and run.env.get(base) is row and not expr[2] and not expr[3]:
        run.env[base] = replace(row, loaded=frozenset(), aliases=(), only=None)
