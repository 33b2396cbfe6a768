"""What the rules about indexes are told: an index that is missing, and the statements that ask for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..sql.access import Access, Proposal, Sort, merged
from .effects import Effect
from .schema import Column, Model

if TYPE_CHECKING:
    from .project import Project

TRIGRAM = "trigram"
GIN = "gin"
NETWORK = "network"
FUNCTION = "function"
FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Site:
    """One query that an index would make faster."""

    function: str
    effect: Effect
    alone: bool
    """Nothing else is compared."""
    equal: bool
    """By equality, not by range."""
    weak: bool = False
    """One of many that may be asked, or of a table that may well be small: no more than a hint."""


@dataclass(slots=True)
class Need:
    """An index that is missing: its columns in order, and who asks for it, in a stable order."""

    model: Model
    columns: tuple[Column, ...]
    place: Column
    """The column that the finding is about: the first that is in no index yet."""
    sites: list[Site] = field(default_factory=list)
    descending: frozenset[str] = frozenset()
    """Names of the columns that it holds from the last to the first."""
    sorted: int = 0
    """So many of its columns, from the end, are there for the order of the rows."""
    where: str = ""
    """Its condition, as SQL: it holds only these rows."""
    kind: str = ""
    """What is in the way of a plain index, in one of the words above; "" when nothing is."""
    lookup: str = ""
    """How the framework spells that comparison."""
    near: str = ""
    """An index that begins with the column and does not serve, in words."""
    others: list[Model] = field(default_factory=list)
    """Further models that have the columns from the same base class."""

    @property
    def models(self) -> list[Model]:
        """Every model whose table lacks it."""
        return [self.model, *self.others]

    @property
    def subject(self) -> str:
        return "+".join(column.name for column in self.columns) + (f" where {self.where}" if self.where else "")


def joined(needs: Iterable[Need], project: Project) -> list[Need]:
    """As few indexes as serve the same statements (`sql.access.merged`): one of each model, and one of a column that
    several models have from the same base class; in the order of the columns' places."""
    groups: dict[tuple[str, str, str], list[Need]] = {}
    for need in needs:
        groups.setdefault((need.model.ref, need.where, need.kind), []).append(need)
    one: list[Need] = []
    for group in groups.values():
        one += _merged(group)
    kept: list[Need] = []
    for need in sorted(one, key=lambda n: (project.place(n.place.spot), len(n.columns), n.model.ref)):
        for have in kept:
            if have.kind == need.kind and [c.spot for c in have.columns] == [c.spot for c in need.columns]:
                have.sites += need.sites
                have.others += [need.model] if all(need.model.ref != m.ref for m in have.models) else []
                break
        else:
            kept.append(need)
    return kept


def _merged(group: list[Need]) -> list[Need]:
    """The needs of one model with one condition."""
    if len(group) < 2:
        return group
    of: dict[int, Need] = {}
    proposals = []
    for need in group:
        end = len(need.columns) - need.sorted
        equal = tuple(c.name for c in need.columns[:end])
        tail = tuple(Sort(c.name, c.name in need.descending) for c in need.columns[end:])
        access = Access(need.model.ref)
        of[id(access)] = need
        proposals.append(Proposal(need.model.ref, equal, tail, need.where, accesses=(access,)))
    out = []
    for proposal in merged(proposals):
        those = [of[id(access)] for access in proposal.accesses]
        first = max(those, key=lambda need: len(need.columns))
        by_name = {c.name: c for need in those for c in need.columns}
        first.columns = tuple(by_name[key] for key in proposal.keys)
        if len(those) > 1 and not first.sorted and not first.where:
            first.place = first.columns[0]
        first.sites = [site for need in those for site in need.sites]
        out.append(first)
    return out
