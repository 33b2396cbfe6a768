"""What a condition of a statement compares, table by table.

In: AND-ed conditions as sqlglot's trees, and a way to say which table a column belongs to. Out: `Comparison`s: of a
column or expression with something that stands outside its table, of two tables' columns with each other, or something
that no B-tree serves. Fractions are not its business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from sqlglot import exp

from .access import EQUAL, IN, NOT_NULL, NULL, PREFIX, RANGE
from .spelling import canonical

Owner: TypeAlias = Callable[[exp.Column], str]
"""Alias of the table that a column belongs to; "" for one outside of the level, "?" when it is not known."""
_OPERATORS: Final = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}  # by their names in sqlglot
_TURNED: Final = str.maketrans("<>", "><")
_COMPARES: Final = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_FOLDED: Final = (exp.Lower, exp.Upper)
_TEXTS: Final = (exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR)
_PREFIX: Final = re.compile(r"^[^%_\\]+%$")
_GLOB: Final = re.compile(r"^[^*?\[\\]+\*$")
PATTERN: Final = "pattern"
"""A part of a text, or its beginning where no index is compared in the same way."""
_PLAIN: Final = re.compile(r"^[^%_\\]+$")
_CONTAINS: Final[dict[type, str]] = {
    exp.ArrayContainsAll: "contains", exp.ArrayContainedBy: "contains", exp.ArrayOverlaps: "overlaps",
    exp.JSONBContains: "has key", exp.ILike: "pattern", exp.RegexpLike: "pattern", exp.RegexpILike: "pattern",
    exp.SimilarTo: "pattern", exp.MatchAgainst: "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """`key` of the table with this alias; `other`: the (alias, key) on the other side of a join."""

    alias: str
    key: str
    kind: str
    constant: str = ""
    other: tuple[str, str] | None = None
    exact: tuple[str, str] | None = None
    """The (key, kind) that an index on just this expression would serve."""
    correlated: bool = False
    """With a column of the statement around."""


def comparisons(condition: exp.Expression, owner: Owner, *, prefix: str) -> Iterator[Comparison]:
    """What one condition says, AND by AND. `prefix`: the kind of a LIKE that asks for the beginning
    of a text, "pattern" where no index serves it."""
    for part in conjuncts(condition):
        yield from _one(part, owner, prefix, negated=False)


def is_open(condition: exp.Expression) -> bool:
    """Whether a part of a condition, or the name of what it compares, is put into the text: it may be anything."""
    holes = (exp.Placeholder, exp.Parameter)
    return any(
        isinstance(part, holes) or (isinstance(part.args.get("this"), holes) and part.find(exp.Column) is None)
        for part in conjuncts(condition)
    )


def conjuncts(condition: exp.Expression) -> Iterator[exp.Expression]:
    """The parts of a condition that all have to hold."""
    pending = [condition]
    while pending:
        part = pending.pop()
        if isinstance(part, exp.Paren):
            pending.append(part.this)
        elif isinstance(part, exp.And):
            pending += [part.expression, part.this]
        else:
            yield part


def _one(part: exp.Expression, owner: Owner, prefix: str, *, negated: bool) -> Iterator[Comparison]:
    while isinstance(part, exp.Paren):
        part = part.this
    if part.args.get("negate"):  # `IS NOT NULL`, as newer versions of sqlglot say it
        negated = not negated
    if isinstance(part, exp.Not):
        yield from _one(part.this, owner, prefix, negated=not negated)
    elif isinstance(part, exp.Or) and negated:  # NOT (a OR b) is NOT a AND NOT b
        for side in (part.this, part.expression):
            yield from _one(side, owner, prefix, negated=True)
    elif isinstance(part, exp.Or):
        yield from _either(part, owner, prefix)
    elif isinstance(part, exp.Exists) or part.find(exp.Exists) is not None:
        return  # its own level is read by itself
    elif isinstance(part, exp.Column):
        alias = owner(part)
        if alias:
            yield Comparison(alias, canonical(part), EQUAL, "false" if negated else "true")
    elif isinstance(part, exp.Is):
        yield from _is(part, owner, prefix, negated)
    elif isinstance(part, exp.In):
        yield from _in(part, owner) if not negated else _other(part, owner, "not")
    elif negated or isinstance(part, exp.NEQ):
        yield from _other(part, owner, "not")
    elif isinstance(part, exp.Between):
        low, high = part.args["low"], part.args["high"]
        between = f"between {_constant(low)} and {_constant(high)}" if _constant(low) and _constant(high) else ""
        yield from _key(part.this, owner, RANGE, (low, high), between)
    elif isinstance(part, exp.Like):
        yield from _like(part, owner, prefix)
    elif isinstance(part, exp.Glob):
        begins = _GLOB.match(_text(part.expression))
        yield from _key(part.this, owner, RANGE, ()) if begins else _other(part, owner, PATTERN)
    elif isinstance(part, exp.NullSafeEQ) and prefix != PREFIX:  # PostgreSQL's IS NOT DISTINCT FROM uses no index
        yield from _key(part.this, owner, EQUAL, (part.expression,), _constant(part.expression))
    elif isinstance(part, _COMPARES):
        yield from _compared(part, owner)
    else:
        yield from _other(part, owner, _CONTAINS.get(type(part), "expression"))


def _is(part: exp.Is, owner: Owner, prefix: str, negated: bool) -> Iterator[Comparison]:
    value = part.expression
    if isinstance(value, exp.Null):
        yield from _key(part.this, owner, NOT_NULL if negated else NULL, ())
    elif isinstance(value, exp.Boolean):
        yield from _key(part.this, owner, EQUAL, (), "true" if value.this != negated else "false")
    elif prefix == PATTERN and not negated:  # SQLite's `IS` compares any two values
        yield from _key(part.this, owner, EQUAL, (value,), _constant(value))
    else:
        yield from _other(part, owner, "expression")


def _in(part: exp.In, owner: Owner) -> Iterator[Comparison]:
    values = part.expressions
    query = part.args.get("query")
    if isinstance(query, exp.Expression) and query.find(exp.Where, exp.Limit) is None:
        yield from _other(part.this, owner, "expression")  # of all rows: they are hashed, not looked up one by one
    elif isinstance(part.this, exp.Tuple):
        for each in part.this.expressions:
            yield from _key(each, owner, IN, ())
    elif part.args.get("query") is None and len(values) == 1:
        yield from _key(part.this, owner, EQUAL, values, _constant(values[0]))
    else:
        yield from _key(part.this, owner, IN, values)


def _text(pattern: exp.Expression) -> str:
    return str(pattern.this) if isinstance(pattern, exp.Literal) and pattern.is_string else ""


def _like(part: exp.Like, owner: Owner, prefix: str) -> Iterator[Comparison]:
    text = _text(part.expression)
    if _PREFIX.match(text) and prefix != PATTERN:
        yield from _key(part.this, owner, prefix, ())
    elif _PLAIN.match(text) and prefix != PATTERN:
        yield from _key(part.this, owner, EQUAL, ())
    else:  # a parameter may begin with %
        yield from _other(part, owner, PATTERN)


def _compared(part: exp.Expression, owner: Owner) -> Iterator[Comparison]:
    left, right = _bare(part.this), _bare(part.expression)
    kind = EQUAL if isinstance(part, exp.EQ) else RANGE
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple | exp.Anonymous) and left.expressions:
        if kind == RANGE:  # `(a, b) > (?, ?)`: the range of the first one
            yield from _key(left.expressions[0], owner, RANGE, ())
        elif isinstance(right, exp.Tuple):
            for a, b in zip(left.expressions, right.expressions, strict=False):
                yield from _compared(exp.EQ(this=a.copy(), expression=b.copy()), owner)
        return
    sides = [(side, _aliases(side, owner)) for side in (left, right)]
    if all(len(aliases) == 1 for _, aliases in sides) and sides[0][1] != sides[1][1]:
        a, b = next(iter(sides[0][1])), next(iter(sides[1][1]))
        if kind == EQUAL and _servable(left) and _servable(right):
            yield Comparison(a, canonical(left), EQUAL, other=(b, canonical(right)))
            yield Comparison(b, canonical(right), EQUAL, other=(a, canonical(left)))
        return
    for (side, own), (value, others) in (sides, reversed(sides)):
        if len(own) == 1 and not others:
            if _servable(side):
                every = isinstance(value, exp.Any)
                found = _constant(value)
                if kind == RANGE and found:
                    operator = _OPERATORS[part.key]
                    found = f"{operator if side is left else operator.translate(_TURNED)} {found}"
                correlated = isinstance(value, exp.Column)
                for each in _key(side, owner, IN if every and kind == EQUAL else kind, (value,), found):
                    yield replace(each, correlated=correlated)
            else:
                exact = (canonical(side), kind)
                yield from (replace(each, exact=exact) for each in _other(side, owner, "expression"))
            return
    yield from _other(part, owner, "expression")


def _key(side: exp.Expression, owner: Owner, kind: str, values: object, constant: str = "") -> Iterator[Comparison]:
    side = _bare(side)
    aliases = _aliases(side, owner)
    mixed = isinstance(values, tuple | list) and any(_aliases(value, owner) for value in values)
    if len(aliases) == 1 and _servable(side) and not mixed:
        yield Comparison(next(iter(aliases)), canonical(side), kind, constant)
    else:
        yield from _other(side, owner, "expression")


def _either(part: exp.Or, owner: Owner, prefix: str) -> Iterator[Comparison]:
    """`a = ? OR a = ?` is a list; any other OR is served by no single index."""
    sides = [side for side in part.flatten() if isinstance(side, exp.Expression)]
    found = [list(_one(side, owner, prefix, negated=False)) for side in sides]
    alone = [each[0] for each in found if len(each) == 1 and each[0].other is None]
    keys = {(c.alias, c.key) for c in alone}
    if len(alone) == len(sides) and len(keys) == 1 and all(c.kind in (EQUAL, IN) for c in alone):
        yield Comparison(alone[0].alias, alone[0].key, IN)
        return
    for alias in dict.fromkeys(c.alias for each in found for c in each):
        if all(any(c.alias == alias for c in each) for each in found):
            yield Comparison(alias, canonical_text(part), "or")


def canonical_text(part: exp.Expression) -> str:
    """A key that no index has: the text of a whole condition."""
    return canonical(part)[:200]


def _other(part: exp.Expression, owner: Owner, kind: str) -> Iterator[Comparison]:
    """Each column of one table that something else is asked of than a B-tree answers."""
    aliases = _aliases(part, owner)
    if len(aliases) != 1:
        return
    for column in part.find_all(exp.Column):
        if owner(column) in aliases:
            yield Comparison(next(iter(aliases)), canonical(column), kind)
            return


def _servable(side: exp.Expression) -> bool:
    """A column, or a function of one that an index may be made on."""
    if isinstance(side, exp.Column):
        return True
    return isinstance(side, _FOLDED) and isinstance(_bare(side.this), exp.Column)


def _bare(side: exp.Expression) -> exp.Expression:
    """Without parentheses, collations, and casts that change no order: `name::text`."""
    while True:
        cast = isinstance(side, exp.Cast) and side.to.this in _TEXTS and isinstance(side.this, exp.Column)
        if cast or isinstance(side, exp.Paren | exp.Collate):
            side = side.this
        else:
            return side


def _aliases(part: exp.Expression, owner: Owner) -> set[str]:
    return {alias for column in part.find_all(exp.Column) if (alias := owner(column))}


def _constant(value: exp.Expression) -> str:
    value = _bare(value)
    if isinstance(value, exp.Boolean):
        return "true" if value.this else "false"
    if isinstance(value, exp.Literal):
        return value.sql(dialect="postgres")
    return ""
