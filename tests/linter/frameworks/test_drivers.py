"""Drivers used directly: statements by the type of what sends them, or by their text alone; and stores of documents."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from slowlint.linter.project.sqltext import formatted, is_sql, joined, statement, text_of
from slowlint.linter.project.values import UNKNOWN, Const

from .projects import check

CASES = {
    "by what was opened": """
        import psycopg2
        from psycopg2.extras import execute_values


        def load(dsn, keys):
            with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
                for key in keys:
                    cursor.execute("SELECT name FROM users WHERE id = %s", (key,))  # error: query-in-loop
                    cursor.fetchone()
                cursor.execute("SELECT name FROM users WHERE id = ANY(%s)", (keys,))
                for key in keys:
                    cursor.execute("insert into seen (id) values (%s)", (key,))  # error: write-in-loop
                execute_values(cursor, "INSERT INTO seen VALUES %s", keys)
                cursor.executemany("INSERT INTO seen VALUES (%s)", keys)
    """,
    "by the attribute of an object": """
        import pymysql


        class Store:
            def __init__(self):
                self.db = pymysql.connect(host="db")

            def names(self, keys):
                with self.db.cursor() as cursor:
                    for key in keys:
                        cursor.execute("SELECT name FROM users WHERE id = %s", key)  # error: query-in-loop
    """,
    "by the annotation of a parameter": """
        import sqlite3


        def copy(connection: sqlite3.Connection, rows):
            statement = "UPDATE users SET seen = 1"
            statement += " WHERE id = ?"
            for row in rows:
                connection.execute(statement, row)  # error: write-in-loop
    """,
    "asyncpg": """
        import asyncpg


        async def load(dsn, keys):
            pool = await asyncpg.create_pool(dsn)
            async with pool.acquire() as connection, connection.transaction():
                for key in keys:
                    await connection.fetchrow("SELECT name FROM users WHERE id = $1", key)  # error: query-in-loop
                    await connection.execute("DELETE FROM seen WHERE id = $1", key)  # error: write-in-loop
                await connection.executemany("DELETE FROM seen WHERE id = $1", keys)
            return [await pool.fetchval("SELECT a FROM t WHERE id = $1", key) for key in keys]  # error: query-in-loop
    """,
    "aiosqlite, databases": """
        import aiosqlite
        from databases import Database

        database = Database("sqlite:///shop.db")


        async def load(keys):
            async with aiosqlite.connect("shop.db") as db:
                for key in keys:
                    async with db.execute("SELECT a FROM t WHERE id = ?", (key,)) as cursor:  # error: query-in-loop
                        await cursor.fetchone()
            text = "SELECT a FROM users WHERE id = :id"
            for key in keys:
                await database.fetch_one(query=text, values={"id": key})  # error: query-in-loop
    """,
    "by the text alone": """
        from django.db import connection

        TABLE = "users"
        BY_NAME = "SELECT id FROM users WHERE name = %s"


        def load(db, keys):
            with connection.cursor() as cursor:
                for key in keys:
                    cursor.execute(BY_NAME, [key])  # error: query-in-loop
            for key in keys:
                db.execute(f"SELECT name FROM {TABLE} WHERE id = {key}")  # error: query-in-loop
    """,
    "through a helper, whose caller knows the text": """
        import sqlite3


        class Store:
            def __init__(self):
                self.connection = sqlite3.connect("shop.db")

            def one(self, sql, *values):
                return self.connection.execute(sql, values).fetchone()  # error: query-in-loop

            def names(self, keys):
                return [self.one("SELECT name FROM users WHERE id = ?", key) for key in keys]

            def tables(self, names):
                return [self.one(f"SELECT count(*) FROM {name}") for name in names]
    """,
    "what is not known, or no query of rows": """
        def migrate(cursor, statements, tables, keys):
            for text in statements:
                cursor.execute(text)
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")
                cursor.execute("CREATE INDEX x ON y (z)")
            for key in keys:
                print(f"Select {key} from the list")
                run("SELECT name FROM users")
                cursor.prepare("SELECT name FROM users WHERE id = 1")
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_statements(name: str, tmp_path: Path) -> None:
    check(tmp_path, {"app.py": CASES[name]})


STORES = """
    import boto3
    import redis
    from elasticsearch import Elasticsearch
    from flask_pymongo import PyMongo
    from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
    from pymongo import MongoClient, UpdateOne

    db = MongoClient()["shop"]
    mongo = PyMongo()


    class Users:
        def __init__(self, client: AsyncIOMotorClient):
            self.users: AsyncIOMotorCollection = client["shop"]["users"]

        async def load(self, keys):
            for key in keys:
                await self.users.find_one({"_id": key})  # error: remote-call-in-loop
                async for user in self.users.find({"friend": key}).sort("name"):  # error: remote-call-in-loop
                    print(user)
                self.users.find({"friend": key})
            async for user in self.users.find({"_id": {"$in": keys}}):
                print(user)


    def load(keys):
        for key in keys:
            list(db["orders"].find({"user": key}).limit(3))  # error: remote-call-in-loop
            mongo.db.users.update_one({"_id": key}, {"$set": {"seen": True}})  # error: remote-call-in-loop
        for order in db.orders.find():
            db.users.find_one({"_id": order["user"]})  # error: remote-call-in-loop
        db.orders.bulk_write([UpdateOne({"_id": key}, {"$set": {"seen": True}}) for key in keys])


    def others(keys, search: Elasticsearch):
        cache = redis.Redis()
        pipe = cache.pipeline()
        table = boto3.resource("dynamodb").Table("users")
        for key in keys:
            pipe.get(key)
            cache.hgetall(key)  # error: remote-call-in-loop
            table.get_item(Key={"id": key})  # error: remote-call-in-loop
            search.index(index="users", document={})  # error: remote-call-in-loop
        with table.batch_writer() as batch:
            for key in keys:
                batch.put_item(Item={"id": key})
        return pipe.execute(), cache.mget(keys)
"""


def test_stores(tmp_path: Path) -> None:
    check(tmp_path, {"app.py": STORES}, family="io")


def test_text_of_statements() -> None:
    assert statement(" -- one\n SELECT a, b\nFROM shop.users u WHERE x = 1") == ("SELECT", "users")
    assert statement('INSERT OR IGNORE INTO "users" (a) VALUES (?)') == ("INSERT", "users")
    assert statement("REPLACE INTO users VALUES (?)") == ("INSERT", "users")
    assert statement("update users set a = 1") == ("UPDATE", "users")
    assert statement("DELETE FROM `users`") == ("DELETE", "users")
    assert statement("SELECT 1") is None
    assert statement("DELETE FROM ?") is None
    assert not is_sql("Select a file")
    assert not is_sql("CREATE TABLE users (a)")
    assert joined([Const("SELECT a FROM "), Const("users")]) == Const("SELECT a FROM users")
    assert text_of(joined([Const("SELECT a FROM users WHERE b = "), UNKNOWN])) == "SELECT a FROM users WHERE b = ?"
    assert joined([Const("Hello "), UNKNOWN]) == UNKNOWN
    assert text_of(formatted(Const(dedent("SELECT a FROM users WHERE b = %s")))) == "SELECT a FROM users WHERE b = ?"
