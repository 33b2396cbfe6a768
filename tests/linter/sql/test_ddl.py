"""Scripts of three databases: what they declare, where, and what is passed over."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from slowlint.linter.sql.access import EQUAL, Access, Predicate, best
from slowlint.linter.sql.ddl import changes, fold, read_script
from slowlint.linter.sql.script import declares, dialect_of, pieces
from slowlint.linter.sql.spelling import condition, expression
from slowlint.linter.sql.tables import Table, TableIndex

DUMP = r"""
-- PostgreSQL database dump
\connect app
SET statement_timeout = 0;
CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN CREATE TABLE nope (id int); RETURN NEW; END; $$;
CREATE TABLE public.orders (
    id bigint NOT NULL,
    email character varying(255),
    "Status" text DEFAULT 'it''s; ok'::text,
    paid boolean,
    customer_id integer REFERENCES customers(id) ON DELETE CASCADE,
    CONSTRAINT pair UNIQUE (email, paid)
);
COPY public.orders (id, email) FROM stdin;
1	CREATE TABLE bad (x int);
2	it's
\.
CREATE TABLE broken (id int
  b text;
ALTER TABLE ONLY public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS latest ON public.orders USING btree
  (lower((email)::text) text_pattern_ops DESC NULLS LAST, id) INCLUDE (customer_id)
  WHERE ((paid = true) AND (("Status")::text = 'q'::text));
CREATE INDEX words ON elsewhere USING gin (document jsonb_path_ops);
"""

MYSQL = r"""
/*!40101 SET NAMES utf8 */;
DROP TABLE IF EXISTS `o`;
CREATE TABLE `o` (
  `id` int unsigned NOT NULL AUTO_INCREMENT, `s` enum('a','b;c\'') DEFAULT NULL, t text, p int,
  PRIMARY KEY (`id`), UNIQUE KEY `u` (`s`,`t`(20)), KEY `k` (`s` DESC), FULLTEXT KEY `ft` (`t`),
  CONSTRAINT `fk` FOREIGN KEY (`p`) REFERENCES `p` (`id`) ON DELETE CASCADE) ENGINE=InnoDB;
INSERT INTO `o` VALUES (1,'a','it\'s; create table x (id int)');
DELIMITER ;;
CREATE PROCEDURE x() BEGIN CREATE TABLE zz (id int); END ;;
DELIMITER ;
CREATE INDEX later ON o (t(10), id);
ALTER TABLE `o` ADD KEY `two` (`p`,`s`), DROP INDEX `k`;
"""


def told(table: Table) -> list[str]:
    return sorted(one(index) for index in table.indexes)


def one(index: TableIndex) -> str:
    parts = ",".join(
        f"{part.key}{' ' + part.opclass if part.opclass else ''}{' desc' if part.descending else ''}"
        + {None: "", True: " first", False: " last"}[part.nulls_first]
        for part in index.parts
    )
    words = ["primary" if index.primary else "unique" if index.unique else "", index.name, f"({parts})"]
    words += [
        index.method if index.method != "btree" else "",
        f"include {','.join(index.include)}" * bool(index.include),
    ]
    words += [f"where {index.where}" if index.where else "", "constraint" if index.constraint else ""]
    return " ".join(word for word in words if word)


def only(text: str, dialect: str = "") -> Table:
    (table,) = read_script(text, "a.sql", dialect).tables
    return table


def test_a_dump_of_postgresql() -> None:
    script = read_script(DUMP, "dump.sql")
    elsewhere, orders = script.tables
    assert told(orders) == [
        "latest (lower(email) text_pattern_ops desc last,id) include customer_id where paid AND status = 'q'",
        "primary orders_pkey (id) constraint",
        "unique pair (email,paid) constraint",
    ]
    assert [(c.name, c.type, c.nullable, c.few) for c in orders.columns] == [
        ("id", "bigint", False, False),
        ("email", "varchar(255)", True, False),
        ("Status", "text", True, False),
        ("paid", "boolean", True, True),
        ("customer_id", "int", True, False),
    ]
    (key,) = orders.foreign_keys
    assert (key.columns, key.table, key.target, key.cascades) == (("customer_id",), "customers", ("id",), True)
    assert (elsewhere.columns, told(elsewhere)) == ((), ["words (document jsonb_path_ops) gin"])
    assert [(p.path, p.line) for p in script.problems] == [("dump.sql", 19)]
    lines = DUMP.splitlines()
    for index in (None, *orders.indexes):
        place = script.place(orders, index)
        assert place is not None
        assert (index.name if index is not None and index.name != "pair" else "orders (") in lines[place[1] - 1]


def test_a_dump_of_mysql() -> None:
    table = only(MYSQL)
    assert told(table) == [
        "(p)",
        "ft (t) fulltext",
        "later (t (10),id)",
        "primary (id) constraint",
        "two (p,s)",
        "unique u (s,t (20)) constraint",
    ]
    assert [c.few for c in table.columns] == [False, True, False, False]


def test_a_script_of_sqlite() -> None:
    text = """
    PRAGMA foreign_keys = ON;
    CREATE TABLE o (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE NOCASE UNIQUE ON CONFLICT IGNORE, b, key text);
    CREATE TRIGGER t AFTER INSERT ON o BEGIN UPDATE o SET b = 1; END;
    CREATE INDEX i ON o (a COLLATE NOCASE, b DESC) WHERE b IS NOT NULL;
    CREATE INDEX k ON o (key);
    """
    assert dialect_of(text) == "sqlite"
    assert told(only(text)) == [
        "i ((a collate nocase),b desc) where b IS NOT NULL",
        "k (key)",
        "primary (id) constraint",
        "unique (a) constraint",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alter table t add column z int unique references p", ["unique (z) constraint"]),
        ("alter table t add constraint u unique (a, b)", ["unique u (a,b) constraint"]),
        ("create unique index i on t (a); alter table t add constraint u unique using index i", ["unique u (a) constraint"]),  # noqa: E501
        ("create index i on t (a); drop index i", []),
        ("create index i on t (a); drop index concurrently if exists public.i", []),
        ("create index i on t (a); alter index i rename to j", ["j (a)"]),
        ("create index i on t (a, b); alter table t rename column a to c", ["i (c,b)"]),
        ("create index i on t (a, b); alter table t drop column b", []),
        ("create index if not exists i on t (a); create index if not exists i on t (b)", ["i (a)"]),
        ("create index i on t using brin (a)", ["i (a) brin"]),
        ("create index i on t ((a || b), date(c))", ["i ((a || b),date(c))"]),
        ("create index i on t (a) -- why; not\n;create index j on t /* ; */ (b)", ["i (a)", "j (b)"]),
        ("create index i on t (a);\n-- migrate:down\ndrop index i;", ["i (a)"]),
        ("-- +goose Up\ncreate index i on t (a);\n-- +goose Down\ndrop index i;", ["i (a)"]),
        ("create temporary table other (a int primary key); create index i on t (a)", ["i (a)"]),
        ("alter table t add constraint u unique (a); alter table t drop constraint u", []),
        ('create index I on T (A, "B")', ["i (a,b)"]),
    ],
)  # fmt: skip
def test_what_is_left_of_a_table(text: str, expected: list[str]) -> None:
    script = read_script(f"create table t (a int, b int, c timestamp);\n{text}", "a.sql")
    assert script.problems == ()
    assert [told(table) for table in script.tables if table.name == "t"] == [expected]


def test_files_are_put_together() -> None:
    first, _ = changes("create table t (a int);", "1.sql")
    second, _ = changes("create index i on t (a);\nalter table t rename to u;", "2.sql")
    third, _ = changes("drop table if exists gone;\ncreate index j on u (b);", "3.sql")
    script = fold([("1.sql", first), ("2.sql", second), ("3.sql", third)])
    (table,) = script.tables
    assert (table.name, told(table)) == ("u", ["i (a)", "j (b)"])
    assert [script.place(table, index) for index in table.indexes] == [("2.sql", 1), ("3.sql", 2)]


def test_indexes_of_scripts_serve_what_statements_ask() -> None:
    table = only("create table t (id int primary key, email text); create index e on t (lower((email)::text));")
    asked = Access("t", (Predicate("lower(email)", EQUAL, 1e-6),))
    path = best(table, asked)
    assert path.index is not None
    assert path.index.name == "e"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(deleted_at IS NULL)", "deleted_at IS NULL"),
        ("NOT (deleted_at IS NULL)", "deleted_at IS NOT NULL"),
        ("(NOT active)", "NOT active"),
        ("active IS FALSE", "NOT active"),
        ("active = true", "active"),
        ("((a > 0) AND ((b = 1) OR (c = 2)))", "a > 0 AND (b = 1 OR c = 2)"),
        ("((status)::text = ANY (ARRAY['a'::text, 'b'::text]))", "status = ANY(array['a', 'b'])"),
        ("not ((", "not (("),
    ],
)
def test_conditions_in_one_spelling(text: str, expected: str) -> None:
    assert condition(text).replace("ANY (", "ANY(").lower() == expected.lower()


def test_expressions_in_one_spelling() -> None:
    same = {expression(text) for text in ("lower((email)::text)", "LOWER(email)", '(lower("email"))', "lower(t.email)")}
    assert same == {"lower(email)"}


def test_what_declares_nothing_is_not_parsed() -> None:
    code = (
        "import sys; from slowlint.linter.sql.script import declares, pieces;"
        "assert not declares('insert into t values (1)'); list(pieces('select 1;', 'postgres'));"
        "assert 'sqlglot' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_data_is_passed_over_quickly() -> None:
    row = "INSERT INTO t VALUES (1, 'it''s; a \\ string', \"x\");\n"
    text = "CREATE TABLE t (a int);\n" + row * 40_000 + "CREATE INDEX i ON t (a);"
    start = time.perf_counter()
    assert told(only(text)) == ["i (a)"]
    assert time.perf_counter() - start < 2.0


def test_nothing_breaks_it() -> None:
    chosen = random.Random(7)
    for whole, dialect in ((DUMP, "postgres"), (MYSQL, "mysql")):
        for _ in range(60):
            text = list(whole)
            for _ in range(chosen.randrange(1, 8)):
                place = chosen.randrange(len(text))
                text[place : place + chosen.randrange(9)] = chosen.choice(
                    ["(", ")", "'", '"', "`", "$$", ";", "/*", "--", "\0", "é", "", "\\", "delimiter x\n"]
                )
            read_script("".join(text), "a.sql", chosen.choice([dialect, ""]))
    assert list(pieces("create table t (" + "(" * 100_000, "postgres"))
    assert read_script("create table t (" + "(" * 3_000, "a.sql").tables == ()
    assert declares("CREATE UNIQUE INDEX x ON y (z)")


def test_names_are_the_databases_own() -> None:
    text = 'CREATE TABLE Orders (Id int, "Name" text);'
    assert [(t.name, [c.name for c in t.columns]) for t in read_script(text, "a.sql").tables] == [
        ("orders", ["id", "Name"])
    ]
    assert only(text, "mysql").name == only(text, "sqlite").name == "Orders"
