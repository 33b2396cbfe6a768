"""The loader options that a finding asks for, spelled as the query needs them.

In: a lazy load, with its way from the rows of the query. Out: `.options(selectinload(A.bs).joinedload(B.c))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..project.effects import Effect
from ..project.schema import Relation, model_of, relation_of, relations_named

if TYPE_CHECKING:
    from ..project.project import Project


def loader(project: Project, effect: Effect) -> str:
    """`effect.path` is the way from the rows of the query to what is read; hops that the query has loaded already are
    named again, as SQLAlchemy wants it: an option states the whole way."""
    last = relation_of(project, effect.model, effect.subject)
    hops = [(effect.model, effect.subject, last)]
    for name in reversed(effect.path.split(".")[:-1]):
        before = _hop(project, name, hops[0][0])
        if before is None:
            return f".options({_link(*hops[0])})" if len(hops) == 1 else ""
        hops.insert(0, before)
    return f".options({'.'.join(_link(*hop) for hop in hops)})"


def _hop(project: Project, name: str, target: str) -> tuple[str, str, Relation] | None:
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


def is_mine(project: Project, effect: Effect) -> bool:
    model = model_of(project, effect.model)
    return model is not None and model.dialect == "sqlalchemy"
