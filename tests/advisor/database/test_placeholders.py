"""Placeholders of every style, and those that stand where no database takes one."""

from __future__ import annotations

import pytest

from slowlint.advisor.database.placeholders import UnplannableError, prepared, statement_of
from slowlint.linter.model import Query

KEPT = "SELECT a FROM t WHERE "


@pytest.mark.parametrize(
    ("text", "holes", "wanted"),
    [
        (KEPT + "a = ? AND b = ?", 2, KEPT + "a = $1 AND b = $2"),
        (KEPT + "a = %s AND b LIKE 'x%%'", 1, KEPT + "a = $1 AND b LIKE 'x%%'"),
        (KEPT + "a = %(a)s OR b = %(b)s OR c = %(a)s", 2, KEPT + "a = $1 OR b = $2 OR c = $1"),
        (KEPT + "a = :a AND b::text = :b", 2, KEPT + "a = $1 AND b::text = $2"),
        (KEPT + "a = $2 AND b = $7", 2, KEPT + "a = $1 AND b = $2"),
        (KEPT + "a = ?2 AND b = ?1", 2, KEPT + "a = $1 AND b = $2"),
        (KEPT + "a = 'who?' AND \"b?\" = ? -- really?\n", 1, KEPT + "a = 'who?' AND \"b?\" = $1 -- really?"),
        (KEPT + "a = E'it\\'s ?' AND b = ?", 1, KEPT + "a = E'it\\'s ?' AND b = $1"),
        (KEPT + "a = $$ ? $$ AND b = $x$ ? $x$", 0, KEPT + "a = $$ ? $$ AND b = $x$ ? $x$"),
        (KEPT + "data ? 'key' AND data ?| array['a'] AND b = ?", 1,
         KEPT + "data ? 'key' AND data ?| array['a'] AND b = $1"),
        (KEPT + "a % 2 = 0 AND b[1:2] = ?", 1, KEPT + "a % 2 = 0 AND b[1:2] = $1"),
        (KEPT + "a > now() - INTERVAL $1", 1, KEPT + "a > now() - $1::INTERVAL"),
        (KEPT + "a > DATE $1 AND b < TIMESTAMP WITH TIME ZONE $2", 2,
         KEPT + "a > $1::DATE AND b < $2::TIMESTAMP WITH TIME ZONE"),
        (KEPT + "a = $1 LIMIT $2 OFFSET $3", 1, KEPT + "a = $1 LIMIT 100 OFFSET 0"),
        (KEPT + "extract($1 FROM b) = $2", 1, KEPT + "extract(year FROM b) = $1"),
        (KEPT + "a IN ($1 /*, ... */)", 1, KEPT + "a IN (" + ", ".join(["$1"] * 10) + ")"),
        (KEPT + "a = 1;  -- done", 0, KEPT + "a = 1"),
    ],
)  # fmt: skip
def test_holes_are_numbered(text: str, holes: int, wanted: str) -> None:
    got = prepared(text)
    assert (got.text, got.holes) == (wanted, holes)


@pytest.mark.parametrize(
    "text",
    ["SELECT 1; DROP TABLE t", "VACUUM", "", "COMMIT; SELECT 1", "/* SELECT */ CALL f()", "SELECT 1 /* ; */; SELECT 2",
     "SELECT " + "1, " * 40_000 + "1", "EXPLAIN ANALYZE SELECT 1", "COPY t TO PROGRAM 'rm'"],
)  # fmt: skip
def test_what_is_no_single_statement_is_refused(text: str) -> None:
    with pytest.raises(UnplannableError):
        prepared(text)


def test_a_known_number_of_rows_is_the_limit() -> None:
    assert prepared(KEPT + "a = ? LIMIT ?", rows=20).text.endswith("LIMIT 20")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (Query("SELECT", ("t",), ("a", "t.b"), ("-c",)), "SELECT * FROM t WHERE a = ? AND t.b = ? ORDER BY c DESC"),
        (Query("UPDATE", ("Order",), ("id",)), 'SELECT * FROM "Order" WHERE id = ?'),
        (Query("DELETE", ("t",), ("a",)), "DELETE FROM t WHERE a = ?"),
        (Query("SELECT", ("t", "u"), ("u.a",)), ""),
        (Query("SELECT", ("t",)), ""),
        (Query("INSERT", ("t",), ("a",)), ""),
    ],
)
def test_a_prediction_becomes_sql(query: Query, wanted: str) -> None:
    assert statement_of(query) == wanted
