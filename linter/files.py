"""Which files make up the project.

In: the root and its settings. Out: relative paths of its Python files, templates and SQL scripts, sorted. Reads
folders and `.gitignore` files, never the sources. Symbolic links to folders are not followed, so there are no loops and
nothing is seen twice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .config import Settings
from .errors import ConfigError, InputError

ALWAYS = frozenset(
    ".git .hg .svn .bzr __pycache__ .venv .tox .nox .mypy_cache .ruff_cache .pytest_cache .hypothesis .eggs "
    ".ipynb_checkpoints .direnv .pyenv .slowlint node_modules site-packages __pypackages__".split()
)
"""Folders that never hold the project's own code."""
UNLESS_PACKAGE = frozenset({"build", "dist", "_build", "buck-out", "venv", "env"})
"""Folders that are somebody's output, unless they hold an `__init__.py`."""
TEMPLATE_FOLDERS = frozenset({"templates", "jinja2", "jinja", "template"})
"""Folders below which files of these kinds are templates, rather than documentation or the output of a bundler."""
TEMPLATE_SUFFIXES = (".html", ".htm", ".txt", ".xml", ".email", ".djhtml")
JINJA_SUFFIXES = (".jinja", ".jinja2", ".j2")
SCRIPT_SUFFIX = ".sql"
MAX_DEPTH = 100

Verdict = bool | None
"""True ignored, False taken back by a `!` pattern, None not mentioned."""


@dataclass(frozen=True, slots=True)
class Ignores:
    """The patterns of one `.gitignore`, or of `exclude`; `base` is their folder relative to the root ("a/b/")."""

    base: str
    judge: Callable[[str], Verdict]

    def __call__(self, path: str) -> Verdict:
        return self.judge(path[len(self.base) :] if self.base and path.startswith(self.base) else path)


def discover(root: Path, settings: Settings) -> list[str]:
    """Relative paths (with `/`) of all Python files, templates and SQL scripts of the project under `root`, sorted.

    Left out: `exclude`, what a `.gitignore` at any level ignores, virtual environments, caches, build output.
    Raises InputError when `root` is no readable folder, ConfigError for a broken `exclude` pattern.
    """
    try:
        os.scandir(root).close()
    except OSError as error:
        raise InputError(f"{root} cannot be read: {error.strerror}.") from None
    found: list[str] = []
    ignores = [*_above(root), *_git_exclude(root)]
    _walk(str(root), "", ignores, patterns(settings.exclude, "exclude"), found, str(root.resolve()) + os.sep, 0)
    found.sort()
    return found


def is_source(path: str) -> bool:
    """Whether a file of this name is linted."""
    return path.endswith((".py", SCRIPT_SUFFIX)) or is_template(path)


def is_template(path: str) -> bool:
    """Whether a file of this name is a template: by its suffix, or by the folder it stands in."""
    if path.endswith(JINJA_SUFFIXES):
        return True
    return path.endswith(TEMPLATE_SUFFIXES) and any(map(holds_templates, path.split("/")[:-1]))


def holds_templates(folder: str) -> bool:
    """Whether a folder of this name is one of templates: `templates`, `mail_templates`."""
    return folder in TEMPLATE_FOLDERS or folder.endswith(("_templates", "-templates"))


def names_template(value: object) -> bool:
    """Whether a constant is the name of a template: a function that shows another one does something else."""
    return isinstance(value, str) and value.endswith((*TEMPLATE_SUFFIXES, *JINJA_SUFFIXES))


def patterns(lines: Sequence[str], setting: str) -> Callable[[str], Verdict]:
    """A judge for gitignore patterns given in a setting. Raises ConfigError for one that cannot be understood."""
    try:
        return _compile(lines, strict=True)
    except ValueError as error:
        raise ConfigError(f"tool.slowlint.{setting} has a pattern that cannot be used: {error}.") from None


def _walk(
    folder: str,
    prefix: str,
    ignores: Sequence[Ignores],
    excluded: Callable[[str], Verdict],
    found: list[str],
    real_root: str,
    depth: int,
) -> None:
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError:  # a folder we may not read holds nothing we could lint
        return
    names = {entry.name for entry in entries}
    if "pyvenv.cfg" in names and prefix:
        return
    if ".gitignore" in names:
        own = _read_ignores(os.path.join(folder, ".gitignore"), prefix)
        ignores = [*ignores, own] if own else ignores
    for entry in entries:
        name = entry.name
        if entry.is_dir(follow_symlinks=False):
            if name in ALWAYS or depth >= MAX_DEPTH or name.endswith(".egg-info"):
                continue
            if name in UNLESS_PACKAGE and not os.path.exists(os.path.join(entry.path, "__init__.py")):
                continue
            path = f"{prefix}{name}/"
            if not _ignored(path, ignores) and not excluded(path):
                _walk(entry.path, path, ignores, excluded, found, real_root, depth + 1)
        elif is_source(prefix + name) and _is_readable(entry, real_root):
            path = prefix + name
            if not _ignored(path, ignores) and not excluded(path):
                found.append(path)


def _is_readable(entry: os.DirEntry[str], real_root: str) -> bool:
    """A regular file; a link only when it brings in a file that is not in the project anyway."""
    try:
        if not entry.is_symlink():
            return entry.is_file(follow_symlinks=False)
        return entry.is_file() and not os.path.realpath(entry.path).startswith(real_root)
    except OSError:
        return False


def _ignored(path: str, ignores: Sequence[Ignores]) -> bool:
    for level in reversed(ignores):  # the deepest .gitignore that mentions the path decides
        verdict = level(path)
        if verdict is not None:
            return verdict
    return False


def _above(root: Path) -> list[Ignores]:
    """The `.gitignore` files between the repository's top and the root."""
    root = root.absolute()
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if top is None or top == root:
        return []
    result = []
    folder = root.parent
    while True:
        own = _read_ignores(str(folder / ".gitignore"), "")
        if own is not None:
            result.append(Ignores("", _prefixed(own.judge, root.relative_to(folder).as_posix() + "/")))
        if folder == top:
            return result[::-1]
        folder = folder.parent


def _prefixed(judge: Callable[[str], Verdict], lead: str) -> Callable[[str], Verdict]:
    return lambda path: judge(lead + path)


def _git_exclude(root: Path) -> list[Ignores]:
    own = _read_ignores(str(root / ".git" / "info" / "exclude"), "")
    return [own] if own else []


def _read_ignores(file: str, base: str) -> Ignores | None:
    try:
        with open(file, encoding="utf-8", errors="replace") as handle:
            lines = [line.rstrip("\r\n") for line in handle]
    except OSError:
        return None
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    return Ignores(base, _compile(lines, strict=False)) if lines else None


def _compile(lines: Sequence[str], strict: bool) -> Callable[[str], Verdict]:
    """One regular expression over all patterns says "not mentioned" for nearly every path in one match; only
    what it hits is judged pattern by pattern, the last that matches deciding (gitignore(5))."""
    if not lines:
        return lambda path: None
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # 16 ms

    rules: list[tuple[re.Pattern[str], bool]] = []
    for line in lines:
        try:
            pattern = GitIgnoreSpecPattern(line)
        except ValueError as error:
            if strict:
                raise ValueError(f"{line!r}: {error}") from None
            continue  # git skips what it cannot understand too
        if pattern.regex is not None and pattern.include is not None:
            rules.append((pattern.regex, pattern.include))
    sources = [re.sub(r"\(\?P<\w+>", "(?:", regex.pattern) for regex, _ in rules]
    any_of = re.compile("|".join(f"(?:{source})" for source in sources)) if sources else re.compile(r"(?!)")

    def judge(path: str) -> Verdict:
        if any_of.match(path) is None:
            return None
        for regex, include in reversed(rules):
            if regex.match(path):
                return include
        return None

    return judge
