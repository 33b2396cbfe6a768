"""What is kept in memory: per object or per request without end, or a file as a whole."""

import hashlib
import shutil
from functools import cache, cached_property, lru_cache
from pathlib import Path

import requests
from flask import Flask
from io_app.places import SERVER

app = Flask(__name__)
PAGES = {}
BOUNDED = {}
TARGET = Path("out.bin")


class Total:
    def __init__(self, rows):
        self.rows = rows

    @cache  # noqa: B019
    def ask(self):  # slow: [unbounded-cache]
        return sum(self.rows)


@app.route("/total")
def total():
    return str(Total([1, 2]).ask())


@app.route("/page/<name>")
def page(name: str):
    if name not in PAGES:
        PAGES[name] = name.title()  # slow: [unbounded-cache]
    return PAGES[name]


class Bounded:
    def __init__(self, rows):
        self.rows = rows

    @lru_cache(maxsize=4)  # noqa: B019
    def ask(self):
        return sum(self.rows)


class OwnTotal:
    def __init__(self, rows):
        self.rows = rows

    @cached_property
    def total(self):
        return sum(self.rows)

    def ask(self):
        return self.total


@app.route("/totals")
def totals():
    return str(Bounded([1, 2]).ask() + OwnTotal([1, 2]).ask())


@app.route("/bounded/<name>")
def bounded_page(name: str):
    if len(BOUNDED) > 10:
        BOUNDED.clear()
    BOUNDED[name] = name.title()
    return BOUNDED[name]


# Files


@app.route("/download")
def download():
    answer = requests.get(f"{SERVER}/large", timeout=5)  # slow: [whole-file-in-memory]
    with open(TARGET, "wb") as target:
        target.write(answer.content)
    return "done"


def copied(source):
    with open(source, "rb") as file, open(TARGET, "wb") as target:
        target.write(file.read())  # slow: [whole-file-in-memory]


def lines(source):
    count = 0
    with open(source) as file:
        for line in file.readlines():  # slow: [whole-file-in-memory]
            count += len(line)
    return count


@app.route("/streamed")
def streamed():
    with requests.get(f"{SERVER}/large", timeout=5, stream=True) as answer, open(TARGET, "wb") as target:
        for piece in answer.iter_content(65536):
            target.write(piece)
    return "done"


def copied_in_pieces(source):
    with open(source, "rb") as file, open(TARGET, "wb") as target:
        shutil.copyfileobj(file, target)


def lines_one_by_one(source):
    count = 0
    with open(source) as file:
        for line in file:
            count += len(line)
    return count


def digest(source):
    sums = hashlib.sha256()
    with open(source, "rb") as file:
        while piece := file.read(65536):
            sums.update(piece)
    return sums.hexdigest()
