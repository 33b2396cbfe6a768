"""The statements: what is asked, and whether an index should be advised for it.

`columns`: per table, what any index could be made of; the proof of a silence tries every one and every pair of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    sql: str
    columns: str
    """`table: a b, other: c`: columns that filters, joins and orders name."""
    advised: bool | None
    """None: an index helps, by not so much that silence would be a fault (COST.md promises nothing there), or in a way
    that is not read yet. What is advised all the same has to be true."""
    values: tuple[object, ...] = ()
    """Of `$1`, `$2` …: what is really run, when the advice is asked without values."""
    only: str = ""
    """A dialect, when it is not asked of every one."""


def _advised(name: str, sql: str, columns: str, *values: object, only: str = "") -> Shape:
    return Shape(name, sql, columns, True, values, only)


def _silent(name: str, sql: str, columns: str, *values: object, only: str = "") -> Shape:
    return Shape(name, sql, columns, False, values, only)


def _either(name: str, sql: str, columns: str, *values: object, only: str = "") -> Shape:
    return Shape(name, sql, columns, None, values, only)


E = "SELECT id, amount FROM event WHERE "
SHAPES: tuple[Shape, ...] = (
    # One equality
    _advised("foreign key lookup", E + "owner_id = 77", "event: owner_id"),
    _advised("unique text", E + "code = 'C4711'", "event: code"),
    _advised("rare of a skewed column", E + "kind = 'fraud'", "event: kind"),
    _advised("correlated pair", E + "country = 'c150' AND city = 'c150-3'", "event: country city"),
    _advised("one of 2000 cities", E + "city = 'c150-3'", "event: city"),
    _advised("sparse foreign key", E + "parent_id = 4711", "event: parent_id"),
    _advised("20 rows of a million", "SELECT * FROM line WHERE sku = 'S4711'", "line: sku"),
    _advised("mostly NULL, equality", "SELECT * FROM account WHERE external_id = 'x500'", "account: external_id"),
    _advised("count of a value", "SELECT count(*) FROM event WHERE owner_id = 77", "event: owner_id"),
    _advised("exact case of an address", E + "email = 'User77@Example.com'", "event: email"),
    _silent("a quarter of the rows", E + "status = 2", "event: status"),
    _silent("half of the rows", E + "flag", "event: flag"),
    _silent("not the other half", E + "NOT flag", "event: flag"),
    _silent("common of a skewed column", E + "kind = 'view'", "event: kind"),
    _silent("nearly all rows", E + "active", "event: active"),
    _silent("a common country", E + "country = 'c0'", "event: country"),
    _silent("one value only", E + "note = 'a note that is the same for every row, long as notes are'", "event: note"),
    _silent("nine in ten by IN", E + "kind IN ('view', 'click')", "event: kind"),
    _silent("unequal", E + "status <> 2", "event: status"),
    # Several equalities
    _advised("selective and not", E + "owner_id = 77 AND status = 2", "event: owner_id status"),
    _advised("two filters, one selective", "SELECT * FROM line WHERE warehouse = 3 AND sku = 'S4711'",
             "line: warehouse sku"),
    _advised("three filters", E + "owner_id = 77 AND status = 2 AND active", "event: owner_id status"),
    _silent("two weak filters", E + "status = 1 AND flag", "event: status flag"),
    _silent("weak and common", E + "flag AND kind = 'view'", "event: flag kind"),
    # Ranges
    _advised("last hours, in order of rows", E + "created > '2020-12-12'", "event: created"),
    _advised("one day, in order of rows", E + "created BETWEEN '2020-06-01' AND '2020-06-02'", "event: created"),
    _advised("short range, out of order", E + "due BETWEEN '2020-06-01' AND '2020-06-01 04:00'", "event: due"),
    _advised("top of a range", E + "score > 999900", "event: score"),
    _advised("equality and range", E + "owner_id = 77 AND created > '2020-11-01'", "event: owner_id created"),
    _advised("sum over a short range", "SELECT sum(qty) FROM line WHERE added BETWEEN '2020-06-01' AND '2020-06-02'",
             "line: added"),
    _advised("rows that expired", "SELECT id FROM account WHERE last_login < '2020-01-01 06:00'",
             "account: last_login"),
    _silent("half a range", E + "created > '2020-07-01'", "event: created"),
    _silent("nearly all of a range", E + "amount > 10", "event: amount"),
    _silent("long range, out of order", E + "due > '2020-06-01'", "event: due"),
    # Orders
    _advised("newest of all", "SELECT * FROM event ORDER BY created DESC LIMIT 50", "event: created"),
    _advised("highest of all", "SELECT * FROM event ORDER BY score DESC LIMIT 10", "event: score"),
    _advised("newest of one owner", E + "owner_id = 77 ORDER BY created DESC LIMIT 20", "event: owner_id created"),
    _advised("filters and an order", E + "owner_id = 77 AND status = 2 ORDER BY score LIMIT 5",
             "event: owner_id status score"),
    _advised("half the rows, in order", E + "flag ORDER BY score LIMIT 20", "event: flag score"),
    _advised("rare and ordered", E + "kind = 'error' ORDER BY due LIMIT 10", "event: kind due"),
    _advised("order by two", "SELECT id FROM account ORDER BY last_login, name LIMIT 10", "account: last_login name"),
    _silent("order of the key", "SELECT * FROM event ORDER BY id DESC LIMIT 10", "event: amount"),
    _silent("weak filter, order of the key", E + "status = 1 ORDER BY id LIMIT 20", "event: status"),
    _silent("all rows, sorted", "SELECT id, score FROM event ORDER BY score", "event: amount"),
    _silent("groups of all rows", "SELECT kind, count(*) FROM event GROUP BY kind", "event: status"),
    # Partial
    _advised("queue", E + "processed IS NULL", "event: processed"),
    _advised("queue in order", E + "processed IS NULL ORDER BY created LIMIT 10", "event: processed created"),
    _silent("what is not NULL", E + "processed IS NOT NULL", "event: processed"),
    # Expressions and texts
    _advised("folded case", E + "lower(email) = 'user77@example.com'", "event: lower(email)"),
    _advised("folded name", "SELECT id FROM account WHERE lower(name) = 'name77'", "account: lower(name)"),
    _advised("prefix", E + "code LIKE 'C4711%'", "event: code", only="postgresql"),
    _silent("anywhere in a text", E + "code LIKE '%4711%'", "event: code"),
    _silent("remainder", E + "score % 7 = 3", "event: score"),
    _silent("arithmetic on the column", E + "score + 1 > 500000", "event: score"),
    # Lists and alternatives
    _advised("a few of many", E + "owner_id IN (5, 6, 7)", "event: owner_id"),
    _advised("alternatives of one column", E + "code = 'C5' OR code = 'C6'", "event: code"),
    _silent("either weak", E + "status = 1 OR flag", "event: status flag"),
    _silent("selective or weak", E + "owner_id = 5 OR flag", "event: owner_id flag"),
    # Joins
    _advised("rows of a named owner",
             "SELECT e.id FROM owner o JOIN event e ON e.owner_id = o.id WHERE o.name = 'owner77'",
             "event: owner_id"),
    _advised("lines of a found event",
             "SELECT l.qty FROM event e JOIN line l ON l.event_id = e.id WHERE e.code = 'C4711'", "event: code"),
    _silent("owner of every event", "SELECT count(*) FROM event e JOIN owner o ON o.id = e.owner_id",
            "event: owner_id", only="postgresql"),
    # SQLite reads the index instead of the table, which is six times as large
    _either("owner of every event", "SELECT count(*) FROM event e JOIN owner o ON o.id = e.owner_id",
            "event: owner_id", only="sqlite"),
    _silent("lines of an event", "SELECT l.qty FROM event e JOIN line l ON l.event_id = e.id WHERE e.id = 4711",
            "line: event_id qty"),
    # Writes
    _advised("change by an unindexed name", "UPDATE event SET amount = 1 WHERE code = 'C4711'", "event: code"),
    _advised("remove by an unindexed name", "DELETE FROM line WHERE sku = 'S99999'", "line: sku"),
    # What is there already
    _silent("primary key", E + "id = 4711", "event: amount"),
    _silent("several keys", E + "id IN (1, 2, 3)", "event: amount"),
    _silent("range of keys", E + "id > 999900", "event: amount"),
    _silent("indexed foreign key", "SELECT * FROM line WHERE event_id = 4711", "line: event_id qty"),
    _silent("beginning of an index", "SELECT * FROM line WHERE product_id = 77", "line: product_id warehouse"),
    _silent("all of an index", "SELECT * FROM line WHERE product_id = 77 AND qty = 3", "line: product_id qty"),
    _silent("index and another filter", "SELECT * FROM line WHERE product_id = 77 AND warehouse = 3",
            "line: product_id warehouse"),
    _silent("index and its order", "SELECT * FROM line WHERE product_id = 77 ORDER BY qty LIMIT 5",
            "line: product_id qty"),
    _silent("unique index", "SELECT * FROM account WHERE email = 'u77@example.com'", "account: email"),
    _silent("equality and order of an index",
            "SELECT * FROM account WHERE tenant_id = 7 ORDER BY created DESC LIMIT 20", "account: tenant_id created"),
    _silent("partial index that fits", "SELECT * FROM account WHERE name = 'name77' AND NOT deleted",
            "account: name deleted"),
    # Small tables
    _silent("two thousand rows", "SELECT * FROM owner WHERE name = 'owner77'", "owner: name"),
    _silent("forty rows", "SELECT * FROM setting WHERE name = 'setting7'", "setting: name"),
    _silent("two thousand in order", "SELECT * FROM owner ORDER BY name LIMIT 10", "owner: name"),
    # Without values
    _advised("parameter", E + "owner_id = $1", "event: owner_id", 77),
    _advised("parameter and limit", E + "owner_id = $1 ORDER BY created DESC LIMIT $2", "event: owner_id created",
             77, 20),
    _advised("parameters of two columns", E + "code = $1 AND status = $2", "event: code status", "C4711", 3),
    _silent("parameter of a weak column", E + "status = $1", "event: status", 2),
    _silent("parameter of a flag", E + "flag = $1", "event: flag", True),
    _silent("parameter of an indexed column", "SELECT * FROM line WHERE product_id = $1", "line: product_id", 77),
    # Near the line, or not read
    _advised("highest value", "SELECT max(score) FROM event", "event: score"),
    _advised("second page", "SELECT id FROM event ORDER BY score LIMIT 20 OFFSET 100", "event: score"),
    _either("one in a hundred by a flag", E + "NOT active", "event: active"),
    _either("one in a hundred of a skewed column", E + "kind = 'error'", "event: kind"),
    _either("one in a hundred of a plan", "SELECT * FROM account WHERE plan = 'gold'", "account: plan"),
    _either("one in four hundred", E + "country = 'c150'", "event: country"),
    _either("1 %, out of order", E + "score > 990000", "event: score"),
    _either("2 %, out of order", E + "score > 980000", "event: score"),
    _either("5 %, in order of rows", E + "created > '2020-11-20'", "event: created"),
    _either("15 %, in order of rows", E + "created > '2020-10-20'", "event: created"),
    _silent("5 %, out of order", E + "score > 950000", "event: score", only="postgresql"),
    _silent("one in eleven", E + "kind = 'click'", "event: kind", only="postgresql"),
    _either("many of many", E + "owner_id IN (7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98)",
            "event: owner_id"),
    _either("deep page", "SELECT id FROM event ORDER BY score LIMIT 20 OFFSET 100000", "event: score"),
    _either("count of one in eleven", "SELECT count(*) FROM event WHERE kind = 'click'", "event: kind"),
    _either("count of a quarter", "SELECT count(*) FROM event WHERE status = 2", "event: status"),
    _either("parameters of a range", E + "score BETWEEN $1 AND $2", "event: score", 500, 600),
    _either("open parameter of a range", E + "score > $1", "event: score", 999900),
    _either("alternatives of two columns", E + "owner_id = 5 OR code = 'C7'", "event: owner_id code"),
    _either("owners of rare events",
            "SELECT o.id FROM owner o WHERE EXISTS "
            "(SELECT 1 FROM event e WHERE e.owner_id = o.id AND e.kind = 'fraud')", "event: owner_id kind",
            only="postgresql"),  # SQLite takes minutes
    _either("owners without events",
            "SELECT o.id FROM owner o WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.owner_id = o.id)",
            "event: owner_id", only="postgresql"),
    _either("tenant and plan", "SELECT * FROM account WHERE tenant_id = 7 AND plan = 'gold'",
            "account: tenant_id plan"),
    _either("tenant in another order", "SELECT * FROM account WHERE tenant_id = 7 ORDER BY last_login LIMIT 10",
            "account: tenant_id last_login"),
)  # fmt: skip
