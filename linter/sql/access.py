"""What a statement asks of one table, which of the table's B-trees serves it, and which one would.

In: a `Table` and an `Access`: AND-ed predicates with the fraction of rows each leaves, an order, a limit. Out: `Path`s
through existing indexes with the rows they read, and a `Proposal` when a new index would read at most a fifth of that.
Knows no database: fractions are given, by a rule of thumb or by statistics.

A B-tree is read by equalities on its first parts, then by one range or in the order of the parts that follow
(https://use-the-index-luke.com/sql/where-clause and …/sorting-grouping), so a proposal is built in the same order:
equality, sort, range.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import log2
from typing import Final

from .tables import BTREE, Part, Table, TableIndex

EQUAL: Final = "="
IN: Final = "in"
RANGE: Final = "range"
"""`<`, `>`, BETWEEN, and the prefix of a text where texts are compared byte by byte."""
PREFIX: Final = "prefix"
"""The prefix of a text under a collation: PostgreSQL needs an operator class that compares byte by byte."""
NULL: Final = "null"
NOT_NULL: Final = "not null"

_STRING: Final = re.compile(r"'(?:[^']|'')*'")
_RANDOM: Final = 4.0
"""A row found through an index costs as much as this many of a scan: PostgreSQL's random_page_cost to seq_page_cost."""
_WORTH: Final = 0.2  # a promise is made for a reduction to at most this
_ROWS: Final = 2_000.0  # what reads fewer rows than this is fast enough
_NARROW: Final = 0.05  # a constant that leaves at most this is worth a partial index


@dataclass(frozen=True, slots=True)
class Predicate:
    """One condition. `key`: a column, or an expression as `Part.expression` spells it, in lower case. `kind`: EQUAL,
    IN, RANGE, PREFIX, NULL, NOT_NULL, or any other word for what no B-tree serves. `fraction`: of the rows, what it
    leaves."""

    key: str
    kind: str
    fraction: float
    constant: str = ""
    """The SQL of the literal that it always compares with, where that is one of few values: what a partial index may
    have for its condition."""
    join: bool = False
    """Compared with a column of another table."""


@dataclass(frozen=True, slots=True)
class Sort:
    """One part of an order, or of an index behind its equalities."""

    key: str
    descending: bool = False
    opclass: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """What one statement asks of one table."""

    table: str
    predicates: tuple[Predicate, ...] = ()
    sort: tuple[Sort, ...] = ()
    limit: float = 0.0
    """At most so many rows are wanted; 0 for all."""
    rows: float = 1_000_000.0
    """Rows of the table: a table that has grown, when nobody has counted them."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way to the rows. `cost` counts rows as a scan reads them."""

    index: TableIndex | None
    cost: float
    used: tuple[str, ...] = ()
    """Keys of the index that predicates use."""
    sorted: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """An index that would serve an access. `equal` may stand in any order before `tail`."""

    table: str
    equal: tuple[str, ...]
    tail: tuple[Sort, ...] = ()
    where: str = ""
    before: float = 0.0
    after: float = 0.0
    """`Path.cost` without and with it."""
    accesses: tuple[Access, ...] = field(default=(), compare=False)

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.equal, *(sort.key for sort in self.tail))

    def index(self) -> TableIndex:
        """The index itself."""
        return TableIndex((*map(_part, map(Sort, self.equal)), *map(_part, self.tail)), where=self.where)


def _part(sort: Sort) -> Part:
    column, expression = ("", sort.key) if "(" in sort.key else (sort.key, "")
    return Part(column, expression, sort.descending, opclass=sort.opclass)


def best(table: Table, access: Access) -> Path:
    """The cheapest way to the rows that the table has now."""
    return min(paths(table, access), key=lambda path: path.cost)


def paths(table: Table, access: Access) -> Iterator[Path]:
    """A scan, and every index that serves something."""
    yield Path(None, _cost(access, 1.0, (), False, scan=True))
    for index in table.indexes:
        path = through(index, access)
        if path is not None:
            yield path


def through(index: TableIndex, access: Access) -> Path | None:
    """The way through one index; None when it serves nothing of this access."""
    if index.method not in (BTREE, "hash") or not index.valid or not implied(index.where, access.predicates):
        return None
    by_key = _by_key(access.predicates)
    fraction, used, place = 1.0, [], 0
    for part in index.parts:
        predicate = by_key.get(part.key)
        if predicate is None or predicate.kind not in (EQUAL, IN, NULL):
            break
        fraction *= predicate.fraction
        used.append(part.key)
        place += 1
    if index.method == "hash":
        whole = place == len(index.parts) and all(by_key[key].kind != NULL for key in used)
        return Path(index, _cost(access, fraction, used, False), tuple(used)) if whole else None
    if index.unique and place == len(index.parts) and all(by_key[key].kind == EQUAL for key in used):
        fraction = min(fraction, 1.0 / max(access.rows, 1.0))
    several = any(by_key[key].kind == IN for key in used)
    ordered = bool(access.sort) and not several and _ordered(index.parts[place:], access, by_key)
    if place < len(index.parts):
        predicate = by_key.get(index.parts[place].key)
        if predicate is not None and _ranges(index.parts[place], predicate):
            fraction *= predicate.fraction
            used.append(predicate.key)
    if not used and not (ordered and access.limit) and not index.where:
        return None
    if index.where:  # it holds only the rows that fulfil its condition
        held = [p for p in access.predicates if p.key not in used and _mentions(index.where, p)]
        for predicate in held:
            fraction *= predicate.fraction
            used.append(predicate.key)
    return Path(index, _cost(access, fraction, used, ordered), tuple(used), ordered)


def _ranges(part: Part, predicate: Predicate) -> bool:
    """Whether a part of an index is read from one end to the other by a predicate."""
    bytewise = part.opclass.endswith("pattern_ops")
    return predicate.kind in ((PREFIX,) if bytewise else (RANGE, NOT_NULL))


def _ordered(rest: Sequence[Part], access: Access, by_key: dict[str, Predicate]) -> bool:
    """Whether the parts that follow give the rows in the order that is asked for, read in one direction or the other.
    What is compared with one value needs no order."""
    wanted = [s for s in access.sort if by_key.get(s.key) is None or by_key[s.key].kind not in (EQUAL, NULL)]
    if len(rest) < len(wanted):
        return False
    pairs = list(zip(rest, wanted, strict=False))
    same = all(part.key == sort.key for part, sort in pairs)
    return same and len({part.descending == sort.descending for part, sort in pairs}) <= 1


def _cost(access: Access, fraction: float, used: Iterable[str], ordered: bool, *, scan: bool = False) -> float:
    """Rows read, weighted. With a limit and rows that come in order, reading stops at the last one that is wanted."""
    left = fraction
    known = set(used)
    for predicate in access.predicates:
        if predicate.key not in known:
            left *= predicate.fraction
    read, found = access.rows * fraction, max(access.rows * left, 1.0)
    early = access.limit and (ordered or not access.sort)
    if early and found > access.limit:
        read *= access.limit / found
    sorting = 0.0 if ordered or not access.sort or found < 2 else found * log2(found) / 20
    each = 1.0 if scan else _RANDOM
    start = 0.0 if scan else log2(max(access.rows, 2.0))
    return max(start + read * each + sorting, 1.0)


def _by_key(predicates: Iterable[Predicate]) -> dict[str, Predicate]:
    """The predicate that an index uses for each key: the one that an equality is, or else the first."""
    out: dict[str, Predicate] = {}
    for predicate in predicates:
        have = out.get(predicate.key)
        if have is None or (have.kind not in (EQUAL, IN) and predicate.kind in (EQUAL, IN)):
            out[predicate.key] = predicate
    return out


def implied(where: str, predicates: Iterable[Predicate]) -> bool:
    """Whether predicates say at least what a partial index's condition says, as far as plain comparisons go."""
    if not where:
        return True
    known = {spelled(predicate) for predicate in predicates} - {""}
    keys = {p.key for p in predicates if p.kind in (EQUAL, IN, RANGE)}
    return all(
        part in known or (part.endswith(" is not null") and part.removesuffix(" is not null") in keys)
        for part in condition_parts(where)
    )


def condition_parts(where: str) -> list[str]:
    """The AND-ed comparisons of a plain condition, each in one spelling."""
    # Strings stay as they are: 'Paid' is not 'paid', and may hold words and parentheses of its own.
    strings: list[str] = []

    def taken(match: re.Match[str]) -> str:
        strings.append(match[0])
        return f"'{len(strings) - 1}'"

    text = _STRING.sub(taken, where).lower().replace("(", " ").replace(")", " ").replace('"', "")
    parts = [part.strip() for part in " ".join(text.split()).split(" and ")]
    return [_STRING.sub(lambda match: strings[int(match[0][1:-1])], part) for part in parts if part]


def spelled(predicate: Predicate) -> str:
    """A predicate as `condition_parts` spells it; "" when it varies."""
    if predicate.kind == NULL:
        return f"{predicate.key} is null"
    if predicate.kind == NOT_NULL:
        return f"{predicate.key} is not null"
    if predicate.kind != EQUAL or not predicate.constant:
        return ""
    value = predicate.constant if "'" in predicate.constant else predicate.constant.lower()
    return {"true": predicate.key, "false": f"not {predicate.key}"}.get(value, f"{predicate.key} = {value}")


def _mentions(where: str, predicate: Predicate) -> bool:
    return spelled(predicate) in condition_parts(where)


def proposed(table: Table, access: Access) -> Proposal | None:
    """The smallest index that makes an access cheap enough, or else the one that makes it cheapest, and at least five
    times cheaper; None when there is none, or no need."""
    now = best(table, access)
    if now.cost <= _ROWS:
        return None
    found: list[Proposal] = []
    for candidate in candidates(access):
        path = through(candidate.index(), access)
        if path is not None and path.cost <= _WORTH * now.cost:
            found.append(replace(candidate, before=now.cost, after=path.cost, accesses=(access,)))
    return min(found, key=lambda p: (max(p.after, 1.1 * _ROWS), len(p.keys), p.after), default=None)


def candidates(access: Access) -> Iterator[Proposal]:
    """Indexes that could serve an access: equality, then order or range; partial ones where a constant is rare."""
    equal = sorted((p for p in _by_key(access.predicates).values() if p.kind in (EQUAL, IN)), key=lambda p: p.fraction)
    ranged = (p for p in access.predicates if p.kind in (RANGE, PREFIX, NULL, NOT_NULL))
    ranges = sorted(ranged, key=lambda p: p.fraction)
    partial = [p for p in (*equal, *ranges) if spelled(p) and p.kind != NOT_NULL and p.fraction <= _NARROW]
    plain = [p for p in equal if p.fraction < _NARROW] or equal
    tails: list[tuple[Sort, ...]] = [()]
    if access.sort and access.limit:
        tails.append(access.sort)
    if ranges and ranges[0].kind != NOT_NULL:
        opclass = "text_pattern_ops" if ranges[0].kind == PREFIX else ""
        tails.append((Sort(ranges[0].key, opclass=opclass),))
    for chosen in dict.fromkeys((tuple(p.key for p in plain), tuple(p.key for p in equal), ())):
        for tail in tails:
            if chosen or tail:
                yield Proposal(access.table, chosen, tuple(sort for sort in tail if sort.key not in chosen))
    for predicate in partial:
        rest = tuple(p.key for p in equal if p.key != predicate.key)
        for tail in tails:
            after = tuple(s for s in tail if s.key not in rest and s.key != predicate.key)
            if rest or after:
                yield Proposal(access.table, rest, after, spelled(predicate))


def merged(proposals: Iterable[Proposal]) -> list[Proposal]:
    """As few indexes as serve the same accesses: one that another one begins with is that other one."""
    kept: list[Proposal] = []
    for proposal in sorted(proposals, key=lambda p: (p.table, -len(p.keys), p.keys, -len(p.equal))):
        for place, have in enumerate(kept):
            both = _joined(have, proposal) if have.table == proposal.table else None
            if both is not None:
                kept[place] = both
                break
        else:
            kept.append(proposal)
    return sorted(kept, key=lambda p: (p.table, p.keys))


def _joined(longer: Proposal, shorter: Proposal) -> Proposal | None:
    """`longer`, its free columns put in the order that makes it serve `shorter` too; None when it cannot."""
    if longer.where != shorter.where:
        return None
    small, large = set(shorter.equal), set(longer.equal)
    if small == large and longer.tail[: len(shorter.tail)] == shorter.tail:
        equal = longer.equal
    elif small < large and (not shorter.tail or _in_equal(shorter, large - small)):
        tail = tuple(sort.key for sort in shorter.tail)  # the longer one wants single values there: any place is good
        equal = (*shorter.equal, *tail, *(key for key in longer.equal if key not in small and key not in tail))
    else:
        return None
    before = max(longer.before, shorter.before)
    both = replace(longer, equal=equal, before=before, accesses=(*longer.accesses, *shorter.accesses))
    return both if equal == longer.equal or _serves(both, longer) else None


def _in_equal(shorter: Proposal, free: set[str]) -> bool:
    """Whether a range or an order can stand among columns of which another access wants single values. It is read in
    one direction, forwards or backwards."""
    same = len({sort.descending for sort in shorter.tail}) == 1
    return same and all(sort.key in free and not sort.opclass for sort in shorter.tail)


def _serves(proposal: Proposal, before: Proposal) -> bool:
    """Whether columns in another order serve what was joined before as well."""
    old, new = before.index(), proposal.index()
    for access in dict.fromkeys(before.accesses):
        was, now = through(old, access), through(new, access)
        if was is not None and (now is None or now.cost > 1.01 * was.cost):
            return False
    return True
