"""What migrations of Django and Alembic change, which of them are the newest, and which lock tables in use."""

from __future__ import annotations

import pytest

from slowlint.linter.project.migrations import Migration, blocking, dialect, last, migrations, newest

from .projects import project

HEAD = "from django.contrib.postgres.operations import AddIndexConcurrently\nfrom django.db import migrations, models\n"


def django(operations: str, *, after: str = "[]", more: str = "initial = True") -> str:
    return (
        f"{HEAD}class Migration(migrations.Migration):\n"
        f"    {more}\n    dependencies = {after}\n    operations = [{operations}]\n"
    )


def alembic(body: str, revision: str = "b", below: str | None = "a") -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    head = f"import sqlalchemy as sa\nfrom alembic import op\nrevision = {revision!r}\ndown_revision = {below!r}\n"
    return f"{head}\n\ndef upgrade():\n{lines}"


def read(files: dict[str, str]) -> list[Migration]:
    return migrations(project(files))


def locking(files: dict[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    return [(change.table, change.columns) for _, change in blocking(read(files))]


@pytest.mark.parametrize(
    ("operation", "found"),
    [
        ('migrations.AddIndex("Order", models.Index(fields=["a", "-b"], name="x"))', ("order", ("a", "b"))),
        ('migrations.AddConstraint("order", models.UniqueConstraint(fields=["a"], name="x"))', ("order", ("a",))),
        ('migrations.AlterUniqueTogether(name="order", unique_together={("a", "b")})', ("order", ("a", "b"))),
        ('migrations.AlterUniqueTogether("order", set([("a", "b")]))', ("order", ("a", "b"))),
        ('migrations.AddField("order", "a", models.CharField(unique=True, null=True))', ("order", ("a",))),
        ('migrations.RunSQL("CREATE INDEX x ON shop_order (a)")', ("shop_order", ("a",))),
        ('migrations.AddField("order", "a", models.ForeignKey("b", models.CASCADE))', None),
        ('migrations.AddField("order", "a", models.TextField())', None),
        ('migrations.AlterUniqueTogether("order", set())', None),
        ('migrations.AddConstraint("order", models.CheckConstraint(check=models.Q(a=1), name="x"))', None),
        ('migrations.RunSQL("-- CREATE INDEX x ON shop_order (a)")', None),
        ('migrations.RunSQL("CREATE TABLE log (day date); CREATE INDEX x ON log (day)")', None),
    ],
)
def test_operations_of_django(operation: str, found: tuple[str, tuple[str, ...]] | None) -> None:
    assert locking({"shop/migrations/0002_b.py": django(operation)}) == ([found] if found is not None else [])


def test_tables_of_the_same_migration_are_nobody_s_yet() -> None:
    made = 'migrations.CreateModel("Order", []), migrations.CreateModel("Log", [], options={"db_table": "logs"})'
    index = 'migrations.AddIndex("order", models.Index(fields=["a"], name="x"))'
    sql = 'migrations.RunSQL(["CREATE INDEX x ON shop_order (a)", "CREATE INDEX y ON logs (b)"])'
    assert locking({"shop/migrations/0001_a.py": django(f"{made}, {index}, {sql}")}) == []
    body = 'op.create_table("t", sa.Column("a"))\nop.create_index("x", "t", ["a"])\nop.create_index("y", "u", ["b"])'
    assert locking({"versions/b.py": alembic(body)}) == [("u", ("b",))]


def test_an_altered_field_counts_where_it_gains_an_index() -> None:
    fields = '[("a", models.IntegerField()), ("b", models.IntegerField(db_index=True)), ("c", models.IntegerField())]'
    altered = [
        'migrations.AlterField("order", "a", models.IntegerField(db_index=True))',
        'migrations.AlterField("order", "b", models.BigIntegerField(db_index=True))',
        'migrations.AlterField("order", "c", models.IntegerField(unique=True))',
        'migrations.AlterField("order", "unknown", models.IntegerField(db_index=True))',
    ]
    files = {
        "shop/migrations/0001_a.py": django(f'migrations.CreateModel("Order", {fields})'),
        "shop/migrations/0002_b.py": django(", ".join(altered), after='[("shop", "0001_a")]'),
    }
    assert locking(files) == [("order", ("a",)), ("order", ("c",))]


def test_what_a_setting_chooses_was_thought_of() -> None:
    index = 'migrations.AddIndex("order", models.Index(fields=["a"], name="x"))'
    chosen = (
        f"{HEAD}from django.conf import settings\nclass Migration(migrations.Migration):\n"
        f"    if settings.SKIP:\n        operations = []\n    else:\n        operations = [{index}]\n"
    )
    assert locking({"shop/migrations/0002_b.py": chosen}) == []


def test_the_newest_migrations_of_each_app() -> None:
    files = {
        "shop/migrations/0001_initial.py": django(""),
        "shop/migrations/0002_b.py": django("", after='[("shop", "0001_initial"), ("users", "0001_initial")]'),
        "users/migrations/0001_initial.py": django("", after='[("auth", "0001_initial")]'),
        "labelled/migrations/0001_a.py": django(""),
        "labelled/migrations/0002_b.py": django("", after='[("other_label", "0001_a")]'),
        "squashed/migrations/0001_a.py": django(""),
        "squashed/migrations/0001_s.py": django("", more='replaces = [("squashed", "0001_a")]'),
    }
    assert newest(read(files)) == {
        "shop/migrations/0002_b.py",
        "users/migrations/0001_initial.py",
        "labelled/migrations/0002_b.py",
        "squashed/migrations/0001_s.py",
    }


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('op.create_index("x", "t", ["a", "b"])', [("t", ("a", "b"))]),
        ('op.create_index(op.f("x"), table_name="t", columns=["a"])', [("t", ("a",))]),
        ('op.create_index("x", "t", [sa.text("lower(a)")])', [("t", ())]),
        ('op.create_unique_constraint("x", "t", ["a"])', [("t", ("a",))]),
        ('op.add_column("t", sa.Column("a", sa.String(), unique=True))', [("t", ("a",))]),
        ('op.add_column("t", sa.Column("a", sa.String(), index=True))', []),
        ('with op.batch_alter_table("t") as b:\n    b.create_index("x", ["a"])', [("t", ("a",))]),
        ('if op.get_bind().dialect.name == "mysql":\n    op.create_index("x", "t", ["a"])', []),
        (
            'if op.get_context().dialect.name == "postgresql":\n    op.create_index("x", "t", ["a"])\n'
            'else:\n    op.create_index("y", "t", ["b"])',
            [("t", ("a",))],
        ),
        ('op.execute(sa.text("CREATE UNIQUE INDEX x ON public.t (a)"))', [("t", ("a",))]),
        ('op.create_index("x", "t", ["a"], postgresql_concurrently=True)', []),
        ("op.execute(TEXT)\nhelper()\nop.create_index(*args)", []),
    ],
)
def test_operations_of_alembic(body: str, found: list[tuple[str, tuple[str, ...]]]) -> None:
    assert locking({"versions/b.py": alembic(body)}) == found


def test_revisions_that_follow_each_other() -> None:
    files = {
        "versions/1.py": alembic("pass", "a", None),
        "versions/2.py": alembic("pass", "b", "a"),
        "versions/3.py": alembic("pass", "c", "a"),
        "versions/4.py": alembic("pass", "d", None).replace("down_revision = None", "down_revision = ('b', 'c')"),
    }
    assert newest(read(files)) == {"versions/4.py"}


ENGINE = "DATABASES = {'default': {'ENGINE': 'django.db.backends.%s', 'NAME': 'x'}}\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"settings.py": ""}, "postgres"),
        ({"settings.py": ENGINE % "postgresql"}, "postgres"),
        ({"settings.py": ENGINE % "mysql"}, "mysql"),
        ({"settings.py": ENGINE % "sqlite3"}, "sqlite"),
        ({"settings.py": ENGINE % "sqlite3" + "if DEBUG:\n    " + ENGINE % "postgresql"}, "postgres"),
        ({"settings.py": "import dj_database_url\n" + ENGINE % "sqlite3"}, "postgres"),
        ({"settings.py": ENGINE % "sqlite3", "a.py": "from django.contrib.postgres import fields\n"}, "postgres"),
        ({"base_settings.py": ENGINE % "sqlite3", "settings.py": ENGINE % "mysql"}, "mysql"),
        ({"a.py": "import pymysql\n"}, "mysql"),
        ({"a.py": "import asyncpg\n"}, "postgres"),
    ],
)  # fmt: skip
def test_which_database(files: dict[str, str], expected: str) -> None:
    assert dialect(project(files)) == expected


def test_the_last_of_each_chain() -> None:
    files = {
        "shop/migrations/0001_initial.py": django(""),
        "shop/migrations/0002_a.py": django("", after="[('store', '0001_initial')]", more=""),
        "shop/migrations/0003_b.py": django("", after="[('auth', '0001_initial'), ('store', '0002_a')]", more=""),
        "users/migrations/0001_initial.py": django(""),
    }
    found = last(read(files))
    assert {chain: (those[-1].name, those[-1].label) for chain, those in found.items()} == {
        "shop/migrations": ("0003_b", "store"),
        "users/migrations": ("0001_initial", "users"),
    }
