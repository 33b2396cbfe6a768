"""Functions that are given functions: what they call is followed, and following it ends (60 ** 4 bodies would not)."""

from __future__ import annotations

from pathlib import Path

from slowlint import rules
from slowlint.linter.config import Settings
from slowlint.linter.engine import lint

VISITOR = """
def walk(node, visit):
    visit(node)
{calls}


async def handler(tree):
    def visit(node):
        open(node.name).read()

    walk(tree, visit)
"""


def test_a_visitor_that_calls_itself_in_many_places_is_followed_once(tmp_path: Path) -> None:
    calls = "\n".join(f"    if node.kind == {i}:\n        walk(node.child_{i}, visit)" for i in range(60))
    (tmp_path / "app.py").write_text(VISITOR.format(calls=calls))
    (found,) = lint(tmp_path, Settings(), rules.load({"blocking-call-reachable"})).findings
    assert found.place.line > 120


def test_many_helpers_that_hand_a_closure_on_end_too(tmp_path: Path) -> None:
    helpers = ["def h0(f):\n    f()\n"]
    for i in range(1, 6):
        helpers.append(f"def h{i}(f):\n" + "\n".join(f"    h{i - 1}(lambda: (f(), {j}))" for j in range(12)) + "\n")
    source = "\n".join(helpers) + "\nasync def handler():\n    h5(lambda: None)\n    open('x')\n"
    (tmp_path / "app.py").write_text(source)
    assert [f.code for f in lint(tmp_path, Settings(), rules.load({"blocking-call-in-async"})).findings] == [
        "blocking-call-in-async"
    ]
