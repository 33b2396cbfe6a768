"""The advice that is put to the proof: asked as the command asks it, from a catalogue, statistics and the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, inspect

from slowlint.advisor.database.choose import Choice, choose
from slowlint.advisor.database.explain import raw
from slowlint.advisor.database.price import saved
from slowlint.advisor.model import Interval
from slowlint.linter.sql.access import EQUAL, IN, NOT_NULL, NULL, RANGE
from slowlint.linter.sql.fractions import Fraction, thumb
from slowlint.linter.sql.read import accesses
from slowlint.linter.sql.tables import Part, Table, TableColumn, TableIndex
from slowlint.tests.indexes.data import INDEXES, TABLES
from slowlint.tests.indexes.shapes import Shape

_LISTED = 10  # values of a list, when nobody says how many
_SAMPLE = 50  # every so manieth row


@dataclass(frozen=True, slots=True)
class Advice:
    choice: Choice
    promise: Interval
    """ms of one call."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a database before it is asked about statements."""

    tables: Mapping[str, Table]
    rows: Mapping[str, float]
    fraction: Fraction
    random_page_cost: float


def advised(connection: Connection, known: Known, shape: Shape, now_ms: float) -> Advice | None:
    """What would be promised for a statement that takes `now_ms`."""
    dialect = "postgres" if connection.dialect.name == "postgresql" else "sqlite"
    asked = accesses(shape.sql, known.tables, dialect=dialect, fraction=known.fraction, rows=known.rows)
    choice = choose(connection, shape.sql, asked, known.tables)
    if choice is None:
        return None
    promise = saved(now_ms, choice.before, choice.after, random_page_cost=known.random_page_cost)
    return Advice(choice, promise) if promise is not None and promise.low > 0 else None


def known_of(connection: Connection) -> Known:
    """Reads the catalogue and statistics."""
    tables = {name: _table(connection, name) for name in TABLES}
    rows = {name: float(count) for name, (_, count) in TABLES.items()}
    if connection.dialect.name == "postgresql":
        page = float(str(raw(connection, "SHOW random_page_cost").scalar()))
        return Known(tables, rows, _fraction(_pg_stats(connection)), page)
    return Known(tables, rows, _fraction(_sampled(connection)), 1.0)


def _table(connection: Connection, name: str) -> Table:
    seen = inspect(connection)
    columns = tuple(
        TableColumn(column["name"], str(column["type"]), bool(column["nullable"])) for column in seen.get_columns(name)
    )
    primary = TableIndex((Part("id"),), f"{name}_pkey", unique=True, primary=True)
    indexes = tuple(
        TableIndex(
            tuple(Part(str(column)) for column in index["column_names"]),
            str(index["name"]),
            unique=bool(index["unique"]),
            where="NOT deleted" if index["name"] == "account_name" else "",
        )
        for index in seen.get_indexes(name)
    )
    assert len(indexes) == sum(f"ON {name} " in text for text in INDEXES)
    return Table(name, columns, (primary, *indexes))


@dataclass(frozen=True, slots=True)
class _Spread:
    """How the values of one column are spread."""

    nulls: float
    distinct: float
    common: Mapping[str, float]
    sample: tuple[object, ...] = ()
    """Values in their order, where no planner is asked for ranges."""


def _pg_stats(connection: Connection) -> dict[tuple[str, str], _Spread]:
    asked = (
        "SELECT tablename, attname, null_frac, n_distinct, most_common_vals::text::text[], most_common_freqs "
        "FROM pg_stats WHERE schemaname = 'public'"
    )
    out = {}
    for table, column, nulls, distinct, values, shares in raw(connection, asked):
        rows = TABLES[table][1]
        common = dict(zip(values or (), shares or (), strict=True))
        out[table, column] = _Spread(nulls, distinct if distinct > 0 else -distinct * rows, common)
    return out


def _sampled(connection: Connection) -> dict[tuple[str, str], _Spread]:
    out = {}
    for table, (columns, rows) in TABLES.items():
        every = _SAMPLE if rows > 100_000 else 1
        for column, _, _ in columns:
            values = [value for (value,) in raw(connection, f"SELECT {column} FROM {table} WHERE id % {every} = 0")]
            counts = Counter(str(value) for value in values if value is not None)
            filled = sorted(value for value in values if value is not None)
            once = sum(count == 1 for count in counts.values())
            distinct = len(counts) * (every if once > 0.9 * len(counts) else 1)
            common = {value: count / len(values) for value, count in counts.items() if count > len(values) * 0.002}
            out[table, column] = _Spread(1.0 - len(filled) / len(values), distinct, common, tuple(filled))
    return out


def _fraction(spreads: Mapping[tuple[str, str], _Spread]) -> Fraction:
    def fraction(table: Table, key: str, kind: str, constant: str) -> float:
        spread = spreads.get((table.name.lower(), key))
        if spread is None:
            return thumb(table, key, kind, constant)
        rest = max(1.0 - spread.nulls - sum(spread.common.values()), 0.0)
        one = rest / max(spread.distinct - len(spread.common), 1.0)
        if kind == NULL:
            return spread.nulls
        if kind == NOT_NULL:
            return 1.0 - spread.nulls
        if kind == EQUAL and constant:
            value = constant.strip("'")
            return spread.common.get(_BOOLEANS.get(value.lower(), value), spread.common.get(value.lower()[:1], one))
        if kind in (EQUAL, IN) and not constant:
            each = (1.0 - spread.nulls) / max(spread.distinct, 1.0)
            return each if kind == EQUAL else min(_LISTED * each, 1.0)
        if kind == IN:
            values = [value.strip().strip("'") for value in constant.split(",")]
            return min(sum(spread.common.get(value, one) for value in values), 1.0)
        if kind == RANGE:
            return _share(spread.sample, constant)
        return thumb(table, key, kind, constant)

    return fraction


def _share(sample: Sequence[object], constant: str) -> float:
    """The part of a sample that one range leaves; a third, PostgreSQL's default, when it varies."""
    words = re.findall(r"'[^']*'|\S+", constant)
    if not sample or not words:
        return 1.0 / 3.0
    ends = [word.strip("'") if isinstance(sample[0], str) else _number(word) for word in words[1::2]]
    if any(end is None for end in ends):
        return 1.0 / 3.0
    below = [bisect_left(sample, end) / len(sample) for end in ends]  # type: ignore[type-var]
    share = below[-1] - below[0] if len(below) == 2 else below[0] if words[0][0] == "<" else 1.0 - below[0]
    return max(share, 1e-6)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


_BOOLEANS = {"true": "1", "false": "0"}
