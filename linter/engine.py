"""Rules over a project: files in, findings out, in one stable order.

The rules are handed in; the engine knows none. Facts are kept by content, answers with their dependencies, and the
findings of an unchanged tree as they are (see `cache`).
"""

from __future__ import annotations

import ast
import gc
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .facts import lower_module
from .model import Finding, LintResult, Place, Unreadable, sorted_findings
from .source import decode

if TYPE_CHECKING:
    from .config import Settings
    from .project.project import Project

_RECURSION = 12_000
_STACK = 128 * 1024 * 1024
_MAX_BYTES = 5_000_000  # a larger file is generated data; it is named as unreadable


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code (file name), family (folder), generator of findings, and page."""

    code: str
    family: str
    check: Callable[[Project], Iterator[Finding]]
    page: Path


def read_facts(path: str, data: bytes) -> tuple[tuple[Any, ...], Unreadable | None]:
    """The facts of one file; an unreadable one has none, and says why and where."""
    if len(data) > _MAX_BYTES:
        return (), Unreadable(Place(path, 1, 1, 1, 1), f"{len(data):,} bytes is more than any source file has")
    try:
        return lower_module(ast.parse(decode(data), path)), None
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        return (), Unreadable(Place(path, line, column, line, column), f"invalid syntax: {error.msg}")
    except (ValueError, RecursionError, MemoryError, LookupError) as error:
        return (), Unreadable(Place(path, 1, 1, 1, 1), f"cannot be parsed: {error or type(error).__name__}")


def lint(
    root: Path,
    settings: Settings,
    rules: Sequence[Rule],
    *,
    cache: Path | None = None,
    overlay: Mapping[str, str] | None = None,
) -> LintResult:
    """Lint the whole project under `root`. `overlay`: unsaved text by relative path, instead of what is on disk."""
    return _deep(lambda: _lint(root, settings, rules, cache, overlay or {}))


def _deep(work: Callable[[], LintResult]) -> LintResult:
    """Run with room for deep recursion: calls are followed as deep as programs nest them.

    A thread of its own, because the main thread's stack cannot be made larger.
    """
    outcome: list[LintResult | BaseException] = []

    def run() -> None:
        limit = sys.getrecursionlimit()
        collecting = gc.isenabled()
        sys.setrecursionlimit(max(limit, _RECURSION))
        gc.disable()  # the facts are a large graph without cycles: collecting it costs a third of the time
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            outcome.append(error)
        finally:
            sys.setrecursionlimit(limit)
            if collecting:
                gc.enable()

    before = threading.stack_size(_STACK)
    try:
        thread = threading.Thread(target=run, name="slowlint", daemon=True)
        thread.start()
    finally:
        threading.stack_size(before)
    while thread.is_alive():
        thread.join(0.5)  # in steps, so that Ctrl-C is heard
    result = outcome[0]
    if isinstance(result, BaseException):
        raise result
    return result


def _lint(root: Path, settings: Settings, rules: Sequence[Rule], cache: Path | None, overlay: Mapping[str, str]) -> LintResult:
    from .files import discover
    from .frameworks.registry import FRAMEWORKS
    from .project.interpret import QUESTIONS as VALUE_QUESTIONS
    from .project.memo import Memo
    from .project.project import Project
    from .project.schema import QUESTIONS as SCHEMA_QUESTIONS
    from .project.summaries import QUESTIONS as SUMMARY_QUESTIONS

    paths = discover(root, settings)
    facts: dict[str, tuple[Any, ...]] = {}
    unreadable: list[Unreadable] = []
    for path in paths:
        data = overlay[path].encode() if path in overlay else _read(root / path)
        facts[path], problem = read_facts(path, data)
        if problem is not None:
            unreadable.append(problem)
    memo = Memo()
    for questions in (VALUE_QUESTIONS, SCHEMA_QUESTIONS, SUMMARY_QUESTIONS):
        for question in questions.values():
            memo.register(question)
    project = Project(paths, facts.__getitem__, FRAMEWORKS, source_roots=settings.source_roots, memo=memo)
    project.update(paths, (), {})
    findings = [finding for rule in rules for finding in rule.check(project)]
    return LintResult(sorted_findings(findings), len(paths), tuple(unreadable))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
