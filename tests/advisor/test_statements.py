"""SQL in every spelling becomes comparable, and never keeps a literal."""

from __future__ import annotations

import random

import pytest

from slowlint.advisor import statements
from slowlint.linter.model import Query

SAME = [
    [
        "SELECT a.id FROM accounts a WHERE a.owner_id = %s AND a.kind IN (%s, %s)",
        "select a.id from accounts a\n  where a.owner_id = $1 and a.kind in ($2,$3,$4)",
        "SELECT a.id FROM accounts a WHERE a.owner_id = %(owner)s AND a.kind IN (%(kind_1)s)",
        "SELECT a.id FROM accounts a WHERE a.owner_id = :owner AND a.kind IN (__[POSTCOMPILE_kind_1])",
        "SELECT a.id FROM accounts a WHERE a.owner_id=17 AND a.kind IN ('it''s', 'b')",
        "SELECT a.id FROM accounts a WHERE a.owner_id = -17.5e3 AND a.kind IN (?) -- by app/views.py",
        "/*route='x',traceparent='00-ab'*/ SELECT a.id FROM accounts a WHERE a.owner_id = @p1 AND a.kind IN (?1, ?2);",
        "SELECT a.id FROM accounts a WHERE a.owner_id = $1::INTEGER AND a.kind IN ($2::VARCHAR, $3::VARCHAR(20))",
    ],
    [
        "INSERT INTO t (a, b) VALUES (%s, %s)",
        "insert into t(a,b) values (1, 'x'), (2, 'y'), (3, 'z')",
        "INSERT INTO t (a, b) VALUES ($1::TIMESTAMP WITHOUT TIME ZONE, $2::double precision), ($3, $4)",
        "INSERT INTO t (a, b) VALUES (?, ?), (?, ?), (?",
    ],
    [
        'SELECT "t"."x" FROM "t" WHERE "t"."y" LIKE %s LIMIT 21',
        'SELECT "t"."x" FROM "t" WHERE "t"."y" LIKE \'%%a%%\' LIMIT %s',
        'SELECT "t"."x" FROM "t" WHERE "t"."y" LIKE E\'a\\\'b\' LIMIT 21',
        'SELECT "t"."x" FROM "t" WHERE "t"."y" LIKE $tag$it\'s$tag$ LIMIT 21',
    ],
]


@pytest.mark.parametrize("spellings", SAME, ids=["select", "insert", "quoted"])
def test_spellings_of_one_statement_have_one_fingerprint(spellings):
    assert len({statements.normalise(text) for text in spellings}) == 1
    assert len({statements.fingerprint(text) for text in spellings}) == 1


def test_different_statements_stay_different():
    texts = [
        "SELECT a FROM t WHERE b = ?",
        "SELECT a FROM t WHERE c = ?",
        "SELECT a FROM t",
        "SELECT a FROM T2 WHERE b = ?",
        'SELECT "A" FROM t WHERE b = ?',
        "SELECT a FROM t WHERE b IS NULL",
        "SELECT a FROM t WHERE b = ? ORDER BY a DESC",
        "DELETE FROM t WHERE b = ?",
    ]
    assert len({statements.fingerprint(text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("SELECT  *\n\tFROM a -- secret\n", "SELECT * FROM a"),
        ('SELECT a1, t1.c2 FROM x9 WHERE "c 3" = 4', 'SELECT a1, t1.c2 FROM x9 WHERE "c 3" = ?'),
        ("select x::int, y->>'k' from t", "SELECT x::int, y ->> ? FROM t"),
        ("SELECT c - 2, (-3), .5 FROM t", "SELECT c - ?, (?), ? FROM t"),
        ("select count(*), max(t.date) from t", "SELECT COUNT(*), MAX(t.date) FROM t"),
        ("SELECT 'C:\\' , 'secret'", "SELECT ?, ?"),
        ("SELECT 'it\\'s secret', 'b'", "SELECT ?, ?"),
        ("SELECT x FROM t WHERE a = 'unterminated secr", "SELECT x FROM t WHERE a = ?"),
        ("SELECT x FROM t WHERE a IN (1, 2, 3", "SELECT x FROM t WHERE a IN (?"),
        ('SELECT `a` FROM `t` WHERE b = "secret" # secret', "SELECT `a` FROM `t` WHERE b = ?"),
        ("SELECT 10 %% 3", "SELECT ? % ?"),
        ("SELECT a FROM t WHERE (a,b) IN ((1,2),(3,4))", "SELECT a FROM t WHERE (a, b) IN ((?, ?))"),
        ("SELECT X'00FF', N'x', _utf8'x'", "SELECT ?, ?, ?"),
        ("SAVEPOINT s1", "SAVEPOINT s1"),
        ("", ""),
    ],
)
def test_normalised_text(text, normalised):
    assert statements.normalise(text) == normalised


def test_double_quotes_are_strings_in_mysql_only():
    text = 'SELECT a FROM t WHERE b = "secret"'
    assert statements.normalise(text) == text
    assert statements.normalise(text, system="mysql") == "SELECT a FROM t WHERE b = ?"


@pytest.mark.parametrize("text", [text for spellings in SAME for text in spellings] + ["SELECT 1", "BEGIN"])
def test_normalising_again_changes_nothing(text):
    once = statements.normalise(text)
    assert statements.normalise(once) == once


def test_no_cut_reveals_a_literal():
    text = (
        "INSERT INTO t (a, b) VALUES ('secret one', 'it''s secret'), (E'se\\'cret', $$secret$$) /* secret */ -- secret"
    )
    for at in range(len(text)):
        assert "ecre" not in statements.normalise(text[:at]), text[:at]


def test_noise_and_size_do_no_harm():
    chance = random.Random(3)
    alphabet = "'\"`$%:@?/*-#\\()[],.;= \nabcSELECT 0123"
    for _ in range(300):
        text = "SELECT " + "".join(chance.choice(alphabet) for _ in range(200))
        assert len(statements.fingerprint(text)) == 16
        statements.shape(text)
    for text in (
        "SELECT a FROM t WHERE " + "(" * 10_000,
        "SELECT a FROM t WHERE b IN (" + "1, " * 200_000,
        "INSERT INTO t (a, b) VALUES " + "(1, 'x'), " * 100_000,
        "SELECT " + "'" * 99_999,
        "SELECT " + "$a$ /* " * 20_000,
    ):
        assert len(statements.normalise(text)) < 40_000
    assert statements.shape("SELECT a FROM t WHERE " + "(" * 10_000) == Query("SELECT", ("t",))
    assert statements.shape("INSERT INTO t (a, b) VALUES " + "(1, 'x'), " * 100_000) == Query("INSERT", ("t",))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        (
            'SELECT "d"."id" FROM "dcim_device" "d" INNER JOIN "dcim_site" ON ("d"."site_id" = "dcim_site"."id") '
            'WHERE ("d"."role_id" = %s AND "dcim_site"."slug" IN (%s, %s)) '
            'ORDER BY "d"."name" ASC, "d"."id" DESC LIMIT 1',
            Query(
                "SELECT",
                ("dcim_device", "dcim_site"),
                ("dcim_device.role_id", "dcim_site.slug"),
                ("dcim_device.name", "-dcim_device.id"),
            ),
        ),
        (
            "SELECT orders.id AS orders_id FROM orders WHERE %(param_1)s = orders.customer_id",
            Query("SELECT", ("orders",), ("orders.customer_id",)),
        ),
        (
            "SELECT anon_1.id, u.name FROM (SELECT p.id AS id FROM posts AS p WHERE p.draft = ? ORDER BY p.at DESC "
            "LIMIT ?) AS anon_1 LEFT OUTER JOIN users AS u ON u.id = anon_1.user_id",
            Query("SELECT", ("users", "posts"), ("posts.draft",), ("-posts.at",)),
        ),
        ("UPDATE users SET seen = NOW() WHERE id = 7", Query("UPDATE", ("users",), ("id",))),
        ("DELETE FROM public.users WHERE users.id = $1", Query("DELETE", ("users",), ("users.id",))),
        ("INSERT INTO users (name) VALUES ('x') RETURNING id", Query("INSERT", ("users",))),
        ("WITH c AS (SELECT id FROM foo) SELECT * FROM bar JOIN c ON c.id = bar.id", Query("SELECT", ("bar", "foo"))),
        ("SELECT a FROM t WHERE b = 'cut of", Query("SELECT", ("t",), ("b",))),
        ("SELECT a, b FROM t WHERE b IN (1, 2", Query("SELECT", ("t",))),
        ("SELECT a, b, CASE WHEN", None),
        ("BEGIN", None),
        ("SHOW standard_conforming_strings", None),
        ("", None),
    ],
)
def test_shape(text, query):
    assert statements.shape(text) == query
