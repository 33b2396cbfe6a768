"""Imperative mapping: `mapper_registry.map_imperatively(User, user_table, properties={…})`, `mapper(User, user_table)`.

In: calls of a file. Out: which class is mapped to which `Table(…)`, and with which relationships.
Source: docs.sqlalchemy.org, "ORM Mapped Class Configuration", Imperative Mapping; 1.3: "Classical Mappings".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..project.memo import Question
from ..project.project import Member
from .routes import called
from .sqlalchemy_facts import keyword, last_name, string

if TYPE_CHECKING:
    from ..project.project import Project

_MAPS = ("map_imperatively", "mapper")

Mapped = tuple[str, Any, tuple[tuple[str, Any, int, int], ...]]
"""(the file of the table, its call or None, its properties as (name, expression, line, column))."""


def mapped(project: Project, ref: str) -> tuple[str, Mapped] | None:
    """The file that maps a class, and how; None for a class that nobody maps so."""
    found: Mapping[str, tuple[str, Mapped]] = project.memo.ask(MAPPED)
    return found.get(ref)


def properties(path: str, how: Mapped) -> Iterator[Member]:
    """The relationships and columns that a mapping names, as members of the class."""
    for name, value, line, column in how[2]:
        yield Member("value", f"{path}::", name, (), value, None, line, column)


def _mapped(project: Project) -> Mapping[str, tuple[str, Mapped]]:
    project.memo.read_input(("tree",))
    found: dict[str, tuple[str, Mapped]] = {}
    for path in project.modules.paths:
        for ref, how in project.memo.ask(MAPPED_IN, path):
            found.setdefault(ref, (path, how))
    return found


def _mapped_in(project: Project, path: str) -> tuple[tuple[str, Mapped], ...]:
    return tuple(
        found
        for _, call in called(project, path)
        if last_name(call) in _MAPS and len(call[2]) > 1
        for found in _mapping(project, path, call)
    )


def _mapping(project: Project, path: str, call: Any) -> Iterator[tuple[str, Mapped]]:
    cls = project.dotted(path, call[2][0])
    table = project.dotted(path, call[2][1])
    if cls is None or cls.kind != "class" or table is None or table.kind != "value":
        return
    made = next((value for value, _ in project.module_values(table.ref, table.name)[:1]), None)
    if not isinstance(made, tuple) or made[0] != ir.CALL or last_name(made) != "Table":
        return
    given = keyword(call, "properties")
    named = given if isinstance(given, tuple) and given[0] == ir.DICT else (ir.DICT, (), ())
    line, column = call[4], call[5]
    pairs = [(string(k), v, line, column) for k, v in zip(named[1], named[2], strict=False) if k is not None]
    yield cls.ref, (table.ref, made, tuple(pair for pair in pairs if pair[0]))


MAPPED: Question[Mapping[str, tuple[str, Mapped]]] = Question("mapped_imperatively", _mapped, dict)
MAPPED_IN: Question[tuple[tuple[str, Mapped], ...]] = Question("mapped_imperatively_in", _mapped_in, tuple)
