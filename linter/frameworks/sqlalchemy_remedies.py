"""What SQLAlchemy offers against queries that multiply: loader options, `in_`, statements for many rows, the flush.

In: a lazy load, query or write that a loop repeats. Out: the remedy in words; an option is spelled as the query needs
it, `.options(selectinload(A.bs).joinedload(B.c))`.
Source: docs.sqlalchemy.org, "Relationship Loading Techniques", "ORM-Enabled INSERT, UPDATE, and DELETE statements".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ..project.effects import LOAD, WRITE, Effect
from ..project.schema import Relation, model_of, relation_of, relations_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..project.project import Project

Hop: TypeAlias = "tuple[str, str, Relation | None]"
"""A model, the name of a relation there, the relation."""


def is_mine(project: Project, effect: Effect) -> bool:
    if effect.kind == WRITE and effect.how in ("flush", "assignment"):
        return True
    model = model_of(project, effect.model) if effect.model else None
    return model is not None and model.dialect == "sqlalchemy"


def remedy(project: Project, effect: Effect, where: str) -> str:
    name = effect.model.rpartition("::")[2].rpartition(".")[2]
    if effect.kind == LOAD:
        relation = relation_of(project, effect.model, effect.subject)
        key = relation.column if relation is not None and effect.how == "key" else ""
        return f"add `{loader(project, effect)}`{where}" + (
            f"; where only the key is needed, read `{key}`" if key else ""
        )
    if effect.kind == WRITE:
        return _of_write(effect, name)
    if effect.how == "count":
        return f"count once for all rounds before the loop: `select(…, func.count()).group_by(…)` on `{name}`"
    return (
        f"fetch the `{name}` rows of all rounds with one statement before the loop (`.in_(…)` or a join), "
        "and look them up by key"
    )


def _of_write(effect: Effect, name: str) -> str:
    if effect.how == "assignment":
        return f"every row gets the same value: send one `update({name}).where(…).values(…)` instead of loading them"
    if effect.how == "flush":
        return "flush once after the loop: the session sends the rows it has collected in batches"
    verb = effect.query.verb if effect.query is not None else ""
    if verb == "DELETE":
        return f"delete the rows of all rounds with one `delete({name}).where(….in_(…))`"
    if verb == "UPDATE":
        return f"update the rows of all rounds with one `execute(update({name}), [{{…}}, …])`, a dict for each row"
    return f"add the `{name}` rows to the session and flush once, or send one `insert()` with all values"


def loader(project: Project, effect: Effect) -> str:
    """`effect.path` is the way from the rows of the query to what is read; hops that the query has loaded already are
    named again, as SQLAlchemy wants it: an option states the whole way."""
    names = effect.path.split(".") if effect.path else [effect.subject]
    start = effect.origin.model if effect.origin is not None else ""
    hops = _forward(project, start, names) or _backward(project, effect, names)
    last = (effect.model, effect.subject, relation_of(project, effect.model, effect.subject))
    return f".options({'.'.join(_link(*hop) for hop in hops or [last])})"


def _forward(project: Project, model: str, names: Sequence[str]) -> list[Hop]:
    """The hops from a known model; none when one of them is not known."""
    hops: list[Hop] = []
    for name in names:
        relation = relation_of(project, model, name) if model else None
        if relation is None:
            return []
        hops.append((model, name, relation))
        model = relation.target
    return hops


def _backward(project: Project, effect: Effect, names: Sequence[str]) -> list[Hop]:
    """The hops that lead to what is read; none when they are not the only ones."""
    hops: list[Hop] = [(effect.model, effect.subject, relation_of(project, effect.model, effect.subject))]
    for name in reversed(names[:-1]):
        before = _hop(project, name, hops[0][0])
        if before is None:
            return []
        hops.insert(0, before)
    return hops


def _hop(project: Project, name: str, target: str) -> Hop | None:
    """The relation of this name that leads to a model, when there is one such."""
    info = project.class_info(target)
    lineage = info.lineage if info is not None else ()
    found = {
        owner: relation
        for owner, relation in relations_named(project, name)
        if relation.target in lineage and relation.kind != "dynamic"  # of those no rows come along
    }
    if len(found) != 1:
        return None
    owner, relation = next(iter(found.items()))
    return owner, name, relation


def _link(model: str, name: str, relation: Relation | None) -> str:
    one = relation is not None and relation.kind in ("one", "reverse-one")
    return f"{'joinedload' if one else 'selectinload'}({model.rpartition('::')[2].rpartition('.')[2]}.{name})"
