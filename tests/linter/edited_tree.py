"""A project under random edits, for comparing runs that remember something with runs that do not."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

MODELS = """
from django.db import models
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Author(models.Model):
    name = models.CharField(max_length=50)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    editor = models.ForeignKey(Author, null=True, on_delete=models.CASCADE)
    title = models.TextField()


class Base(DeclarativeBase):
    pass


class Parent(Base):
    __tablename__ = "parent"
    id: Mapped[int] = mapped_column(primary_key=True)
    children: Mapped[list["Child"]] = relationship(back_populates="parent")


class Child(Base):
    __tablename__ = "child"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("parent.id"))
    parent: Mapped[Parent] = relationship(back_populates="children")
"""
# Bodies of functions; `{}` is the name of another function of the project, which may be this one or not exist
BODIES = (
    "    return Book.objects.all()\n",
    "    return Book.objects.select_related('author').filter(title='a')\n",
    "    for book in Book.objects.all():\n        print(book.author.name)\n",
    "    for book in {}(x):\n        print(book.author.name, book.editor)\n",
    "    for book in {}(x):\n        {}(book)\n",
    "    return x.author.name\n",
    "    for one in range(9000):\n        {}(one)\n    return {}(x)\n",
    "    return {}({}(x))\n",
    "    time.sleep(1)\n    return {}(x)\n",
    "    with Session() as session:\n        return session.scalars(select(Parent)).all()\n",
    "    for parent in {}(x):\n        print(parent.children)\n",
    "    for child in Session().scalars(select(Child)):\n        {}(child)\n        print(child.parent.id)\n",
    "    for author in Author.objects.all():\n        for book in author.books.all():\n            {}(book)\n",
    "    x.title = 'b'\n    x.save()\n    return x\n",
    "    return render(x, 'list.html', {'rows': {}(x), 'row': Book.objects.first()})\n",
    "    data = {'rows': Book.objects.all()}\n    data.update(row={}(x))\n    return render(x, 'card.html', data)\n",
)
# What templates say; each file of them holds some of these
PIECES = (
    "{% for row in rows %}{{ row.author.name }}{% endfor %}\n",
    "{% for row in rows %}{% include 'card.html' with row=row only %}{% endfor %}\n",
    "{% for row in rows %}{{ row }}{% for book in row.author.books.all %}{{ book.editor }}{% endfor %}{% endfor %}\n",
    "{{ row.editor.name }}{% for book in row.author.books.all %}{{ book.editor }}{% endfor %}\n",
    "{% block content %}{% for row in rows %}{{ row.editor.name }}{% endfor %}{% endblock %}\n",
    "{% include 'list.html' %}\n",
    "text\n\n",
)
# A serializer, a view and an admin page; `{}` is one of the choices below each
API = """
from django.contrib import admin
from rest_framework import serializers, viewsets

from .models import *
from .one import *


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = {}


class BookSerializer(serializers.ModelSerializer):
    author = {}
    shown = serializers.SerializerMethodField()

    def get_shown(self, book):
        return {}

    class Meta:
        model = Book
        fields = ("author", "shown", "editor")


class Books(viewsets.ReadOnlyModelViewSet):
    queryset = {}
    serializer_class = BookSerializer


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = {}
    list_select_related = {}
"""
API_CHOICES = (
    ('("name",)', '("name", "books")', '"__all__"'),
    ("AuthorSerializer()", "serializers.StringRelatedField()", "serializers.CharField(source='author.name')"),
    ("book.editor.name", "f1(book)", "book.author.books.count()", "book.title"),
    ("Book.objects.all()", "Book.objects.select_related('author', 'editor')", "f2()", "Book.objects.none()"),
    ('("title",)', '("title", "author", "editor")', '("title", "name")'),
    ("True", "False", '("author",)'),
)
HEADS = ("def {}(x=None):\n", "async def {}(x):\n", "def {}(x: Book):\n", "def {}(*x):\n")
NAMES = tuple(f"f{i}" for i in range(9))


class Tree:
    """A project under random edits: modules of functions that call one another, in both directions and in circles."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.chance = random.Random(seed)
        self.modules: dict[str, list[str]] = {}
        self.models = MODELS
        self.api = [choices[0] for choices in API_CHOICES]
        self.templates = {"base.html": PIECES[4], "list.html": PIECES[0], "card.html": PIECES[3]}
        (root / "app").mkdir(parents=True)
        (root / "app" / "__init__.py").write_text("")
        (root / "pyproject.toml").write_text("[tool.slowlint]\n")
        for name in ("one", "two", "three"):
            self.modules[name] = [self.function() for _ in range(4)]
        self.write()

    def function(self, name: str | None = None) -> str:
        body = self.chance.choice(BODIES)
        filled = "".join(part + self.chance.choice(NAMES) for part in body.split("{}"))
        filled = filled[:-2] if body.endswith("\n") else filled  # the last name stands behind the end
        return self.chance.choice(HEADS).format(name or self.chance.choice(NAMES)) + filled

    def edit(self) -> str:
        """One edit; what it was, in words."""
        kinds: list[Callable[[], str]] = [
            self.add, self.add, self.remove, self.change, self.change, self.rename, self.move, self.swap,
            self.new_file, self.delete_file, self.change_model, self.change_template, self.change_template,
            self.change_api, self.change_api,
        ]  # fmt: skip
        done = self.chance.choice(kinds)()
        self.write()
        return done

    def some(self) -> tuple[str, int]:
        name = self.chance.choice([n for n, functions in self.modules.items() if functions])
        return name, self.chance.randrange(len(self.modules[name]))

    def add(self) -> str:
        name = self.chance.choice(list(self.modules))
        self.modules[name].insert(self.chance.randrange(len(self.modules[name]) + 1), self.function())
        return f"a function more in {name}"

    def remove(self) -> str:
        name, at = self.some()
        if sum(map(len, self.modules.values())) > 6:
            del self.modules[name][at]
        return f"function {at} of {name} removed"

    def change(self) -> str:
        name, at = self.some()
        old = self.modules[name][at].partition("(")[0].split()[-1]
        self.modules[name][at] = self.function(old)
        return f"function {at} of {name} changed"

    def rename(self) -> str:
        name, at = self.some()
        old = self.modules[name][at].partition("(")[0].split()[-1]
        new = self.chance.choice(NAMES)
        self.modules[name][at] = self.modules[name][at].replace(f"def {old}(", f"def {new}(")
        return f"{old} of {name} renamed to {new}"

    def move(self) -> str:
        name, at = self.some()
        lines = "\n" * self.chance.randrange(1, 4) + f"X{at} = {self.chance.random()}\n\n\n"
        self.modules[name][at] = lines + self.modules[name][at]
        return f"lines before function {at} of {name}"

    def swap(self) -> str:
        name, _ = self.some()
        self.chance.shuffle(self.modules[name])
        return f"{name} in another order"

    def new_file(self) -> str:
        name = f"{self.chance.choice('abcxyz')}{self.chance.randrange(9)}"
        self.modules.setdefault(name, [self.function() for _ in range(2)])
        return f"a new file {name}"

    def delete_file(self) -> str:
        if len(self.modules) < 3:
            return self.new_file()
        name = self.chance.choice(list(self.modules))
        del self.modules[name]
        (self.root / "app" / f"{name}.py").unlink()
        return f"file {name} deleted"

    def change_model(self) -> str:
        before, after = self.chance.choice(
            [("author = models", "writer = models"), ("title = models.TextField", "title = models.IntegerField")]
        )
        self.models = (
            self.models.replace(before, after) if before in self.models else self.models.replace(after, before)
        )
        return "another model"

    def change_api(self) -> str:
        at = self.chance.randrange(len(self.api))
        self.api[at] = self.chance.choice(API_CHOICES[at])
        return f"part {at} of the API is {self.api[at]}"

    def change_template(self) -> str:
        name = self.chance.choice(["list.html", "card.html", "base.html", "other.html"])
        if self.templates.pop(name, None) is None or name == "base.html" or self.chance.random() < 0.8:
            head = "{% extends 'base.html' %}\n" if name != "base.html" and self.chance.random() < 0.4 else ""
            self.templates[name] = head + "".join(self.chance.choices(PIECES, k=2))
        else:
            (self.root / "app" / "templates" / name).unlink()
        return f"template {name} changed"

    def write(self) -> None:
        names = list(self.modules)
        parts = zip(API.split("{}"), [*self.api, ""], strict=True)
        files = {"models": self.models, "api": "".join(text + choice for text, choice in parts)}
        for i, (name, functions) in enumerate(self.modules.items()):
            others = [names[(i + 1) % len(names)], names[(i + 2) % len(names)]]
            imports = "".join(f"from .{other} import *\n" for other in others if other != name)
            libraries = "import time\nfrom django.shortcuts import render\nfrom sqlalchemy import select\n"
            libraries += "from sqlalchemy.orm import Session\n"
            head = f"{libraries}from .models import *\n{imports}"
            files[name] = head + "\n\n" + "\n\n".join(functions)
        (self.root / "app" / "templates").mkdir(exist_ok=True)
        written = {f"{name}.py": text for name, text in files.items()}
        for name, text in {**written, **{f"templates/{n}": t for n, t in self.templates.items()}}.items():
            path = self.root / "app" / name
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
