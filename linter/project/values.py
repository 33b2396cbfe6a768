"""What an expression is: a small lattice of abstract values.

`Row` and `Rows` are the heart: rows of a model with the relation paths that their query loaded. Everything else is
there to carry them from where they are made to where they are read. All values are immutable and compare by value,
so that a function's summary can be remembered per kind of argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..files import names_template
from .conditions import common
from .frozen import quick, replace

ASSIGNED = "+"  # in `loaded`: made here, so whatever it refers to is in memory
MADE = "made"  # in `Origin.text`: a row that was constructed, and is not in the database yet
NAMED = "~"  # in `loaded`: a parameter that only its name says is such a row
ANYTHING = "?"  # in `loaded`: nobody knows what else was loaded, so nothing is reported
COMPUTED = "*"  # in `loaded`, beside ANYTHING: code named relations, perhaps from what a class says is shown
EMPTY = "*none"  # in the aliases of rows: a query that gives none and is not sent
_MAX_UNION = 4
CACHED = "cached"  # the class of what a cache of another process gave
MAX_FIELDS = 60  # keys of one dict that are told apart
MAX_ITEMS = 40  # items of one display that are told apart


@dataclass(frozen=True, slots=True)
class Spot:
    """A stretch of source inside `owner` (`path::qualified.name`, `path::` for a module); lines as in the facts."""

    owner: str
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def path(self) -> str:
        return self.owner.partition("::")[0]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows were asked for: a query (`spot`, in words `text`), or a parameter of the function being analysed."""

    spot: Spot | None = None
    text: str = ""
    parameter: str = ""
    model: str = ""  # of the query, where a loader has to name it


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known. Reading it says nothing."""


@dataclass(frozen=True, slots=True)
class Const:
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `model`.

    `loaded` are the relation paths (dotted) below it that are in memory; `path` is how it was reached from the rows
    of `origin` ("" for those rows themselves). `only`: the columns that are in memory, None for all.
    `fresh`: a new row in every iteration of the open loops whose number is not larger.
    """

    model: str
    loaded: frozenset[str] = frozenset()
    origin: Origin | None = None
    path: str = ""
    only: frozenset[str] | None = None
    aliases: tuple[tuple[str, Any], ...] = ()
    fresh: int = 0
    implied: tuple[str, ...] = ()
    """Attributes that the framework itself reads of every row."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of `model`: a manager, a query that has not run, a related manager, a list of rows.

    `kind`: manager | query | related | list. A `related` one with `cached` was prefetched. `limit`: at most so many
    rows, 0 for no limit, -1 for a page. `plain`: yields values, not rows. `owner`: class whose methods it has.
    """

    model: str
    kind: str = "query"
    loaded: frozenset[str] = frozenset()
    origin: Origin | None = None
    path: str = ""
    only: frozenset[str] | None = None
    aliases: tuple[tuple[str, Any], ...] = ()
    fresh: int = 0
    cached: bool = False
    limit: int = 0
    plain: bool = False
    owner: str = ""
    filters: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    relation: str = ""
    """For a related manager: the relation's name on the parent row."""
    parent: Row | None = None
    """For a related manager: the row it hangs on."""
    asked: Spot | None = None
    """Where a prefetched relation was asked in a way that the prefetch cannot answer."""
    implied: tuple[str, ...] = ()
    """Attributes that the framework itself reads of every row."""
    dialect: str = "django"
    """Which framework's methods it has: django, sqlalchemy (a Select), sqlalchemy-query, sqlalchemy-result."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of the project, by the class's reference. `fields`: attributes that hold a class it was
    constructed with, as repositories hold their model, or what a framework made it for. `declared`: an annotation says
    so, and it may as well be an object of a subclass."""

    cls: str
    fields: tuple[tuple[str, Value], ...] = ()
    declared: bool = False

    def field(self, name: str) -> Value | None:
        return next((value for key, value in self.fields if key == name), None)


@dataclass(frozen=True, slots=True)
class External:
    """Something outside the project by its full name: `requests.get`, or a bound method of an external object."""

    name: str
    of: Value | None = None
    """The value that a bound method belongs to."""


@dataclass(frozen=True, slots=True)
class ExternalInstance:
    """An object of a class outside the project: `requests.Session`."""

    cls: str
    made: Spot | None = None
    """The call that made it, when that call itself waits: what is then done with it has the same cause."""
    patient: bool = False  # it has been told how long to wait


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the project; `bound` is its first argument when it was reached through an object.

    `others`: methods of subclasses that may be the ones that are called instead."""

    ref: str
    bound: Value | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A nested function or lambda with the variables around it; equal only to itself."""

    core: Any
    owner: str
    line: int
    env: dict[str, Value] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Class:
    ref: str


@dataclass(frozen=True, slots=True)
class Module:
    path: str


@dataclass(frozen=True, slots=True)
class Container:
    """A list, tuple, set, dict or iterator. `of` is what iterating gives; `value` what a dict's keys lead to.

    `constant`: its size is written in the source. `batched`: iterating gives chunks of a larger collection. `rows`: it
    holds something for each row of a table, so it grows with the data.
    """

    kind: str
    of: Value
    value: Value | None = None
    constant: bool = False
    batched: bool = False
    items: tuple[Value, ...] = ()
    """The items of a tuple or list display of known length, for unpacking; of a dict display its keys."""
    fields: tuple[tuple[str, Value], ...] = ()
    """What the string keys of a dict lead to, as far as they are written: a template's context."""
    pending: tuple[Any, ...] = ()
    """Of a generator: what holds up the thread that iterates it, as in `Awaitable`."""
    rows: bool = False

    def field(self, name: str) -> Value | None:
        return next((value for key, value in self.fields if key == name), None)

    def with_fields(self, changed: Mapping[str, Value]) -> Container:
        """The dict with these keys set; of very many keys the last are not told apart."""
        merged = {**dict(self.fields), **changed}
        return replace(self, items=(), fields=tuple(merged.items())[:MAX_FIELDS])


@dataclass(frozen=True, slots=True)
class Awaitable:
    """`pending`: (effect, fresh, invariant) of each thing that happens when it is awaited, not when it is made."""

    of: Value
    pending: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """A method of rows, by name: what `qs.filter` is before it is called."""

    of: Value
    name: str


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a statement that stands for no rows: `kind` column | relation | condition | option | table.

    `entries`: what a condition compares, as (model, column, ""), or what an option loads, as (model, dotted path,
    strategy). `head`: where an option's chain stands.
    """

    kind: str
    model: str = ""
    name: str = ""
    entries: tuple[tuple[str, str, str], ...] = ()
    head: str = ""


@dataclass(frozen=True, slots=True)
class Union:
    of: tuple[Value, ...]


Value: TypeAlias = (
    Unknown
    | Const
    | Row
    | Rows
    | Instance
    | External
    | ExternalInstance
    | Function
    | Closure
    | Class
    | Module
    | Container
    | Awaitable
    | Bound
    | Term
    | Union
)

quick(
    Spot, Origin, Const, Row, Rows, Instance, External, ExternalInstance, Function, Class, Module, Container, Awaitable,
    Bound, Term, Union,
)  # fmt: skip
UNKNOWN = Unknown()
NONE = Const(None)


def parts(value: Value) -> tuple[Value, ...]:
    """The alternatives of a value."""
    return value.of if isinstance(value, Union) else (value,)


def join(a: Value, b: Value) -> Value:
    """What either of two values may be. Prefers knowledge: unknown or None joined with something is that thing."""
    if a is b or a == b:
        return a
    if type(a) is Unknown or a == NONE:
        return UNKNOWN if type(a) is Unknown and (type(b) is Const or empty(b)) else b
    if type(b) is Unknown or b == NONE:
        return UNKNOWN if type(b) is Unknown and (type(a) is Const or empty(a)) else a
    return union([*parts(a), *parts(b)])


def either(a: Value, b: Value) -> Value:
    """What one of two branches gives: a constant of only one of them is not known of the whole."""
    if a is b or a == b:
        return a
    if type(a) is Const or type(b) is Const:
        found = join(a, b)
        return UNKNOWN if type(found) is Const else found
    return join(a, b)


def empty(value: Value) -> bool:
    """Whether a value is a query for no rows."""
    return type(value) is Rows and any(key == EMPTY for key, _ in value.aliases)


def union(values: Iterable[Value]) -> Value:
    kept: list[Value] = []
    for value in (part for v in values for part in parts(v)):
        for i, have in enumerate(kept):
            merged = _merge(have, value)
            if merged is not None:
                kept[i] = merged
                break
        else:
            kept.append(value)
    known = [v for v in kept if type(v) is not Unknown and v != NONE] or kept
    known = [v for v in known if not empty(v)] or known
    if len(known) < len(kept) and all(type(v) is Const for v in known):
        return UNKNOWN  # one constant among things that are not known is no constant
    if not known:
        return UNKNOWN
    return known[0] if len(known) == 1 else Union(tuple(known[:_MAX_UNION]))


def _merge(a: Any, b: Any) -> Any:
    """One value for both, or None. Rows of one model: whatever either loaded counts as loaded (silence first)."""
    if a == b:
        return a
    if type(a) is not type(b):
        return None
    if type(a) is Row and a.model == b.model and a.path == b.path:
        only = a.only if a.only == b.only else None
        return replace(a, loaded=a.loaded | b.loaded, only=only, aliases=_both(a, b), fresh=max(a.fresh, b.fresh))
    if type(a) is Rows and a.model == b.model and (empty(a) or empty(b)):
        return b if empty(a) else a
    if type(a) is Rows and a.model == b.model and a.path == b.path:
        a, b = (b, a) if a.limit and not b.limit else (a, b)  # the many of them are what is told of: not `none()`
        return replace(
            a,
            loaded=a.loaded | b.loaded,
            only=a.only if a.only == b.only else None,
            aliases=_both(a, b),
            fresh=max(a.fresh, b.fresh),
            cached=a.cached or b.cached,
            kind="list" if "list" in (a.kind, b.kind) else a.kind,
            plain=a.plain and b.plain,
            limit=min(a.limit, b.limit, 0) or max(a.limit, b.limit) if a.limit and b.limit else 0,
            filters=common(a.filters, b.filters),
        )
    if type(a) is Container and a.kind == b.kind:
        value = None if a.value is None and b.value is None else join(a.value or UNKNOWN, b.value or UNKNOWN)
        fields = {k: v if (other := a.field(k)) is None else join(other, v) for k, v in b.fields}
        return Container(
            a.kind,
            join(a.of, b.of),
            value,
            a.constant and b.constant,
            a.batched or b.batched,
            fields=tuple({**dict(a.fields), **fields}.items())[:MAX_FIELDS],
            pending=tuple(dict.fromkeys([*a.pending, *b.pending])),
            rows=a.rows or b.rows,
        )
    if type(a) is Instance and a.cls == b.cls and a.fields == b.fields:
        return replace(a, declared=True)
    if type(a) is Const:
        return None if names_template(a.value) and names_template(b.value) else UNKNOWN
    if type(a) is Term and a.kind == b.kind and a.kind in ("condition", "option"):
        model = a.model if a.model == b.model else ""
        return Term(
            a.kind, model, a.name, tuple(dict.fromkeys([*a.entries, *b.entries])), a.head if a.head == b.head else ""
        )
    if type(a) is Awaitable:
        return Awaitable(join(a.of, b.of), tuple(dict.fromkeys([*a.pending, *b.pending])))
    return None


def written(value: Value) -> bool:
    """Whether a value is written in the source, so that it is one of a few."""
    if isinstance(value, Const | External):
        return isinstance(value, Const) or value.name.rpartition(".")[2].isupper()
    if isinstance(value, Container):
        return value.constant and bool(value.items) and all(written(i) for i in value.items)
    return False


def _both(a: Any, b: Any) -> tuple[tuple[str, Any], ...]:
    return a.aliases if a.aliases == b.aliases else tuple({**dict(a.aliases), **dict(b.aliases)}.items())


def below(loaded: frozenset[str], name: str) -> frozenset[str]:
    """The loaded paths below one relation."""
    if not loaded:
        return loaded
    prefix = name + "."
    inner = {p[len(prefix) :] for p in loaded if p.startswith(prefix)}
    if ANYTHING in loaded:
        inner.add(ANYTHING)
    inner |= loaded & {ASSIGNED, NAMED, COMPUTED}
    return frozenset(inner)
