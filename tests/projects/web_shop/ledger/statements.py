"""Statements sent through a driver by hand."""

import sqlite3
from contextlib import closing

from shop.database import FILE

TABLE = "customer"
BY_ID = "SELECT name FROM customer WHERE id = ?"


def connect() -> sqlite3.Connection:
    return sqlite3.connect(FILE)


class Ledger:
    def __init__(self):
        self.connection = connect()
        self.cursor = self.connection.cursor()

    def close(self):
        self.connection.close()

    def customers(self):
        return [key for (key,) in self.cursor.execute("SELECT id FROM customer").fetchall()]

    def one(self, sql, *values):
        return self.connection.execute(sql, values).fetchone()  # slow: [query-in-loop]


def looked_up():
    with closing(Ledger()) as ledger:
        for key in ledger.customers():
            ledger.cursor.execute("SELECT name FROM customer WHERE id = ?", (key,))  # slow: [query-in-loop]
            assert ledger.cursor.fetchone()


def looked_up_at_once():
    with closing(Ledger()) as ledger:
        keys = ledger.customers()
        marks = ", ".join("?" for _ in keys)
        return dict(ledger.cursor.execute(f"SELECT id, name FROM customer WHERE id IN ({marks})", keys).fetchall())


def through_a_helper():
    with closing(Ledger()) as ledger:
        return [ledger.one("SELECT number FROM order_ WHERE customer_id = ?", key) for key in ledger.customers()]


def helper_with_a_constant():
    with closing(Ledger()) as ledger:
        found = []
        for key in ledger.customers():
            found.append(ledger.connection.execute(BY_ID, (key,)).fetchone())  # slow: [query-in-loop]
        return found


def one_of_another():
    """A query for each row of a query."""
    with closing(connect()) as connection:
        for key, _ in connection.execute("SELECT id, name FROM product").fetchall():
            query = "SELECT count(*) FROM review WHERE product_id = %s" % key  # noqa: UP031
            assert connection.execute(query).fetchone()  # slow: [query-in-loop]


def joined():
    with closing(connect()) as connection:
        return connection.execute(
            "SELECT product.id, count(review.id) FROM product JOIN review ON review.product_id = product.id GROUP BY 1"
        ).fetchall()


def inserted():
    with closing(connect()) as connection, connection:
        names = [name for (name,) in connection.execute("SELECT name FROM country").fetchall()]
        for name in names:
            connection.execute("INSERT INTO country (name) VALUES (?)", (f"new {name}",))  # slow: [write-in-loop]


def inserted_at_once():
    with closing(connect()) as connection, connection:
        connection.execute("INSERT INTO country (name) SELECT 'new ' || name FROM country")


def updated():
    statement = f"UPDATE {TABLE} SET name = name || '!' WHERE id = ?"
    with closing(Ledger()) as ledger:
        for key in ledger.customers():
            ledger.cursor.execute(statement, (key,))  # slow: [write-in-loop]


def updated_at_once():
    with closing(Ledger()) as ledger:
        ledger.cursor.execute(f"UPDATE {TABLE} SET name = name || '!'")


def other_tables():
    """Another statement each time: there is no one statement for all of them."""
    with closing(Ledger()) as ledger:
        for table in ("customer", "country"):
            ledger.cursor.execute(f"SELECT count(*) FROM {table}")


def asked_once():
    with closing(Ledger()) as ledger:
        row = ledger.cursor.execute("SELECT id, name FROM customer").fetchone()
        return [str(column) for column in row]
