"""Texts of findings about indexes: written into the project, run by Django and Alembic, and linted again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint
from slowlint.linter.model import Finding, Snippet

pytest.importorskip("django")
pytest.importorskip("alembic")

HEAD = "from django.db import models\nfrom django.db.models.functions import Upper\n"
POSTGRESQL = "from django.contrib.postgres.indexes import GinIndex, OpClass\n"
APPS = {  # app → (fields, a query, how PostgreSQL tells of the index)
    "app_plain": ("number = models.CharField(max_length=9)", "filter(number=v).count()", "(number)"),
    "app_key": (
        "owner = models.ForeignKey('auth.User', models.CASCADE, db_index=False)",
        "filter(owner=v).count()",
        "(owner_id)",
    ),
    "app_two": (
        "shop = models.ForeignKey('auth.Group', models.CASCADE)\n    day = models.DateField(db_column='Day')",
        "filter(shop=v).order_by('-day')[:9]",
        '(shop_id, "Day")',
    ),
    "app_queue": (
        "sent = models.BooleanField(default=False)\n    at = models.DateTimeField()",
        "filter(sent=False)",
        "NOT sent",
    ),
    "app_folded": ("number = models.CharField(max_length=9)", "filter(number__iexact=v).count()", "upper("),
    "app_parts": (
        "name = models.CharField(max_length=99)\n    at = models.DateTimeField()",
        "filter(name__icontains=v)",
        "gin_trgm_ops",
    ),
}  # fmt: skip


def name(app: str) -> str:
    """A log has many rows of each parent."""
    return "Event" if app == "app_two" else "Thing"


def django_project(root: Path, engine: str, apps: Mapping[str, tuple[str, str, str]]) -> None:
    head = HEAD + POSTGRESQL * ("postgresql" in engine)
    listed = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.postgres", *apps]
    files = {
        "site_settings/settings.py": f"""
            DATABASES = {{"default": {engine}}}
            INSTALLED_APPS = {listed}
            DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
            ROOT_URLCONF = "site_settings.urls"
            """,
        "site_settings/urls.py": "urlpatterns = []\n",
        "run.py": """
            import os, sys
            from django.core.management import execute_from_command_line
            os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings.settings"
            execute_from_command_line(sys.argv)
            """,
    }
    for app, (fields, query, _) in apps.items():
        files[f"{app}/migrations/__init__.py"] = files[f"{app}/__init__.py"] = ""
        meta = "    class Meta:\n        indexes = []\n"
        files[f"{app}/models.py"] = f"{head}\n\nclass {name(app)}(models.Model):\n    {fields}\n\n{meta}"
        files[f"{app}/views.py"] = (
            f"from django.http import JsonResponse\nfrom .models import {name(app)}\n\n\n"
            f"def find(request, v):\n    return JsonResponse({{'found': list({name(app)}.objects.{query})}})\n"
        )
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(dedent(text))


def run(root: Path, *command: str) -> str:
    done = subprocess.run([sys.executable, *command], cwd=root, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def findings(root: Path) -> list[Finding]:
    found = lint(root, Settings(), rules.load())
    assert not found.unreadable
    told = ("unindexed-filter", "unindexed-foreign-key", "unindexed-order-by", "non-sargable-filter")
    return [finding for finding in found.findings if finding.code in told]


def apply(root: Path, texts: tuple[Snippet, ...]) -> None:
    """What somebody does who copies the first two texts."""
    line, migration, _ = texts
    app = migration.path.partition("/")[0]
    (root / migration.path).write_text(migration.text)
    models = root / app / "models.py"
    models.write_text(models.read_text().replace("indexes = []", f"indexes = [{line.text.strip()}]"))


def test_django_makes_them_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    url = make_url(postgres_url)
    engine = {
        "ENGINE": "django.db.backends.postgresql", "NAME": url.database, "USER": url.username or "",
        "PASSWORD": url.password or "", "HOST": url.host or url.query.get("host", ""), "PORT": str(url.port or ""),
    }  # fmt: skip
    django_project(tmp_path, repr(engine), APPS)
    run(tmp_path, "run.py", "makemigrations")
    run(tmp_path, "run.py", "migrate")
    found = findings(tmp_path)
    assert {finding.place.path.partition("/")[0] for finding in found} == set(APPS)
    for finding in found:
        assert "AddIndexConcurrently" in finding.snippets[1].text
        assert "atomic = False" in finding.snippets[1].text
        apply(tmp_path, finding.snippets)
    run(tmp_path, "run.py", "makemigrations", "--check")  # the models say what the migrations do
    run(tmp_path, "run.py", "migrate")
    with create_engine(postgres_url).connect() as connection:
        made = connection.exec_driver_sql("SELECT tablename, indexdef FROM pg_indexes").fetchall()
        for app, (_, _, said) in APPS.items():
            assert any(table == f"{app}_{name(app).lower()}" and said in text for table, text in made), app
            statement = next(f for f in found if f.place.path.startswith(f"{app}/")).snippets[2].text
            assert "CREATE INDEX CONCURRENTLY" in statement
    assert findings(tmp_path) == []


def test_django_makes_them_on_sqlite(tmp_path: Path) -> None:
    apps = {app: APPS[app] for app in APPS if app != "app_parts"}
    django_project(tmp_path, '{"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}', apps)
    run(tmp_path, "run.py", "makemigrations")
    found = findings(tmp_path)
    assert len(found) == len(apps)
    for finding in found:
        assert "migrations.AddIndex(" in finding.snippets[1].text
        assert "CONCURRENTLY" not in "".join(snippet.text for snippet in finding.snippets)
        apply(tmp_path, finding.snippets)
    run(tmp_path, "run.py", "makemigrations", "--check")
    run(tmp_path, "run.py", "migrate")
    assert findings(tmp_path) == []


ALEMBIC = {
    "alembic.ini": "[alembic]\nscript_location = alembic\nsqlalchemy.url = URL\n",
    "alembic/script.py.mako": "",
    "alembic/env.py": """
        from alembic import context
        from sqlalchemy import create_engine

        with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """,
    "alembic/versions/0001_first.py": """
        import sqlalchemy as sa
        from alembic import op

        revision = "0001"
        down_revision = None


        def upgrade():
            op.create_table(
                "event", sa.Column("id", sa.Integer, primary_key=True), sa.Column("shop", sa.String, index=True),
                sa.Column("Day", sa.Date), sa.Column("number", sa.String),
            )
        """,
    "models.py": """
        from datetime import date
        from sqlalchemy import ForeignKey
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


        class Base(DeclarativeBase):
            pass


        class Shop(Base):
            __tablename__ = "shop"
            id: Mapped[int] = mapped_column(primary_key=True)


        class Event(Base):
            __tablename__ = "event"
            id: Mapped[int] = mapped_column(primary_key=True)
            shop: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
            day: Mapped[date] = mapped_column("Day")
            number: Mapped[str]
        """,
    "app.py": """
        from fastapi import FastAPI
        from sqlalchemy import select
        from sqlalchemy.orm import Session
        from models import Event

        app = FastAPI()


        @app.get("/{shop}")
        def newest(shop: str, session: Session):
            return session.scalars(QUERY).first()
        """,
}
QUERIES = [
    ("select(Event).where(Event.shop == shop).order_by(Event.day.desc()).limit(9)", ["shop", "Day"]),
    ("select(Event).where(Event.number == shop)", ["number"]),
]


@pytest.mark.parametrize(("query", "columns"), QUERIES)
def test_alembic_makes_them(tmp_path: Path, postgres_url: str, query: str, columns: list[str]) -> None:
    for file, text in ALEMBIC.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(dedent(text).replace("URL", postgres_url).replace("QUERY", query))
    (finding,) = findings(tmp_path)
    line, revision, sql = finding.snippets
    assert line.text.startswith("Index(")
    assert line.text.strip().rstrip(",") in finding.remedy or len(columns) == 1
    assert 'down_revision = "0001"' in revision.text
    assert "autocommit_block" in revision.text
    assert "CONCURRENTLY" in sql.text
    (tmp_path / revision.path).write_text(revision.text)
    run(tmp_path, "-m", "alembic", "upgrade", "head")
    indexes = inspect(create_engine(postgres_url)).get_indexes("event")
    assert columns in [
        [c.split()[0].strip('"') for c in index.get("expressions", index["column_names"])] for index in indexes
    ]
    run(tmp_path, "-m", "alembic", "downgrade", "0001")
    assert inspect(create_engine(postgres_url)).get_indexes("event")[1:] == []
