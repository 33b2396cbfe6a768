"""What is kept between runs changes nothing but the time: whatever happens to it, findings are those of a cold run."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint
from slowlint.linter.model import LintResult

from ..shop import shop

RULES = rules.load()

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


def run(root: Path, cache: Path | None) -> LintResult:
    return lint(root, Settings(), RULES, cache=cache)


def told(result: LintResult) -> list[str]:
    return [repr(finding) for finding in result.findings]


@pytest.mark.parametrize("seed", range(6))
def test_a_run_with_a_cache_tells_what_a_cold_run_tells(tmp_path: Path, seed: int) -> None:
    tree = Tree(tmp_path / "project", seed)
    done = ["the start"]
    found = 0
    for _ in range(25):
        warm, cold = run(tree.root, tmp_path / "cache"), run(tree.root, None)
        assert (told(warm), warm.files, warm.unreadable) == (told(cold), cold.files, cold.unreadable), done
        assert not cold.unreadable
        found += len(cold.findings)
        done.append(tree.edit())
    assert found > 25  # the edits do make and unmake findings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shop(tmp_path / "shop")


def kept(cache: Path) -> Iterator[Path]:
    return (file for file in sorted(cache.rglob("*")) if file.is_file())


def test_a_run_keeps_something_and_uses_it(root: Path, tmp_path: Path) -> None:
    cold = run(root, tmp_path / "cache")
    assert {file.name for file in kept(tmp_path / "cache")} >= {"facts", "memo", "state", "result"}
    assert cold.findings
    assert run(root, tmp_path / "cache") == cold == run(root, None)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda data: b"",
    "cut in half": lambda data: data[: len(data) // 2],
    "one byte short": lambda data: data[:-1],
    "a bit turned": lambda data: (
        data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]
    ),
    "foreign": lambda data: b"%PDF-1.7\n" + bytes(range(256)) * 8,
    "zeros": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("name", ["facts", "memo", "state", "result"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_counts_as_absent(root: Path, tmp_path: Path, name: str, damage: str) -> None:
    cache = tmp_path / "cache"
    cold = run(root, cache)
    (file,) = (f for f in kept(cache) if f.name == name)
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    assert run(root, cache) == cold
    (root / "app" / "queries.py").open("a").write("\nX = 1\n")  # and now the memo and the facts are asked too
    assert run(root, cache) == run(root, None)
    assert run(root, cache) == run(root, None)


def test_files_swapped_with_one_another_count_as_absent(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cold = run(root, cache)
    files = {file.name: file for file in kept(cache)}
    bodies = {name: file.read_bytes() for name, file in files.items()}
    names = sorted(files)
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        files[name].write_bytes(bodies[other])
    assert run(root, cache) == cold


def test_a_file_changed_within_the_clocks_grain_is_read_again(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    before = run(root, cache)
    file = root / "app" / "views.py"
    stat = file.stat()
    text = file.read_text()
    file.write_text("#" + text[1:] if not text.startswith("#") else text)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_size == stat.st_size
    after = run(root, cache)
    assert after == run(root, None)
    assert before == after or text[0] not in "#\n"


def test_a_folder_that_cannot_be_written_is_left_alone(root: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file where the folder should be")
    assert run(root, taken) == run(root, None)
    assert taken.read_text() == "a file where the folder should be"


PROGRAM = """
import sys
from pathlib import Path
from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint
root, cache = Path(sys.argv[1]), Path(sys.argv[2])
chosen = rules.load()
for round in range(8):
    (root / "app" / f"own{sys.argv[3]}.py").write_text(f"X = {round}\\n")
    result = lint(root, Settings(), chosen, cache=cache)
    assert result.findings and not result.unreadable, result
"""


def test_two_processes_may_write_at_once(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(root), str(cache), name], stderr=subprocess.PIPE, text=True
        )
        for name in "ab"
    ]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert run(root, cache) == run(root, None)
    assert not [file for file in kept(cache) if file.name.startswith(".")]  # nothing half-written is left


def test_a_run_that_is_killed_leaves_a_cache_that_can_be_used(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    endless = PROGRAM.replace("range(8)", "range(10**9)")
    for wait in (0.4, 0.6, 0.8):
        process = subprocess.Popen(
            [sys.executable, "-c", endless, str(root), str(cache), "k"], stderr=subprocess.DEVNULL
        )
        time.sleep(wait)
        process.kill()
        process.wait()
        assert run(root, cache) == run(root, None)


def test_only_the_most_recent_roots_are_kept(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for i in range(27):
        project = tmp_path / f"project{i}"
        project.mkdir()
        (project / "app.py").write_text("x = 1\n")
        assert lint(project, Settings(), RULES[:1], cache=cache).files == 1
    (version,) = cache.iterdir()
    assert len(list(version.iterdir())) == 24
