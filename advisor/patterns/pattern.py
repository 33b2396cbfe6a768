"""What detectors share: the view they look at, the pattern they yield, how it is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from ...linter.model import Finding, Place, Query, fingerprint
from ..formulas import Claim
from ..model import UNKNOWN_PATH
from ..statements import shape
from ..traffic import Group, RouteRecord, Spot


class Where(NamedTuple):
    """The code place and the hint that a pattern's spans share."""

    spot: Spot | None
    hint: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A run-time finding and the groups it rests on."""

    finding: Finding
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The records, with the numbers of groups that are explained already."""

    records: tuple[RouteRecord, ...]
    explained: frozenset[int] = frozenset()
    counted: frozenset[int] = frozenset()
    """Groups whose number of calls is explained. A missing index or a blocked event loop says why one call takes its
    time, not why there are many."""

    def without(self, claims: Iterable[Claim]) -> View:
        """The same view, with more groups explained."""
        known = {(claim.group.number, claim.remedy in ("batch", "eager")) for claim in claims}
        return replace(
            self,
            explained=self.explained.union(number for number, _ in known),
            counted=self.counted.union(number for number, counts in known if counts),
        )

    def groups(self, *, repeated: bool = False) -> Iterator[tuple[RouteRecord, Group]]:
        """Groups nobody has explained yet; with `repeated` those whose number of calls nobody has."""
        explained = self.counted if repeated else self.explained
        for record in self.records:
            for group in record.groups:
                if group.number not in explained:
                    yield record, group

    def by_place(self) -> Iterator[tuple[Where, list[tuple[RouteRecord, Group]]]]:
        """Groups of unexplained number by place and hint over all routes; without a place by statement and route."""
        found: dict[tuple[object, ...], list[tuple[RouteRecord, Group]]] = defaultdict(list)
        for record, group in self.groups(repeated=True):
            key = group.key
            if key.spot is None:
                found[(key.route, key.fingerprint)].append((record, group))
            else:
                found[(key.spot, key.hint)].append((record, group))
        for members in found.values():
            first = members[0][1].key
            yield Where(first.spot, first.hint), members


def tables(groups: list[Group]) -> list[str]:
    """Main tables of the groups' statements, each once, in order of appearance."""
    names: list[str] = []
    for group in groups:
        query = shape(group.statement) if group.statement else None
        if query is not None and query.tables and query.tables[0] not in names:
            names.append(query.tables[0])
    return names


def several(names: list[str], limit: int = 6) -> str:
    """`a, b and c`; long lists are cut and counted."""
    shown = names[:limit] + ([f"{len(names) - limit} more"] if len(names) > limit else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def make(code: str, where: Where, claims: list[Claim], message: str, remedy: str) -> Pattern:
    """A pattern with its name: the fingerprint survives moved lines as long as function, hint and statement stay."""
    spot, hint = where
    groups = [claim.group for claim in claims]
    function = next((group.function for group in groups if group.function), "")
    main = min(groups, key=lambda group: (-sum(map(len, group.calls.values())), group.statement, group.name))
    query: Query | None = shape(main.statement) if main.statement else None
    path = spot.path if spot else UNKNOWN_PATH
    return Pattern(
        Finding(
            code=code,
            family="runtime",
            message=message,
            place=Place(path, max(1, spot.line) if spot else 1),
            severity="warning",
            confidence="certain",
            symbol=function,
            fingerprint=fingerprint(code, path, function, f"{hint}/{main.key.fingerprint}"),
            routes=tuple(sorted({group.key.route.canonical for group in groups})),
            query=query,
            remedy=remedy,
            hot=True,
        ),
        tuple(claims),
    )
