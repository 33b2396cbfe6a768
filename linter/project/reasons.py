"""Why something is slow, in words and places: names of models and relations, loops, calls on the way, the query.

In: a group of observations with one root cause. Out: the `because` of its finding, nearest reason first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from ..model import Because
from .effects import BLOCKS, CHOICES, EXPIRED, LOAD, Effect, Group, Loop

if TYPE_CHECKING:
    from .project import Project

_WHENCE = {CHOICES: "the rows are the choices of this"}
_MAX_WAYS = 3  # further coroutines that are named
_HELD = {
    "transacted": "the transaction begins here",
    "locked": "the lock is taken here",
    "awaited": "the lock is taken here",
    "sequential": "it could begin together with this",
}
_MAX_ALSO = 8  # further places listed in one finding


class Reasons(ABC):
    """Wording that all findings share."""

    project: Project

    @abstractmethod
    def root(self, effect: Effect) -> Effect:
        """A load as seen from the query that its rows go back to, when those on the way are loaded per row as well."""

    def name(self, effect: Effect) -> str:
        """`Model.relation`."""
        return f"{effect.model.rpartition('::')[2].rpartition('.')[2]}.{effect.subject}"

    def model_name(self, effect: Effect) -> str:
        """The model, or the table of a statement in SQL."""
        name = effect.model.rpartition("::")[2].rpartition(".")[2]
        return name or (effect.query.tables[0] if effect.query is not None and effect.query.tables else "the database")

    def relation_name(self, effect: Effect) -> str:
        """`Model.relation` of a query on a related manager, named from the parent's side."""
        relation = effect.subject.rpartition(":")[2]
        owner = effect.detail.rpartition("::")[2].rpartition(".")[2]
        return f"{owner}.{relation}" if owner else relation

    def written(self, effect: Effect) -> str:
        """What a write is about: the model, or the relation whose through table gets rows."""
        through = effect.how.lstrip("a") in ("dd", "set", "remove", "clear")
        return self.relation_name(effect) if through and effect.detail else self.model_name(effect)

    def loop_because(self, loop: Loop) -> Because:
        if loop.kind == "while":
            return Because(self.project.place(loop.spot), f"each round of `while` over `{loop.over}`")
        verb = "each round" if loop.kind == "callback" else f"once per `{loop.variable}`"
        over = f" of `{loop.over}`" if loop.over and loop.over != "…" else ""
        return Because(self.project.place(loop.spot), f"{verb}{over}")

    def because(self, group: Group) -> tuple[Because, ...]:
        """The loops, each hop of the call path, the query, the declaration; then the other places."""
        o = group.first
        project = self.project
        out = [self.loop_because(loop) for loop in reversed(o.loops)]
        if o.held is not None:
            out.append(Because(project.place(o.held), _HELD.get(o.kind, "while this is open")))
        for hop in o.effect.hops:
            perhaps = ", perhaps: other classes have the method too" if hop == o.effect.through else ""
            out.append(Because(project.place(hop), f"called from `{_short(hop.owner)}`{perhaps}"))
        origin = o.effect.origin
        if origin is not None and origin.spot is not None:
            whence = (
                "opened here" if o.effect.kind == BLOCKS else _WHENCE.get(origin.text, "the rows come from this query")
            )
            out.append(Because(project.place(origin.spot), whence))
        root = self.root(o.effect).origin if o.effect.kind == LOAD else None
        if root is not None and root != origin and root.spot is not None:
            out.append(Because(project.place(root.spot), "which belong to rows of this query"))
        if o.effect.field is not None and o.effect.how != EXPIRED:
            out.append(Because(project.place(o.effect.field), f"`{self.name(o.effect)}` is declared here"))
        out += self._also_reached(group)
        seen = {(o.effect.spot, o.loops[-1].spot if o.loops else None, origin)}
        more = 0
        for other in group.observations[1:]:
            key = (other.effect.spot, other.loops[-1].spot if other.loops else None, other.effect.origin)
            if key in seen:
                continue
            seen.add(key)
            more += 1
            if more <= _MAX_ALSO:
                if other.effect.spot != o.effect.spot:
                    out.append(Because(project.place(other.effect.spot), "also here"))
                asked = other.effect.origin
                if asked is not None and asked.spot is not None and asked != origin and other.kind != "blocking":
                    out.append(Because(project.place(asked.spot), "and from this query"))
                if other.loops and (not o.loops or other.loops[-1].spot != o.loops[-1].spot):
                    out.append(self.loop_because(other.loops[-1]))
        return tuple(dict.fromkeys(out))

    def _also_reached(self, group: Group) -> list[Because]:
        """The other coroutines that get to a blocking call: a few by name, the rest by number."""
        first = group.first
        ways: dict[str, Because] = {}
        for other in group.observations if first.kind == "blocking" else ():
            if other.name != first.name and other.effect.hops:
                place = self.project.place(other.effect.hops[0])
                ways.setdefault(other.name, Because(place, f"also reached from `{other.name}`"))
        shown = list(ways.values())[:_MAX_WAYS]
        rest = len(ways) - len(shown)
        if rest:
            last = shown[-1]
            shown[-1] = Because(last.place, f"{last.message}, and from {rest} more coroutine{'s' if rest > 1 else ''}")
        return shown


def _short(owner: str) -> str:
    return owner.rpartition("::")[2] or owner
