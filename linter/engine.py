"""Rules over a project: files in, findings out, in one stable order.

The rules are handed in; the engine knows none. Facts are kept by content, answers with their dependencies, and the
findings of an unchanged tree as they are (see `cache`).
"""

from __future__ import annotations

import ast
import gc
import marshal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cache import Cache, FileState, State, content_hash, tree_key, unchanged
from .columns import in_characters
from .errors import ConfigError
from .facts import lower_module
from .model import Finding, LintResult, Place, Unreadable, sorted_findings
from .source import decode

if TYPE_CHECKING:
    from .config import Settings
    from .frameworks.catalogue import Catalogue
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


def read_facts(path: str, data: bytes | str) -> tuple[tuple[Any, ...], Unreadable | None]:
    """The facts of one file; an unreadable one has none, and says why and where."""
    if path.endswith(".sql"):
        return _read_script(data), None
    if len(data) > _MAX_BYTES:
        return (), Unreadable(Place(path, 1, 1, 1, 1), f"{len(data):,} bytes is more than any source file has")
    if not path.endswith(".py"):
        return _read_template(path, data)
    try:
        return lower_module(ast.parse(decode(data) if isinstance(data, bytes) else data, path)), None
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        return (), Unreadable(Place(path, line, column, line, column), f"invalid syntax: {error.msg}")
    except (ValueError, RecursionError, MemoryError, LookupError) as error:
        return (), Unreadable(Place(path, 1, 1, 1, 1), f"cannot be parsed: {error or type(error).__name__}")


def _read_script(data: bytes | str) -> tuple[Any, ...]:
    """Of a script, what it declares; a large one is a dump of data, and nothing is wrong with one that is not SQL."""
    if len(data) > _MAX_BYTES:
        return ()
    from .facts import ir
    from .sql.script import dialect_of, pieces

    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    dialect = dialect_of(text)
    return tuple((ir.SCRIPT, dialect, piece.text, piece.line) for piece in pieces(text, dialect))


def _read_template(path: str, data: bytes | str) -> tuple[tuple[Any, ...], Unreadable | None]:
    from .facts import TemplateDamage, looks_like_jinja, lower_jinja, lower_template

    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    try:
        return (lower_jinja(text) if looks_like_jinja(path, text) else lower_template(text)), None
    except TemplateDamage as error:
        return (), Unreadable(Place(path, error.line, 1, error.line, 1), f"invalid template: {error.message}")


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
        except BaseException as error:  # raised again in the caller's thread
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


def _lint(
    root: Path, settings: Settings, rules: Sequence[Rule], folder: Path | None, overlay: Mapping[str, str]
) -> LintResult:
    from .files import discover, is_source

    cache = Cache(folder, root) if folder is not None else None
    before = cache.state() if cache is not None else State()
    now = State()
    fresh: dict[str, bytes | str | OSError] = {}
    # A buffer may be of a file that is not saved yet, an old version of one that has gone.
    for path in sorted({*discover(root, settings), *(path for path in overlay if is_source(path))}):
        known = before.files.get(path)
        if path not in overlay and known is not None and unchanged(known, root / path, before.written):
            now.files[path] = known
            continue
        data = overlay[path] if path in overlay else _read(root / path)
        content = content_hash(data)
        mtime, size = (0, 0) if path in overlay else _stat(root / path)
        if known is not None and known.content == content:
            now.files[path] = FileState(mtime, size, content, known.defined, known.unreadable)
        else:
            now.files[path] = FileState(mtime, size, content)
            fresh[path] = data
    key = tree_key([settings, [r.code for r in rules], [(p, f.content) for p, f in now.files.items()]])
    if cache is None:
        return _analyse(root, settings, rules, None, before, now, fresh, key, keep=False)
    found = cache.result(key)
    if found is None:
        return _analyse(root, settings, rules, cache, before, now, fresh, key, keep=not overlay)
    if not overlay and any(now.files[p] is not f for p, f in before.files.items()):
        cache.write_state(now)  # the same contents under new times
    return found


def _catalogue(settings: Settings) -> Catalogue:
    from .frameworks import catalogue

    try:
        return catalogue.extended(settings.catalogue)
    except catalogue.CatalogueError as error:
        raise ConfigError(f"{error}.", "Its tables are those of the bundled catalogue.") from None


def _analyse(
    root: Path,
    settings: Settings,
    rules: Sequence[Rule],
    cache: Cache | None,
    before: State,
    now: State,
    fresh: Mapping[str, bytes | str | OSError],
    key: bytes,
    *,
    keep: bool,
) -> LintResult:
    """Ask again what depends on the files in `fresh`; the rest is remembered."""
    from .frameworks.registry import FRAMEWORKS
    from .project.memo import Memo
    from .project.project import Project, register

    facts: dict[str, tuple[Any, ...]] = {}
    dumped: dict[str, bytes] = {}

    def read(path: str, data: bytes | str | OSError) -> tuple[Any, ...]:
        found, problem = ((), _closed(path, data)) if isinstance(data, OSError) else read_facts(path, data)
        try:
            dumped[path] = marshal.dumps(found)
        except ValueError:
            found, problem = (), Unreadable(Place(path, 1, 1, 1, 1), "expressions are nested too deeply to be followed")
        facts[path] = found
        now.files[path].unreadable = problem
        return found

    def facts_of(path: str) -> tuple[Any, ...]:
        found = facts.get(path)
        if found is None:
            found = cache.facts(now.files[path].content) if cache is not None else None
            found = facts[path] = found if found is not None else read(path, _read(root / path))
        return found

    for path, data in fresh.items():
        read(path, data)
    memo = Memo()
    memo_key = tree_key([settings.source_roots, settings.frameworks, settings.catalogue])
    remembered = cache.memo(memo_key) if cache is not None and before.files else None
    loaded = remembered is not None and memo.load(remembered)
    defined = {path: state.defined for path, state in now.files.items()}
    frameworks = [f for f in FRAMEWORKS if not settings.frameworks or f.name in settings.frameworks]
    project = Project(
        list(now.files),
        facts_of,
        frameworks,
        defined=defined,
        source_roots=settings.source_roots,
        memo=memo,
        catalogue=_catalogue(settings),
    )
    register(memo, frameworks)
    removed = [p for p in before.files if p not in now.files] if loaded else []
    changed = [p for p in now.files if p in fresh or not loaded]
    project.update(changed, removed, {p: f.defined for p, f in before.files.items()} if loaded else {})
    for path in changed:
        now.files[path].defined = project.defined[path]
    raw = [finding for rule in rules for finding in rule.check(project)]
    findings = in_characters(raw, lambda path: _text(root / path, fresh.get(path)))
    unreadable = tuple(f.unreadable for f in now.files.values() if f.unreadable is not None)
    result = LintResult(sorted_findings(findings), len(now.files), unreadable)
    if cache is not None and keep:

        def packed(path: str, content: bytes) -> bytes:
            have = dumped.get(path) or cache.packed(content)
            return have if have is not None else marshal.dumps(facts_of(path))

        contents = {f.content: partial(packed, p, f.content) for p, f in now.files.items()}
        cache.write(now, contents, memo_key, memo.dump(), key, result)
    elif cache is not None:
        cache.write_result(key, result)
    return result


def _text(path: Path, data: bytes | str | OSError | None) -> str:
    raw = _read(path) if data is None else data
    try:
        return decode(raw) if isinstance(raw, bytes) else raw if isinstance(raw, str) else ""
    except (SyntaxError, ValueError, LookupError):
        return ""


def _stat(path: Path) -> tuple[int, int]:
    try:
        known = path.stat()
    except OSError:
        return 0, 0
    return known.st_mtime_ns, known.st_size


def _read(path: Path) -> bytes | OSError:
    try:
        return path.read_bytes()
    except OSError as error:
        return error


def _closed(path: str, error: OSError) -> Unreadable:
    return Unreadable(Place(path, 1, 1, 1, 1), f"cannot be opened: {error.strerror}")
