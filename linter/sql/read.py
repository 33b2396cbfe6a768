"""What statements ask of tables: text in, `Access`es out.

One `Access` for each table of each level: the statement, its subqueries, the sides of a UNION, WITH. Joins are read as
an optimiser would run them: it begins at the table of which the conditions leave the fewest rows, or which the order
that is asked for and a limit belong to, and looks up the others by their join columns, unless so many rows come that
reading the whole other table is cheaper. Never raises; what is not understood is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sqlglot import exp

from .access import EQUAL, IN, NULL, PREFIX, RANGE, Access, Predicate, Sort
from .fractions import Fraction, few, thumb
from .inlined import inlined
from .parse import parsed
from .predicates import PATTERN, Comparison, comparisons, is_open
from .spelling import canonical
from .tables import Table

_MAX_LEVELS: Final = 200
_MAX_TABLES: Final = 60
_ROWS: Final = 1_000_000.0
_LIMIT: Final = 100.0  # a limit that is a parameter
_PREFIX: Final = {"postgres": PREFIX, "mysql": RANGE}  # SQLite's LIKE knows no case, its indexes do
_PLACES: Final = ("ctid", "rowid", "_rowid_", "tableoid")  # by which a row is found without any index
_SOMEWHERE: Final = "?"  # the alias of a column that may be of several tables
_FEW: Final = 10.0  # rows of one step of a recursive query
_HASHED: Final = 0.05  # when more of its rows than this are looked up in all, a table is read whole instead


@dataclass(slots=True)
class _Source:
    """A table of one level. `needs`: aliases that have to be read before it: it is on the right of an outer join."""

    alias: str
    name: str
    table: Table
    rows: float
    own: list[Comparison] = field(default_factory=list)
    joins: list[Comparison] = field(default_factory=list)
    needs: frozenset[str] = frozenset()
    counted: bool = False


def accesses(
    text: str,
    tables: Mapping[str, Table],
    *,
    dialect: str = "postgres",
    fraction: Fraction = thumb,
    rows: Mapping[str, float] | None = None,
    schemas: Collection[str] = (),
) -> list[Access]:
    """What the statements of a text ask of `tables` (by lower-case name); other tables are left out.

    `dialect`: postgres, mysql or sqlite. `rows`: how many each table has, by the same names, where that is known.
    `schemas`, in lower case: where a table is looked for that is named without one; () when that is not known.
    An `Access` names its table as `tables` does: with its schema, when the bare name is another one's or nobody's.
    """
    found: list[Access] = []
    dialect = {"postgresql": "postgres", "mariadb": "mysql"}.get(dialect, dialect)
    for tree in parsed(text, dialect):
        whole = inlined(tree, tables, dialect)
        made = {node.alias.lower(): node for node in whole.find_all(exp.CTE)}
        closed: set[int] = set()
        many: set[int] = set()
        for count, level in enumerate(_levels(whole)):
            if count >= _MAX_LEVELS:
                break
            try:
                read = _Level(level, tables, rows or {}, fraction, made, dialect, schemas)
            except RecursionError:
                continue
            closed |= {id(inner) for other in read.narrowed for inner in other.find_all(exp.Select)}
            if isinstance(level.parent, exp.Exists) and id(level.parent_select) in many:
                read.hashed()
            if id(level) not in closed:
                found += read.accesses()
                many |= {id(level)} if read.many else set()
    return found


def _levels(tree: exp.Expression) -> Iterator[exp.Expression]:
    """Outer levels before inner ones, and what reads from a WITH before that."""
    found = [node for node in tree.walk() if isinstance(node, exp.Select | exp.Update | exp.Delete)]
    return iter(sorted(found, key=lambda node: node.find_ancestor(exp.CTE) is not None))


class _Level:
    """One SELECT, UPDATE or DELETE, without those inside it."""

    def __init__(
        self,
        tree: exp.Expression,
        tables: Mapping[str, Table],
        rows: Mapping[str, float],
        fraction: Fraction,
        made: Mapping[str, exp.CTE],
        dialect: str,
        schemas: Collection[str],
    ) -> None:
        self.tree, self.fraction = tree, fraction
        self.sources: dict[str, _Source] = {}
        self.others: dict[str, exp.Expression] = {}
        """Aliases of subqueries and of tables that are not known."""
        self.narrowed: list[exp.Expression] = []
        """Queries of whose rows this level wants only some."""
        self.steps: set[str] = set()
        """Those of `others` that are the last step of a recursive query: few rows at a time, each looked up."""
        self.many = False
        """So many rows are left that what is asked of each is hashed."""
        self.open = False
        """Something that decides is not known: nothing is said of this level."""
        outer: dict[str, frozenset[str]] = {}
        conditions: list[tuple[exp.Expression, str]] = []
        for node, join in _named(tree):
            alias = node.alias_or_name.lower()
            known = _known(node, tables, made, schemas)
            before = frozenset(self.sources) | frozenset(self.others)
            side = str(join.args.get("side") or "").upper() if join is not None else ""
            if known is None or not alias or len(self.sources) >= _MAX_TABLES:
                self.others[alias] = made.get(node.name.lower(), node) if isinstance(node, exp.Table) else node
                if self.others[alias] is tree.find_ancestor(exp.CTE):
                    self.steps.add(alias)
            else:
                other = known.schema and tables.get(known.name.lower()) is not known
                name = f"{known.schema}.{known.name}" if other else known.name
                count = rows.get(name.lower())
                self.sources[alias] = _Source(
                    alias, name, known, max(count or _ROWS, 1.0), counted=name.lower() in rows
                )
                outer[alias] = before if side in ("LEFT", "FULL") else frozenset()
            if side in ("RIGHT", "FULL"):
                outer.update((left, outer[left] | {alias}) for left in before & outer.keys())
            if join is not None and join.args.get("on") is not None:
                # What ON says of one table alone narrows none whose rows are all kept.
                kept = _SOMEWHERE if side in ("RIGHT", "FULL") else ""
                conditions.append((join.args["on"], alias if side == "LEFT" else kept))
            for column in (join.args.get("using") or ()) if join is not None else ():
                self._using(column.name.lower(), alias, before)
        for alias, needs in outer.items():
            self.sources[alias].needs = needs
        self.dialect, prefix = dialect, _PREFIX.get(dialect, PATTERN)
        where = tree.args.get("where")
        if where is not None:
            conditions.append((where.this, ""))
        for condition, only in conditions:
            self.open = self.open or is_open(condition)
            for found in comparisons(condition, self.owner, prefix=prefix):
                source = self.sources.get(found.alias)
                if source is None and found.other is None and not only:
                    self._narrow(found.alias)
                if source is None or (only and found.other is None and found.alias != only):
                    continue
                if source.needs and not only and found.kind in (NULL, "or", "expression"):
                    continue  # of an outer join: it asks whether there is a row at all
                if not only and found.other is None:
                    source.needs = frozenset()  # a row that is missing fulfils no comparison
                if found.key in _PLACES and source.table.column(found.key) is None:
                    self.open = True
                elif not _has(source.table, found.key):  # another version of the table: no index can be made on it
                    found = replace(found, kind="unknown", other=None)  # noqa: PLW2901
                (source.own if found.other is None else source.joins).append(found)

    def _narrow(self, alias: str) -> None:
        """Only some rows of something are wanted that is not looked into: they may lead to ours."""
        if alias in self.others or alias == _SOMEWHERE:
            self.open = True
            self.narrowed += [other for name, other in self.others.items() if alias in (name, _SOMEWHERE)]

    def owner(self, column: exp.Column) -> str:
        """The alias of the table that a column belongs to; "" when it stands outside of this level."""
        spelled = column.table.lower()
        if spelled:
            return spelled if spelled in self.sources or spelled in self.others else ""
        having = [alias for alias, source in self.sources.items() if source.table.column(column.name) is not None]
        if having:
            return having[0]
        if self.others:
            return _SOMEWHERE
        return next(iter(self.sources)) if len(self.sources) == 1 else _SOMEWHERE

    def _using(self, name: str, alias: str, before: frozenset[str]) -> None:
        left = next((a for a in self.sources if a in before and self.sources[a].table.column(name) is not None), "")
        if left and alias in self.sources:
            self.sources[alias].joins.append(Comparison(alias, name, EQUAL, other=(left, name)))
            self.sources[left].joins.append(Comparison(left, name, EQUAL, other=(alias, name)))

    # Order and limit ------------------------------------------------------------------------------------------

    def _order(self) -> tuple[str, tuple[Sort, ...]]:
        """The alias and the order that is asked for; ("", ()) when it is of several tables or of something computed."""
        by = self.tree.args.get("order")
        if by is None or self._grouped():
            return "", ()
        found: list[Sort] = []
        aliases: set[str] = set()
        for item in by.expressions:
            column = self._output(item.this)
            if not isinstance(column, exp.Column):
                return "", ()
            aliases.add(self.owner(column))
            down, first = bool(item.args.get("desc")), item.args.get("nulls_first")
            if self.dialect == "postgres" and first is not None and bool(first) != down and self._nullable(column):
                return "", ()  # no plain index has this order
            found.append(Sort(canonical(column), down))
        alias = next(iter(aliases)) if len(aliases) == 1 else ""
        return (alias, tuple(found)) if alias in self.sources else ("", ())

    def _nullable(self, column: exp.Column) -> bool:
        source = self.sources.get(self.owner(column))
        found = source.table.column(column.name) if source is not None else None
        return source is None or found is None or (found.nullable and canonical(column) not in source.table.primary_key)

    def _output(self, expression: exp.Expression) -> exp.Expression:
        """What `ORDER BY 2` or `ORDER BY total` stands for."""
        selected: list[exp.Expression] = self.tree.args.get("expressions") or []
        if isinstance(expression, exp.Literal) and expression.is_int and 0 < int(expression.name) <= len(selected):
            found = selected[int(expression.name) - 1]
            return found.this if isinstance(found, exp.Alias) else found
        if isinstance(expression, exp.Column) and not expression.table:
            for each in selected:
                if isinstance(each, exp.Alias) and each.alias.lower() == expression.name.lower():
                    meant: exp.Expression = each.this
                    return meant
        return expression

    def _grouped(self) -> bool:
        """Whether rows are put together before an order or a limit applies."""
        tree = self.tree
        if tree.args.get("group") is not None or tree.args.get("having") is not None:
            return True
        if tree.args.get("distinct") is not None or tree.args.get("windows"):
            return True
        return any(each.find(exp.AggFunc, exp.Window) is not None for each in tree.args.get("expressions") or ())

    def _limit(self) -> float:
        limit = self.tree.args.get("limit")
        if limit is None or self._grouped():
            return 0.0
        count = limit.args.get("expression") or limit.args.get("count")
        offset = self.tree.args.get("offset")
        first = _number(offset.expression) if offset is not None else 0.0
        return _number(count) + first

    def _extreme(self) -> Sort | None:
        """`SELECT max(a) FROM t`: the first row in the order of `a`."""
        selected: list[exp.Expression] = self.tree.args.get("expressions") or []
        if len(selected) != 1 or self.tree.args.get("group") is not None or len(self.sources) != 1 or self.others:
            return None
        found = selected[0].this if isinstance(selected[0], exp.Alias) else selected[0]
        if isinstance(found, exp.Max | exp.Min) and isinstance(found.this, exp.Column):
            return Sort(canonical(found.this), isinstance(found, exp.Max))
        return None

    # Accesses -------------------------------------------------------------------------------------------------

    def accesses(self) -> Iterator[Access]:
        if not self.sources or self.open:
            return
        ordered, sort = self._order()
        # Rows come early only in an order that is known, and from tables that are all known.
        limit = 0.0 if self.others or (self.tree.args.get("order") is not None and not sort) else self._limit()
        extreme = self._extreme()
        if extreme is not None:
            ordered, sort, limit = next(iter(self.sources)), (extreme,), 1.0
        predicates = {alias: self._predicates(source.table, source.own) for alias, source in self.sources.items()}
        left = {alias: _product(predicates[alias]) for alias in self.sources}
        first = ordered if ordered and limit and not self.sources[ordered].needs else ""
        if any(left[other] <= _HASHED for other in self.sources if other != first):
            first = ""  # the table of which few rows are wanted leads, and what it leads to is sorted
        read: list[str] = []
        coming = _FEW if self.steps else 1.0  # rows that look into the next table
        while len(read) < len(self.sources):
            alias = first if first and not read else self._next(read, left)
            source = self.sources[alias]
            joins = [c for c in source.joins if c.other is not None and c.other[0] in self.steps.union(read)]
            own = predicates[alias]
            joined = self._predicates(source.table, joins, join=True)
            # Without counts, how many rows one lookup finds would be a guess upon a guess: it is taken for one.
            each = max(source.rows * _product(joined), 1.0) if source.counted else 1.0
            if joined and coming * each > _HASHED * source.rows:
                joined = ()  # read whole, and hashed
            is_first = not read
            elsewhere = _product(p for other in self.sources if other != alias for p in predicates[other])
            wanted = limit / max(elsewhere, 1e-6)
            early = is_first and (alias == first or not sort or len(self.sources) == 1)
            yield Access(source.name, (*own, *joined), sort if early else (), wanted if early else 0.0, source.rows)
            matching = source.rows * left[alias] * _product(joined)
            coming = max(coming * matching if joined or not read else max(coming, matching), 1.0)
            if early and wanted:
                coming = min(coming, max(wanted, 1.0))
            read.append(alias)
        self.many = any(coming > _HASHED * source.rows for source in self.sources.values())

    def hashed(self) -> None:
        """Forget what is compared with the statement around: for many of its rows, EXISTS is hashed, rather than
        looked up for each."""
        for source in self.sources.values():
            source.own = [c for c in source.own if not c.correlated]

    def _next(self, read: list[str], left: Mapping[str, float]) -> str:
        """The table that is read next: one that is joined to what was read, and has the fewest rows left."""
        ready = [a for a, s in self.sources.items() if a not in read and s.needs & self.sources.keys() <= set(read)]
        ready = ready or [a for a in self.sources if a not in read]

        def cost(alias: str) -> tuple[bool, float]:
            source = self.sources[alias]
            known = self.steps.union(read)
            joined = any(c.other is not None and c.other[0] in known for c in source.joins)
            return (bool(known) and not joined, source.rows * left[alias])

        return min(ready, key=cost)

    def _predicates(self, table: Table, found: list[Comparison], *, join: bool = False) -> tuple[Predicate, ...]:
        out: dict[tuple[str, str], Predicate] = {}
        held = {part.key for index in table.indexes for part in index.parts if part.expression}
        exact = (replace(c, key=c.exact[0], kind=c.exact[1]) if c.exact and c.exact[0] in held else c for c in found)
        for c in exact:
            constant = c.constant if c.constant in ("true", "false") or few(table, c.key) else ""
            fraction = min(max(self.fraction(table, c.key, c.kind, c.constant), 0.0), 1.0)
            have = out.get((c.key, c.kind))
            if have is not None and c.kind == RANGE:  # from … to …
                fraction = have.fraction * max(fraction, 0.1) if fraction < 1 else have.fraction
            elif have is not None and c.kind in (EQUAL, IN):
                continue
            out[c.key, c.kind] = Predicate(c.key, c.kind, fraction, constant, join)
        return tuple(out.values())


def _has(table: Table, key: str) -> bool:
    """Whether a table holds what a plain key names, as far as its columns are known."""
    return not table.columns or not key.isidentifier() or table.column(key) is not None


def _known(
    node: exp.Expression, tables: Mapping[str, Table], made: Mapping[str, exp.CTE], schemas: Collection[str]
) -> Table | None:
    """The table that something is, unless a WITH of the same name hides it, or it is of another schema."""
    if not isinstance(node, exp.Table) or (not node.db and node.name.lower() in made):
        return None
    name, schema = node.name.lower(), node.db.lower()
    known = tables.get(f"{schema}.{name}") if schema else None
    known = known or tables.get(name)
    if known is None or not schema:
        return known
    return known if schema in ((known.schema.lower(),) if known.schema else schemas or (schema,)) else None


def _named(tree: exp.Expression) -> Iterator[tuple[exp.Expression, exp.Join | None]]:
    """Every source of a level with the join that brings it."""
    if isinstance(tree, exp.Update | exp.Delete) and isinstance(tree.this, exp.Table):
        yield tree.this, None
        for join in tree.this.args.get("joins") or ():
            yield join.this, join
    source = tree.args.get("from_") or tree.args.get("from")
    if source is not None:
        yield source.this, None
        for join in source.this.args.get("joins") or ():
            yield join.this, join
    for using in tree.args.get("using") or ():
        if isinstance(using, exp.Expression):
            yield using, None
    for join in tree.args.get("joins") or ():
        yield join.this, join


def _number(value: exp.Expression | None) -> float:
    if isinstance(value, exp.Literal) and value.is_int:
        return max(float(value.name), 1.0)
    return _LIMIT


def _product(predicates: Iterator[Predicate] | tuple[Predicate, ...]) -> float:
    out = 1.0
    for predicate in predicates:
        out *= predicate.fraction
    return out
