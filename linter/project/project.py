"""The whole program: facts of all files behind memoised questions about names, classes and functions.

In: paths and a way to get the facts of each. Out: what names mean, what classes inherit, what functions are.
What expressions *are* and *do* is asked of `interpret`, through `summary` here.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..facts import ir
from ..frameworks.catalogue import load as bundled
from ..model import Place
from .definitions import ClassDef, Definitions, FunctionDef, definitions
from .indexes import Indexes
from .lineage import class_info
from .memo import Memo, Question
from .names import Binding, Modules, Scope, scope_of
from .observations import Observations
from .values import Spot

if TYPE_CHECKING:
    from ..frameworks.base import Framework
    from ..frameworks.catalogue import Catalogue

_MAX_HOPS = 20  # re-exports of re-exports


@dataclass(frozen=True, slots=True)
class Member:
    """Something a class body binds. `kind`: function | value | class; `marks`: names of known decorators."""

    kind: str
    owner: str
    name: str
    marks: tuple[str, ...] = ()
    value: Any = None
    annotation: Any = None
    line: int = 0
    column: int = 0

    @property
    def spot(self) -> Spot:
        """Where its name stands."""
        return Spot(self.owner, self.line, self.column, self.line, self.column + len(self.name))


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """A class: its linearised ancestors (itself first; `ext:dotted.name` outside the project) and own members."""

    ref: str
    lineage: tuple[str, ...]
    members: dict[str, Member]
    keywords: tuple[tuple[str, Any], ...] = ()
    bases: tuple[Any, ...] = ()

    @property
    def name(self) -> str:
        return self.ref.rpartition("::")[2]

    def inherits(self, *names: str) -> bool:
        """Whether an external ancestor has one of these full names."""
        return any(f"ext:{n}" in self.lineage for n in names)


class Project:
    """What rules, frameworks and the interpreter ask."""

    def __init__(
        self,
        paths: Iterable[str],
        facts: Callable[[str], Sequence[ir.Stmt]],
        frameworks: Sequence[Framework],
        *,
        defined: dict[str, tuple[tuple[str, str], ...]] | None = None,
        source_roots: Sequence[str] = (),
        memo: Memo | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        known = list(paths)
        self.modules = Modules([p for p in known if p.endswith(".py")], source_roots)
        self.scripts = tuple(sorted(p for p in known if p.endswith(".sql")))
        self.templates = tuple(sorted(p for p in known if not p.endswith((".py", ".sql"))))
        self.frameworks = frameworks
        self._with_hook: dict[str, tuple[Framework, ...]] = {}
        self._reading: dict[type, tuple[Framework, ...]] = {}
        self._calling: dict[type, tuple[Framework, ...]] = {}
        self.catalogue = catalogue or bundled()
        self.described = self.modules.functions(self.catalogue.own)
        """Functions of the project of which its settings say what calling them waits for: reference → full name."""
        self.memo = memo or Memo()
        self.memo.context = self
        self.contexts: dict[str, set[Any]] = {}  # kinds of arguments that each function has been asked about
        self.uses: dict[int, tuple[Any, Any]] = {}
        """By the identity of a function's core: the core, and the uses of its values."""
        self.defined = defined if defined is not None else {}
        """What each file defines: (function | class | value, qualified name), in the order of the source."""
        self._facts = facts
        self._names: dict[str, frozenset[tuple[str, str]]] = {}
        self._functions: dict[str, FunctionDef | None] = {}
        self._definitions: dict[str, Definitions] = {}
        self.observations = Observations(self)
        self.indexes = Indexes(self)

    def with_hook(self, name: str) -> Sequence[Framework]:
        """The frameworks that have something to say at this method of `Framework`, in their order."""
        found = self._with_hook.get(name)
        if found is None:
            from ..frameworks.base import Framework

            unasked = getattr(Framework, name)
            found = self._with_hook[name] = tuple(f for f in self.frameworks if getattr(type(f), name) is not unasked)
        return found

    def reading(self, kind: type) -> Sequence[Framework]:
        """The frameworks that may know the attributes of a kind of value."""
        found = self._reading.get(kind)
        if found is None:
            asked = self.with_hook("attribute")
            found = self._reading[kind] = tuple(f for f in asked if not f.attributes_of or kind in f.attributes_of)
        return found

    def calling(self, kind: type) -> Sequence[Framework]:
        """The frameworks that may know what a call of a kind of value does."""
        found = self._calling.get(kind)
        if found is None:
            asked = self.with_hook("call")
            found = self._calling[kind] = tuple(f for f in asked if not f.calls_of or kind in f.calls_of)
        return found

    # Inputs -----------------------------------------------------------------------------------------------

    def definitions(self, path: str) -> Definitions:
        found = self._definitions.get(path)
        if found is None:
            found = self._definitions[path] = definitions(self._facts(path))
        return found

    def update(
        self, changed: Iterable[str], removed: Iterable[str], old: Mapping[str, tuple[tuple[str, str], ...]]
    ) -> None:
        """Say which files are new or different; `old`: what each of them defined before."""
        self.memo.set_input(("tree",), (*self.modules.paths, *self.templates, *self.scripts))
        self._names.clear()
        self._functions.clear()
        for path in removed:
            self.memo.set_input(("file", path), None)
            for kind, name in old.get(path, ()):
                self.memo.set_input((kind, f"{path}::{name}"), None)
        for path in changed:
            digests = self.definitions(path).digests()
            self.defined[path] = tuple(digests)
            for kind, name in old.get(path, ()):
                if (kind, name) not in digests:
                    self.memo.set_input((kind, f"{path}::{name}"), None)
            for (kind, name), digest in digests.items():
                self.memo.set_input((kind, f"{path}::{name}"), digest)
            self.memo.set_input(("file", path), _file_digest(self._facts(path)))

    def defines(self, path: str, kind: str, name: str) -> bool:
        """Whether a file defines a function, class or value, without reading its facts."""
        names = self._names.get(path)
        if names is None:
            names = self._names[path] = frozenset(self.defined.get(path, ()))
        return (kind, name) in names

    def function(self, ref: str) -> FunctionDef | None:
        self.memo.read_input(("function", ref))
        if ref in self._functions:
            return self._functions[ref]
        path, _, name = ref.partition("::")
        found = self.definitions(path).functions.get(name) if self.defines(path, "function", name) else None
        self._functions[ref] = found
        return found

    def class_def(self, ref: str) -> ClassDef | None:
        self.memo.read_input(("class", ref))
        path, _, name = ref.partition("::")
        return self.definitions(path).classes.get(name) if self.defines(path, "class", name) else None

    def module_values(self, path: str, name: str) -> list[tuple[Any, Any]]:
        self.memo.read_input(("value", f"{path}::{name}"))
        return self.definitions(path).values.get(name, []) if self.defines(path, "value", name) else []

    def file(self, path: str) -> Definitions:
        """Everything a file defines. Whatever asks this is asked again when anything in the file changes."""
        self.memo.read_input(("file", path))
        return self.definitions(path)

    # Names ------------------------------------------------------------------------------------------------

    def scope(self, path: str) -> Scope:
        found: Scope = self.memo.ask(QUESTIONS["scope"], path)
        return found

    def name(self, path: str, name: str) -> Binding | None:
        """What `name` means at the top level of a file, followed through imports; None: a builtin or nothing."""
        found: Binding | None = self.memo.ask(QUESTIONS["name"], path, name)
        return found

    def member_of_module(self, path: str, name: str) -> Binding | None:
        """`module.name`, where path is a file or a package folder."""
        if not path.endswith("/"):
            found = self.name(path, name)
            if found is not None:
                return found
        sub = self.modules.submodule(path, name)
        return Binding("module", sub) if sub else None

    def dotted(self, path: str, expr: Any, within: str = "") -> Binding | None:
        """What a dotted name stands for; `within`: the class whose body it stands in."""
        if isinstance(expr, str):
            if within:
                found = self.class_info(f"{path}::{within}")
                if found is not None and expr in found.members and found.members[expr].kind == "class":
                    return Binding("class", f"{path}::{within}.{expr}")
            return self.name(path, expr)
        if not isinstance(expr, tuple):
            return None
        if expr[0] == ir.INDEX:
            return self.dotted(path, expr[1], within)
        if expr[0] != ir.ATTR:
            return None
        base = self.dotted(path, expr[1], within)
        return self.attribute(base, expr[2]) if base is not None else None

    def attribute(self, base: Binding, name: str) -> Binding | None:
        if base.kind == "module":
            return self.member_of_module(base.ref, name)
        if base.kind == "external":
            return Binding("external", f"{base.ref}.{name}")
        if base.kind == "class":
            member = self.lookup(base.ref, name)
            if member is not None and member.kind == "class":
                return Binding("class", f"{member.owner}.{name}")
            if member is not None and member.kind == "function":
                return Binding("function", f"{member.owner}.{name}")
        return None

    # Classes ----------------------------------------------------------------------------------------------

    def class_info(self, ref: str) -> ClassInfo | None:
        found: ClassInfo | None = self.memo.ask(QUESTIONS["class_info"], ref)
        return found

    def declared(self, info: ClassInfo | None, *, nearest: bool = False) -> Iterator[Member]:
        """What a class and its ancestors in the project bind: the farthest ancestor first, or the class itself."""
        lineage = info.lineage if info is not None else ()
        for ancestor in lineage if nearest else reversed(lineage):
            own = None if ancestor.startswith("ext:") else self.class_info(ancestor)
            if own is not None:
                yield from own.members.values()

    def lookup(self, ref: str, name: str, after: str = "") -> Member | None:
        """A member of a class or its ancestors; `after`: only of ancestors behind that one (`super()`)."""
        info = self.class_info(ref)
        if info is None:
            return None
        seen = not after
        for ancestor in info.lineage:
            if seen and not ancestor.startswith("ext:"):
                own = info if ancestor == ref else self.class_info(ancestor)
                if own is not None and name in own.members:
                    return own.members[name]
            seen = seen or ancestor == after
        return None

    def classes(self) -> list[str]:
        """Every class of the project, in a stable order."""
        return self.memo.ask(QUESTIONS["classes"])

    # Places -----------------------------------------------------------------------------------------------

    def place(self, spot: Spot) -> Place:
        path, _, name = spot.owner.partition("::")
        base = self.base_line(path, name)
        return Place(path, base + spot.line, spot.column + 1, base + spot.end_line, spot.end_column + 1)

    def base_line(self, path: str, name: str) -> int:
        if not name:
            return 0
        found = self.definitions(path)
        defined: Any = found.functions.get(name) or found.classes.get(name)
        if defined is None:  # what a class holds counts from the class
            return self.base_line(path, name.rpartition(".")[0])
        return int(defined.line)

    def definition_place(self, ref: str) -> Place:
        path, _, name = ref.partition("::")
        found = self.definitions(path)
        defined: Any = found.functions.get(name) or found.classes.get(name)
        line = defined.line if defined is not None else 1
        column = defined.column + 1 if defined is not None else 1
        return Place(path, line, column, line, column)


def _file_digest(facts: Sequence[ir.Stmt]) -> bytes:
    import hashlib
    import marshal

    return hashlib.blake2b(marshal.dumps(tuple(facts), 2), digest_size=12).digest()


def _scope(project: Project, path: str) -> Scope:
    project.memo.read_input(("tree",))
    project.memo.read_input(("file", path))
    if path not in project.modules._files:
        return Scope({}, ())
    return scope_of(path, project._facts(path), project.modules)


def _name(project: Project, path: str, name: str) -> Binding | None:
    for _ in range(_MAX_HOPS):
        scope = project.scope(path)
        found = scope.names.get(name)
        if found is None:
            for star in scope.stars:
                found = project.member_of_module(star, name) if star != path else None
                if found is not None:
                    return found
            return _starred(scope.stars, name)
        if found.kind != "from":
            return found
        itself = found.ref == path  # `from . import orders` in the package's own `__init__.py`
        target, name = found.ref, found.name
        if target.endswith("/") or (
            target.endswith("__init__.py") and (itself or name not in project.scope(target).names)
        ):
            sub = project.modules.submodule(target, name)
            if sub is not None:
                return Binding("module", sub)
            if target.endswith("/"):
                return None
        path = target
    return None


def _starred(stars: Sequence[str], name: str) -> Binding | None:
    """A name that nothing of the project defines, where `from library import *` stands: it is the library's."""
    outside = [star for star in stars if star.endswith(".*")]
    known = not outside or name.startswith("_") or hasattr(builtins, name)
    return None if known else Binding("external", outside[0].removesuffix("*") + name)


def _classes(project: Project) -> list[str]:
    out = []
    project.memo.read_input(("tree",))
    for path in project.modules.paths:
        project.memo.read_input(("file", path))
        out += [f"{path}::{name}" for kind, name in project.defined.get(path, ()) if kind == "class"]
    return out


QUESTIONS: dict[str, Question[Any]] = {
    "scope": Question("scope", _scope, lambda: Scope({}, ())),
    "name": Question("name", _name, lambda: None),
    "class_info": Question("class_info", class_info, lambda: None),
    "classes": Question("classes", _classes, list),
}


def register(memo: Memo, frameworks: Sequence[Framework]) -> None:
    """Make every question known to a memo, so that remembered answers can be brought up to date."""
    from . import (
        decorators,
        dispatch,
        entries,
        loaders,
        migrations,
        noticed,
        remembered,
        schema,
        scripts,
        sqlsites,
        summaries,
        templates,
    )

    for module in (
        schema, summaries, entries, loaders, noticed, remembered, templates, decorators, dispatch, migrations, scripts,
        sqlsites,
    ):  # fmt: skip
        for question in module.QUESTIONS.values():
            memo.register(question)
    for question in QUESTIONS.values():
        memo.register(question)
    for framework in frameworks:
        for question in framework.questions:
            memo.register(question)
