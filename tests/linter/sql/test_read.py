"""What statements ask of tables, in three dialects and every style of placeholder."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from slowlint.linter.sql.access import Access, proposed
from slowlint.linter.sql.read import accesses
from slowlint.linter.sql.tables import ForeignKey, Part, Table, TableColumn, TableIndex


def table(name: str, *columns: str, keys: tuple[ForeignKey, ...] = ()) -> Table:
    primary = TableIndex((Part("id"),), f"{name}_pkey", unique=True, primary=True)
    return Table(name, tuple(TableColumn(c) for c in ("id", *columns)), (primary,), keys)


TABLES = {
    each.name: each
    for each in (
        table("orders", "shop_id", "customer_id", "reference", "placed", "status", "note", "paid"),
        table("lines", "order_id", "sku", "price"),
        table("customers", "email", "name"),
    )
}


def told(access: Access) -> str:
    """`orders: reference= placed~ order -placed limit 10`, for a reader."""
    words = {"=": "=", "in": " in", "range": "~", "null": " null"}
    said = [
        f"{p.key}{words.get(p.kind, ' ' + p.kind)}{'(join)' if p.join else ''}{p.constant}" for p in access.predicates
    ]
    said += ["order " + ",".join(f"{'-' if s.descending else ''}{s.key}" for s in access.sort)] if access.sort else []
    said += [f"limit {access.limit:g}"] if access.limit else []
    return f"{access.table}: {'; '.join(said)}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select * from orders where reference = $1", ["orders: reference="]),
        ('SELECT "orders"."id" FROM "orders" WHERE "orders"."reference" = %s LIMIT 21', ["orders: reference=; limit 21"]),  # noqa: E501
        ("select * from public.orders o where o.reference = %(reference)s and o.placed >= :since", ["orders: reference=; placed~"]),  # noqa: E501
        ("select * from orders where reference in (?, ?) and shop_id in (?)", ["orders: reference in; shop_id="]),
        ("select * from orders where reference = any($1)", ["orders: reference in"]),
        ("select * from orders where reference = ? or reference = ?", ["orders: reference in"]),
        ("select * from orders where placed between ? and ?", ["orders: placed~"]),
        ("select * from orders where placed > ? and placed < ?", ["orders: placed~"]),
        ("select * from orders where 5 < placed", ["orders: placed~"]),
        ("select * from orders where paid and not status is null", ["orders: paid=true; status not null"]),
        ("select * from orders where not paid and note is null", ["orders: paid=false; note null"]),
        ("select * from orders where not (note is not null)", ["orders: note null"]),
        ("select * from orders where not (paid or note is not null)", ["orders: paid=false; note null"]),
        ("select * from orders where paid is true", ["orders: paid=true"]),
        ("select * from orders where status = 'Queued'", ["orders: status='Queued'"]),
        ("select * from orders where note like 'abc%'", ["orders: note prefix"]),
        ("select * from orders where note like '%abc'", ["orders: note pattern"]),
        ("select * from orders where note like ?", ["orders: note pattern"]),
        ("select * from orders where note ilike 'abc%'", ["orders: note pattern"]),
        ("select * from orders where lower(note) = lower(?)", ["orders: lower(note)="]),
        ("select * from orders where placed::date = ?", ["orders: placed expression"]),
        ("select * from orders where shop_id + 1 = ?", ["orders: shop_id expression"]),
        ("select * from orders where reference <> ? and shop_id not in (?)", ["orders: reference not; shop_id not"]),
        ("select * from orders where (placed, id) > (?, ?) order by placed, id limit 20", ["orders: placed~; order placed,id; limit 20"]),  # noqa: E501
        ("select id, placed p from orders order by p desc limit 10 offset 90", ["orders: order -placed; limit 100"]),
        ("select id, placed from orders order by 2 limit ?", ["orders: order placed; limit 100"]),
        ("select shop_id, count(*) from orders group by shop_id order by 2 desc limit 5", ["orders: "]),
        ("select max(placed) from orders where shop_id = ?", ["orders: shop_id=; order -placed; limit 1"]),
        ("select distinct shop_id from orders order by shop_id limit 5", ["orders: "]),
        ("update orders set note = ? where reference = ?", ["orders: reference="]),
        ("delete from orders where reference = ?", ["orders: reference="]),
        ("select 1 from unknown where a = ?", []),
        ("select * from orders where unknown.a = ?", ["orders: "]),
        ("insert into orders (note) select name from customers where email = ?", ["customers: email="]),
        ("select 1; select * from orders where reference = ?", ["orders: reference="]),
        ("select * from orders where note = 'a:b ? $1 %s' and reference = ?", ["orders: note=; reference="]),
    ],
)  # fmt: skip
def test_one_table(text: str, expected: list[str]) -> None:
    assert [told(a) for a in accesses(text, TABLES)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "select * from orders o join lines l on l.order_id = o.id where o.reference = ?",
            ["orders: reference=", "lines: order_id=(join)"],
        ),
        (
            "select * from lines, orders where lines.order_id = orders.id and lines.sku = ?",
            ["lines: sku=", "orders: id=(join)"],
        ),
        (
            "select * from orders left join customers c on c.id = orders.customer_id and c.name = ? where orders.reference = ?",  # noqa: E501
            ["orders: reference=", "customers: name=; id=(join)"],
        ),
        ("select * from orders join customers using (id) where email = ?", ["customers: email=", "orders: id=(join)"]),
        (
            "select * from orders where exists (select 1 from lines l where l.order_id = orders.id and l.sku = ?)",
            ["orders: ", "lines: sku="],
        ),
        (
            "select * from orders where customer_id in (select id from customers where email = ?)",
            ["orders: customer_id in", "customers: email="],
        ),
        (
            "with recent as (select * from orders where placed > ?) select * from recent r join customers c on c.id = r.customer_id",  # noqa: E501
            ["orders: placed~", "customers: id=(join)"],
        ),
        (
            "select id from orders where reference = ? union all select id from lines where sku = ?",
            ["orders: reference=", "lines: sku="],
        ),
        (
            "select * from orders o join customers c on c.id = o.customer_id order by o.placed desc limit 10",
            ["orders: order -placed; limit 10", "customers: id=(join)"],
        ),
        (  # few rows of one table: they are sorted, rather than all rows of the other read in order
            "select * from orders o join customers c on c.id = o.customer_id where c.email = ? order by o.placed limit 9",  # noqa: E501
            ["customers: email=", "orders: customer_id=(join)"],
        ),
        (  # WHERE leaves nothing of an outer join
            "select * from orders o left join customers c on c.id = o.customer_id where c.email = ?",
            ["customers: email=", "orders: customer_id=(join)"],
        ),
        (
            "select * from customers c right join orders o on c.id = o.customer_id where o.reference = ?",
            ["orders: reference=", "customers: id=(join)"],
        ),
        ("delete from orders where ctid in (select ctid from orders where placed < ? limit 9)", ["orders: placed~; limit 9"]),  # noqa: E501
        (  # every line is wanted: reading both tables whole is cheaper than a million lookups
            "select * from lines l join orders o on o.id = l.order_id",
            ["lines: ", "orders: "],
        ),
        (
            "delete from lines using orders where orders.id = lines.order_id and orders.reference = ?",
            ["orders: reference=", "lines: order_id=(join)"],
        ),
        (
            "select * from orders o, customers c where o.customer_id = c.id and (o.note = ? or c.name = ?)",
            ["orders: ", "customers: "],
        ),
    ],
)  # fmt: skip
def test_several_tables(text: str, expected: list[str]) -> None:
    assert [told(a) for a in accesses(text, TABLES)] == expected


def test_other_dialects() -> None:
    mysql = "SELECT * FROM `orders` FORCE INDEX (x) WHERE `orders`.`note` LIKE 'abc%' ORDER BY placed LIMIT 5, 10"
    assert [told(a) for a in accesses(mysql, TABLES, dialect="mysql")] == ["orders: note~; order placed; limit 15"]
    sqlite = "select * from [orders] where note glob ? and reference = ?1"
    assert next(told(a) for a in accesses(sqlite, TABLES, dialect="sqlite")).endswith("reference=")


def test_a_prefix_needs_its_operator_class_on_postgresql() -> None:
    (access,) = accesses("select * from orders where note like 'abc%'", TABLES)
    found = proposed(TABLES["orders"], access)
    assert found is not None and found.index().parts[0].opclass == "text_pattern_ops"


def test_row_counts_decide_which_table_is_read_first() -> None:
    text = "select * from orders o join customers c on c.id = o.customer_id"
    small = accesses(text, TABLES, rows={"customers": 50, "orders": 5_000_000})
    assert [told(a) for a in small] == ["customers: ", "orders: customer_id=(join)"]
    assert [a.rows for a in small] == [50, 5_000_000]


def test_nothing_breaks_it() -> None:
    whole = "select o.* from orders o left join lines l on (l.order_id = o.id) where o.note like 'x%' and (a,b) > (?, ?) limit 3"  # noqa: E501
    chosen = random.Random(5)
    for _ in range(400):
        text = list(whole)
        for _ in range(chosen.randrange(1, 6)):
            place = chosen.randrange(len(text))
            text[place : place + chosen.randrange(3)] = chosen.choice(
                ["(", ")", "'", "?", "$1", " or ", "select ", "\0", "é", ""]
            )
        accesses("".join(text), TABLES, dialect=chosen.choice(["postgres", "mysql", "sqlite"]))
    assert accesses("select " + "(" * 5_000, TABLES) == []
    assert accesses("select * from orders where " + " or ".join("note = ?" for _ in range(20_000)), TABLES) == []


def test_a_small_table_that_finds_all_rows_of_a_large_one() -> None:
    """Two thousand lookups of five hundred rows each are the whole table."""
    text = "select count(*) from lines l join customers c on c.id = l.order_id"
    rows = {"lines": 1_000_000.0, "customers": 2_000.0}

    def few(*asked: object) -> float:
        return 0.0005

    assert [told(a) for a in accesses(text, TABLES, rows=rows, fraction=few)] == ["customers: ", "lines: "]


@pytest.mark.parametrize(
    ("condition", "constant"),
    [
        ("placed > '2020-01-01'", "> '2020-01-01'"),
        ("5 >= price", "<= 5"),
        ("price between 5 and 7", "between 5 and 7"),
        ("price < ?", ""),
        ("price between 5 and :high", ""),
    ],
)
def test_ends_of_a_range_are_known_to_who_counts(condition: str, constant: str) -> None:
    seen: list[tuple[str, str]] = []

    def counting(table: Table, key: str, kind: str, constant: str) -> float:
        seen.append((kind, constant))
        return 0.5

    accesses(
        f"select * from lines join orders on orders.id = lines.order_id where {condition}", TABLES, fraction=counting
    )
    assert ("range", constant) in seen


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Conditions inside and outside of a sub-select meet, whoever names the columns.
        (
            "select * from (select o.id as oid, o.reference as r from orders o where o.paid) t where t.r = ?",
            ["orders: reference=; paid=true"],
        ),
        (
            "with recent as (select * from orders where shop_id = ?) select * from recent where reference = ? order by placed limit 3",  # noqa: E501
            ["orders: reference=; shop_id=; order placed; limit 3"],
        ),
        # A WITH hides the table of the same name.
        ("with orders as (select * from lines where sku = ?) select * from orders where price = ?", ["lines: price=; sku="]),  # noqa: E501
        ("with orders as (select count(*) n from lines where sku = ?) select * from orders where n > ?", []),
        # What is put into the text may be any condition, or any order.
        ("select * from orders where ? and reference = ?", []),
        ("select * from orders where ? = ? and reference = ?", []),
        ("select * from orders where ? in (?) and reference = ?", []),
        ("select * from orders where ? = any(note) and reference = ?", ["orders: note expression; reference="]),
        ("select * from orders where reference = ? order by ? limit 3", ["orders: reference="]),
        ("update or ignore orders set note = ? where reference = ?", ["orders: reference="]),
        ("select * from orders order by lower(note) limit 3", ["orders: "]),
        # What is joined and not known may narrow the rows first, and there may be any number of them.
        ("select * from orders o join other x on x.id = o.id where x.token = ? and o.note = ?", []),
        ("select * from orders o join other x on x.id = o.id order by o.placed limit 3", ["orders: order placed"]),
        # Grouped rows are narrowed before they are grouped, or after: nobody knows.
        ("select * from (select status, count(*) n from orders where note = ? group by status) t where status = ?", []),
        ("select count(*) from (select id from orders where note = ? limit 5) t", ["orders: note=; limit 5"]),
        # All of them are hashed.
        ("select * from orders where id in (select order_id from lines)", ["orders: id expression", "lines: "]),
        # No row of an outer join: its condition is asked of no row.
        (
            "select * from orders o left join lines l on l.order_id = o.id where l.id is null and o.reference = ?",
            ["orders: reference=", "lines: order_id=(join)"],
        ),
        # JSON's operators are no placeholders; types before placeholders are literals.
        ("select * from orders where note ? 'a' and reference = ?", ["orders: note expression; reference="]),
        ("select * from orders where placed > now() - interval $1", ["orders: placed~"]),
        # A name that only the level outside has.
        (
            "select * from orders where exists (select 1 from lines where order_id = orders.id and reference = ? and sku = ?)",  # noqa: E501
            ["orders: ", "lines: sku="],
        ),
    ],
)  # fmt: skip
def test_what_is_not_known_is_not_guessed(text: str, expected: list[str]) -> None:
    assert [told(a) for a in accesses(text, TABLES)] == expected


def test_schemas_are_told_apart() -> None:
    shop = Table("orders", TABLES["orders"].columns, schema="shop")
    tables = {"shop.orders": shop, "lines": TABLES["lines"]}
    assert accesses("select * from shop.orders where note = ?", tables)
    assert accesses("select * from audit.lines where sku = ?", tables | {"lines": replace(shop, name="lines")}) == []


def test_two_tables_of_one_name() -> None:
    tables = {"orders": TABLES["orders"], "shop.orders": replace(TABLES["orders"], schema="Shop")}
    rows = {"orders": 10.0, "shop.orders": 20.0}

    def named(source: str) -> list[tuple[str, float]]:
        found = accesses(f"select * from {source} where note = ?", tables, rows=rows, schemas=("public",))
        return [(one.table.lower(), one.rows) for one in found]

    assert named("shop.orders") == [("shop.orders", 20.0)]
    assert named("orders") == named("PUBLIC.orders") == [("orders", 10.0)]
    assert named("audit.orders") == [], "a view, or a table that nobody may see"
    assert accesses("select * from audit.orders where note = ?", tables), "where defaults are not known, it is as named"


def test_an_index_on_an_expression_serves_it() -> None:
    index = TableIndex((Part(expression="coalesce(note, '')"),), "n")
    table = replace(TABLES["orders"], indexes=(index,))
    (access,) = accesses("select * from orders where coalesce(note, '') = ?", {"orders": table})
    assert told(access) == "orders: coalesce(note, '')="
    (access,) = accesses("select * from orders where coalesce(note, '') = ?", TABLES)
    assert told(access) == "orders: note expression"


def test_sqlite_compares_prefixes_without_case() -> None:
    for text, expected in (
        ("note like 'abc%'", "note pattern"),
        ("note glob 'abc*'", "note~"),
        ("note glob '*b'", "note pattern"),
    ):
        (access,) = accesses(f"select * from orders where {text}", TABLES, dialect="sqlite")
        assert told(access) == f"orders: {expected}"


def test_nothing_breaks_sub_selects() -> None:
    whole = (
        "with a as (select o.*, l.sku from orders o, lines l where l.order_id = o.id), b as (select * from a) "
        "select t.id from (select * from b union select * from customers) t left join (select id i from orders) u "
        "on u.i = t.id where t.email = ? and (u.i in (select 1) or exists (select 1 from a where a.id = t.id))"
    )
    words = ["(", ")", "'", "?", " or ", " select ", " from a ", "a", "t.", ",", " with ", "*", " union ", " in ", ""]
    chosen = random.Random(11)
    for _ in range(300):
        pieces = whole.split(" ")
        for _ in range(chosen.randrange(1, 5)):
            pieces[chosen.randrange(len(pieces))] = chosen.choice(words)
        accesses(" ".join(pieces), TABLES, dialect=chosen.choice(["postgres", "mysql", "sqlite"]))
