"""What the linter says of admin pages is what Django really asks the database: the same classes are linted and run."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint

ROWS = 7
MODELS = """\
from django.db import models


class City(models.Model):
    name = models.CharField(max_length=20)


class Shop(models.Model):
    name = models.CharField(max_length=20)
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="shops")
    depot = models.ForeignKey(City, on_delete=models.CASCADE, null=True, related_name="depots")


class Visit(models.Model):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)
    city = models.ForeignKey(City, on_delete=models.CASCADE)

    def __str__(self):
        return f"{self.shop.name}"
"""
ADMIN = """\
from django.contrib import admin

from .models import Shop, Visit

sites = {}


def site(name):
    sites[name] = admin.AdminSite(name)
    return sites[name]


@admin.register(Shop, site=site("Required"))
class Required(admin.ModelAdmin):
    list_display = ["name", "city"]


@admin.register(Shop, site=site("Nullable"))
class Nullable(admin.ModelAdmin):
    list_display = ["name", "depot"]


@admin.register(Shop, site=site("NullableListed"))
class NullableListed(admin.ModelAdmin):
    list_display = ["name", "depot"]
    list_select_related = ["depot"]


@admin.register(Shop, site=site("NullableTrue"))
class NullableTrue(admin.ModelAdmin):
    list_display = ["name", "depot"]
    list_select_related = True


@admin.register(Shop, site=site("ByMethod"))
class ByMethod(admin.ModelAdmin):
    list_display = ["name", "where"]

    def where(self, shop):
        return shop.city.name


@admin.register(Shop, site=site("ByMethodBesideAKey"))
class ByMethodBesideAKey(admin.ModelAdmin):
    list_display = ["city", "where"]

    def where(self, shop):
        return shop.city.name


@admin.register(Shop, site=site("JoinsAnother"))
class JoinsAnother(admin.ModelAdmin):
    list_display = ["city", "where"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("depot")

    def where(self, shop):
        return shop.city.name


@admin.register(Shop, site=site("Prefetches"))
class Prefetches(admin.ModelAdmin):
    list_display = ["name", "where"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("city")

    def where(self, shop):
        return shop.city.name


@admin.register(Shop, site=site("FieldWins"))
class FieldWins(admin.ModelAdmin):
    list_display = ["name"]

    def name(self, shop):
        return shop.city.name


class VisitInline(admin.TabularInline):
    model = Visit
    raw_id_fields = ["city"]


class JoinedInline(admin.TabularInline):
    model = Visit
    raw_id_fields = ["city"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("shop")


class ChoosingInline(admin.TabularInline):
    model = Visit

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("shop")


@admin.register(Shop, site=site("WithInline"))
class WithInline(admin.ModelAdmin):
    inlines = [VisitInline]


@admin.register(Shop, site=site("WithJoinedInline"))
class WithJoinedInline(admin.ModelAdmin):
    inlines = [JoinedInline]


@admin.register(Shop, site=site("WithChoices"))
class WithChoices(admin.ModelAdmin):
    inlines = [ChoosingInline]
"""
RUN = """\
import collections, json, sys

import django
from django.conf import settings

context = [f"django.{p}" for p in ("template.context_processors.request", "contrib.auth.context_processors.auth",
                                   "contrib.messages.context_processors.messages")]
settings.configure(
    DEBUG=True, SECRET_KEY="x", ROOT_URLCONF="__main__", ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "shop", *(f"django.contrib.{app}" for app in ("admin", "auth", "contenttypes", "sessions", "messages"))
    ],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                "OPTIONS": {"context_processors": context}}],
)
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from shop.admin import sites
from shop.models import City, Shop, Visit

urlpatterns = [path(f"{name}/", site.urls) for name, site in sites.items()]
call_command("migrate", verbosity=0, run_syncdb=True)
client = Client()
client.force_login(User.objects.create_superuser("a", "a@example.org", "x"))
rows = int(sys.argv[1])
cities = [City.objects.create(name=str(i)) for i in range(rows)]
shops = [Shop.objects.create(name=str(i), city=cities[i], depot=cities[i]) for i in range(rows)]
for i in range(rows):
    Visit.objects.create(shop=shops[0], city=cities[i])
out = {}
for name in sites:
    asked = collections.Counter()
    for page in ("", f"{shops[0].pk}/change/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/{name}/shop/shop/{page}").status_code == 200
        count = collections.Counter()
        for query in queries:
            table = query["sql"].partition('FROM "shop_')[2].partition('"')[0]
            count[table] += 1
        asked.update({table for table, n in count.items() if table and n >= rows})
    out[name] = sorted(asked)
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("admin")
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").write_text("")
    (root / "shop" / "models.py").write_text(MODELS)
    (root / "shop" / "admin.py").write_text(ADMIN)
    return root


@pytest.fixture(scope="module")
def asked(project: Path) -> dict[str, list[str]]:
    """By admin class: the tables that Django asks at least once per row on the changelist or the page of one row."""
    (project / "run.py").write_text(RUN)
    done = subprocess.run(
        [sys.executable, "run.py", str(ROWS)], cwd=project, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def told(project: Path) -> dict[str, set[str]]:
    """The same by what the linter finds: the classes whose lines a finding names, and the table of its query."""
    classes = [c for c in ast.parse(ADMIN).body if isinstance(c, ast.ClassDef)]
    out: dict[str, set[str]] = {c.name: set() for c in classes}
    for finding in lint(project, Settings(), rules.load()).findings:
        if finding.code != "lazy-load-in-admin" or finding.query is None:
            continue
        for place in (finding.place, *(b.place for b in finding.because)):
            for cls in classes:
                if place.path == "shop/admin.py" and cls.lineno <= place.line <= (cls.end_lineno or 0):
                    out[cls.name].add(finding.query.tables[0].removeprefix("shop_"))
    return out


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("Required", set()),
        ("Nullable", {"city"}),
        ("NullableListed", set()),
        ("NullableTrue", {"city"}),
        ("ByMethod", {"city"}),
        ("ByMethodBesideAKey", set()),
        ("JoinsAnother", {"city"}),
        ("Prefetches", set()),
        ("FieldWins", set()),
    ],
)
def test_changelists_ask_what_is_told(
    asked: dict[str, list[str]], told: dict[str, set[str]], name: str, tables: set[str]
) -> None:
    assert set(asked[name]) == tables
    assert told[name] == tables


def test_an_inline_asks_for_the_parent_and_the_raw_key_of_each_row(
    asked: dict[str, list[str]], told: dict[str, set[str]]
) -> None:
    assert asked["WithInline"] == ["city", "shop"]
    assert told["VisitInline"] == {"city", "shop"}
    assert asked["WithJoinedInline"] == ["city"]
    assert told["JoinedInline"] == {"city"}


def test_an_inline_asks_for_the_choices_of_each_row(asked: dict[str, list[str]], told: dict[str, set[str]]) -> None:
    assert asked["WithChoices"] == ["city"]
    assert told["ChoosingInline"] == {"city"}
