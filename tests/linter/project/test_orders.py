"""Orders, limits and pages of statements, as query sites carry them."""

from __future__ import annotations

import pytest

from slowlint.linter.project.conditions import NOT, literal, marked, read

from ..frameworks.projects import project

MODELS = """
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    title = models.CharField(max_length=100)
    added = models.DateTimeField()

    class Meta:
        ordering = ["-added"]
        get_latest_by = "added"
"""


@pytest.mark.parametrize(
    ("code", "order", "limit"),
    [
        ("Book.objects.all()[:5]", ("-added",), 5),
        ("Book.objects.order_by('title', '-pk')[:n]", ("title", "-id"), -1),
        ("Book.objects.order_by()[:5]", (), 5),
        ("Book.objects.order_by('author__name')[:5]", ("app_author.name",), 5),
        ("Book.objects.order_by(F('title').desc())[:5]", ("-title",), 5),
        ("Book.objects.order_by('title').reverse()[:5]", ("-title",), 5),
        ("Book.objects.annotate(n=Count('author')).order_by('n')[:5]", ("~",), 5),
        ("[Book.objects.latest('title')]", ("-title",), 1),
        ("[Book.objects.latest()]", ("-added",), 1),
        ("[Book.objects.earliest()]", ("added",), 1),
        ("[Book.objects.aggregate(Max('added'))]", ("added",), 1),
        ("[Book.objects.filter(author=n).aggregate(a=Min('added'), b=Max('added'))]", ("added",), 1),
        ("[Book.objects.aggregate(Max('added'), Max('title'))]", (), 0),
        ("[Book.objects.aggregate(Max('added'), Count('pk'))]", (), 0),
        ("[Book.objects.aggregate(Max(F('added')))]", (), 0),
        ("[Book.objects.order_by('title').last()]", ("-title",), 1),
        ("[Author.objects.first()]", ("id",), 1),
        ("[Book.objects.count()]", (), 0),
        ("Book.objects.all()", ("-added",), 0),
    ],
)
def test_the_order_and_limit_of_a_queryset(code: str, order: tuple[str, ...], limit: int) -> None:
    head = "from django.db.models import Count, F, Max, Min\nfrom app.models import *\n\n"
    view = f"{head}def f(n):\n    for row in {code}: pass\n"
    made = project({"app/models.py": MODELS, "app/views.py": view})
    found = [e for _, e in made.observations.sites() if e.query is not None and e.spot.path == "app/views.py"]
    assert [(e.query.order, e.limit) for e in found if e.query] == [(order, limit)]


def test_the_opposite_of_a_flag_is_a_flag() -> None:
    assert marked([f"done:{literal(True)}"], NOT) == [f"done:{literal(False)}"]
    assert marked(["a:null"], NOT) == ["a:notnull"]
    assert [read(text).kind for text in marked(["a", "b:null"], NOT)] == [NOT, NOT]


def test_a_constant_is_told() -> None:
    condition = read("status:constant='new'")
    assert (condition.column, condition.kind, condition.constant) == ("status", "constant", "'new'")


def test_what_users_of_the_admin_choose() -> None:
    admin = (
        "from django.contrib import admin\nfrom app.models import *\n\n\n@admin.register(Book)\n"
        "class BookAdmin(admin.ModelAdmin):\n    search_fields = ['title', '=author__name']\n"
        "    list_filter = ['added', 'author']\n    date_hierarchy = 'added'\n    ordering = ['-title']\n"
    )
    made = project({"app/models.py": MODELS, "app/admin.py": admin})
    found = [e for _, e in made.observations.sites() if e.chosen]
    assert {(e.conditions, e.query.order) for e in found if e.query} == {
        (("title:icontains",), ()),
        (("app_author.name:iexact",), ()),
        (("added:range",), ()),
        (("author_id",), ()),
        ((), ("-title",)),
    }


@pytest.mark.parametrize(
    ("code", "order", "limit"),
    [
        ("session.scalar(select(func.max(Event.placed)))", ("placed",), 1),
        ("session.query(func.min(Event.placed)).filter(Event.shop == n).scalar()", ("placed",), 1),
        ("session.execute(select(func.max(Event.placed)).group_by(Event.shop))", (), 0),
        ("session.execute(select(Event.shop, func.max(Event.placed)))", (), 0),
        ("session.scalar(select(func.lower(Event.shop)))", (), 0),
    ],
)
def test_the_end_of_a_column_of_sqlalchemy(code: str, order: tuple[str, ...], limit: int) -> None:
    models = (
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, Session\n\n\n"
        "class Base(DeclarativeBase):\n    pass\n\n\nclass Event(Base):\n    __tablename__ = 'event'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n    shop: Mapped[str]\n    placed: Mapped[int]\n"
    )
    view = f"from sqlalchemy import func, select\nfrom models import *\n\n\ndef f(session: Session, n):\n    {code}\n"
    made = project({"models.py": models, "views.py": view})
    found = [e for _, e in made.observations.sites() if e.query is not None]
    assert [(e.query.order, e.limit) for e in found if e.query] == [(order, limit)]
