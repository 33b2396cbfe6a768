"""What a name in a file means: modules, source roots, imports, re-exports.

In: the paths of all files and their facts. Out: for a name at module level, a `Binding`.
Source roots are found from the files themselves: wherever a package's folder stands. Several roots, `src/` layouts
and namespace packages (no `__init__.py`) all come out of trying an import below each root, the importer's own first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..facts import ir


@dataclass(frozen=True, slots=True)
class Binding:
    """What a name stands for.

    `kind`: class | function | module (ref: path) | external (ref: dotted name) | from (ref: path, name) |
    value (an assignment at module level).
    `ref` of classes and functions is `path::qualified.name`.
    """

    kind: str
    ref: str
    name: str = ""


class Modules:
    """Which file an import names. Built once per set of paths."""

    def __init__(self, paths: Iterable[str], configured_roots: Sequence[str] = ()) -> None:
        self.paths = sorted(paths)
        files = set(self.paths)
        packages = {p.rpartition("/")[0] for p in files if p.endswith("__init__.py")}
        roots: dict[str, int] = {"": 0}
        self._root_of: dict[str, str] = {}
        for path in self.paths:
            folder = path.rpartition("/")[0]
            while folder in packages and folder:
                folder = folder.rpartition("/")[0]
            roots[folder] = roots.get(folder, 0) + 1
            self._root_of[path] = folder
        for folder in [f for f in roots if f.endswith(("/src", "/lib")) or f in ("src", "lib")]:
            roots.setdefault(folder, 0)
        # The parents of roots serve namespace packages: `import shop.orders.models` where shop/ has no __init__.py
        for root in list(roots):
            folder = root
            while folder:
                folder = folder.rpartition("/")[0]
                roots.setdefault(folder, 0)
        self._files = files
        self._folders = {f for p in files for f in _ancestors(p)}
        configured = [r.strip("/").removeprefix("./") for r in configured_roots]
        self.roots = [*configured, *sorted(roots, key=lambda r: (-roots[r], r))]
        self._not_of_tests = [root for root in self.roots if not _of_tests(root)]
        self._found: dict[tuple[str, str], str | None] = {}

    def find(self, dotted: str, importer: str = "") -> str | None:
        """The path of a module, or of the folder of a namespace package with a trailing `/`; None: not ours."""
        own = self._root_of.get(importer, "")
        key = (own, dotted)
        if key not in self._found:
            self._found[key] = self._search(dotted.replace(".", "/"), own)
        return self._found[key]

    def _search(self, tail: str, own: str) -> str | None:
        # The importer's own root, then the roots around it, then every other
        nearby = [own, *_ancestors(own + "/x")] if own else [""]
        if tail.partition("/")[0] in sys.stdlib_module_names:
            everywhere = [own]  # `tests/fixtures/time.py` is not what `import time` means
        else:
            everywhere = list(dict.fromkeys([*nearby, *self._not_of_tests]))
        for root in everywhere:
            stem = f"{root}/{tail}" if root else tail
            if stem + ".py" in self._files:
                return stem + ".py"
            if stem + "/__init__.py" in self._files:
                return stem + "/__init__.py"
        for root in everywhere:
            stem = f"{root}/{tail}" if root else tail
            if stem in self._folders and stem != "tests":
                return stem + "/"
        return None

    def functions(self, names: Iterable[str]) -> dict[str, str]:
        """Of full names those that lead into files of the project: reference → full name."""
        out = {}
        for name in names:
            module, rest = name, ""
            while "." in module:
                module, _, last = module.rpartition(".")
                rest = f"{last}.{rest}" if rest else last
                path = self.find(module)
                if path is not None and path.endswith(".py"):
                    out[f"{path}::{rest}"] = name
                    break
        return out

    def relative(self, importer: str, level: int, module: str) -> str | None:
        folder = importer.rpartition("/")[0]
        for _ in range(level - 1):
            folder = folder.rpartition("/")[0]
        stem = "/".join(filter(None, [folder, module.replace(".", "/")]))
        if not module:
            return stem + "/__init__.py" if stem + "/__init__.py" in self._files else stem + "/"
        return self.member(stem)

    def member(self, stem: str) -> str | None:
        """The module or package at a path without suffix."""
        for candidate in (stem + ".py", stem + "/__init__.py"):
            if candidate in self._files:
                return candidate
        return stem + "/" if stem in self._folders else None

    def submodule(self, package: str, name: str) -> str | None:
        """The module `name` inside a package given by its `__init__.py` or folder."""
        folder = package.removesuffix("__init__.py").removesuffix("/")
        if package.endswith(".py") and not package.endswith("__init__.py"):
            return None
        return self.member(f"{folder}/{name}" if folder else name)

    def dotted(self, path: str) -> str:
        """The name a file is usually imported by."""
        root = self._root_of.get(path, "")
        inner = path[len(root) + 1 :] if root else path
        return inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _of_tests(root: str) -> bool:
    """Whether a folder is one that only tests import from."""
    return any(part in ("tests", "test") for part in root.split("/"))


def _ancestors(path: str) -> list[str]:
    out = []
    while "/" in path:
        path = path.rpartition("/")[0]
        out.append(path)
    return out


@dataclass(frozen=True, slots=True)
class Scope:
    """The names a module binds at its top level, also inside `if` and `try`; `stars`: modules imported whole."""

    names: dict[str, Binding]
    stars: tuple[str, ...]


def scope_of(path: str, body: Sequence[ir.Stmt], modules: Modules) -> Scope:
    """Collect the module-level names of a file. Of several assignments to one name the last class, function or
    import wins over plain values, as fallbacks (`except ImportError: x = None`) come last; of an import and what it
    falls back on (`except ImportError: from old import f`) the first, unless only the other is of the project."""
    names: dict[str, Binding] = {}
    stars: list[str] = []

    def bind(name: str, binding: Binding) -> None:
        if binding.kind != "value" or name not in names or names[name].kind == "value":
            names[name] = binding

    def fall_back(handlers: Sequence[Any], before: dict[str, Binding]) -> None:
        tried = {name: binding for name, binding in names.items() if before.get(name) is not binding}
        for handler in handlers:
            walk(handler[2])
        names.update({name: b for name, b in tried.items() if b.kind != "external" or names[name].kind == "external"})

    def walk(statements: Sequence[ir.Stmt]) -> None:
        for s in statements:
            op = s[0]
            if op == ir.FUNCTION:
                bind(s[3][ir.C_NAME], Binding("function", f"{path}::{s[3][ir.C_NAME]}"))
            elif op == ir.CLASS:
                bind(s[3][ir.K_NAME], Binding("class", f"{path}::{s[3][ir.K_NAME]}"))
            elif op == ir.ASSIGN:
                for target in s[1]:
                    if isinstance(target, str):
                        bind(target, Binding("value", path, target))
            elif op in (ir.IMPORT, ir.FROM):
                for name, binding in imports(path, s, modules):
                    if name == "*":
                        stars.append(binding.ref)
                    else:
                        bind(name, binding)
            elif op == ir.IF:
                walk(s[2])
                walk(s[3])
            elif op == ir.TRY:
                before = dict(names)
                walk(s[1])
                fall_back(s[2], before)
                walk(s[3])
                walk(s[4])
            elif op == ir.WITH:
                walk(s[2])
            elif op in (ir.FOR, ir.WHILE):
                walk(s[3] if op == ir.FOR else s[2])

    walk(body)
    return Scope(names, tuple(stars))


def imports(path: str, statement: Any, modules: Modules) -> list[tuple[str, Binding]]:
    """The names that one import statement binds; `*` with the path of the module for star imports."""
    out: list[tuple[str, Binding]] = []
    if statement[0] == ir.IMPORT:
        for dotted, alias in statement[1]:
            wanted = dotted if alias else dotted.partition(".")[0]
            found = modules.find(wanted, path)
            name = alias or wanted
            out.append((name, Binding("module", found) if found else Binding("external", wanted)))
        return out
    _, module, level, imported = statement
    target = modules.relative(path, level, module) if level else modules.find(module, path)
    for name, alias in imported:
        if target is None:
            out.append((alias or name, Binding("external", f"{module}.{name}" if module else name)))
        elif name == "*":
            out.append(("*", Binding("module", target)))
        else:
            out.append((alias or name, Binding("from", target, name)))
    return out
