"""Runs the cases of `web_shop` against SQLite and says which source line caused which statement.

A program of its own, run with the project as working folder.
In: a JSON list of entries on stdin. Out: JSON on stdout, `{entry: [statements with N rows, statements with 2N rows]}`,
each statement as `[sql, file, line]`; the file is "" when only a framework's code stood on the stack.
An entry is a function ("core.loops:nested"), plain or a coroutine function, or a path ("/api/orders"), asked of the
application whose prefix it has. It does not judge anything.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib import import_module
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[0] = os.getcwd()  # the project is what is imported from; this file's folder comes last
    sys.path.append(str(Path(__file__).parent))

ROWS = 5
Statement = tuple[str, str, int]
STATEMENTS: list[Statement] = []


def sent(sql: str) -> None:
    from stack import place

    STATEMENTS.append((" ".join(sql.split()), *place(sys._getframe(1))))


def listen() -> None:
    """Hear every statement of every library."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    @event.listens_for(Engine, "before_cursor_execute")
    def heard(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent(statement)

    listen_to_peewee()
    listen_to_tortoise()
    listen_to_sqlite()


def listen_to_peewee() -> None:
    from peewee import Database

    execute = Database.execute_sql

    def heard(database: Any, sql: str, *rest: Any, **named: Any) -> Any:
        sent(sql)
        return execute(database, sql, *rest, **named)

    Database.execute_sql = heard


def listen_to_tortoise() -> None:
    from tortoise.backends.sqlite.client import SqliteClient

    for name in ("execute_insert", "execute_many", "execute_query"):
        listen_to_coroutine(SqliteClient, name)


def listen_to_sqlite() -> None:
    """Only connections that the project opens itself: libraries are heard elsewhere."""
    import sqlite3

    from stack import ROOT

    connect = sqlite3.connect

    def opened(*given: Any, **named: Any) -> Any:
        connection = connect(*given, **named)
        if Path(sys._getframe(1).f_code.co_filename).is_relative_to(ROOT):
            connection.set_trace_callback(sent)
        return connection

    sqlite3.connect = opened


def listen_to_coroutine(client: type, name: str) -> None:
    execute = getattr(client, name)

    async def heard(self: Any, sql: str, *rest: Any, **named: Any) -> Any:
        sent(sql)
        return await execute(self, sql, *rest, **named)

    setattr(client, name, heard)


def ask_fastapi(module: str, path: str) -> None:
    from fastapi.testclient import TestClient

    response = TestClient(import_module(module).app).get(path)
    assert response.status_code == 200, response.text


def ask_flask(module: str, path: str) -> None:
    response = import_module(module).app.test_client().get(path)
    assert response.status_code == 200, response.text


def ask_pyramid(path: str) -> None:
    from pages.pyramid_app import application
    from werkzeug.test import Client

    response = Client(application()).get(path)
    assert response.status_code == 200, response.text


APPLICATIONS: dict[str, Callable[[str], None]] = {
    "/api/": partial(ask_fastapi, "api.routes"),
    "/restx/": partial(ask_flask, "api.resources"),
    "/admin/": partial(ask_flask, "api.admin"),
    "/pages/": partial(ask_flask, "pages.site"),
    "/fast/": partial(ask_fastapi, "pages.fast"),
    "/pyramid/": ask_pyramid,
}
"""Prefix of a path -> what asks for it."""


def perform(entry: str) -> None:
    for prefix, ask in APPLICATIONS.items():
        if entry.startswith(prefix):
            ask(entry)
            return
    module, _, name = entry.partition(":")
    function = getattr(import_module(module), name)
    if iscoroutinefunction(function):
        asyncio.run(function())
    else:
        function()


def main() -> None:
    entries = json.load(sys.stdin)
    found: dict[str, list[list[Statement]]] = {entry: [] for entry in entries}
    with tempfile.TemporaryDirectory() as folder:
        used, kept = Path(folder, "used.sqlite"), Path(folder, "kept.sqlite")
        os.environ["SHOP_DATABASE"] = str(used)
        from rows_web import fill

        listen()
        for rows in (ROWS, 2 * ROWS):
            used.unlink(missing_ok=True)
            fill(rows)
            shutil.copy(used, kept)
            for entry in entries:
                shutil.copy(kept, used)  # every entry finds the same rows
                STATEMENTS.clear()
                try:
                    perform(entry)
                except Exception as error:
                    raise RuntimeError(f"{entry} cannot be run with {rows} rows") from error
                found[entry].append(list(STATEMENTS))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
