"""What calls of known libraries have in common besides waiting, as data: clients that are costly to make, calls that
may wait for ever, calls that open a connection of their own, calls that only read, locks, files read whole.

In: the `*.toml` files of this folder. Out: `Traits`, which answers for a fully qualified name as the catalogue does,
whose aliases it shares. A file holds any of these tables:
`[[client]]` (fields of `Client`, plus `match`), `[[endless]]` (fields of `Endless`, plus `match`), `[locks]` a class
and who waits for it ("thread" or "task"), `[whole]` a call that gives everything at once, and of what, `[answers]`
calls whose result holds all that was sent, `[one_shot]` calls that connect anew, `[reads]` how calls that change
nothing are named, `[defaults]` calls that give every socket a timeout, `[transactions]` calls that open one when they
are entered, `[pauses]` of coroutines.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .. import catalogue

_FLAGS = {"one_shot": "one_shot", "answers": "answers", "transactions": "transaction", "pauses": "pause"}


@dataclass(frozen=True, slots=True)
class Client:
    """Something that keeps connections: `what` it is, what making it `costs`, and how one is shared (`instead`)."""

    what: str
    costs: str
    instead: str
    dear: bool = False
    """Making it costs much even when nothing is asked: a pool, certificates, service descriptions."""


@dataclass(frozen=True, slots=True)
class Endless:
    """A call that waits without end unless the parameter `without` is given, by name or at `position` (from 0; -1:
    only by name). `only_none`: it has a limit of its own, which `without=None` takes away. `socket`: the default
    timeout of sockets holds for it too."""

    without: str
    position: int = -1
    only_none: bool = False
    socket: bool = False
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Trait:
    """What is known of one name."""

    client: Client | None = None
    endless: Endless | None = None
    lock: str = ""
    whole: str = ""
    one_shot: bool = False
    answers: bool = False
    transaction: bool = False
    pause: bool = False


@dataclass(frozen=True, slots=True)
class Traits:
    """All files together."""

    named: Mapping[str, Trait]
    verbs: frozenset[str]
    prefixes: tuple[str, ...]
    defaults: frozenset[str]

    def of(self, qualified_name: str) -> Trait | None:
        return self.named.get(catalogue.load().canonical(qualified_name)) or self.named.get(qualified_name)

    def reads(self, qualified_name: str) -> bool:
        """Whether a call changes nothing where it asks, by its name."""
        last = qualified_name.rpartition(".")[2]
        return last in self.verbs or last.startswith(self.prefixes)


@cache
def load() -> Traits:
    """The bundled traits, read once."""
    named: dict[str, dict[str, Any]] = {}
    verbs: set[str] = set()
    prefixes: list[str] = []
    defaults: set[str] = set()
    for file in sorted(Path(__file__).parent.glob("*.toml")):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        for name, key, trait in _traits(data):
            for known_as in {name, catalogue.load().canonical(name)}:
                named.setdefault(known_as, {})[key] = trait
        reads = data.get("reads", {})
        verbs |= set(reads.get("verbs", ()))
        prefixes += reads.get("prefixes", ())
        defaults |= set(data.get("defaults", {}).get("match", ()))
    known = {name: Trait(**traits) for name, traits in named.items()}
    return Traits(known, frozenset(verbs), tuple(prefixes), frozenset(defaults))


@cache
def of(qualified_name: str) -> Trait | None:
    """The traits of one name; most have none, and are asked for again and again."""
    return load().of(qualified_name)


def _traits(data: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for table, make in (("client", Client), ("endless", Endless)):
        for fields in data.get(table, ()):
            trait = make(**{key: value for key, value in fields.items() if key != "match"})
            for name in fields["match"]:
                yield name, table, trait
    for table, key in (("locks", "lock"), ("whole", "whole")):
        for name, what in data.get(table, {}).items():
            yield name, key, what
    for table, key in _FLAGS.items():
        for name in data.get(table, {}).get("match", ()):
            yield name, key, True
