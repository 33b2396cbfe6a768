"""What blocks and what is remote: the calls of known libraries, as data.

In: the `*.toml` files of this folder, one per family of libraries. Out: `Catalogue`, which answers for a fully
qualified name (`requests.Session.get`, `pathlib.Path.read_text`, `builtins.open`) what calling it waits for, and
what the call gives, so that methods on the value resolve. Does not resolve names in source; the project does.

A file holds a `title`, any number of `[[call]]` (fields of `Entry`, plus `match`) and of `[[work]]` (fields of `Work`,
plus `match`: what calls cost the processor), and these tables:
`[returns]` what a call or an attribute gives, `[items]` what iterating over that gives, `[same_as]` other names of a
class or module, `[not_blocking] match` exceptions, `[on_loop]` the methods of a class that an event loop calls,
`callbacks` names of methods that are given functions for a loop to call.
A trailing `.*` stands for every public name one level below. A project says the same about its own libraries in
`[tool.slowlint.catalogue]`, where only `match` and `waits_for` of a call are needed.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

Kind = Literal[
    "http", "dns", "socket", "file", "database", "cache", "cloud", "mail", "subprocess", "sleep", "lock", "cpu", "queue"
]
KINDS: tuple[str, ...] = get_args(Kind)
_CALL_KEYS = {"match", "kind", "blocks", "remote", "waits_for", "cost", "instead", "batch", "at_once", "given"}
_OWN = "tool.slowlint.catalogue"
_OWN_CALL = {
    "kind": "http",
    "blocks": True,
    "remote": False,
    "cost": "not known",
    "instead": "`await asyncio.to_thread(...)`",
}
_FILE_KEYS = {"title", "call", "work", "returns", "items", "same_as", "not_blocking", "on_loop", "callbacks"}
_WORK_KEYS = {"match", "does", "costly", "argument", "cost", "instead"}
Does = Literal["parse", "copy", "compile", "rows", "fold"]
DOES: tuple[str, ...] = get_args(Does)


class CatalogueError(ValueError):
    """A catalogue file that cannot be understood; the message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a call waits for. `cost` is a range in words; `instead` and `batch` are remedies in Markdown."""

    title: str
    kind: Kind
    blocks: bool
    """The thread waits: on an event loop nothing else runs meanwhile."""
    remote: bool
    """One round trip to another machine per call; `batch` says how to do many at once ("" = no better form known)."""
    waits_for: str
    cost: str
    instead: str
    batch: str = ""
    at_once: tuple[str, ...] = ()
    """Parameters that say whether it waits: False or 0 for one of them, and it answers at once."""
    given: str = ""
    """Waits only when it is given one of these: `json.load(f)` reads what `open()` gave."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a call costs the processor. `does`: parse a text, copy an object, compile a pattern, go through a table row
    by row, fold a list with a function; `argument`: the position of what it does that to, -1: the method's object."""

    does: Does
    cost: str
    instead: str
    costly: bool = False
    """Once per request is worth telling, when it is the same each time."""
    argument: int = 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All files together. Every question takes time in the number of dots of the name, not of the entries."""

    calls: Mapping[str, Entry]
    given: Mapping[str, str]
    iterated: Mapping[str, str]
    aliases: Mapping[str, str]
    exceptions: frozenset[str]
    on_loop: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Class → its methods, no coroutines, that an event loop calls: whoever overrides one holds up the loop in it."""
    callbacks: frozenset[str] = frozenset()
    """Names of methods, whatever they are methods of, that take functions which an event loop calls."""
    own: frozenset[str] = frozenset()
    """What a project says of calls itself: they may be functions of the project."""

    @property
    def loop_methods(self) -> frozenset[str]:
        return _methods(tuple(self.on_loop.values()))

    works: Mapping[str, Work] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Canonical names that were asked for before."""

    def work(self, qualified_name: str) -> Work | None:
        """What a call of this name costs the processor, where that is known and worth knowing."""
        return self.works.get(self.canonical(qualified_name))

    def lookup(self, qualified_name: str) -> Entry | None:
        """What a call of this name waits for, or None when it is not known to wait for anything."""
        name = self.canonical(qualified_name)
        if name in self.exceptions:
            return None
        found = self.calls.get(name)
        if found is not None:
            return found
        pattern = _one_level_up(name)
        return None if pattern in self.exceptions else self.calls.get(pattern)

    def returns(self, qualified_name: str) -> str | None:
        """The qualified class of what a call of this name (or reading it as an attribute) gives."""
        name = self.canonical(qualified_name)
        found = self.given.get(name)
        if found is None and name not in self.calls and name not in self.exceptions:
            found = self.given.get(_one_level_up(name))
        return found

    def items(self, qualified_name: str) -> str | None:
        """The qualified class of the elements when what this name gives is iterated over."""
        return self.iterated.get(self.canonical(qualified_name))

    def canonical(self, qualified_name: str) -> str:
        """The name under which the catalogue keeps it: `redis.client.Redis.get` is `redis.Redis.get`."""
        found = self.found.get(qualified_name)
        if found is None:
            found = self.found[qualified_name] = self._canonical(qualified_name)
        return found

    def _canonical(self, qualified_name: str) -> str:
        prefix = qualified_name
        while prefix:
            known = self.aliases.get(prefix)
            if known is not None:
                return known + qualified_name[len(prefix) :]
            prefix = prefix.rpartition(".")[0]
        return qualified_name


@cache
def load() -> Catalogue:
    """The bundled catalogue, read once."""
    folder = Path(__file__).parent
    return build({path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))})


@lru_cache(maxsize=4)
def extended(tables: str) -> Catalogue:
    """The bundled catalogue with what a project adds: the tables of its settings, as JSON. Raises `CatalogueError`."""
    if not tables:
        return load()
    data = json.loads(tables)
    _only(data, _FILE_KEYS, _OWN)
    bundled = load()
    added = data.get("call", [])
    if isinstance(added, list):
        added = [{**_OWN_CALL, **call} if isinstance(call, dict) else call for call in added]
    more = _put_together({_OWN: {"title": "The project's own", **data, "call": added}})
    return Catalogue(
        {**bundled.calls, **more.calls},
        {**bundled.given, **more.given},
        {**bundled.iterated, **more.iterated},
        {**bundled.aliases, **more.aliases},
        (bundled.exceptions - frozenset(more.calls)) | more.exceptions,
        {**bundled.on_loop, **more.on_loop},
        bundled.callbacks | more.callbacks,
        own=frozenset(more.calls),
        works={**bundled.works, **more.works},
    )


def build(files: Mapping[str, str]) -> Catalogue:
    """Put TOML texts, by file name, together. Raises `CatalogueError` with the file and the entry."""
    catalogue = _put_together({name: _read(name, text) for name, text in files.items()})
    _check_reachable(catalogue)
    return catalogue


def _put_together(files: Mapping[str, dict[str, Any]]) -> Catalogue:
    calls: dict[str, Entry] = {}
    works: dict[str, Work] = {}
    tables: dict[str, dict[str, str]] = {"returns": {}, "items": {}, "same_as": {}}
    exceptions: set[str] = set()
    on_loop: dict[str, frozenset[str]] = {}
    callbacks: set[str] = set()
    for name, data in files.items():
        title = _text(data.get("title"), f"{name}: title")
        for entry, patterns, where in _entries(name, title, data.get("call", [])):
            for pattern in patterns:
                if pattern in calls:
                    raise CatalogueError(f"{where}: {pattern} is described twice, also under {calls[pattern].title!r}")
                calls[pattern] = entry
        works.update(_works(name, data.get("work", [])))
        for table, known in tables.items():
            for key, value in _table(data.get(table, {}), f"{name}: [{table}]").items():
                if known.setdefault(key, value) != value:
                    raise CatalogueError(f"{name}: [{table}] {key} is {value}, elsewhere it is {known[key]}")
        exceptions |= set(_exceptions(name, data.get("not_blocking", {})))
        on_loop |= _callbacks(data.get("on_loop", {}), f"{name}: [on_loop]")
        callbacks.update(_words(data["callbacks"], f"{name}: callbacks") if "callbacks" in data else ())
    return Catalogue(
        calls,
        tables["returns"],
        tables["items"],
        tables["same_as"],
        frozenset(exceptions),
        on_loop,
        frozenset(callbacks),
        works=works,
    )


@lru_cache(maxsize=4)
def _methods(of_classes: tuple[frozenset[str], ...]) -> frozenset[str]:
    return frozenset().union(*of_classes)


def _one_level_up(name: str) -> str:
    """The pattern that stands for `name`, or "" for private names, which patterns leave out."""
    parent, _, last = name.rpartition(".")
    return f"{parent}.*" if parent and not last.startswith("_") else ""


def _check_reachable(catalogue: Catalogue) -> None:
    """Names are looked up in their canonical form, so one kept under an alias would never be found."""
    tables: Iterable[Iterable[str]] = (
        catalogue.calls,
        catalogue.works,
        catalogue.given,
        catalogue.given.values(),
        catalogue.iterated.values(),
        catalogue.exceptions,
    )
    for names in tables:
        for name in names:
            canonical = catalogue.canonical(name)
            # A constructor may be listed by its alias: `redis.StrictRedis()` gives a `redis.Redis`.
            if canonical != name and catalogue.given.get(name) != canonical:
                raise CatalogueError(f"{name} can never be found: it is looked up as {canonical}")


def _read(name: str, text: str) -> dict[str, Any]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{name}: {error}") from None
    _only(data, _FILE_KEYS, name)
    return data


def _entries(name: str, title: str, calls: object) -> Iterator[tuple[Entry, list[str], str]]:
    if not isinstance(calls, list):
        raise CatalogueError(f"{name}: write [[call]], not [call]")
    for number, call in enumerate(calls, start=1):
        where = f"{name}: call {number}"
        if not isinstance(call, dict):
            raise CatalogueError(f"{where}: not a table")
        _only(call, _CALL_KEYS, where)
        kind = _text(call.get("kind"), f"{where}: kind")
        if kind not in KINDS:
            raise CatalogueError(f"{where}: kind {kind!r} is none of {', '.join(KINDS)}")
        entry = Entry(
            title=title,
            kind=cast(Kind, kind),
            blocks=_flag(call.get("blocks"), f"{where}: blocks"),
            remote=_flag(call.get("remote"), f"{where}: remote"),
            waits_for=_text(call.get("waits_for"), f"{where}: waits_for"),
            cost=_text(call.get("cost"), f"{where}: cost"),
            instead=_text(call.get("instead"), f"{where}: instead"),
            batch=_text(call["batch"], f"{where}: batch") if "batch" in call else "",
            at_once=tuple(_words(call["at_once"], f"{where}: at_once")) if "at_once" in call else (),
            given=_text(call["given"], f"{where}: given") if "given" in call else "",
        )
        if not entry.blocks and not entry.remote:
            raise CatalogueError(f"{where}: neither blocks nor remote, so it says nothing")
        yield entry, _names(call.get("match"), f"{where}: match"), where


def _callbacks(value: object, where: str) -> dict[str, frozenset[str]]:
    if not isinstance(value, dict):
        raise CatalogueError(f"{where} must be a table of lists of methods")
    for cls in value:
        _name(cls, where)
    return {cls: frozenset(_words(methods, f"{where} {cls}")) for cls, methods in value.items()}


def _works(name: str, tables: object) -> Iterator[tuple[str, Work]]:
    if not isinstance(tables, list):
        raise CatalogueError(f"{name}: write [[work]], not [work]")
    for number, table in enumerate(tables, start=1):
        where = f"{name}: work {number}"
        if not isinstance(table, dict):
            raise CatalogueError(f"{where}: not a table")
        _only(table, _WORK_KEYS, where)
        does = _text(table.get("does"), f"{where}: does")
        if does not in DOES:
            raise CatalogueError(f"{where}: does {does!r} is none of {', '.join(DOES)}")
        work = Work(
            does=cast(Does, does),
            cost=_text(table.get("cost"), f"{where}: cost"),
            instead=_text(table.get("instead"), f"{where}: instead"),
            costly=_flag(table.get("costly", False), f"{where}: costly"),
            argument=int(table.get("argument", 0)),
        )
        yield from ((pattern, work) for pattern in _names(table.get("match"), f"{where}: match"))


def _exceptions(name: str, table: object) -> list[str]:
    if not isinstance(table, dict):
        raise CatalogueError(f"{name}: [not_blocking] must be a table with match = [...]")
    _only(table, {"match"}, f"{name}: [not_blocking]")
    return _names(table["match"], f"{name}: [not_blocking] match") if table else []


def _only(table: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in table:
        if key not in keys:
            raise CatalogueError(f"{where}: unknown key {key!r}; known are {', '.join(sorted(keys))}")


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{where} must be a text that is not empty")
    return value


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise CatalogueError(f"{where} must be true or false")
    return value


def _names(value: object, where: str) -> list[str]:
    names = _words(value, where)
    for name in names:
        _name(name, where)
    return names


def _words(value: object, where: str) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        raise CatalogueError(f"{where} must be a list of names")
    return list(value)


def _table(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise CatalogueError(f"{where} must be a table of names")
    for key, name in value.items():
        _name(key, where)
        _name(name, where)
    return value


def _name(value: object, where: str) -> None:
    """A dotted name with at least a module and a member, perhaps with `.*` at its end."""
    parts = value.removesuffix(".*").split(".") if isinstance(value, str) else []
    if not parts or not all(part.isidentifier() for part in parts):
        raise CatalogueError(f"{where}: {value!r} is not a qualified name")
