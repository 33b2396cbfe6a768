"""Templates of Flask: which file a name means, what its context holds, what filters read per row."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import check

MODELS = """
from __future__ import annotations
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)

class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String)
    author_id = db.Column(db.ForeignKey("author.id"))
    author = db.relationship("Author", backref="books")
    chapters = db.relationship("Chapter", back_populates="book")

    def label(self):
        return self.author.name

class Chapter(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    words = db.Column(db.Integer)
    book_id = db.Column(db.ForeignKey("book.id"))
    book = db.relationship("Book", back_populates="chapters")
"""
HEAD = """
import flask
from flask import Blueprint, Flask, render_template, render_template_string, stream_template
from sqlalchemy.orm import joinedload, selectinload

from shop.models import Author, Book, db

app = Flask(__name__)

def every():
    return Book.query.all()

def loaded():
    return Book.query.options(joinedload(Book.author), selectinload(Book.chapters)).all()

"""
AUTHOR = "{% for book in books %}{{ book.author.name }}{% endfor %}{# error: lazy-load-in-template #}\n"
SILENT = "{% for book in books %}{{ book.author.name }}{% endfor %}\n"


def shop(tmp_path: Path, views: str, files: dict[str, str]) -> None:
    check(tmp_path, {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": HEAD + views, **files})


def view(call: str) -> str:
    return f'@app.route("/")\ndef page():\n    return {call}\n'


@pytest.mark.parametrize(
    "call",
    [
        'render_template("x.html", books=every())',
        'flask.render_template("x.html", books=every())',
        'stream_template("x.html", books=every())',
        'render_template(["missing.html", "x.html"], books=every())',
        'render_template("x.html", **{"books": every()})',
        'render_template("x.html", **dict(books=every()))',
        'app.jinja_env.get_template("x.html").render(books=every())',
        'app.jinja_env.get_or_select_template(["x.html"]).render({"books": every()})',
    ],
)
def test_who_renders(tmp_path: Path, call: str) -> None:
    shop(tmp_path, view(call), {"shop/templates/x.html": AUTHOR})


def test_what_is_loaded_is_silent(tmp_path: Path) -> None:
    shop(tmp_path, view('render_template("x.html", books=loaded())'), {"shop/templates/x.html": SILENT})


def test_a_template_in_a_string_is_reported_where_it_is_rendered(tmp_path: Path) -> None:
    text = "{% for book in books %}{{ book.author.name }}{% endfor %}"
    shop(
        tmp_path,
        f"def page():\n    return render_template_string('{text}', books=every())  # error: lazy-load-in-template\n"
        f"def other():\n    return render_template_string('{text}', books=loaded())\n",
        {},
    )


FILTERS = {
    "selectattr": "{% set few = books | selectattr('chapters') | list %}",
    "rejectattr": "{% for b in books | rejectattr('author.name') %}{% endfor %}",
    "map": "{{ books | map(attribute='author.name') | join(', ') }}",
    "map-further": "{% for c in books | map(attribute='author') %}{{ c.name }}{% endfor %}",
    "groupby": "{% for name, some in books | groupby('author.name') %}{{ name }}{% endfor %}",
    "grouped": "{% for group in books|groupby('title') %}{% for b in group.list %}{{ b.author.name }}"
    "{% endfor %}{% endfor %}",
    "unpacked": "{% for _, some in books|groupby('title') %}{% for b in some %}{{ b.author.name }}"
    "{% endfor %}{% endfor %}",
    "sort": "{% for b in books | sort(attribute='author.name') %}{{ b.title }}{% endfor %}",
    "sort-position": "{% for b in books | sort(false, false, 'author.name') %}{{ b.title }}{% endfor %}",
    "sum": "{{ books | sum(attribute='author.id') }}",
    "join": "{{ books | join(', ', attribute='author.name') }}",
    "length": "{% for b in books %}{{ b.chapters | length }}{% endfor %}",
    "count": "{% for b in books %}{{ b.chapters | count }}{% endfor %}",
    "max": "{{ (books | max(attribute='author.name')).title }}",
    "batch": "{% for row in books | batch(3) %}{% for b in row %}{{ b.author.name }}{% endfor %}{% endfor %}",
    "nested": "{% for b in books %}{% for c in b.chapters %}{{ c.words }}{% endfor %}{% endfor %}",
    "condition": "{% for b in books if b.author %}{{ b.title }}{% endfor %}",
    "if": "{% for b in books %}{% if b.author %}{{ b.title }}{% endif %}{% endfor %}",
    "if-not-only": "{% for b in books %}{% if b.author and b.author.name %}{{ b.title }}{% endif %}{% endfor %}",
}
QUIET = {
    "selectattr": "{% set few = books | selectattr('title', 'equalto', 'x') | list %}",
    "map": "{{ books | map(attribute='title') | join(', ') }}",
    "groupby": "{% for name, some in books | groupby('title') %}{{ name }}{% endfor %}",
    "sort": "{% for b in books | sort(attribute='title') %}{{ b.title }}{% endfor %}",
    "first": "{{ (books | first).author.name }}",
    "length": "{{ books | length }}",
    "one": "{{ books[0].author.name }}",
    "key": "{% for b in books %}{{ b.author_id }}{% endfor %}",
    "max": "{{ (books | max(attribute='title')).author.name }}",
    "first-round": "{% for b in books %}{% if loop.first %}{{ b.author.name }}{% endif %}{% endfor %}",
    "unknown": "{% for b in others %}{{ b.author.name }}{% endfor %}",
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(tmp_path: Path, name: str) -> None:
    marked = FILTERS[name] + "{# error: lazy-load-in-template #}\n"
    shop(tmp_path, view('render_template("x.html", books=every())'), {"shop/templates/x.html": marked})


@pytest.mark.parametrize("name", FILTERS)
def test_filters_over_what_is_loaded(tmp_path: Path, name: str) -> None:
    files = {"shop/templates/x.html": FILTERS[name] + "\n"}
    shop(tmp_path, view('render_template("x.html", books=loaded())'), files)


@pytest.mark.parametrize("name", QUIET)
def test_look_alikes(tmp_path: Path, name: str) -> None:
    files = {"shop/templates/x.html": QUIET[name] + "\n"}
    shop(tmp_path, view('render_template("x.html", books=every())'), files)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("shop/templates/orders/x.html", "orders/x.html"),
        ("shop/journal_templates/x.html", "x.html"),
        ("shop/orders/templates/list/x.html", "shop/orders/list/x.html"),
        ("shop/pages/x.jinja2", "pages/x.jinja2"),
    ],
)
def test_where_templates_are_found(tmp_path: Path, folder: str, name: str) -> None:
    shop(tmp_path, view(f'render_template("{name}", books=every())'), {folder: AUTHOR})


def test_of_several_files_that_end_so_none_is_meant(tmp_path: Path) -> None:
    files = {"a/templates/b/x.html": SILENT, "c/a/templates/b/x.html": SILENT}
    shop(tmp_path, view('render_template("a/b/x.html", books=every())'), files)


CURRENT = """
from flask_login import LoginManager, current_user

login = LoginManager()

@login.user_loader
def load(key):
    return Author.query.get(int(key))
"""


def test_the_current_user_is_the_row_that_the_loader_gives(tmp_path: Path) -> None:
    own = "{% for book in current_user.books %}{{ book.chapters | length }}{% endfor %}"
    files = {"shop/templates/x.html": own + "{# error: lazy-load-in-template #}\n"}
    shop(tmp_path, CURRENT + view('render_template("x.html")'), files)


def test_the_current_user_is_fetched_once(tmp_path: Path) -> None:
    own = "{% for book in books %}{{ current_user.name }}{{ current_user.books | length }}{% endfor %}\n"
    shop(tmp_path, CURRENT + view('render_template("x.html", books=every())'), {"shop/templates/x.html": own})


WRAPPED = """
class Page:
    show = staticmethod(render_template)
    folder = "orders/"
    template = "x.html"

    def __init__(self, title):
        self.title = title

    def render(self, template=None, **context):
        return self.show(f"{self.folder}{template or self.template}", title=self.title, **context)

"""


@pytest.mark.parametrize("call", ['Page("a").render(books=every())', 'Page("a").render("x.html", books=every())'])
def test_wrappers_hand_on_names_and_contexts(tmp_path: Path, call: str) -> None:
    shop(tmp_path, WRAPPED + view(call), {"shop/templates/orders/x.html": AUTHOR})


GIVEN = """
from flask import Flask

def author_of(book):
    return book.author  # error: lazy-load-in-template

def names(books):
    return [book.author.name for book in books]  # error: lazy-load-in-loop

app.jinja_env.filters["author_of"] = author_of
app.jinja_env.globals.update(names=names)
"""


def test_filters_and_functions_of_the_project(tmp_path: Path) -> None:
    used = "{{ names(books) }}{% for book in others %}{{ (book | author_of).name }}{% endfor %}\n"
    shop(
        tmp_path,
        GIVEN + view('render_template("x.html", books=every(), others=Book.query.filter(Book.id > 1).all())'),
        {"shop/templates/x.html": used},
    )
