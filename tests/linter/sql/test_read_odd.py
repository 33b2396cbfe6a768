"""What statements ask of tables where it is easy to read too much into them: what must not be guessed."""

from __future__ import annotations

import time

import pytest

from slowlint.linter.sql.read import accesses
from slowlint.linter.sql.tables import Part, Table, TableColumn, TableIndex

from .test_read import TABLES, told


def read(text: str, dialect: str = "postgres") -> list[str]:
    return [told(access) for access in accesses(text, TABLES, dialect=dialect)]


@pytest.mark.parametrize(
    "text",
    [
        "select * from orders where ? and reference = ?",  # a hole of an f-string: it may be what an index serves
        "select * from orders where reference = ? and ? order by placed limit 3",
        "select * from orders where reference = ? ?",
        "delete from orders where ?",
        "select * from ? where reference = ?",
    ],
)
def test_conditions_that_are_put_in_later(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select * from orders where reference = ? order by ? limit 3", ["orders: reference="]),
        ("select * from orders where shop_id = ? order by lower(note) limit 3", ["orders: shop_id="]),
        ("select * from orders order by placed desc nulls last limit 10", ["orders: "]),
        ("select * from orders order by placed nulls first limit 10", ["orders: "]),
        ("select * from orders order by placed desc nulls first limit 10", ["orders: order -placed; limit 10"]),
        ("select * from orders order by id desc nulls last limit 10", ["orders: order -id; limit 10"]),
        ("select distinct on (shop_id) * from orders order by shop_id, placed desc limit 5", ["orders: "]),
        (
            "select *, row_number() over (order by placed) from orders where shop_id = ? order by placed limit 10",
            ["orders: shop_id="],
        ),
    ],
)
def test_orders_that_no_plain_index_has(text: str, expected: list[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select * from orders where note ? 'key' and reference = ?", ["orders: note expression; reference="]),
        ("select * from orders where note ? $1 and reference = $2", ["orders: note expression; reference="]),
        ("select * from orders where note ?| array['a'] and reference = ?", ["orders: note expression; reference="]),
        ("select * from orders where note @> ? and note && ?", ["orders: note contains; note overlaps"]),
        ("select * from orders where note ->> 'key' = ?", ["orders: note expression"]),
        ("select * from orders where note is not distinct from ?", ["orders: note expression"]),
        ("select * from orders where placed > ? or (placed = ? and id > ?)", None),
    ],
)
def test_operators_of_postgresql(text: str, expected: list[str] | None) -> None:
    found = read(text)
    assert found == expected if expected is not None else found[0].endswith(" or")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select * from orders where reference = ?::text and placed > ?::date", ["orders: reference=; placed~"]),
        ("select * from orders where shop_id = %d and reference = '%s'", ["orders: shop_id=; reference="]),
        ("select * from orders where shop_id=%(shop)s::int", ["orders: shop_id="]),
        ("select * from orders where note ? ? and reference = ?", ["orders: note expression; reference="]),
    ],
)
def test_placeholders(text: str, expected: list[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("select * from orders where note <=> ?", "mysql", ["orders: note="]),
        ("select * from orders where date(placed) = ?", "mysql", ["orders: placed expression"]),
        ("select * from orders where match(note) against (?)", "mysql", ["orders: note text"]),
        ("select * from orders where note = 'it\\'s' and reference = ?", "mysql", ["orders: note=; reference="]),
        (
            "update orders join customers c on c.id = orders.customer_id set note = 1 where c.email = ?",
            "mysql",
            ["customers: email=", "orders: customer_id=(join)"],
        ),
        ("select * from orders where note like 'abc%'", "sqlite", ["orders: note pattern"]),  # without regard to case
        ("select * from orders where note glob 'abc*'", "sqlite", ["orders: note~"]),
        ("select * from orders where note glob '*abc'", "sqlite", ["orders: note pattern"]),
        ("UPDATE OR IGNORE orders SET note = 1 WHERE reference = :r", "sqlite", ["orders: reference="]),
        ("select * from orders where reference is ?", "sqlite", ["orders: reference="]),
        ("select * from orders where reference = $reference and note = @note", "sqlite", ["orders: reference=; note="]),
    ],
)
def test_dialects(text: str, dialect: str, expected: list[str]) -> None:
    assert read(text, dialect) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (  # the name of WITH hides the table
            "with orders as (select name from customers) select * from orders where name = ?",
            ["customers: name="],
        ),
        (
            "with recursive tree as (select * from orders where id = ? union all "
            "select o.* from orders o join tree on o.shop_id = tree.id) select * from tree",
            ["orders: id=", "orders: shop_id=(join)"],
        ),
        (  # a list of all customers narrows nothing
            "select * from orders where customer_id in (select id from customers)",
            ["orders: customer_id expression", "customers: "],
        ),
        (
            "select * from orders where not exists (select 1 from lines where lines.order_id = orders.id)",
            ["orders: ", "lines: "],
        ),
        (
            "select * from orders where reference = ? and "
            "exists (select 1 from lines where lines.order_id = orders.id and sku = ?)",
            ["orders: reference=", "lines: order_id=; sku="],
        ),
        (  # one row is one subquery
            "select (select count(*) from lines where order_id = orders.id) from orders",
            ["orders: ", "lines: order_id="],
        ),
        (
            "select * from orders where reference = (select max(email) from customers where name = ?)",
            ["orders: reference=", "customers: name=; order -email; limit 1"],
        ),
        ("select * from (select * from orders) recent where recent.reference = ?", ["orders: reference="]),
    ],
)
def test_queries_in_queries(text: str, expected: list[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (  # one customer has few orders: these are sorted, rather than all orders read in order
            "select * from orders o join customers c on c.id = o.customer_id where c.email = ? "
            "order by o.placed desc limit 10",
            ["customers: email=", "orders: customer_id=(join)"],
        ),
        (
            "select * from orders o join customers c on c.id = o.customer_id where c.name is not null "
            "order by o.placed desc limit 10",
            ["orders: order -placed; limit 11.1111", "customers: name not null; id=(join)"],
        ),
        (  # what is on the right of a LEFT JOIN is not read first
            "select * from orders o left join customers c on c.id = o.customer_id order by c.name limit 10",
            ["orders: ", "customers: "],
        ),
        (  # a condition of the join does not narrow the side that is kept
            "select * from lines right join orders o on o.id = lines.order_id and o.reference = ?",
            ["orders: ", "lines: "],
        ),
    ],
)
def test_where_reading_begins(text: str, expected: list[str]) -> None:
    assert read(text) == expected


def test_columns_that_are_not_null_have_one_order() -> None:
    table = Table("t", (TableColumn("a", nullable=False),), (TableIndex((Part("id"),), primary=True, unique=True),))
    (access,) = accesses("select * from t order by a desc nulls last limit 3", {"t": table})
    assert [(sort.key, sort.descending) for sort in access.sort] == [("a", True)]


@pytest.mark.parametrize(
    "text",
    [
        "select * from orders where reference in (" + ",".join("?" * 12_000) + ")",
        "select * from orders where " + " or ".join(f"(reference = {n} and shop_id = {n})" for n in range(1_200)),
        "select * from orders o0 " + " ".join(f"join orders o{n} on o{n}.shop_id = o{n - 1}.id" for n in range(1, 900)),
        " union all ".join(["select * from orders where reference = ?"] * 900),
        "select * from orders where " + "not " * 3_000 + "paid",
        "$a$" * 20_000,
        "/*" * 30_000,
        "'" * 60_000,
    ],
)
def test_large_texts_take_no_time(text: str) -> None:
    start = time.process_time()
    accesses(text, TABLES)
    assert time.process_time() - start < 5
