"""Follows the linter's own advice: a copy of a project in which each loader stands where a finding asks for it.

In: findings whose remedy reads "add `.select_related("x")` to the query at file:line" (or `prefetch_related`, or
`.options(joinedload(Order.customer))`), and a folder for the copy. Out: which findings were followed. Lines keep their
numbers. Other remedies are not followed, nor those that name a class that the file does not know.
"""

from __future__ import annotations

import ast
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from slowlint.linter.model import Finding

_REMEDY = re.compile(
    r"[aA]dd `(\.(?:select_related|prefetch_related|options)\([^`]*\))` (?:to the query )?at ([\w/.-]+\.py):(\d+)"
)
_LAST = frozenset(
    "iterator first last get latest earliest count exists aggregate in_bulk values values_list create delete update "
    "bulk_create bulk_update get_or_create newest_of".split()
)
"""Methods after which there is no queryset of rows to add a loader to."""
_RUNS = frozenset("all first one one_or_none get count scalar update delete limit offset paginate".split())
"""The same for SQLAlchemy's statements and queries, where nothing may follow a limit."""
_LOADERS = "from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer"


def follow(root: Path, findings: Iterable[Finding], copy: Path) -> frozenset[str]:
    """Write the repaired copy; the fingerprints of the findings whose remedy could be followed."""
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("__pycache__"))
    wanted: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    asked = []
    for finding in findings:
        remedy = _REMEDY.search(finding.remedy)
        if remedy:
            wanted[remedy[2]][int(remedy[3])].add(remedy[1])
            asked.append((finding.fingerprint, remedy[2], int(remedy[3])))
    followed = set()
    for path, loaders in wanted.items():
        file = copy / path
        text, lines = repaired(file.read_text(encoding="utf-8"), loaders)
        file.write_text(text, encoding="utf-8")
        followed |= {(path, line) for line in lines}
    return frozenset(mark for mark, path, line in asked if (path, line) in followed)


def repaired(text: str, loaders: dict[int, set[str]]) -> tuple[str, set[int]]:
    """The text with the loaders (by line) at the end of the query on that line, and the lines where there was one.

    A query on a model comes before one on the children of a row; two of them on one line are left alone.
    """
    tree = ast.parse(text)
    lines = text.splitlines(keepends=True)
    queries: dict[int, list[ast.expr]] = defaultdict(list)
    for query in (*querysets(tree), *statements(tree)):
        queries[query.lineno].append(query)
    known = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    known.update(alias.asname or alias.name for node in imports for alias in node.names)
    done = set()
    for number, wanted in loaders.items():
        found = [query for query in queries.get(number, []) if ".objects" in ast.unparse(query)] or queries.get(
            number, []
        )
        if len(found) != 1 or found[0].end_lineno != number or not named(wanted) <= known:
            continue
        if "lazyload" in ast.unparse(found[0]):
            continue  # it says the opposite, and would have to go
        line, end = lines[number - 1], found[0].end_col_offset or 0
        added = "".join(sorted(wanted)) if isinstance(found[0], ast.Call) else ".all()" + "".join(sorted(wanted))
        lines[number - 1] = line[:end] + added + line[end:]
        done.add(number)
    last = imports[-1].end_lineno if imports else None
    if done and last and any(".options" in loader for loader in set().union(*loaders.values())):
        lines[last - 1] = f"{lines[last - 1].rstrip()}; {_LOADERS}\n"
    return "".join(lines), done


def named(loaders: set[str]) -> set[str]:
    """The classes that loaders are written with."""
    return {name for loader in loaders for name in re.findall(r"\b([A-Z]\w*)\.", loader)}


def statements(tree: ast.AST) -> Iterator[ast.expr]:
    """Each `select(Model)…` and `session.query(Model)…` of SQLAlchemy, up to the last call that still builds it."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if not (isinstance(called, ast.Name) and called.id == "select") and not (
            isinstance(called, ast.Attribute) and called.attr == "query"
        ):
            continue
        query: ast.expr = node
        while True:
            method = parents.get(query)
            call = parents.get(method) if isinstance(method, ast.Attribute) else None
            if not isinstance(method, ast.Attribute) or method.attr in _RUNS or not isinstance(call, ast.Call):
                break
            query = call
        yield query


def querysets(tree: ast.AST) -> Iterator[ast.expr]:
    """Each `Model.objects…` and `row.children.all()…` up to the last call that still gives a queryset."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            query: ast.expr = node
        elif (
            isinstance(node, ast.Attribute)
            and node.attr == "all"
            and isinstance(node.value, ast.Attribute)
            and node.value.attr != "objects"
        ):
            query = node.value
        else:
            continue
        while True:
            method = parents.get(query)
            call = parents.get(method) if isinstance(method, ast.Attribute) else None
            if not isinstance(method, ast.Attribute) or method.attr in _LAST or not isinstance(call, ast.Call):
                break
            query = call
        yield query
