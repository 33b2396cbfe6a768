"""Indexes that scripts and migrations make, which silence the rules about missing ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint
from slowlint.linter.project.scripts import elsewhere, in_order, plain, scripted

from ..frameworks.projects import project

MODELS = (
    "from django.db import models\n\n\nclass Order(models.Model):\n    reference = models.CharField(max_length=9)\n"
)
VIEWS = (
    "from django.http import JsonResponse\nfrom shop.models import Order\n\n\n"
    "def order(request, reference):\n    return JsonResponse({'pk': Order.objects.get(reference=reference).pk})\n"
)
SQL = "create index order_reference on shop_order (reference);\n"
RUN = (
    "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
    "    operations = [migrations.RunSQL('CREATE INDEX x ON shop_order USING btree (reference)')]\n"
)
ALEMBIC = (
    "from alembic import op\nrevision = 'a'\ndown_revision = None\n\n\n"
    "def upgrade():\n    op.create_index('x', 'shop_order', ['reference'])\n"
)


def codes(root: Path, files: dict[str, str], cache: Path | None = None) -> list[str]:
    for name, text in {"shop/models.py": MODELS, "shop/views.py": VIEWS, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    result = lint(root, Settings(), rules.load(), cache=cache)
    assert not result.unreadable
    return [finding.code for finding in result.findings]


@pytest.mark.parametrize(
    ("files", "silent"),
    [
        ({}, False),
        ({"schema.sql": SQL}, True),
        ({"db/migrations/1_up.sql": f"-- migrate:up\n{SQL}\n-- migrate:down\ndrop index order_reference;\n"}, True),
        ({"a.sql": SQL, "b.sql": "drop index order_reference;"}, False),
        ({"schema.sql": SQL.replace(";", " where reference <> '';")}, False),
        ({"schema.sql": SQL.replace("(reference)", "(lower(reference))")}, False),
        ({"schema.sql": "this is no SQL; create nonsense table; \0"}, False),
        ({"shop/migrations/0002_x.py": RUN}, True),
        ({"shop/migrations/0002_x.py": RUN.replace("(reference)", "(lower(reference))")}, False),
        ({"versions/a.py": ALEMBIC}, True),
        ({"versions/a.py": ALEMBIC + "    op.drop_index('x')\n"}, False),
    ],
)
def test_what_is_made_elsewhere_is_no_missing_index(tmp_path: Path, files: dict[str, str], silent: bool) -> None:
    assert ("unindexed-filter" not in codes(tmp_path, files)) is silent


def test_a_script_that_comes_later_is_heard(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    root = tmp_path / "project"
    assert "unindexed-filter" in codes(root, {}, cache)
    assert "unindexed-filter" not in codes(root, {"schema.sql": SQL}, cache)
    assert "unindexed-filter" not in codes(root, {"shop/views.py": VIEWS + "\n"}, cache)
    (root / "schema.sql").unlink()
    assert "unindexed-filter" in codes(root, {}, cache)


def test_tables_without_a_model() -> None:
    made = project({"a.sql": "create table t (id int primary key, a text, unique (a)); create index i on u (b, c)"})
    tables = scripted(made)
    assert tables["t"].primary_key == ("id",)
    assert [column.name for column in tables["t"].columns] == ["id", "a"]
    assert tables["u"].columns == ()
    assert plain(elsewhere(made)["u"]) == [("b", "c")]


def test_scripts_run_in_the_order_of_their_numbers() -> None:
    assert in_order(["db/V10__a.sql", "db/V2__b.sql", "a/1.sql"]) == ["a/1.sql", "db/V2__b.sql", "db/V10__a.sql"]


def test_sqlglot_is_not_imported_for_nothing(tmp_path: Path) -> None:
    codes(tmp_path, {"queries.sql": "select * from t where a = 1;"})
    program = (
        "import sys; from pathlib import Path; from slowlint import rules;"
        "from slowlint.linter.config import Settings; from slowlint.linter.engine import lint;"
        f"lint(Path({str(tmp_path)!r}), Settings(), rules.load()); sys.exit('sqlglot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
