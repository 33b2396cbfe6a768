"""What a session knows without asking again: rows that are the same for all rows of a query.

In: a model and the conditions of a query. Out: relations that cost one query for all rows.
Source: docs.sqlalchemy.org, "Session Basics", identity map.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..project.schema import model_of, reverse_of
from ..project.values import Term, Value, parts
from .sqlalchemy_terms import EQUAL

if TYPE_CHECKING:
    from ..project.project import Project


def shared(project: Project, model: str, columns: Iterable[str]) -> frozenset[str]:
    """The many-to-one relations that are the same for all rows whose query asks these columns for one value: the first
    read brings the row, and from then on the session knows it."""
    found = model_of(project, model)
    names = set(columns)
    if found is None or not names:
        return frozenset()
    known = {**reverse_of(project, model), **{r.name: r for r in found.relations}}
    keys: dict[str, list[str]] = {}
    for column in found.columns:
        keys.setdefault(column.foreign_key, []).append(column.name)
    return frozenset(
        name
        for name, relation in known.items()
        if relation.kind == "one"  # of a backref, the other side knows the key
        and names.issuperset([relation.column] if relation.column else keys.get(relation.target, ["?"]))
    )


def asked_for_one(model: str, conditions: Iterable[Value]) -> list[str]:
    """The columns of a model that conditions compare with one value; on a relationship it is that of its key."""
    terms = [term for condition in conditions for term in parts(condition) if isinstance(term, Term)]
    entries = [entry for term in terms for entry in term.entries]
    return [name.partition(":")[0] for ref, name, kind in entries if kind == EQUAL and ref == model]
