"""How many calls the linter resolves, against what a type checker makes of the same calls.

    pip install pyrefly
    python benchmarks/call_resolution.py --source PATH [--report DIR] [--missing N] [--wrong N]

PATH is a project as it is imported: the folder that its top-level packages stand in. DIR holds what `pyrefly check
--report-pysa DIR --report-pysa-format json` wrote of it; without it pyrefly is run, for which it has to be on PATH.
What the project imports need not be installed: pyrefly then knows nothing of it.

A site is a call (`f(x)`, `Class(x)`, `value.method(x)`), or the read of a property, in the body of a function, that
pyrefly resolves to at least one function or class of PATH. Left out: what the linter holds for cold (tests,
migrations), for it does not look into it; and code at module and class level, which runs once, at import.

What the linter makes of a site is told by its interpreter itself: every function and class that it calls while it
interprets the call, in whichever context. A site is resolved when at least one of these belongs to PATH, and agrees
when each of pyrefly's targets is among them. Two methods are the same target when they are one and the same, or when
pyrefly's is a method that may be overridden (`Overrides` in its report) and ours one that overrides it in a subclass,
or the other way round. A call of a class is that class, or its `__init__`. `adds` counts the sites where the linter
also calls something that pyrefly does not name: what a decorator, a callback, a base class or a union adds.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slowlint.linter import config
from slowlint.linter.engine import Rule, lint
from slowlint.linter.facts import ir
from slowlint.linter.project import interpret
from slowlint.linter.project.observations import cold
from slowlint.linter.project.project import Project
from slowlint.linter.project.values import Class, Closure, Function, Spot, Value, parts

Site = tuple[str, int, int]
"""Where a call or a name ends: path, line, column from 1 in characters. No two calls end at one place."""
Target = tuple[str, int]
"""Where something is defined: path and line."""


@dataclass(slots=True)
class Expected:
    """A site as pyrefly sees it. `targets`: (where, qualified name, may be overridden) of each inside the project."""

    kind: str
    targets: tuple[tuple[Target, str, bool], ...]
    made: tuple[Target, ...] = ()
    """The classes of which an object is made."""


@dataclass(slots=True)
class Found:
    """A site as the linter sees it; `held`: what the callee was, for those that are not resolved."""

    targets: set[tuple[Target, str]] = field(default_factory=set)
    held: set[str] = field(default_factory=set)


# What pyrefly says -------------------------------------------------------------------------------------------


class Report:
    """What pyrefly wrote: definitions and call graphs, one file each per module."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        listed = json.loads((folder / "pyrefly.pysa.json").read_text())["modules"]
        self.paths: dict[int, str] = {}
        self._files: dict[int, str] = {}
        for module in listed.values():
            source = module["source_path"]
            path = Path(source["FileSystem"]) if isinstance(source, dict) and "FileSystem" in source else None
            if path is not None and path.is_relative_to(root) and "info_filename" in module:
                self.paths[module["module_id"]] = path.relative_to(root).as_posix()
                self._files[module["module_id"]] = module["info_filename"]
        self.functions: dict[tuple[int, str], tuple[Target, str] | None] = {}
        self.classes: dict[tuple[int, int], tuple[Target, str]] = {}
        for number, path in self.paths.items():
            self._define(number, path, self._read("definitions", number))

    def _read(self, kind: str, module: int) -> Any:
        return json.loads((self.folder / kind / self._files[module]).read_text())

    def _define(self, module: int, path: str, written: Any) -> None:
        classes = written["class_definitions"]

        def name_of(number: str) -> str:
            parent = classes[number].get("parent")
            outer = parent.get("Class") if isinstance(parent, dict) else None
            name = str(classes[number]["name"])
            return f"{name_of(str(outer['class_id']))}.{name}" if outer else name

        for number, each in classes.items():
            if "name_location" in each:
                self.classes[module, int(number)] = (path, _line(each["name_location"])), name_of(number)
        for number, each in written["function_definitions"].items():
            parent = each.get("parent")
            cls = parent.get("Class") if isinstance(parent, dict) else None
            name = f"{name_of(str(cls['class_id']))}.{each['name']}" if cls else each["name"]
            known = "name_location" in each and each.get("is_def_statement", True)
            self.functions[module, number] = ((path, _line(each["name_location"])), name) if known else None

    def sites(self) -> Iterator[tuple[Site, Expected]]:
        for module, path in self.paths.items():
            if cold(path):
                continue
            for function, graph in self._read("call_graphs", module)["call_graphs"].items():
                if not function.startswith("F:"):
                    continue  # at import
                for key, what in graph.items():
                    if "|" in key:
                        continue  # an operator, a decorator, a name that is only passed on
                    line, column = key.partition("-")[2].split(":")
                    for kind, listed in _listed(what):
                        made = self._made(listed) if kind == "constructors" else ()
                        targets = tuple(t for each in listed if (t := self._target(each, kind)) is not None)
                        if targets:
                            yield (path, int(line), int(column)), Expected(kind, targets, made)

    def _made(self, listed: Sequence[Any]) -> tuple[Target, ...]:
        receivers = (each.get("receiver_class") for each in listed)
        found = (self.classes.get((r["module_id"], r["class_id"])) for r in receivers if r is not None)
        return tuple(each[0] for each in found if each is not None)

    def _target(self, written: Mapping[str, Any], kind: str) -> tuple[Target, str, bool] | None:
        target = written["target"]
        if not isinstance(target, dict):
            return None
        overridden = "Overrides" in target
        function = target.get("Overrides") or target.get("Function")
        if function is None:
            return None
        found = self.functions.get((function["module_id"], function["function_id"]))
        if found is not None:
            return *found, overridden
        receiver = written.get("receiver_class")
        if kind != "constructors" or receiver is None:
            return None
        made = self.classes.get((receiver["module_id"], receiver["class_id"]))
        return (*made, overridden) if made is not None else None


def _listed(what: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    call = what.get("Call")
    if call is not None:
        made = call.get("init_targets", ())
        yield ("constructors", made) if made else ("calls", call.get("call_targets", ()))
    read = what.get("AttributeAccess")
    if read is not None and read.get("property_getters"):
        yield "properties", read["property_getters"]


def _line(place: str) -> int:
    return int(place.partition(":")[0])


# What the linter says ----------------------------------------------------------------------------------------

_found: dict[Site, Found] = {}
_lines: dict[str, list[str]] = {}


class Noting(interpret.Interpretation):
    """An interpretation that notes what each call calls."""

    def call(self, expr: Any) -> Value:
        self._noted(expr)
        return super().call(expr)

    def call_value(self, callee: Value, args: Sequence[Value], keywords: Mapping[str, Value], spot: Spot) -> Value:
        for part in parts(callee):
            if isinstance(part, Closure):
                base = self.project.place(Spot(part.owner, part.line, 0, part.line, 0))
                self._note((base.path, base.line), part.core[ir.C_NAME])
            elif isinstance(part, Class):
                self._note_defined(part.ref)
        self._noted(self.expression).held.add(type(callee).__name__)
        return super().call_value(callee, args, keywords, spot)

    def call_function(self, callee: Function, *args: Any, **keywords: Any) -> Value:
        self._note_defined(callee.ref)
        return super().call_function(callee, *args, **keywords)

    def _note_defined(self, ref: str) -> None:
        place = self.project.definition_place(ref)
        self._note((place.path, place.line), ref.partition("::")[2])

    def _note(self, target: Target, name: str) -> None:
        self._noted(self.expression).targets.add((target, name))

    def _noted(self, expr: Any) -> Found:
        if not isinstance(expr, tuple) or expr[0] not in (ir.CALL, ir.ATTR) or self.rendering:
            return Found()
        if expr[0] == ir.CALL:
            spot = self.spot(expr[4], expr[5], expr[6], expr[7])
        else:
            spot = self.spot(expr[3], expr[4], expr[3], expr[4] + len(expr[2].encode()))
        place = self.project.place(spot)
        return _found.setdefault((place.path, place.end_line, place.end_column), Found())


def note(project: Project) -> Iterator[Any]:
    """Interpret all that the linter interprets; as a rule, it finds nothing."""
    before, interpret.Interpretation = interpret.Interpretation, Noting  # type: ignore[misc]
    list(project.observations.all("blocking"))
    interpret.Interpretation = before  # type: ignore[misc]
    lineages.update({ref: info.lineage for ref in project.classes() if (info := project.class_info(ref))})
    yield from ()


lineages: dict[str, Sequence[str]] = {}
"""Of each class of the project, by reference."""


def in_characters(root: Path) -> dict[Site, Found]:
    """What was found, with columns that count characters instead of bytes."""
    out = {}
    for (path, line, column), found in _found.items():
        out[path, line, _characters(root, path, line, column)] = found
    return out


def _source(root: Path, path: str) -> list[str]:
    if path not in _lines:
        _lines[path] = (root / path).read_text("utf-8", "replace").split("\n")
    return _lines[path]


def _characters(root: Path, path: str, line: int, column: int) -> int:
    lines = _source(root, path)
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    return column if text.isascii() else len(text.encode()[: column - 1].decode("utf-8", "ignore")) + 1


# Comparing ---------------------------------------------------------------------------------------------------


def agrees(expected: Expected, found: Found) -> bool:
    if expected.made and set(expected.made) <= {place for place, _ in found.targets}:
        return True
    return all(any(_same(target, other) for other in found.targets) for target in expected.targets)


def adds(expected: Expected, found: Found) -> bool:
    """Whether the linter calls something there that pyrefly does not name."""
    named = {place for place, _, _ in expected.targets} | set(expected.made)
    return any(
        other[0] not in named and not any(_same(target, other) for target in expected.targets)
        for other in found.targets
    )


def _same(expected: tuple[Target, str, bool], found: tuple[Target, str]) -> bool:
    (path, line), name, overridden = expected
    (other_path, other_line), other = found
    if (path, line) == (other_path, other_line):
        return True
    if not overridden or name.rpartition(".")[2] != other.rpartition(".")[2]:
        return False
    mine, yours = f"{path}::{name.rpartition('.')[0]}", f"{other_path}::{other.rpartition('.')[0]}"
    return mine in lineages.get(yours, ()) or yours in lineages.get(mine, ())


def show(root: Path, sites: Mapping[Site, Expected], found: Mapping[Site, Found], missing: int, wrong: int) -> None:
    tally: dict[str, Counter[str]] = {}
    unresolved: dict[str, list[Site]] = {}
    disagreeing: list[Site] = []
    for site, expected in sites.items():
        mine = found.get(site)
        row = tally.setdefault(expected.kind, Counter())
        row["sites"] += 1
        if mine is None or not mine.targets:
            cause = "not interpreted" if mine is None else " or ".join(sorted(mine.held)) or "not called"
            unresolved.setdefault(f"{expected.kind}: {cause}", []).append(site)
            continue
        row["resolved"] += 1
        if agrees(expected, mine):
            row["agree"] += 1
        else:
            disagreeing.append(site)
        row["adds"] += adds(expected, mine)
    tally["calls and constructors"] = tally.get("calls", Counter()) + tally.get("constructors", Counter())
    print(f"{'':<24}{'sites':>8}{'resolved':>10}{'':>8}{'agree':>8}{'':>8}{'adds':>8}")
    for kind, row in sorted(tally.items()):
        resolved = 100 * row["resolved"] / max(row["sites"], 1)
        agree = 100 * row["agree"] / max(row["resolved"], 1)
        print(
            f"{kind:<24}{row['sites']:>8}{row['resolved']:>10}{resolved:>7.1f}%{row['agree']:>8}{agree:>7.1f}%{row['adds']:>8}"
        )
    alone = sum(bool(each.targets) for site, each in found.items() if site not in sites and not cold(site[0]))
    print(f"{alone} further sites, properties and code at import among them, are resolved by the linter alone")
    if missing:
        print("\nnot resolved, by what the callee was")
        for cause, where in sorted(unresolved.items(), key=lambda item: -len(item[1])):
            print(f"  {len(where):>6} {cause}")
            for site in random.Random(0).sample(where, min(missing, len(where))):
                print("         " + _told(root, site, sites[site]))
    if wrong:
        print("\nresolved, and something added")
        more = [site for site, each in found.items() if site in sites and each.targets and adds(sites[site], each)]
        for site in random.Random(0).sample(more, min(wrong, len(more))):
            print(f"    {_told(root, site, sites[site])}\n        ours: {_ours(found[site])}")
        print("\nresolved to something else")
        for site in random.Random(0).sample(disagreeing, min(wrong, len(disagreeing))):
            print(f"    {_told(root, site, sites[site])}\n        ours: {_ours(found[site])}")


def _ours(found: Found) -> str:
    return ", ".join(sorted(f"{path}:{line} {name}" for (path, line), name in found.targets))


def _told(root: Path, site: Site, expected: Expected) -> str:
    path, line, _ = site
    text = _source(root, path)[line - 1].strip()
    names = ", ".join(f"{path}:{line} {name}" for (path, line), name, _ in expected.targets)
    return f"{path}:{line}  {text[:80]}  -> {names}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--source", type=Path, required=True, help="the folder of the project's top-level packages")
    parser.add_argument("--report", type=Path, help="what pyrefly wrote of it, with --report-pysa-format json")
    parser.add_argument("--missing", type=int, default=0, metavar="N", help="show N sites of each cause")
    parser.add_argument("--wrong", type=int, default=0, metavar="N", help="show N sites that do not agree")
    chosen = parser.parse_args()
    root = chosen.source.resolve()
    with tempfile.TemporaryDirectory() as folder:
        report = chosen.report
        if report is None:
            report = Path(folder)
            command = ["pyrefly", "check", "--search-path", ".", "--report-pysa", folder]
            # It exits with 1 when the project has type errors
            subprocess.run([*command, "--report-pysa-format", "json", "."], cwd=root, check=False, capture_output=True)
        sites = dict(Report(report, root).sites())
    lint(root, config.load(root), [Rule("call-resolution", "benchmark", note, Path())])
    show(root, sites, in_characters(root), chosen.missing, chosen.wrong)
    return 0


if __name__ == "__main__":
    sys.exit(main())
