"""Runs the cases of `django_shop` against SQLite and says which source line caused which statement.

A program of its own, run with the project as working folder, so that Django's settings stay out of the tests' process.
In: a JSON list of entries on stdin. Out: JSON on stdout, `{entry: [statements with N rows, statements with 2N rows]}`,
each statement as `[sql, file, line]`; the file is "" when only a framework's code stood on the stack.
An entry is a path ("/pages/orders/"), a function ("catalog.loops:nested"), a command ("manage report") or a GraphQL
query ("graphene {...}"). It does not judge anything.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from inspect import isgenerator
from io import StringIO
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[0] = os.getcwd()  # the project is what is imported from; this file's folder is not

ROWS = 5
Statement = tuple[str, str, int]


class Recorder:
    """An execute wrapper that keeps every statement with its place."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        from stack import place  # beside this file; see `main`

        file, line = place(sys._getframe(1))
        self.statements.append((sql, file, line))
        return execute(sql, params, many, context)


def run(entry: str) -> list[Statement]:
    """Perform one entry in a transaction that is taken back."""
    from django.contrib.auth.models import User
    from django.contrib.contenttypes.models import ContentType
    from django.db import connection, transaction
    from django.test import Client

    ContentType.objects.clear_cache()
    recorder = Recorder()
    with transaction.atomic():
        client = Client()
        if entry.startswith("/admin/"):
            client.force_login(User.objects.get(username="admin"))
        with connection.execute_wrapper(recorder):
            perform(entry, client)
        transaction.set_rollback(True)
    return recorder.statements


def perform(entry: str, client: Any) -> None:
    from django.core.management import call_command

    kind, _, rest = entry.partition(" ")
    if entry.startswith("/"):
        response = client.get(entry)
        assert response.status_code == 200, f"{entry}: {response.status_code} {response.content[:2000]!r}"
        assert response.content
    elif kind == "manage":
        call_command(rest, stdout=StringIO())
    elif kind in ("graphene", "strawberry"):
        response = client.post(f"/graph/{kind}/", {"query": rest}, content_type="application/json")
        assert response.status_code == 200 and "errors" not in response.json(), f"{entry}: {response.content!r}"
    else:
        from importlib import import_module

        module, _, name = entry.partition(":")
        result = getattr(import_module(module), name)()
        if isgenerator(result) or isinstance(result, Iterator):
            for _ in result:
                pass


def main() -> None:
    import django

    sys.path.append(str(Path(__file__).parent))
    os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
    django.setup()
    from django.core.management import call_command
    from rows_django import fill

    call_command("migrate", run_syncdb=True, verbosity=0)
    entries = json.load(sys.stdin)
    found: dict[str, list[list[Statement]]] = {entry: [] for entry in entries}
    for rows in (ROWS, 2 * ROWS):
        call_command("flush", interactive=False, verbosity=0)
        fill(rows)
        for entry in entries:
            try:
                found[entry].append(run(entry))
            except Exception as error:
                raise RuntimeError(f"{entry} cannot be run with {rows} rows") from error
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
