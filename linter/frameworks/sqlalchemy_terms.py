"""Parts of SQLAlchemy statements: columns and what compares them, loader options and what they load.

Source: docs.sqlalchemy.org, "Relationship Loading Techniques" and "Column Loading Options".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..facts import ir
from ..project.conditions import CONSTANT, EITHER, GIVEN_ORDER, JOIN, NOT, NOT_NULL, NULL, OTHER, RANGE, SCAN, literal
from ..project.fetched import FETCHED
from ..project.frozen import replace
from ..project.schema import model_of, relation_of
from ..project.values import ANYTHING, COMPUTED, UNKNOWN, Class, Const, Container, Rows, Term, Value, parts, written

if TYPE_CHECKING:
    from ..project.project import Project
    from ..project.run import Run

LOADS = {
    "joinedload", "selectinload", "subqueryload", "contains_eager", "immediateload", "joinedload_all",
    "subqueryload_all", "eagerload",
}  # fmt: skip
FETCHES = LOADS - {"contains_eager"}  # more is fetched for it, by a join or a query of its own
SILENT = {"raiseload", "noload"}  # reading raises, or gives nothing: no query either way
SUBCLASSES = "*subclasses"  # a path: the columns that subclasses have in tables of their own
OTHERS = {"lazyload", "defaultload", "Load", "selectin_polymorphic", "with_expression"}
COLUMNS = {"load_only", "defer", "undefer", "undefer_group"}
OPTIONS = LOADS | SILENT | OTHERS | COLUMNS

_ENTITIES = "*entities"  # in the aliases of rows: what each row of a query for several things holds
_COMPARES = {"in_", "between", "any_", "op", "__eq__", "is_not_distinct_from"}
_PATTERNS = {
    "like", "ilike", "contains", "startswith", "endswith", "icontains", "match", "regexp_match", "istartswith",
    "iendswith",
}  # fmt: skip
_NEGATES = {"notin_", "not_in", "is_not", "isnot", "notlike", "not_like", "notilike", "not_ilike", "is_"}
_IS = {"is_", "is_not", "isnot"}
_SELF = {
    "desc", "asc", "label", "nulls_last", "nulls_first", "nullslast", "nullsfirst", "cast", "distinct", "of_type",
    "and_", "self_group", "collate", "type_coerce",
}  # fmt: skip
EVERY = "every"  # how `selectinload("*")` loads
ACROSS = "across"  # the name of a condition: an OR of equalities on columns of several tables
EXISTS = "exists"  # the name of a condition: what `any()` and `has()` make
DESCENDING = "-"  # the head of a column that rows are sorted by
EQUAL = "="  # in the entries of a condition: one value
_OPERATORS = {"compare:Eq", "compare:Lt", "compare:LtE", "compare:Gt", "compare:GtE"}


def attribute(project: Project, model: str, name: str) -> Term | None:
    """`Model.name`: a relationship or a column."""
    if relation_of(project, model, name) is not None:
        return Term("relation", model, name)
    found = model_of(project, model)
    column = found.column(name) if found is not None else None
    return Term("column", model, column.name) if column is not None else None


# Entities --------------------------------------------------------------------------------------------


def entities(rows: Rows) -> tuple[tuple[str, frozenset[str]], ...]:
    """What each row of a query with several entities holds: (model, loaded), ("", …) for a plain value."""
    found = dict(rows.aliases).get(_ENTITIES, ())
    return tuple(found)


def with_entities(rows: Rows, made: Sequence[tuple[str, frozenset[str]]]) -> Rows:
    kept = {k: v for k, v in rows.aliases if k != _ENTITIES}
    return replace(rows, aliases=tuple({**kept, _ENTITIES: tuple(made)}.items()) if made else tuple(kept.items()))


# Conditions -----------------------------------------------------------------------------------------------


def compared(project: Project, terms: Iterable[Value], suffix: str = "") -> Term:
    """A condition on these columns; on a relationship it is one on its foreign key."""
    entries: list[tuple[str, str, str]] = []
    for term in terms:
        if not isinstance(term, Term):
            continue
        if term.kind == "condition":
            entries += term.entries
        elif term.kind == "column":
            entries.append((term.model, term.name + ("" if ":" in term.name else suffix), ""))
        elif term.kind == "relation":
            relation = relation_of(project, term.model, term.name)
            if relation is not None and relation.column:
                entries.append((term.model, relation.column + suffix, ""))
    return Term("condition", entries=tuple(dict.fromkeys(entries)))


def operation(project: Project, operator: str, values: Sequence[Value]) -> Value | None:
    """An operator between terms: comparisons and `&`, `|` give conditions; arithmetic is nothing an index serves."""
    terms = [p for v in values for p in parts(v) if isinstance(p, Term)]
    if not terms:
        return None
    if operator in _OPERATORS:
        if any(isinstance(v, Const) and v.value is None for v in values):
            return compared(project, terms, f":{NULL}") if operator == "compare:Eq" else Term("condition")
        keys = _keys(project, terms)
        if len(terms) > 1:
            return compared(project, keys, f":{SCAN if terms[0].model == terms[1].model else JOIN}")
        plain = operator == "compare:Eq"
        fixed = [v for v in values if written(v)]
        found = compared(project, keys, "" if plain and not fixed else f":{_constant(fixed) if plain else RANGE}")
        return replace(found, entries=tuple((m, n, EQUAL) for m, n, _ in found.entries)) if plain else found
    if operator == "BitAnd":
        return compared(project, [t for t in terms if t.kind == "condition"])
    if operator == "BitOr":
        return alternatives(project, terms)
    if operator.startswith("compare:"):
        return Term("condition")
    return UNKNOWN


def alternatives(project: Project, values: Iterable[Value]) -> Term:
    """`a | b`, `or_(a, b)`: served by indexes only when each side is an equality that one serves."""
    values = list(values)
    sides = [compared(project, [value]).entries for value in values]
    plain = all(len(side) == 1 and side[0][1].partition(":")[2] in ("", EITHER) for side in sides)
    joined = plain and not any(isinstance(value, Term) and value.name == EXISTS for value in values)
    kind = EITHER if plain and len({side[0][0] for side in sides}) == 1 else SCAN
    return Term(
        "condition",
        name=ACROSS if joined and kind == SCAN else "",
        entries=tuple(
            dict.fromkeys((m, f"{name.partition(':')[0]}:{kind}", "") for side in sides for m, name, _ in side)
        ),
    )


def _keys(project: Project, terms: list[Term]) -> list[Term]:
    """Of two columns of different tables that are compared, the foreign key: the other side is what it points to."""
    if len(terms) != 2 or terms[0].model == terms[1].model or any(t.kind != "column" for t in terms):
        return terms
    keys = []
    for term in terms:
        model = model_of(project, term.model)
        column = model.column(term.name) if model is not None else None
        if column is not None and column.foreign_key:
            keys.append(term)
    return keys or terms


def method(run: Run, term: Term, name: str, args: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    """A method of a column, relationship, condition or option."""
    if term.kind == "option":
        made = chained(run.project, term, name, args)
        func = run.expression[1] if isinstance(run.expression, tuple) and run.expression[0] == ir.CALL else None
        named = func[1] if isinstance(func, tuple) and func[0] == ir.ATTR else None
        if isinstance(named, str) and run.env.get(named) is term and isinstance(made, Term):
            run.env[named] = replace(term, entries=made.entries)  # before 2.0 an option grows in place
        return made
    if name in _COMPARES:
        kind = (
            RANGE
            if name == "between"
            else name
            if name == "op"
            else CONSTANT
            if args and all(written(a) for a in args)
            else ""
        )
        return compared(run.project, [term, *(a for a in args if isinstance(a, Term))], f":{kind}" if kind else "")
    if name in _PATTERNS:
        if term.kind == "relation":
            return Term("condition", name=EXISTS)
        return compared(run.project, [term], f":{RANGE if name == 'startswith' else name}")
    if name in _IS and args and isinstance(args[0], Const):
        return compared(run.project, [term], f":{_is(args[0].value, opposite=name not in ('is_', 'is'))}")
    if name in _NEGATES:
        return Term("condition")
    if name in ("any", "has"):
        asked = compared(run.project, [a for a in args if isinstance(a, Term) and a.kind == "condition"])
        return replace(asked, name=EXISTS)
    if name == "desc":
        return descending(term)
    return term if name in _SELF else UNKNOWN


def descending(value: Value) -> Value:
    """`desc(column)`"""
    column = next((p for p in parts(value) if isinstance(p, Term) and p.kind == "column"), None)
    return replace(column, head=DESCENDING) if column is not None else value


def _constant(values: Sequence[Value]) -> str:
    return literal(values[0].value) if len(values) == 1 and isinstance(values[0], Const) else CONSTANT


def _is(value: object, *, opposite: bool) -> str:
    """`IS NULL`, `IS FALSE`, and their opposites."""
    if value is None:
        return NOT_NULL if opposite else NULL
    return f"{NOT}={literal(value).partition('=')[2]}" if opposite else literal(value)


def function(name: str, args: Sequence[Value]) -> Value:
    """`func.lower(User.email)`: a column behind a function."""
    for argument in args:
        for part in parts(argument):
            if isinstance(part, Term) and part.kind == "column":
                return replace(part, name=f"{part.name}:{name}")
    return UNKNOWN


def extreme(project: Project, model: str, item: Value) -> tuple[str, ...]:
    """The column of `func.max(Order.placed)`: the database reads one end of an index."""
    for part in parts(item):
        if isinstance(part, Term) and part.kind == "column" and part.name.endswith((":min", ":max")):
            return sorted_by(project, model, [replace(part, name=part.name[:-4])])
    return ()


def columns(project: Project, model: str, conditions: Iterable[Value], kind: str = "") -> tuple[str, ...]:
    """Filtered columns by database name: `email` of the model itself, `customer.email` of another table.
    `kind`: how, for terms that are no conditions themselves."""
    out: list[str] = []
    for condition in conditions:
        for term in parts(condition):
            if type(term) is type(UNKNOWN) or (isinstance(term, Term) and term.kind == "text"):
                out.append(OTHER)
            for ref, spelled, _ in compared(project, [term], f":{kind}" if kind else "").entries:
                name = column_name(project, model, ref, spelled)
                if name:
                    out.append(name)
    return tuple(dict.fromkeys(out))


def sorted_by(project: Project, model: str, args: Iterable[Value]) -> tuple[str, ...]:
    """What `order_by(...)` names, as `Query.order` spells it; GIVEN_ORDER for what is no column."""
    out: list[str] = []
    for argument in args:
        for part in parts(argument):
            plain = isinstance(part, Term) and part.kind == "column" and ":" not in part.name
            found = columns(project, model, [part]) if plain else ()
            sign = "-" if isinstance(part, Term) and part.head == DESCENDING else ""
            out += [f"{sign}{name}" for name in found] or [GIVEN_ORDER]
    return tuple(out)


def column_name(project: Project, model: str, ref: str, spelled: str) -> str:
    found = model_of(project, ref)
    name, colon, suffix = spelled.partition(":")
    column = found.column(name) if found is not None else None
    if found is None or column is None:
        return ""
    base = model_of(project, model)
    own = ref == model or (base is not None and base.table == found.table)
    return f"{'' if own else found.table + '.'}{column.column}{colon}{suffix}"


# Loader options -------------------------------------------------------------------------------------------


def option(project: Project, name: str, args: Sequence[Value]) -> Value:
    """`joinedload(A.b)` and its siblings."""
    start = Term("option", name=name)
    if name == "selectin_polymorphic":
        return replace(start, entries=(("", SUBCLASSES, "load"),))
    if name == "Load":
        model = next((p.ref for a in args[:1] for p in parts(a) if isinstance(p, Class)), "")
        return replace(start, model=model)
    return chained(project, start, name, args)


def chained(project: Project, term: Term, name: str, args: Sequence[Value]) -> Value:
    """One more link of a chain of options."""
    if name == "options":
        inner = [p for a in args for p in _flat(a)]
        entries = list(term.entries)
        for part in inner:
            if isinstance(part, Term) and part.kind == "option":
                entries += [(term.model, _under(term.head, path), strategy) for _, path, strategy in part.entries]
            else:
                entries.append((term.model, _under(term.head, ANYTHING), "load"))
        return replace(term, entries=tuple(dict.fromkeys(entries)))
    if name not in OPTIONS:
        return term
    model, entries, head = term.model, list(term.entries), term.head
    named: list[str] = []
    for argument in args:
        for part in _flat(argument):
            if isinstance(part, Term) and part.kind in ("relation", "column"):
                model = model or part.model
                named.append(part.name.partition(":")[0])
            elif isinstance(part, Const) and isinstance(part.value, str):
                named += part.value.split(".")
            elif isinstance(part, Class):
                continue
            else:
                entries.append((model, _under(head, ANYTHING), "load"))
    if name in COLUMNS:
        strategy = {"load_only": "only"}.get(name, name)
        entries += [(model, _under(head, c), strategy) for c in named]
        return replace(term, model=model, entries=tuple(dict.fromkeys(entries)))
    for each in named:
        if each == "*":
            how = EVERY if name in FETCHES else "load"
            entries.append((model, _under(head, ANYTHING), how) if name in LOADS | SILENT else (model, head, ""))
            continue
        head = _under(head, each)
        if name in LOADS or name in SILENT:
            entries.append((model, head, "eager" if name in FETCHES else "load"))
        elif name == "lazyload":
            entries.append((model, _under(head.rpartition(".")[0], f"!{each}"), "load"))
        else:
            entries.append((model, head, ""))
    return replace(term, model=model, entries=tuple(dict.fromkeys(entries)), head=head)


def _flat(value: Value) -> list[Value]:
    """The alternatives of a value, and the items of a list of them."""
    out: list[Value] = []
    for part in parts(value):
        if isinstance(part, Container):
            inner = part.items or (part.of,)
            out += [p for i in inner for p in parts(i)]
        else:
            out.append(part)
    return out


def _under(head: str, name: str) -> str:
    return f"{head}.{name}" if head else name


def applied(run: Run, rows: Rows, args: Sequence[Value]) -> Rows:
    """Rows with the options of one `.options(...)` call. An option that cannot be read loads anything."""
    loaded, only = set(rows.loaded), rows.only
    fetched: list[str] = []
    others = list(entities(rows))
    for argument in args:
        for part in _flat(argument):
            if not isinstance(part, Term) or part.kind != "option":
                loaded |= {ANYTHING, COMPUTED}
                continue
            for model, path, strategy in part.entries:
                where = _entity(run.project, rows, others, model)
                if where >= 0:
                    if strategy in ("load", "eager", EVERY):
                        others[where] = (others[where][0], others[where][1] | {path})
                    continue
                if strategy in ("load", "eager", EVERY):
                    loaded.add(path)
                    if strategy == "eager" and "." not in path:
                        fetched.append(path)
                    if path.rpartition(".")[2] == ANYTHING:
                        loaded.add(_under(path.rpartition(".")[0], COMPUTED))
                elif strategy == "undefer_group":
                    only = None
                    loaded.add(_under(path.rpartition(".")[0], ANYTHING))
                elif strategy == "undefer" and "." in path:
                    loaded.add(path)
                elif strategy in ("only", "defer", "undefer") and "." not in path:
                    only = _narrowed(run.project, rows.model, only, path, strategy)
    kept = {**dict(rows.aliases), FETCHED: (*dict(rows.aliases).get(FETCHED, ()), *fetched)} if fetched else {}
    aliases = tuple(kept.items()) if kept else rows.aliases
    return with_entities(replace(rows, loaded=frozenset(loaded), only=only, aliases=aliases), others)


def _entity(project: Project, rows: Rows, others: Sequence[tuple[str, frozenset[str]]], model: str) -> int:
    """Which entity of a multi-entity query an option is about; -1 for the first model."""
    if not model or model == rows.model or len(others) < 2:
        return -1
    return next((i for i, (ref, _) in enumerate(others) if ref == model), -1)


def _narrowed(
    project: Project, model: str, only: frozenset[str] | None, column: str, strategy: str
) -> frozenset[str] | None:
    found = model_of(project, model)
    if found is None:
        return only
    every = frozenset(c.name for c in found.columns)
    if strategy == "only":
        if found.column(column) is None:  # a hybrid or synonym: which columns it stands for is not known
            column = ANYTHING
        started = only is not None and only != not_deferred(project, model)
        return (only if only is not None and started else frozenset({found.primary_key})) | {column}
    if strategy == "undefer":
        return only if only is None else only | {column}
    return (every if only is None else only) - {column}


def not_deferred(project: Project, model: str) -> frozenset[str] | None:
    """The columns that come with a row by themselves; None for all of them."""
    found = model_of(project, model)
    if found is None or not any(c.deferred for c in found.columns):
        return None
    return frozenset(c.name for c in found.columns if not c.deferred)
