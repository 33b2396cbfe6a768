"""True and false index advice of several tools on the executed shapes of tests/indexes, PostgreSQL with HypoPG.

    python benchmarks/index_peers.py [--random-page-cost 1.1] [--verbose]

Every advice is built and the statement timed: it is true when the plan uses it, or one of its indexes, and the
statement loses at least 80 % of its time. Whether a statement has something to gain is found by building the best of
all single columns and pairs. Statements of less than 3 ms have nothing to gain.

The peers are their published rules, written anew from their documentation and sources, for they are extensions or need
Ruby; what they read from a log, they are handed here:
- dexter (https://github.com/ankane/dexter): single columns of the statement as hypothetical indexes, then pairs; those
  that the plan uses are advised when the cost falls to half, a pair when it halves that again; plans of a cost below
  100 are left alone.
- index_advisor (https://github.com/supabase/index_advisor): a hypothetical index for each column of each table of the
  statement that no index begins with; those that the plan uses are advised.
  With `--index-advisor FILE`, its own `index_advisor--VERSION.sql` of a checkout, the function itself is asked, too.
- pg_qualstats (https://github.com/powa-team/pg_qualstats): the conditions of scans that threw away at least 1,000 rows
  and 30 % of what they read, as one index.
- django-orm-lens (https://pypi.org/project/django-orm-lens/), with `--orm-lens EXECUTABLE`: the command itself,
  `suggest-indexes`, on a Django project with each statement written as two views (it wants two sites). Statements that
  have no conditions and no order, or that only SQL can say, are not asked of it.

django-chainsaw's `indexes` needs Python 3.12 and a running project with migrations; it is not part of this.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from sqlalchemy import Connection, create_engine

from slowlint.advisor.database.explain import explain, raw
from slowlint.advisor.database.hypothetical import hypothetical
from slowlint.advisor.database.plan import of_postgresql
from slowlint.advisor.database.selectivity import Selectivity
from slowlint.linter.sql.access import EQUAL, IN, NULL, RANGE, Access, Proposal
from slowlint.linter.sql.read import accesses
from slowlint.tests.indexes import truth
from slowlint.tests.indexes.advice import Known, advised, known_of
from slowlint.tests.indexes.data import statements
from slowlint.tests.indexes.proof import FAST, WORTH
from slowlint.tests.indexes.shapes import SHAPES, Shape
from slowlint.tests.servers import postgres


@dataclass(slots=True)
class Score:
    true: int = 0
    false: int = 0
    missed: int = 0
    """Statements with something to gain that nothing was said of."""
    seconds: float = 0.0


Tool = Callable[[Connection, Known, Shape, float], Sequence[Proposal]]


def ours(connection: Connection, known: Known, shape: Shape, now: float) -> Sequence[Proposal]:
    """What `slowlint advise --database-url` says of this statement alone, sent a thousand times an hour."""
    advice = advised(connection, known, shape, now)
    return advice.proposals if advice is not None else ()


def dexter(connection: Connection, known: Known, shape: Shape, now: float) -> Sequence[Proposal]:
    before = explain(connection, shape.sql)
    if before is None or before.cost is None or before.cost < 100:
        return ()
    singles = [proposal for proposal in _named(known, shape) if not _leads(known, proposal)]
    first, one = _planned(connection, known, shape, singles)
    pairs = [
        Proposal(a.table, (*a.equal, *b.equal)) for a, b in permutations(_named(known, shape), 2) if a.table == b.table
    ]
    second, two = _planned(connection, known, shape, pairs)
    if first is not None and second is not None and second < 0.5 * min(first, before.cost):
        return two
    return one if first is not None and first < 0.5 * before.cost else ()


def index_advisor(connection: Connection, known: Known, shape: Shape, now: float) -> Sequence[Proposal]:
    tables = {proposal.table for proposal in _named(known, shape, joins=True)}
    every = [Proposal(name, (column.name,)) for name in sorted(tables) for column in known.tables[name].columns]
    return _used(connection, known, shape, [proposal for proposal in every if not _leads(known, proposal)])


def qualstats(connection: Connection, known: Known, shape: Shape, now: float) -> Sequence[Proposal]:
    raw(connection, "SAVEPOINT watched")
    answer = raw(connection, f"EXPLAIN (ANALYZE, FORMAT JSON) {truth.sql_of(shape)}").scalar()
    raw(connection, "ROLLBACK TO SAVEPOINT watched")
    out = []
    for node in of_postgresql(answer).nodes:
        if node.removed < 1_000 or node.removed < 0.3 * (node.removed + node.rows) or not node.table:
            continue
        for access in _asked(known, shape):
            kinds = (EQUAL, IN, NULL, RANGE)  # equality first, as its index advisor orders them
            keys = [p.key for kind in kinds for p in access.predicates if p.kind == kind and not p.join]
            if access.table == node.table and keys:
                out.append(Proposal(access.table, tuple(dict.fromkeys(keys))))
    return out[:1]


def supabase(script: Path) -> Tool:
    """index_advisor itself: the function that its script makes, in the database that is asked."""
    text = script.read_text()

    def tool(connection: Connection, known: Known, shape: Shape, now: float) -> Sequence[Proposal]:
        raw(connection, "SAVEPOINT advised")
        try:
            raw(connection, text)
            literal = shape.sql.replace("'", "''")
            (made,) = raw(connection, f"SELECT index_statements FROM index_advisor('{literal}')").one()
        finally:
            raw(connection, "ROLLBACK TO SAVEPOINT advised")
            raw(connection, "SELECT hypopg_reset()")
        found = (_INDEX.search(statement) for statement in made or ())
        return [Proposal(one["table"], (one["column"],)) for one in found if one is not None]

    return tool


_INDEX = re.compile(r"ON (?:\w+\.)?(?P<table>\w+)(?: USING btree)? \((?P<column>\w+)\)", re.IGNORECASE)

TOOLS: dict[str, Tool] = {
    "slowlint": ours,
    "dexter (its rule)": dexter,
    "index_advisor (its rule)": index_advisor,
    "pg_qualstats (its rule)": qualstats,
}


def orm_lens(executable: str) -> Tool:
    """django-orm-lens as a tool, its models and queries written from what a statement asks."""

    def tool(connection: Connection, known: Known, shape: Shape, now: float) -> Sequence[Proposal]:
        out: list[Proposal] = []
        for access in _asked(known, shape):
            table = known.tables[access.table]
            conditions = [
                f"{p.key}{_LOOKUPS[p.kind]}" for p in access.predicates if p.kind in _LOOKUPS and table.column(p.key)
            ]
            order = [f'"{"-" if sort.descending else ""}{sort.key}"' for sort in access.sort if table.column(sort.key)]
            if conditions or order:
                chain = f".filter({', '.join(conditions)})" if conditions else ".all()"
                chain += f".order_by({', '.join(order)})" if order else ""
                out += _suggested(executable, known, access.table, chain)
        return out

    return tool


_LOOKUPS = {EQUAL: "=1", IN: "__in=[1, 2]", RANGE: "__gt=1", NULL: "__isnull=True"}


def _suggested(executable: str, known: Known, name: str, chain: str) -> Iterator[Proposal]:
    table = known.tables[name]
    model = name.capitalize()
    fields = "".join(f"    {column.name} = models.TextField()\n" for column in table.columns if column.name != "id")
    meta = ", ".join(
        f'models.Index(fields=[{", ".join(repr(key) for key in index.keys)}], name="{index.name}")'
        for index in table.indexes
        if not index.primary
    )
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder) / "shop"
        shop.mkdir()
        (shop / "__init__.py").touch()
        (shop / "models.py").write_text(
            f"from django.db import models\n\n\nclass {model}(models.Model):\n{fields}\n"
            f'    class Meta:\n        db_table = "{name}"\n        indexes = [{meta}]\n'
        )
        views = "".join(f"\n\ndef {view}(request):\n    return {model}.objects{chain}\n" for view in ("one", "two"))
        (shop / "views.py").write_text(f"from .models import {model}\n{views}")
        ran = subprocess.run(
            [executable, "suggest-indexes", model, "--format", "json"],
            cwd=folder, capture_output=True, text=True, check=True,
        )  # fmt: skip
    for one in json.loads(ran.stdout)["proposed_indexes"]:
        yield Proposal(name, tuple(field.lstrip("-") for field in one["fields"]))


def _asked(known: Known, shape: Shape) -> list[Access]:
    rows = {name: facts.rows for name, facts in known.surveyed.facts.items() if facts.rows}
    return accesses(shape.sql, known.tables, fraction=Selectivity(known.surveyed.facts), rows=rows)


def _named(known: Known, shape: Shape, *, joins: bool = False) -> list[Proposal]:
    """Plain columns that a statement filters, joins or orders by."""
    found = []
    for access in _asked(known, shape):
        keys = [p.key for p in access.predicates] + [sort.key for sort in access.sort]
        found += [Proposal(access.table, (key,)) for key in keys if known.tables[access.table].column(key) is not None]
        if joins and not keys:
            found.append(Proposal(access.table, ("id",)))
    return list(dict.fromkeys(found))


def _leads(known: Known, proposal: Proposal) -> bool:
    return any(index.keys[0] == proposal.keys[0] and not index.where for index in known.tables[proposal.table].indexes)


def _planned(
    connection: Connection, known: Known, shape: Shape, proposals: Sequence[Proposal]
) -> tuple[float | None, Sequence[Proposal]]:
    """(cost with them, those that are used)."""
    with hypothetical(connection, proposals, known.tables) as made:
        plan = made.plan(shape.sql)
        return (plan.cost, made.used(plan)) if plan is not None else (None, ())


def _used(connection: Connection, known: Known, shape: Shape, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
    return _planned(connection, known, shape, proposals)[1]


@contextmanager
def filled(random_page_cost: float) -> Iterator[tuple[Connection, Known]]:
    with postgres.server(hypopg=True) as server, server.database() as name:
        engine = create_engine(server.url(name))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements("postgresql"):
                raw(connection, statement)
        with engine.connect() as connection:
            raw(connection, "SET max_parallel_workers_per_gather = 0")
            raw(connection, f"SET random_page_cost = {random_page_cost}")
            connection.commit()
            yield connection, known_of(connection)
            connection.rollback()
        engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--random-page-cost", type=float, default=4.0)
    parser.add_argument("--verbose", action="store_true", help="name every advice that is false and every one missed")
    parser.add_argument("--orm-lens", metavar="EXECUTABLE", help="django-orm-lens, installed anywhere")
    parser.add_argument("--index-advisor", metavar="FILE", type=Path, help="its script, of any checkout")
    chosen = parser.parse_args()
    tools = {**TOOLS, **({"django-orm-lens": orm_lens(chosen.orm_lens)} if chosen.orm_lens else {})}
    if chosen.index_advisor:
        tools["index_advisor"] = supabase(chosen.index_advisor)
    scores = {name: Score() for name in tools}
    helped = total = 0
    with filled(chosen.random_page_cost) as (connection, known):
        for shape in SHAPES:
            if shape.only not in ("", "postgresql"):
                continue
            total += 1
            now = truth.milliseconds(connection, shape)
            results: dict[tuple[Proposal, ...], bool] = {}
            said: dict[str, tuple[Proposal, ...]] = {}
            for name, tool in tools.items():
                start = time.perf_counter()
                said[name] = tuple(tool(connection, known, shape, now))
                scores[name].seconds += time.perf_counter() - start
                if said[name] and said[name] not in results:
                    results[said[name]] = _true(connection, known, shape, said[name], now)
            best = truth.best(connection, shape, known.tables, now) if now >= FAST else None
            gains = now >= FAST and (any(results.values()) or (best is not None and best.gain >= WORTH))
            helped += gains
            for name, score in scores.items():
                right = results.get(said[name])
                score.true += right is True
                score.false += right is False
                score.missed += right is None and gains
                if chosen.verbose and (right is False or (right is None and gains)):
                    told = "; ".join(
                        f"{p.table}({', '.join(p.keys)}){p.where and ' where '}{p.where}" for p in said[name]
                    )
                    print(f"{name:26} {'FALSE' if right is False else 'missed'} {shape.name:36} {now:7.2f} ms  {told}")
            connection.rollback()
    print(f"{total} statements, {helped} have something to gain; random_page_cost {chosen.random_page_cost}")
    print(f"{'':26} {'true':>5} {'false':>6} {'missed':>7} {'s':>6}")
    for name, score in scores.items():
        print(f"{name:26} {score.true:5} {score.false:6} {score.missed:7} {score.seconds:6.1f}")


def _true(connection: Connection, known: Known, shape: Shape, proposals: Sequence[Proposal], now: float) -> bool:
    if now < FAST:
        return False
    with truth.built(connection, proposals, known.tables) as names:
        plan = explain(connection, truth.sql_of(shape))
        used = plan is not None and bool(plan.indexes & set(names))
        return used and truth.milliseconds(connection, shape) <= (1.0 - WORTH) * now


if __name__ == "__main__":
    main()
