"""Texts that make an index: read again, run by SQLite, and run by Django and SQLAlchemy themselves."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from slowlint.linter.sql import snippets
from slowlint.linter.sql.access import Proposal, Sort
from slowlint.linter.sql.ddl import read_script
from slowlint.linter.sql.tables import Part, Table, TableColumn, TableIndex
from slowlint.linter.sql.write import create_index, drop_index, index_name, quoted, unsupported
from slowlint.linter.sql.write_python import alembic_migration, django_index, django_migration, sqlalchemy_index

ORDERS = Table(
    "orders",
    (
        TableColumn("id", "bigint"),
        TableColumn("shop_id", "bigint"),
        TableColumn("placed", "timestamp"),
        TableColumn("Status", "varchar(20)"),
        TableColumn("note", "text"),
        TableColumn("paid", "boolean"),
        TableColumn("order", "int"),
    ),
)
FIELDS = {"shop_id": "shop", "placed": "placed_at", "status": "status"}
PLAIN = Proposal("orders", ("shop_id",), (Sort("placed", True),)).index()
FOLDED = Proposal("orders", ("lower(note)",)).index()
PREFIX = Proposal("orders", (), (Sort("note", opclass="text_pattern_ops"),)).index()
RARE = Proposal("orders", ("placed",), where="status = 'queued'").index()
ODD = Proposal("orders", ("status", "order")).index()
HELD = replace(PLAIN, include=("note",))
UNIQUE = TableIndex((Part("shop_id"),), unique=True)
GIN = TableIndex((Part("note", opclass="gin_trgm_ops"),), "words", method="gin")


@pytest.mark.parametrize(
    ("index", "dialect", "expected"),
    [
        (PLAIN, "postgres", "CREATE INDEX CONCURRENTLY orders_shop_id_placed_idx ON orders (shop_id, placed DESC);"),
        (PLAIN, "postgresql", "CREATE INDEX CONCURRENTLY orders_shop_id_placed_idx ON orders (shop_id, placed DESC);"),
        (PLAIN, "mysql", "CREATE INDEX orders_shop_id_placed_idx ON orders (shop_id, placed DESC) ALGORITHM=INPLACE LOCK=NONE;"),  # noqa: E501
        (PLAIN, "sqlite", "CREATE INDEX orders_shop_id_placed_idx ON orders (shop_id, placed DESC);"),
        (FOLDED, "postgres", "CREATE INDEX CONCURRENTLY orders_lower_note_idx ON orders (lower(note));"),
        (FOLDED, "mysql", "CREATE INDEX orders_lower_note_idx ON orders ((lower(note))) ALGORITHM=INPLACE LOCK=NONE;"),
        (PREFIX, "postgres", "CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note text_pattern_ops);"),
        (PREFIX, "mysql", "CREATE INDEX orders_note_idx ON orders (note(191)) ALGORITHM=INPLACE LOCK=NONE;"),
        (RARE, "postgres", """CREATE INDEX CONCURRENTLY orders_placed_partial_idx ON orders (placed) WHERE "Status" = 'queued';"""),  # noqa: E501
        (RARE, "mysql", "CREATE INDEX orders_placed_partial_idx ON orders (placed) ALGORITHM=INPLACE LOCK=NONE;"),
        (ODD, "postgres", 'CREATE INDEX CONCURRENTLY orders_status_order_idx ON orders ("Status", "order");'),
        (ODD, "mysql", "CREATE INDEX orders_status_order_idx ON orders (`Status`, `order`) ALGORITHM=INPLACE LOCK=NONE;"),  # noqa: E501
        (HELD, "postgres", "CREATE INDEX CONCURRENTLY orders_shop_id_placed_idx ON orders (shop_id, placed DESC) INCLUDE (note);"),  # noqa: E501
        (UNIQUE, "sqlite", "CREATE UNIQUE INDEX orders_shop_id_idx ON orders (shop_id);"),
        (GIN, "postgres", "CREATE INDEX CONCURRENTLY words ON orders USING gin (note gin_trgm_ops);"),
    ],
)  # fmt: skip
def test_statements(index: TableIndex, dialect: str, expected: str) -> None:
    assert create_index(index, ORDERS, dialect) == expected


def test_where_nobody_has_to_be_let_in() -> None:
    index = TableIndex((Part("owner"),), "x")
    table = Table("order", (TableColumn("owner"),))
    assert create_index(index, table, "postgres", online=False) == 'CREATE INDEX x ON "order" (owner);'
    assert create_index(index, table, "mysql", online=False) == "CREATE INDEX x ON `order` (owner);"


@pytest.mark.parametrize("index", [PLAIN, FOLDED, PREFIX, RARE, ODD, HELD, UNIQUE, GIN])
def test_what_is_written_is_read_as_the_same(index: TableIndex) -> None:
    (table,) = read_script(create_index(index, ORDERS), "a.sql", "postgres").tables
    (read,) = table.indexes
    assert (read.keys, read.unique, read.method, read.include) == (
        index.keys,
        index.unique,
        index.method,
        index.include,
    )
    assert [(p.descending, p.opclass) for p in read.parts] == [(p.descending, p.opclass) for p in index.parts]
    assert read.where == index.where


@pytest.mark.parametrize("index", [PLAIN, FOLDED, RARE, ODD, UNIQUE])
def test_sqlite_runs_it(index: TableIndex) -> None:
    with sqlite3.connect(":memory:") as database:
        columns = ", ".join(f"{quoted(c.name, 'sqlite')} {c.type}" for c in ORDERS.columns)
        database.execute(f"CREATE TABLE orders ({columns})")
        database.execute(create_index(index, ORDERS, "sqlite"))
        database.execute(drop_index(replace(index, name=index_name(index, ORDERS)), ORDERS, "sqlite"))


def test_names_fit_and_are_new() -> None:
    long = TableIndex(tuple(Part(f"a_rather_long_name_{n}") for n in range(9)))
    other = TableIndex((*long.parts[:8], Part("something_else_that_is_long")))
    for limit in (30, 63, 64):
        names = {index_name(long, ORDERS, limit), index_name(other, ORDERS, limit)}
        assert len(names) == 2
        assert all(len(name) <= limit for name in names)
    taken = replace(ORDERS, indexes=(TableIndex((Part("x"),), "orders_shop_id_idx"),))
    assert index_name(UNIQUE, taken) == "orders_shop_id_idx2"
    assert drop_index(TableIndex((Part("a"),), "u", constraint=True), ORDERS) == "ALTER TABLE orders DROP CONSTRAINT u;"
    assert (
        drop_index(TableIndex((Part("a"),), "i"), replace(ORDERS, schema="Shop")) == 'DROP INDEX CONCURRENTLY "Shop".i;'
    )
    assert drop_index(TableIndex((Part("a"),), "i"), ORDERS, "mariadb") == "DROP INDEX i ON orders;"


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (PLAIN, 'models.Index(fields=["shop", "-placed_at"], name="orders_shop_id_placed_idx")'),
        (FOLDED, 'models.Index(Lower("note"), name="orders_lower_note_idx")'),
        (PREFIX, 'models.Index(fields=["note"], opclasses=["text_pattern_ops"], name="orders_note_idx")'),
        (RARE, 'models.Index(fields=["placed_at"], condition=models.Q(status="queued"), name="orders_placed_partial_idx")'),  # noqa: E501
        (Proposal("orders", ("placed",), where="not paid").index(), 'models.Index(fields=["placed_at"], condition=models.Q(paid=False), name="orders_placed_partial_idx")'),  # noqa: E501
        (Proposal("orders", ("placed",), where="note is null").index(), 'models.Index(fields=["placed_at"], condition=models.Q(note__isnull=True), name="orders_placed_partial_idx")'),  # noqa: E501
        (GIN, 'GinIndex(fields=["note"], opclasses=["gin_trgm_ops"], name="words")'),
        (TableIndex((Part(expression="upper(note)", opclass="gin_trgm_ops"),), "w", method="gin"), 'GinIndex(OpClass(Upper("note"), name="gin_trgm_ops"), name="w")'),  # noqa: E501
        (UNIQUE, None),
        (Proposal("orders", ("(a || b)",)).index(), None),
    ],
)  # fmt: skip
def test_django_models(index: TableIndex, expected: str | None) -> None:
    assert django_index(index, ORDERS, FIELDS) == expected


def test_a_migration_of_django() -> None:
    made = django_migration(PLAIN, ORDERS, FIELDS, app="shop", model="Order", leaf="0012_more")
    assert made is not None
    assert made.name == "0013_orders_shop_id_placed_idx.py"
    assert made.text == (
        "from django.contrib.postgres.operations import AddIndexConcurrently\n"
        "from django.db import migrations, models\n"
        "\n\n"
        "class Migration(migrations.Migration):\n"
        "    atomic = False  # CREATE INDEX CONCURRENTLY cannot stand in a transaction\n"
        "\n"
        '    dependencies = [("shop", "0012_more")]\n'
        "\n"
        "    operations = [\n"
        "        AddIndexConcurrently(\n"
        '            model_name="order",\n'
        '            index=models.Index(fields=["shop", "-placed_at"], name="orders_shop_id_placed_idx"),\n'
        "        ),\n"
        "    ]\n"
    )
    assert django_migration(UNIQUE, ORDERS, FIELDS, app="shop", model="Order", leaf="") is None


@pytest.mark.parametrize("index", [PLAIN, FOLDED, PREFIX, RARE])
@pytest.mark.parametrize("leaf", ["", "0012_more"])
def test_django_takes_its_migrations(index: TableIndex, leaf: str) -> None:
    pytest.importorskip("django")
    made = django_migration(index, ORDERS, FIELDS, app="shop", model="Order", leaf=leaf, dialect="sqlite")
    assert made is not None
    names: dict[str, object] = {}
    exec(compile(made.text, made.name, "exec"), names)  # our own text
    operation = names["Migration"].operations[0]  # type: ignore[attr-defined]
    assert type(operation).__name__ == "AddIndex"
    assert len(operation.index.name) <= 30


@pytest.mark.parametrize("index", [PLAIN, FOLDED, PREFIX, RARE, ODD, HELD, UNIQUE])
def test_sqlalchemy_takes_its_indexes(index: TableIndex) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateIndex

    names = {"Index": sqlalchemy.Index, "text": sqlalchemy.text}
    columns = [sqlalchemy.Column(c.name, sqlalchemy.Text) for c in ORDERS.columns]
    made = eval(sqlalchemy_index(index, ORDERS), names)  # our own text
    sqlalchemy.Table("orders", sqlalchemy.MetaData(), *columns, made)
    written = " ".join(str(CreateIndex(made).compile(dialect=postgresql.dialect())).split())
    read = read_script(written, "a.sql", "postgres").tables[0].indexes[0]
    expected = read_script(create_index(index, ORDERS), "a.sql", "postgres").tables[0].indexes[0]
    assert read == expected


def test_a_revision_of_alembic() -> None:
    made = alembic_migration(RARE, ORDERS, down="abc123")
    compile(made.text, made.name, "exec")
    assert 'down_revision = "abc123"' in made.text
    block = "    with op.get_context().autocommit_block():"
    assert made.text.count(block) == 2
    assert (
        'op.create_index("orders_placed_partial_idx", "orders", ["placed"], '
        'postgresql_where=sa.text("\\"Status\\" = \'queued\'"), sqlite_where=sa.text("\\"Status\\" = \'queued\'"), '
        "postgresql_concurrently=True, if_not_exists=True)"
    ) in made.text
    assert (
        'op.drop_index("orders_placed_partial_idx", table_name="orders", postgresql_concurrently=True, if_exists=True)'
        in made.text
    )
    assert made == alembic_migration(RARE, ORDERS, down="abc123")
    plain = alembic_migration(PLAIN, ORDERS, down="", dialect="mysql").text
    assert "down_revision = None" in plain
    assert "autocommit" not in plain
    assert "concurrently" not in plain


def test_what_a_database_cannot_do() -> None:
    assert unsupported(FOLDED, "mariadb").startswith("MariaDB has no indexes on expressions")
    assert unsupported(RARE, "mysql") == unsupported(RARE, "mariadb") != ""
    assert unsupported(HELD, "sqlite") != ""
    assert not any(unsupported(index, "postgresql") for index in (PLAIN, FOLDED, PREFIX, RARE, HELD, GIN))
    assert not any(unsupported(index, "mysql") for index in (PLAIN, FOLDED, UNIQUE))


def test_texts_for_findings() -> None:
    told = snippets.django(
        PLAIN,
        ORDERS,
        FIELDS,
        app="shop",
        model="Order",
        folder="shop/migrations",
        leaf="0012_more",
        dialect="postgresql",
    )
    assert [(one.title, one.path, one.language) for one in told] == [
        ("in Order.Meta.indexes", "", "python"),
        ("migration", "shop/migrations/0013_orders_shop_id_placed_idx.py", "python"),
        ("SQL for PostgreSQL", "", "sql"),
    ]
    assert [one.language for one in snippets.django(UNIQUE, ORDERS, {}, app="a", model="O", folder="f", leaf="")] == [
        "sql"
    ]
    assert [one.path for one in snippets.django(PLAIN, ORDERS, {}, app="", model="O", folder="", leaf="")] == ["", ""]
    _, migration, sql = snippets.django(GIN, ORDERS, {}, app="a", model="O", folder="f", leaf="")
    assert "        TrigramExtension(),\n        AddIndexConcurrently(" in migration.text
    assert sql.text.startswith("CREATE EXTENSION IF NOT EXISTS pg_trgm;\nCREATE INDEX CONCURRENTLY words ON")
    told = snippets.sqlalchemy(PLAIN, ORDERS, model="Order", folder="migrations/versions", down="abc")
    assert told[0].text == 'Index("orders_shop_id_placed_idx", "shop_id", text("placed DESC")),\n'
    assert told[1].path.startswith("migrations/versions/")
    assert told[1].path.endswith("_orders_shop_id_placed_idx.py")
    assert snippets.statement(RARE, ORDERS, "mysql").title.startswith("SQL for MySQL (MySQL has no partial indexes")
    assert [one.title for one in snippets.sqlalchemy(PLAIN, ORDERS, model="Order", dialect="mariadb")] == [
        "in Order.__table_args__",
        "SQL for MariaDB",
    ]
