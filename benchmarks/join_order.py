"""Index advice for the Join Order Benchmark: 113 joins of up to 17 tables, its schema and its foreign-key indexes.

    python benchmarks/join_order.py PATH

PATH is a checkout of https://github.com/gregrahn/join-order-benchmark (V. Leis et al., "How Good Are Query Optimizers,
Really?", VLDB 2015), which is not part of this repository. Prints how many statements are read, the time that it takes
with the import of the parser, and what would be advised: with the foreign-key indexes, and without them, where those
that the script makes are what should be found. Exits with 1 when a statement is not read, a table of one is missed,
advice takes more than two seconds of CPU time, or something is advised that an index does already.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from slowlint.linter.sql.access import Proposal
    from slowlint.linter.sql.tables import Table

STATEMENTS: Final = 113
SECONDS: Final = 2.0
ROWS: Final = {
    "aka_name": 901_343, "aka_title": 361_472, "cast_info": 36_244_344, "char_name": 3_140_339, "comp_cast_type": 4,
    "company_name": 234_997, "company_type": 4, "complete_cast": 135_086, "info_type": 113, "keyword": 134_170,
    "kind_type": 7, "link_type": 18, "movie_companies": 2_609_129, "movie_info": 14_835_720,
    "movie_info_idx": 1_380_035, "movie_keyword": 4_523_930, "movie_link": 29_997, "name": 4_167_491,
    "person_info": 2_963_664, "role_type": 12, "title": 2_528_312,
}  # fmt: skip
"""Rows of the data set's tables, as its paper's authors publish it."""
_NAMED: Final = re.compile(r"^\s*(?:FROM\s+)?(\w+)(?:\s+AS\s+\w+)?\s*,?\s*$", re.IGNORECASE)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Index advice for the Join Order Benchmark.")
    parser.add_argument("path", type=Path, help="a checkout of github.com/gregrahn/join-order-benchmark")
    folder: Path = parser.parse_args(arguments).path
    texts = {file.stem: file.read_text("utf-8") for file in folder.glob("*.sql") if file.stem[0].isdigit()}
    schema, keys = ((folder / name).read_text("utf-8") for name in ("schema.sql", "fkindexes.sql"))

    start, used = time.perf_counter(), time.process_time()
    from slowlint.linter.sql.ddl import read_script  # the import of the parser counts

    script = read_script(f"{schema}\n{keys}", "schema.sql")
    tables = {table.name: table for table in script.tables}
    missed, advised = advice(texts, tables, {})
    seconds, used = time.perf_counter() - start, time.process_time() - used

    bare = {table.name: table for table in read_script(schema, "schema.sql").tables}
    wrong = [proposal for proposal in advised if _is_held(proposal, tables[proposal.table])]
    counted = advice(texts, tables, ROWS)[1]
    wrong += [proposal for proposal in counted if _is_held(proposal, tables[proposal.table])]
    found = {(p.table, p.keys) for p in advice(texts, bare, ROWS)[1]}
    made = {(t.name, i.keys) for t in tables.values() for i in t.indexes if not i.primary}

    print(f"{len(texts)} statements, {len(missed)} not read whole {' '.join(missed)}")
    print(f"{len(tables)} tables, {len(script.problems)} statements of the schema not read")
    print(f"{used:.2f} s of CPU time with the import of the parser, {seconds:.2f} s by the clock")
    _print("with the foreign-key indexes, rows not known", advised, tables)
    _print("with the foreign-key indexes, rows known", counted, tables)
    print(f"without them: {len(found & made)} of {len(made)} are found, and {len(found - made)} others")
    print(f"{len(wrong)} of what is advised is there already")
    good = len(texts) == STATEMENTS and not missed and not script.problems and not wrong and used <= SECONDS
    return 0 if good else 1


def advice(texts: dict[str, str], tables: dict[str, Table], rows: dict[str, float]) -> tuple[list[str], list[Proposal]]:
    """(statements of which a table is missed, indexes that would serve the others)."""
    from slowlint.linter.sql.access import merged, proposed
    from slowlint.linter.sql.read import accesses

    missed: list[str] = []
    proposals: list[Proposal] = []
    for name, text in sorted(texts.items()):
        asked = accesses(text, tables, rows=rows)
        if sorted(access.table for access in asked) != _tables_of(text, tables):
            missed.append(name)
        found = (proposed(tables[access.table], access) for access in asked)
        proposals += [proposal for proposal in found if proposal is not None]
    return missed, merged(proposals)


def _tables_of(text: str, tables: dict[str, Table]) -> list[str]:
    """The tables of a statement, told by its lines: its FROM has one on each."""
    lines = text[text.upper().index("FROM") : text.upper().index("WHERE")].splitlines()
    return sorted(found[1] for line in lines if (found := _NAMED.match(line)) is not None and found[1] in tables)


def _is_held(proposal: Proposal, table: Table) -> bool:
    """Whether an index of the table begins with the columns of a proposal."""
    return any(
        index.keys[: len(proposal.keys)] == proposal.keys and index.method == "btree" and not index.where
        for index in table.indexes
    )


def _print(title: str, proposals: list[Proposal], tables: dict[str, Table]) -> None:
    from slowlint.linter.sql.write import create_index

    print(f"{title}: {len(proposals)} indexes are advised")
    for proposal in proposals:
        print(f"  {create_index(proposal, tables[proposal.table])}  -- {len(proposal.accesses)} accesses")


if __name__ == "__main__":
    sys.exit(main())
