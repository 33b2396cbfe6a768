"""Work that loops repeat: what counts as the same list, through which calls it is seen, and what stays silent."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent, indent

import pytest

from slowlint.linter.facts import lower_module
from slowlint.linter.project.record import OpenLoop
from slowlint.linter.project.rounds import changes

from ..frameworks.projects import check

HEAD = """
import copy
import json

from flask import Flask, request

app = Flask(__name__)


@app.post("/")
def page():
    rows, words = request.json["rows"], request.json["words"]
"""

CASES = {
    "a list or a set": """
        known = [word for word in words]
        if request.args:
            known = {word for word in words}
        return [row for row in rows if row in known]
    """,
    "a list or nothing": """
        known = None
        if request.args:
            known = [word for word in words]
        return [row for row in rows if row in known]  # error: quadratic-membership
    """,
    "a list that is emptied when it is full": """
        batch = []
        for row in rows:
            if row in batch:
                continue
            batch.append(row)
            if len(batch) == 100:
                batch = []
    """,
    "a list that an outer loop makes and an inner one searches": """
        for row in rows:
            names = [name for name in row["names"]]
            for word in words:
                if word in names:  # error: quadratic-membership
                    print(word)
    """,
    "what is looked for is the same in all rounds": """
        known = [word for word in words]
        wanted = request.args["wanted"]
        return [row for row in rows if wanted in known]
    """,
    "what is looked for comes from a few constants": """
        known = [word for word in words]
        return {field: field in known for field in ("id", "name")}
    """,
    "an attribute that the loop replaces": """
        class Box: ...
        box = Box()
        for row in rows:
            box.items = [item for item in row["items"]]
            if row["id"] in box.items:
                print(row)
    """,
    "a slot of a list of lists, another one in each round": """
        lists = [[word] for word in words]
        return [row for number, row in enumerate(rows) if row in lists[number]]
    """,
    "a closure": """
        known = [word for word in words]

        def is_known(row):
            return row in known  # error: quadratic-membership

        return [row for row in rows if is_known(row)]
    """,
    "`filter()` with a function": """
        known = [word for word in words]
        return list(filter(lambda row: row in known, rows))  # error: quadratic-membership
    """,
    "behind a memo": """
        known, seen = [word for word in words], {}
        for row in rows:
            if row not in seen:
                seen[row] = row in known
    """,
    "a search by two equal keys": """
        pairs = [word for word in words]
        for row in rows:
            for pair in pairs:
                if pair["a"] == row["a"] and pair["b"] == row["b"]:  # error: nested-loop-join
                    row["pair"] = pair
    """,
    "an inner loop that compares each with the one before": """
        for row in rows:
            before = None
            for word in row["words"]:
                if word == before:
                    row["twice"] = True
                before = word
    """,
    "iterators are gone through once": """
        pairs = (word for word in words)
        for row in rows:
            for pair in pairs:
                if pair == row:
                    break
    """,
    "a text that the loop reads on": """
        text = request.data
        for row in rows:
            found = json.loads(text)
            text = found["rest"]
    """,
    "what is copied is handed on to something that may change it": """
        state = {"a": 1}
        for row in rows:
            row.update_state(state)
            row.before = copy.deepcopy(state)
    """,
}


@pytest.mark.parametrize("case", CASES)
def test_cases(tmp_path: Path, case: str) -> None:
    folder = tmp_path / "app"  # not below a folder that is named after a test
    check(folder, {"app.py": HEAD + indent(dedent(CASES[case]).strip("\n"), "    ")}, family="loop")


def test_two_functions_and_a_method_away(tmp_path: Path) -> None:
    check(
        tmp_path / "app",
        {
            "deep.py": """
                def holds(items, item):
                    return item in items  # error: quadratic-membership
            """,
            "store.py": """
                from deep import holds


                class Store:
                    def __init__(self, rows):
                        self.rows = list(rows)

                    def knows(self, row):
                        return holds(self.rows, row)
            """,
            "app.py": """
                from flask import Flask, request

                from store import Store

                app = Flask(__name__)


                @app.post("/")
                def page():
                    store = Store(request.json["rows"])
                    return [word for word in request.json["words"] if store.knows(word)]
            """,
        },
        family="loop",
    )


def test_what_a_round_makes_anew_and_adds_to() -> None:
    source = """
for x in xs:
    a = []
    b.append(x)
    c += [x]
    d = d + [x]
    e = {**e, x: 1}
    with f(x) as g:
        if x:
            self.h = 1
            self.i.add(x)
        j[x] = 1
        k.clear()
"""
    loop = lower_module(ast.parse(source))[0]
    anew, grown = changes(OpenLoop(1, None, set(), set(), loop[1], loop[2], loop[3]))
    assert sorted(anew) == ["a", "g", "k", "self.h", "x"]
    assert sorted(grown) == ["b", "c", "d", "e", "self.i"]
